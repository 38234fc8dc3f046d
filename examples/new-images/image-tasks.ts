import { bernoulli, createRng, pixelGrid, type Episode, type ExampleArrays, type TaskSource } from 'hypermeta';

/** Grey images of one size, packed one after another, as levels from 0 to 255. */
export interface Images {
  readonly pixels: Uint8Array;
  readonly count: number;
}

/** Height and width of all images here. */
export const side = 28;
export const pixelCount = side * side;

const grid = pixelGrid([side, side]);

/** Image `index`, or `count` from there on, as values in [0, 1]. */
export function readImages({ pixels }: Images, index: number, count = 1): Float32Array {
  const [first, values] = [index * pixelCount, new Float32Array(count * pixelCount)];
  for (let i = 0; i < values.length; i++) values[i] = pixels[first + i]! / 255; // a loop: most of a step's host time goes here
  return values;
}

/**
 * Images as functions: a task is an image, its support set all of its pixels, row by row, its query set `points` of them drawn
 * with replacement. x is the place of a pixel, y its value.
 */
export function pixelTasks(images: Images, points: number): TaskSource {
  return {
    ...pixelForm,
    objective: bernoulli(),
    sample(seed, index) {
      const rng = createRng(`${seed}/${index}`);
      const image = readImages(images, rng.integer(images.count));
      return { support: pixelForm.examples(image), query: drawPixels(image, points, () => rng.integer(pixelCount)) };
    },
  };
}

/** Images as single targets: a task is an image, and its one example is all of it. */
export function imageTasks(images: Images): TaskSource {
  return {
    ...imageForm,
    objective: bernoulli(),
    sample(seed, index) {
      const support = imageForm.examples(readImages(images, createRng(`${seed}/${index}`).integer(images.count)));
      return { support, query: support };
    },
  };
}

/** How images `[N, 784]` become examples, and what a network takes and gives then. */
export interface Form {
  readonly inputShape: readonly [number];
  readonly targetShape: readonly [number];
  examples(images: Float32Array): ExampleArrays;
}

/** Every pixel is an example: x its place, y its value. */
export const pixelForm: Form = {
  inputShape: [2],
  targetShape: [1],
  examples: (images) => ({ x: repeated(grid, images.length / pixelCount), y: images, count: images.length }),
};

/** Every image is an example: x says nothing, y is all of it. */
export const imageForm: Form = {
  inputShape: [1],
  targetShape: [pixelCount],
  examples: (images) => ({ x: new Float32Array(images.length / pixelCount).fill(1), y: images, count: images.length / pixelCount }),
};

/** The values, so many times one after another. */
export function repeated(values: Float32Array, times: number): Float32Array {
  if (times === 1) return values;
  const all = new Float32Array(times * values.length);
  for (let time = 0; time < times; time++) all.set(values, time * values.length);
  return all;
}

/** Where an adapted network of either kind is asked for an image. */
export function placesOf({ inputShape }: Pick<TaskSource, 'inputShape'>): Float32Array {
  return inputShape[0] === 2 ? grid : Float32Array.of(1);
}

function drawPixels(image: Float32Array, count: number, draw: () => number): ExampleArrays {
  const [x, y] = [new Float32Array(2 * count), new Float32Array(count)];
  for (let i = 0; i < count; i++) {
    const pixel = draw();
    x[2 * i] = grid[2 * pixel]!;
    x[2 * i + 1] = grid[2 * pixel + 1]!;
    y[i] = image[pixel]!;
  }
  return { x, y, count };
}

/** An episode whose query set nobody looks at. */
export function toEpisode(support: ExampleArrays): Episode {
  return { support, query: support };
}
