import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  comparisonPicture,
  describeIntervals,
  formatTable,
  savePicture,
  type ComparedEntry,
  type ComparedResult,
  type ComparisonPicture,
} from 'hypermeta';
import { challengeSection } from './challenge-report';
import { publishedFigures, type PublishedFigure } from './published';
import { readResults, type ResultFile, type ResultGroup } from './results-file';
import { summarizeGroup, type GroupSummary } from './summarize-results';

/** Writes `RESULTS.md` and a chart for each table from the files in `results/`. Returns the path of the page. */
export async function writeReport(folder: string): Promise<string> {
  const results = join(folder, 'results');
  const names = existsSync(results) ? readdirSync(results).filter((name) => name.endsWith('.json')).sort() : [];
  const sections: string[] = [];
  for (const name of names) sections.push(await section(readResults(join(results, name))!, folder));
  const challenge = challengeSection(results);
  if (challenge) sections.push(challenge);
  const path = join(folder, 'RESULTS.md');
  writeFileSync(path, `${[opening, ...sections].join('\n\n')}\n`);
  return path;
}

const opening = `# Results

Made by \`npm run tables -- report\` from the files in \`results/\`, which hold every setting, commit, machine and value; do
not edit. "here" was measured by this library. "published" was not: [C] is confirmed in the paper's text or the authors'
repository, [M+] is quoted from memory with high confidence. Published figures come with networks, splits and numbers of
tasks of their own; where the paper's protocol was followed, the section says so.`;

async function section(file: ResultFile, folder: string): Promise<string> {
  const parts = [`## ${file.title}`, file.about];
  for (const group of file.groups) {
    const summary = summarizeGroup(file, group);
    if (!summary) continue;
    const figures = publishedFigures(file.table, group.name);
    const chart = `results/${file.table}-${group.name.replace(/[^\w]+/g, '-')}`;
    await savePicture(await comparisonPicture(pictureOf(`${file.title}: ${group.name}`, summary, figures)), join(folder, chart));
    parts.push(`### ${group.name}`, table(group, summary, figures), notes(file, group, summary), `![${group.name}](${chart}.svg)`);
  }
  return parts.join('\n\n');
}

/** A row per learner, the published figure of the same method beside it, and then the other published figures. */
function table({ entries }: ResultGroup, { comparison }: GroupSummary, figures: readonly PublishedFigure[]): string {
  const header = ['', 'here', ...(figures.length > 0 ? ['published'] : []), 'inner steps', 'adapted values', 'meta-parameters', 'bytes per task', 'ms to adapt'];
  const rows = comparison.entries.map((entry) => {
    const like = figures.find(({ method }) => method === entries.find(({ name }) => name === entry.name)?.like);
    const { metaParameters, adaptedValues, bytesPerTask, adaptMs } = entry.facts;
    const published = figures.length > 0 ? [like ? formatFigure(like) : ''] : [];
    return [entry.name, { value: entry.mean, interval: entry.interval }, ...published, entry.steps, adaptedValues, metaParameters, bytesPerTask, adaptMs];
  });
  const beside = new Set(comparison.entries.map((entry) => entries.find(({ name }) => name === entry.name)?.like));
  const others = figures
    .filter(({ method }) => !beside.has(method))
    .map((figure) => [`${figure.method} (published)`, '', formatFigure(figure), '', '', '', '', '']);
  return formatTable(header, [...rows, ...others], { style: 'markdown' });
}

function formatFigure({ value, interval, mark, transductive }: PublishedFigure): string {
  const spread = interval === undefined ? '' : ` ± ${interval.toFixed(3)}`;
  return `${value.toFixed(3)}${spread} [${mark}]${transductive ? ' transductive' : ''}`;
}

function notes({ failures }: ResultFile, group: ResultGroup, { comparison, runs, unfinished }: GroupSummary): string {
  const way = group.transductive ? 'transductive' : 'each query is predicted on its own (non-transductive)';
  const sentences = [describeIntervals(comparison), `All of "here": ${way}.`, ...pairs(comparison.entries, comparison)];
  if (unfinished.length > 0) sentences.push(`Not finished: ${unfinished.join('; ')}.`);
  for (const { name, seed, error } of failures.filter((failure) => failure.group === group.name))
    sentences.push(`${name}, seed ${seed}, ended in an error: ${error}`);
  const made = [...new Set(runs.map(({ env }) => `commit ${env['commit']}, ${env['cores']} cores of ${env['cpu']}, node ${env['node']}, onnxruntime ${env['onnxruntime']}`))];
  const seconds = runs.reduce((sum, run) => sum + run.seconds, 0);
  sentences.push(`Seeds ${comparison.seeds.join(', ')}; ${seconds.toFixed(0)} s of meta-training in all; ${made.join('; ')}.`);
  return sentences.join(' ');
}

/** The best learner against the next: whether the difference is more than chance. */
function pairs(entries: readonly ComparedEntry[], { better, differences }: GroupSummary['comparison']): readonly string[] {
  const [best, next] = [...entries].sort((one, other) => (better === 'higher' ? other.mean - one.mean : one.mean - other.mean));
  const pair = differences.find(({ name, less }) => name === best?.name && less === next?.name);
  if (!pair) return [];
  return [`Best: ${pair.name}; paired difference to the next, ${pair.less}: ${pair.mean.toFixed(4)} ± ${pair.interval.toFixed(4)}.`];
}

function pictureOf(title: string, { comparison }: GroupSummary, figures: readonly PublishedFigure[]): ComparisonPicture {
  const results: ComparedResult[] = [
    ...comparison.entries,
    ...figures.map(({ method, value, interval, mark, transductive }) => ({
      name: `${method} [${mark}]${transductive ? ', transductive' : ''}`,
      mean: value,
      ...(interval === undefined ? {} : { interval }),
      kind: 'published' as const,
    })),
  ];
  const sign = comparison.better === 'higher' ? -1 : 1;
  results.sort((one, other) => sign * (one.mean - other.mean));
  const smallest = Math.min(...results.map(({ mean }) => mean));
  return { results, metric: comparison.metric, title, scale: comparison.better === 'lower' && smallest > 0 ? 'log' : 'linear' };
}
