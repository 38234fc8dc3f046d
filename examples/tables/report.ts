import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  comparisonPicture,
  savePicture,
  type ComparedResult,
  type ComparisonPicture,
} from 'hypermeta';
import { languageSection } from '../language/report';
import { imageFunctionsSection } from '../image-functions/report';
import { newImagesSection } from '../new-images/report';
import { bloodSection } from '../detection/blood-report';
import { detectionSection } from '../detection/report';
import { claimsSection } from '../claims/report';
import { pageSection } from '../browser/report';
import { continualSection } from '../continual/report';
import { describeMachine } from '../describe-machine';
import { challengeSection } from './challenge-report';
import { publishedFigures, type PublishedFigure } from './published';
import { describeResults, resultTable } from './result-table';
import { fileName, readResults, type ResultFile, type ResultGroup } from './results-file';
import { summarizeGroup, type GroupSummary } from './summarize-results';

/** Results in a shape of their own: each reads its folder in `results/`, draws its pictures there and gives its section. */
const applications: readonly ((results: string) => string | undefined | Promise<string | undefined>)[] = [
  challengeSection,
  languageSection,
  imageFunctionsSection,
  newImagesSection,
  detectionSection,
  bloodSection,
  claimsSection,
  pageSection,
  continualSection,
];

/** Writes `RESULTS.md` and a chart for each table from the files in `results/`. Returns the path of the page. */
export async function writeReport(folder: string): Promise<string> {
  const results = join(folder, 'results');
  const names = existsSync(results) ? readdirSync(results).filter((name) => name.endsWith('.json')).sort() : [];
  const sections: string[] = [];
  for (const name of names) sections.push(await section(readResults(join(results, name))!, folder));
  for (const application of applications) {
    const text = await application(results);
    if (text) sections.push(text);
  }
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
    const chart = `results/${file.table}-${fileName(group.name)}`;
    await savePicture(await comparisonPicture(pictureOf(`${file.title}: ${group.name}`, summary, figures)), join(folder, chart));
    parts.push(`### ${group.name}`, resultTable(group, summary, figures, { style: 'markdown' }), notes(file, group, summary), `![${group.name}](${chart}.svg)`);
  }
  const pictures = new Map(file.groups.flatMap(({ entries }) => entries.flatMap(({ name, picture }) => (picture ? [[picture, name] as const] : []))));
  for (const [picture, name] of pictures) if (existsSync(join(folder, 'results', `${picture}.svg`))) parts.push(`![${name}](results/${picture}.svg)`);
  return parts.join('\n\n');
}

function notes({ failures }: ResultFile, group: ResultGroup, summary: GroupSummary): string {
  const { lead, runs, unfinished } = summary;
  const way = group.transductive ? 'queries are predicted together (transductive)' : 'each query is predicted on its own (non-transductive)';
  const sentences = [describeResults(summary), `All of "here": ${way}.`];
  if (lead) sentences.push(`Best by these scores: ${lead.name}; paired difference to the next, ${lead.less}: ${lead.mean.toFixed(4)} ± ${lead.interval.toFixed(4)}.`);
  if (unfinished.length > 0) sentences.push(`Not finished: ${unfinished.join('; ')}.`);
  for (const { name, seed, error } of failures.filter((failure) => failure.group === group.name))
    sentences.push(`${name}, seed ${seed}, ended in an error: ${error}`);
  const seconds = runs.reduce((sum, run) => sum + run.seconds, 0);
  sentences.push(`${seconds.toFixed(0)} s of meta-training in all; ${describeMachine(runs)}`);
  return sentences.join(' ');
}

function pictureOf(title: string, { entries, metric, better }: GroupSummary, figures: readonly PublishedFigure[]): ComparisonPicture {
  const results: ComparedResult[] = [
    ...entries,
    ...figures.map(({ method, value, interval, mark, transductive }) => ({
      name: `${method} [${mark}]${transductive ? ', transductive' : ''}`,
      mean: value,
      ...(interval === undefined ? {} : { interval }),
      kind: 'published' as const,
    })),
  ];
  const sign = better === 'higher' ? -1 : 1;
  results.sort((one, other) => sign * (one.mean - other.mean));
  const smallest = Math.min(...results.map(({ mean }) => mean));
  return { results, metric, title, scale: better === 'lower' && smallest > 0 ? 'log' : 'linear' };
}
