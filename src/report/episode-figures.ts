import { sizeOf } from '../core/shape';
import type { Episode, ExampleArrays } from '../core/task';
import { adaptationPicture, type AdaptedTask } from './adaptation-picture';
import { afterSteps } from './adaptation-section';
import { episodePicture } from './episode-picture';
import type { ShownEpisode } from './episodes-section';
import type { Markup } from './markup';
import { figure } from './report-page';
import type { ReportedRun } from './reported-run';
import { shortNumber } from './short-number';

/** Tasks from one number to one: what is predicted before and after adaptation, beside the examples. */
export async function fitsFigure(run: ReportedRun, shown: readonly ShownEpisode[]): Promise<Markup> {
  const { first, last, evaluation } = run;
  const tasks: AdaptedTask[] = [];
  for (const { name, episode, before, after } of shown) {
    const { support, query } = episode;
    const inputs = [...support.x, ...query.x];
    const [low, high] = [Math.min(...inputs), Math.max(...inputs)];
    const x = Float32Array.from({ length: 101 }, (_, point) => low + ((high - low) * point) / 100);
    const fit = async (steps: number) => ({ x, y: (await predictAfter(run, episode, steps, x)).map(([y]) => y!) });
    const fits = { before: await fit(first.steps), after: await fit(last.steps) };
    tasks.push({ title: name, support, query, ...fits, metricBefore: before, metricAfter: after });
  }
  const svg = await adaptationPicture({ tasks, columns: 2, metric: evaluation.metric, title: 'Worst and best fits' });
  const words = `What is predicted ${afterSteps(first.steps)} and ${afterSteps(last.steps)}, beside the support examples that were adapted to and the query examples that were scored.`;
  return figure('fits', svg, words);
}

/** Queries drawn of each class, at most. */
const mostQueries = 3;

/** Classes of images: the support images, and the first query images of each class with what is predicted for them. */
export async function imagesFigure(run: ReportedRun, { name, episode, before, after }: ShownEpisode, id: string): Promise<Markup> {
  const { source, imageShape, evaluation, first, last } = run;
  const [ways, size] = [source.targetShape[0]!, sizeOf(source.inputShape)]; // classes have one axis
  const [height, width, channels = 1] = imageShape as readonly [number, number, number?]; // images have these
  const level = levels(episode);
  const draw = ({ x, y }: ExampleArrays, index: number) => ({
    pixels: row(x, index, size).map(level),
    ...{ width, height, channels },
    label: row(y, index, ways).indexOf(1),
  });
  const { support, query } = episode;
  const probabilities = await predictAfter(run, episode, last.steps, query.x);
  const seen = new Map<number, number>();
  const queries = probabilities.flatMap((each, index) => {
    const image = draw(query, index);
    const count = (seen.get(image.label) ?? 0) + 1;
    seen.set(image.label, count);
    const probability = Math.max(...each);
    return count > mostQueries ? [] : [{ ...image, predicted: each.indexOf(probability), probability }];
  });
  const svg = await episodePicture({
    classes: classNames(episode, ways),
    support: Array.from({ length: support.count }, (_, index) => draw(support, index)),
    queries,
    title: `${name[0]!.toUpperCase()}${name.slice(1)}`,
  });
  const { metric } = evaluation;
  const score = first === last ? shortNumber(after) : `${shortNumber(before)} ${afterSteps(first.steps)}, ${shortNumber(after)}`;
  const part = queries.length < query.count ? `, of which the first ${mostQueries} of each class are drawn` : '';
  return figure(id, svg, `${metric} ${score} ${afterSteps(last.steps)} on all ${query.count} query images${part}.`);
}

/** What a network adapted to the episode predicts for inputs that lie one after another. */
async function predictAfter({ trainer, source }: ReportedRun, episode: Episode, steps: number, x: Float32Array): Promise<readonly (readonly number[])[]> {
  const { support, row: known, condition } = episode;
  const ways = source.targetShape[0]!;
  const y = source.objective.target === 'class' ? rows(support.y, ways).map((each) => each.indexOf(1)) : support.y;
  const classes = source.objective.target === 'class' ? { classes: Array.from({ length: ways }, (_, label) => label) } : {};
  const row = source.rows === undefined || known === undefined ? {} : { row: known }; // an episode may say more than its source asks for
  const how = { steps, ...row, ...(source.conditionSize === undefined || !condition ? {} : { condition }) };
  const adapted = await trainer.adapt({ x: support.x, y, ...classes }, how);
  try {
    return adapted.predict(rows(x, sizeOf(source.inputShape))) as readonly (readonly number[])[]; // targets have one axis here
  } finally {
    adapted.dispose();
  }
}

/** Pixels as levels in [0, 1], also where inputs were standardized. */
function levels({ support, query }: Episode): (value: number) => number {
  const range = [support.x, query.x].flatMap((x) => [x.reduce((least, value) => Math.min(least, value)), x.reduce((most, value) => Math.max(most, value))]);
  const [low, high] = [Math.min(0, ...range), Math.max(1, ...range)];
  return (value) => (value - low) / (high - low);
}

function classNames({ about }: Episode, ways: number): readonly string[] {
  const names = about?.['classes'];
  return Array.isArray(names) && names.length === ways ? (names as readonly string[]) : Array.from({ length: ways }, (_, label) => `class ${label + 1}`);
}

function row(values: Float32Array, index: number, size: number): Float32Array {
  return values.subarray(index * size, (index + 1) * size);
}

function rows(values: Float32Array, size: number): readonly Float32Array[] {
  return Array.from({ length: values.length / size }, (_, index) => row(values, index, size));
}
