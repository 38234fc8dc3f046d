import { DataError, expectCount, expectOneOf } from '../core/errors';
import { createRng, type Rng } from '../core/rng';
import { sizeOf } from '../core/shape';
import type { ExampleArrays, TaskSource } from '../core/task';
import { drawDistinct } from './draw-episode';
import { imageSize } from './images';
import { countExamples, expectLabelledSet, readExample, type LabelledSet } from './labelled-set';
import { regression } from './objectives';
import { pixelGrid } from './pixel-grid';

export interface ImageFunctionsOptions {
  /** How many pixels are given (K); of several numbers, each episode draws one. @default 100 */
  readonly given?: number | 'all' | readonly number[];
  /** Which ones: at random, or the first ones row by row. @default 'random' */
  readonly order?: 'random' | 'rows';
  /** Pixels to predict: every one, those given too, or so many at random. @default 'all' */
  readonly queries?: number | 'all';
  /** What random queries are drawn from: every pixel, or those that are not given. @default 'all' */
  readonly among?: 'all' | 'rest';
  /** Height and width of the part of an image that an episode shows, from anywhere in it. @default the whole image */
  readonly crop?: readonly [height: number, width: number];
  /** How many episodes one after another have as many given pixels: with those of a batch, nothing is padded. @default 1 */
  readonly alike?: number;
}

/**
 * Images as functions: a task is one image, an example one of its pixels. x is where the pixel's middle is, `[2]`, from -1 to 1
 * to the right and down (`pixelGrid`), y its channels in [0, 1]. From the given pixels a learner is to know all of them. Each class
 * of the set is as likely as another; `about` names the class, the image's place in it and how many pixels are given. The metric
 * is the mean squared error; `{ ...imageFunctions(set), objective: psnrRegression }` has it in decibels.
 *
 * Source: Garnelo et al., "Conditional Neural Processes", 2018 (arXiv 1807.01613), section 4.2; random and ordered pixels:
 * Zintgraf et al., "CAVIA", 2019 (arXiv 1810.03642), section 5.3.
 *
 * @example
 * const source = imageFunctions(labelledSet({ x: images, y: names }), { given: [10, 100], queries: 256 });
 * metaTrainer(cavia(siren([2 + 32, 64, 64, 3]), { contextSize: 32 }), source);
 *
 * @throws RangeError for an option out of range; ShapeError for what is no image; DataError for a crop larger than the images, or
 * more pixels than there are
 */
export function imageFunctions(set: LabelledSet, options: ImageFunctionsOptions = {}): TaskSource {
  const { given = 100, order = 'random', queries = 'all', among = 'all', alike = 1 } = options;
  expectLabelledSet('imageFunctions', set);
  const [height, width, channels] = imageSize('imageFunctions', set.inputShape);
  const [rows, columns] = options.crop ?? [height, width];
  const pixels = rows * columns;
  const counts = given === 'all' ? [pixels] : typeof given === 'number' ? [given] : given;
  expectOneOf('imageFunctions: order', order, ['random', 'rows']);
  expectOneOf('imageFunctions: among', among, ['all', 'rest']);
  expectCount('imageFunctions: alike', alike);
  expectCounts(set, { counts, queries, among, crop: [rows, columns] });
  const grid = pixelGrid([rows, columns]);

  function examples(image: Float32Array, places: readonly number[]): ExampleArrays {
    const x = Float32Array.from({ length: places.length * 2 }, (_, i) => grid[2 * places[i >> 1]! + (i & 1)]!);
    const y = Float32Array.from({ length: places.length * channels }, (_, i) => image[places[Math.floor(i / channels)]! * channels + (i % channels)]!);
    return { x, y, count: places.length };
  }

  return {
    inputShape: [2],
    targetShape: [channels],
    objective: regression,
    sample(seed, index) {
      const rng = createRng(`${seed}/${index}`);
      const member = set.classes[rng.integer(set.classes.length)]!; // in range
      const place = rng.integer(countExamples(set, member));
      const whole = new Float32Array(sizeOf(set.inputShape));
      readExample(member, place, whole);
      const image = cropAnywhere(rng, whole, { height, width, channels, rows, columns });
      const count = counts[createRng(`${seed}/given/${Math.floor(index / alike)}`).integer(counts.length)]!; // in range
      const shown = order === 'rows' || count === pixels ? firstPlaces(count) : drawDistinct(rng, pixels, count);
      const asked = queries === 'all' ? firstPlaces(pixels) : drawQueries(rng, pixels, queries, among === 'rest' ? shown : []);
      return { support: examples(image, shown), query: examples(image, asked), about: { class: member.name, image: place, given: count } };
    },
  };
}

function firstPlaces(count: number): readonly number[] {
  return Array.from({ length: count }, (_, place) => place);
}

function drawQueries(rng: Rng, pixels: number, count: number, without: readonly number[]): readonly number[] {
  if (without.length === 0) return drawDistinct(rng, pixels, count);
  const left = new Set(without);
  const rest = firstPlaces(pixels).filter((place) => !left.has(place));
  return drawDistinct(rng, rest.length, count).map((index) => rest[index]!);
}

interface CropSize {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly rows: number;
  readonly columns: number;
}

function cropAnywhere(rng: Rng, image: Float32Array, { height, width, channels, rows, columns }: CropSize): Float32Array {
  if (rows === height && columns === width) return image;
  const [top, left] = [rng.integer(height - rows + 1), rng.integer(width - columns + 1)];
  const crop = new Float32Array(rows * columns * channels);
  for (let row = 0; row < rows; row++) {
    const from = ((top + row) * width + left) * channels;
    crop.set(image.subarray(from, from + columns * channels), row * columns * channels);
  }
  return crop;
}

function expectCounts(
  { inputShape }: LabelledSet,
  { counts, queries, among, crop: [rows, columns] }: { counts: readonly number[]; queries: number | 'all'; among: string; crop: readonly [number, number] },
): void {
  const [height, width] = imageSize('imageFunctions', inputShape);
  expectCount('imageFunctions: crop', rows);
  expectCount('imageFunctions: crop', columns);
  if (rows > height || columns > width)
    throw new DataError(`imageFunctions: crop: expected at most ${height} × ${width}, the size of the images, got ${rows} × ${columns}.`);
  expectCount('imageFunctions: given: number of numbers', counts.length);
  counts.forEach((count) => expectCount('imageFunctions: given', count));
  if (queries !== 'all') expectCount('imageFunctions: queries', queries);
  const most = Math.max(...counts);
  const asked = queries === 'all' ? 1 : queries;
  const needed = among === 'rest' ? most + asked : Math.max(most, asked);
  if (needed > rows * columns)
    throw new DataError(`imageFunctions: expected at most ${rows * columns} pixels, as many as there are in ${rows} × ${columns}, got ${needed}; ask for fewer.`);
}
