import { imageFunctions, renderImage, type Episode, type LabelledSet, type MetaTrainer, type TaskSource } from 'hypermeta';
import { describeRun } from './describe-run';
import type { CompletionImages } from './images';
import { bestChoice, metaBatchSize, metaTrain, tryChoices, type TrainTime } from './meta-train';
import type { ImageKind, Method } from './methods';
import { packPixels, type CompletionData, type CompletionRun } from './records';

export interface CompletionOptions extends TrainTime {
  /** Of the network's hidden layers. */
  readonly width: number;
  /** Processor seconds of a trial of a choice. */
  readonly trialSeconds: number;
  /** Images to score, and to choose rates by. */
  readonly episodes: number;
  readonly validationEpisodes: number;
  /** Trials made before, in place of new ones. @default new ones */
  readonly trials?: CompletionRun['trials'];
}

/** Pixels that are asked for in meta-training; all of them afterwards. */
export const trainQueries = 256;

/** Images on the sheet, and how many pixels of them are given there. */
const shownImages = 5;

/** Meta-trains a method and scores it on completing unseen images. */
export async function runCompletion(method: Method, images: CompletionImages, options: CompletionOptions): Promise<CompletionRun> {
  const { sets, given } = images;
  const { width, trialSeconds, episodes, validationEpisodes } = options;
  const kind = { ...sizeOf(sets.train), width };
  const source = imageFunctions(sets.train, { given, queries: trainQueries < kind.side ** 2 ? trainQueries : 'all', alike: metaBatchSize });
  const scores = (trainer: MetaTrainer, tests: readonly TaskSource[], how: { readonly episodes: number; readonly seed: string }) =>
    inTurn(tests, async (test) => (await trainer.evaluate({ source: test, steps: [method.innerSteps], ...how })).scores[0]!);
  const measure = async (trainer: MetaTrainer) => {
    const found = await scores(trainer, testsOf(sets.validation, given), { episodes: validationEpisodes, seed: 'validation' });
    return Math.exp(found.reduce((sum, { mean }) => sum + Math.log(mean) / found.length, 0)); // few and many pixels count alike
  };
  const trials = options.trials ?? (await tryChoices(method, kind, source, { ...options, seconds: trialSeconds }, measure));
  const choice = bestChoice(method.name, trials);
  const trained = await metaTrain(method, kind, source, choice, options);
  const { trainer } = trained;
  const tests = testsOf(sets.test, given);
  const found = await scores(trainer, tests, { episodes, seed: testSeed });
  const shown = await inTurn(tests.slice(0, 2), (test) => inTurn(shownEpisodes(test), (episode) => complete(trainer, episode, kind)));
  const about = await describeRun(method, options, { ...trained, trials, choice }, tests[0]!);
  trainer.dispose();
  return {
    data: images.name,
    ...about,
    tests: given.map((count, index) => ({ given: count, values: found[index]!.values, ...(shown[index] ? { shown: shown[index] } : {}) })),
  };
}

/** What the data alone give: the error of the mean image, and the images of the sheet. */
export function describeImages({ name, sets, given }: CompletionImages, episodes: number): CompletionData {
  const { side, channels } = sizeOf(sets.train);
  const mean = meanImage(sets.train);
  const tests = testsOf(sets.test, given);
  const errorOf = ({ query }: Episode) => query.y.reduce((sum, value, i) => sum + (value - mean[i]!) ** 2, 0) / query.y.length;
  return {
    name,
    side,
    channels,
    meanImage: given.map((count, index) => ({ given: count, values: Array.from({ length: episodes }, (_, episode) => errorOf(tests[index]!.sample(testSeed, episode))) })),
    truth: shownEpisodes(tests[0]!).map(({ query }) => packPixels(query.y)),
    places: given.slice(0, 2).map((count, index) => ({ given: count, images: shownEpisodes(tests[index]!).map(({ support }) => placesOf(support.x, side)) })),
  };
}

/** A stream of images that no rate was ever chosen on. */
const testSeed = 'test';

function testsOf(set: LabelledSet, given: readonly number[]): readonly TaskSource[] {
  return given.map((count) => imageFunctions(set, { given: count }));
}

/** The same images in every test, with more given pixels in the later ones. */
function shownEpisodes(test: TaskSource): readonly Episode[] {
  return Array.from({ length: shownImages }, (_, index) => test.sample(testSeed, index));
}

async function complete(trainer: MetaTrainer, { support }: Episode, { side }: ImageKind): Promise<string> {
  const adapted = await trainer.adapt({ x: support.x, y: support.y });
  const { pixels } = renderImage(adapted, [side, side]);
  adapted.dispose();
  return packPixels(pixels);
}

function placesOf(x: Float32Array, side: number): readonly number[] {
  const place = (coordinate: number) => Math.floor(((coordinate + 1) / 2) * side);
  return Array.from({ length: x.length / 2 }, (_, pixel) => place(x[2 * pixel + 1]!) * side + place(x[2 * pixel]!));
}

/** Of 2,000 images, drawn as episodes are. */
function meanImage(set: LabelledSet): Float32Array {
  const count = 2000;
  const source = imageFunctions(set, { given: 1 });
  const sum = new Float32Array(source.sample('mean', 0).query.y.length);
  for (let index = 0; index < count; index++) source.sample('mean', index).query.y.forEach((value, i) => (sum[i]! += value / count));
  return sum;
}

function sizeOf({ inputShape }: LabelledSet): Omit<ImageKind, 'width'> {
  return { side: inputShape[0]!, channels: inputShape[2]! };
}

/** One after another: a trainer has one loop. */
export async function inTurn<Item, Result>(items: readonly Item[], work: (item: Item) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = [];
  for (const item of items) results.push(await work(item));
  return results;
}
