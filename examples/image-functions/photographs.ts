import { imageFunctions, pixelGrid, psnr, psnrRegression, renderImage, type LabelledSet, type MetaTrainer, type TaskSource } from 'hypermeta';
import { inTurn } from './completion';
import { describeRun } from './describe-run';
import type { Photographs } from './images';
import { bestChoice, metaBatchSize, metaTrain, tryChoices, type TrainTime } from './meta-train';
import type { ImageKind, Method } from './methods';
import { packPixels, type PhotographFile, type PhotographRun } from './records';

export interface PhotographOptions extends TrainTime {
  /** Of the network's hidden layers. */
  readonly width: number;
  /** Processor seconds of a trial of a choice. */
  readonly trialSeconds: number;
  /** Side of the crops. */
  readonly side: number;
  /** Pixels that are given in meta-training; all of a crop afterwards. */
  readonly given: number;
  readonly episodes: number;
  readonly validationEpisodes: number;
}

/** Meta-trains a start of the network on crops of photographs, and scores it on others after every step. */
export async function runPhotographs(method: Method, photographs: Photographs, options: PhotographOptions): Promise<PhotographRun> {
  const { width, trialSeconds, side, given, episodes, validationEpisodes } = options;
  const kind: ImageKind = { side, channels: 3, width };
  const seen = (set: LabelledSet) => cropsOf(set, side, { given, queries: Math.min(256, given), alike: metaBatchSize });
  const whole = (set: LabelledSet) => cropsOf(set, side, { given: 'all' });
  const batchSize = 4; // crops have many pixels
  const measure = async (trainer: MetaTrainer) => {
    const { scores } = await trainer.evaluate({ source: whole(photographs.tuning.validation), steps: [method.innerSteps], episodes: validationEpisodes, seed: 'validation', batchSize });
    return -scores[0]!.mean; // decibels: more is better
  };
  const trials = await tryChoices(method, kind, seen(photographs.tuning.train), { ...options, seconds: trialSeconds }, measure);
  const choice = bestChoice(method.name, trials);
  const trained = await metaTrain(method, kind, seen(photographs.train), choice, options);
  const { trainer } = trained;
  const steps = Array.from({ length: method.innerSteps + 1 }, (_, step) => step);
  const { scores } = await trainer.evaluate({ source: whole(photographs.test), steps, episodes, seed: testSeed, batchSize });
  const doubled = await inTurn(doublings(photographs, side), async ({ small, large }) => {
    const adapted = await trainer.adapt({ x: pixelGrid([side, side]), y: small });
    const { pixels } = renderImage(adapted, [2 * side, 2 * side]);
    adapted.dispose();
    return { pixels, psnr: psnrOf(pixels, large) };
  });
  const about = await describeRun(method, options, { ...trained, trials, choice }, seen(photographs.test));
  trainer.dispose();
  return {
    data: 'photographs',
    ...about,
    tests: scores.map(({ steps: count, values }) => ({ steps: count, values })),
    doubled: doubled.map(({ psnr: decibels }) => decibels),
    shown: packPixels(doubled[0]!.pixels),
  };
}

/** What the data alone give: whose crops are scored, and bilinear interpolation. */
export function describePhotographs(photographs: Photographs, { side, episodes }: PhotographOptions): Omit<PhotographFile, 'settings' | 'runs'> {
  const source = cropsOf(photographs.test, side, { given: 'all' });
  const pairs = doublings(photographs, side);
  const larger = pairs.map(({ small }) => doubleBilinearly(small, side));
  return {
    photographs: Array.from({ length: episodes }, (_, index) => String(source.sample(testSeed, index).about!['class'])),
    bilinear: { doubled: larger.map((pixels, index) => psnrOf(pixels, pairs[index]!.large)), shown: packPixels(larger[0]!) },
    truth: packPixels(pairs[0]!.large),
    given: packPixels(pairs[0]!.small),
    side,
  };
}

const testSeed = 'test';

function cropsOf(set: LabelledSet, side: number, options: Parameters<typeof imageFunctions>[1]): TaskSource {
  return { ...imageFunctions(set, { ...options, crop: [side, side] }), objective: psnrRegression };
}

/** The middle of every test image, and the same at half the resolution: each pixel the mean of four. */
function doublings({ test }: Photographs, side: number): readonly { readonly large: Float32Array; readonly small: Float32Array }[] {
  const [height, width, channels] = test.inputShape as [number, number, number];
  const size = 2 * side;
  const [top, left] = [(height - size) >> 1, (width - size) >> 1];
  return test.classes.flatMap(({ examples }) =>
    Array.from({ length: examples.length / (height * width * channels) }, (_, image) => {
      const large = new Float32Array(size * size * channels);
      const small = new Float32Array(side * side * channels);
      for (let row = 0; row < size; row++)
        for (let column = 0; column < size; column++)
          for (let channel = 0; channel < channels; channel++) {
            const level = examples[((image * height + top + row) * width + left + column) * channels + channel]! / 255;
            large[(row * size + column) * channels + channel] = level;
            small[((row >> 1) * side + (column >> 1)) * channels + channel]! += level / 4;
          }
      return { large, small };
    }),
  );
}

/** An image of `side` × `side` pixels in three channels at twice the resolution, from the four nearest pixels of each. */
function doubleBilinearly(small: Float32Array, side: number): Float32Array {
  const size = 2 * side;
  const at = (row: number, column: number, channel: number) =>
    small[(Math.min(side - 1, Math.max(0, row)) * side + Math.min(side - 1, Math.max(0, column))) * 3 + channel]!;
  return Float32Array.from({ length: size * size * 3 }, (_, i) => {
    const [place, channel] = [Math.floor(i / 3), i % 3];
    const [y, x] = [(Math.floor(place / size) - 0.5) / 2, ((place % size) - 0.5) / 2];
    const [row, column] = [Math.floor(y), Math.floor(x)];
    const [down, right] = [y - row, x - column];
    const upper = (1 - right) * at(row, column, channel) + right * at(row, column + 1, channel);
    const lower = (1 - right) * at(row + 1, column, channel) + right * at(row + 1, column + 1, channel);
    return (1 - down) * upper + down * lower;
  });
}

function psnrOf(pixels: Float32Array, truth: Float32Array): number {
  return psnr(pixels.reduce((sum, value, i) => sum + (value - truth[i]!) ** 2, 0) / pixels.length);
}
