import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatTable } from 'hypermeta';
import { trainedNames } from './learners';

interface Row {
  readonly what: string;
  readonly metric: string;
  readonly value: number;
  readonly interval: number;
  readonly episodes: number;
}

interface Trained {
  readonly protocol: { readonly bytes: number };
  readonly rows: readonly Row[];
}

/** What five-way one-shot episodes showed of one learner. */
interface Episodes {
  readonly accuracy: number;
  readonly interval: number;
  readonly episodes: number;
  readonly predictions: number;
  readonly differentInNode: number;
  readonly medianMilliseconds: number;
}

interface Measured {
  readonly env: { readonly cpu: string; readonly cores: number; readonly load: number };
  readonly figures: {
    readonly episodes?: Readonly<Record<string, Episodes>>;
    readonly drawn?: Readonly<Record<string, Episodes>>;
    readonly firstLoad?: { readonly bytesBesideWasm: number; readonly millisecondsToDrawable: number; readonly millisecondsToFirstAnswer: number };
    readonly memory?: { readonly adaptations: number; readonly before: number; readonly after: number };
  };
}

const titles: Readonly<Record<string, string>> = { hypernetwork: 'hypernetwork', protonet: 'ProtoNet', maml: 'MAML', curve: 'hypernetwork of curves' };

/** The section of the page: its learners on unseen tasks, and what was measured in the browser. */
export function pageSection(results: string): string | undefined {
  const read = <Content>(name: string): Content | undefined => {
    const file = join(results, 'browser', `${name}.json`);
    return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Content) : undefined;
  };
  const trained = trainedNames.flatMap((name) => {
    const content = read<Trained>(name);
    return content ? [{ name, ...content }] : [];
  });
  if (trained.length === 0) return undefined;
  const parts = [
    '## Adapting in the browser',
    "The page of `npm run web`: learners meta-trained by `npm run web:train` on Omniglot's background alphabets, in the hand of other pens, and on sine waves of 1 to 10 points. Scored on evaluation alphabets and unseen waves, each query on its own; one seed, ± 95 % over episodes.",
    formatTable(['learner', 'KB', 'task', 'score'], trained.flatMap(({ name, protocol, rows }) => rows.map((row) => [titles[name]!, (protocol.bytes / 1000).toFixed(0), row.what, `${row.metric} ${scored(row.value, row.interval)}`])), { style: 'markdown' }),
  ];
  const measured = read<Measured>('page');
  if (measured) parts.push(...measuredParts(measured));
  return parts.join('\n\n');
}

function measuredParts({ env, figures: { episodes, drawn, firstLoad, memory } }: Measured): readonly string[] {
  const parts = [`In headless Chromium (${env.cpu}, ${env.cores} cores, shared: ${env.load.toFixed(0)} processes wanted to run at a time). Episodes are of five characters of evaluation alphabets, one drawing each, as strokes along their skeletons.`];
  const header = ['learner', 'accuracy', 'predictions that differ in Node', 'median ms of adapting'];
  const rows = (of: Readonly<Record<string, Episodes>>) =>
    Object.entries(of).map(([name, { accuracy, interval, differentInNode, predictions, medianMilliseconds }]) => [titles[name]!, scored(accuracy, interval), `${differentInNode} of ${predictions}`, medianMilliseconds.toFixed(1)]);
  for (const [what, of] of [["Given to the page's worker", episodes], ['Drawn into the page by the mouse', drawn]] as const)
    if (of) parts.push(`${what}, ${Object.values(of)[0]!.episodes} episodes:`, formatTable(header, rows(of), { style: 'markdown' }));
  if (firstLoad)
    parts.push(`First load: ${(firstLoad.bytesBesideWasm / 1e6).toFixed(2)} MB beside the engine's wasm; ${firstLoad.millisecondsToDrawable} ms to a page to draw on, ${firstLoad.millisecondsToFirstAnswer} ms to the first answer.`);
  if (memory) parts.push(`Memory over ${memory.adaptations} adaptations: ${megabytes(memory.before)} before, ${megabytes(memory.after)} after.`);
  return parts;
}

function scored(value: number, interval: number): string {
  return `${value.toFixed(3)} ± ${interval.toFixed(3)}`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}
