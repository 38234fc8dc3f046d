import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createRng, readIdx, type UserExamples } from 'hypermeta';

/** Tasks of MNIST that come one after another. */
export interface Benchmark {
  readonly name: 'split' | 'permuted';
  readonly title: string;
  /** Pixels, hidden layers, outputs of the base network. */
  readonly sizes: readonly number[];
  readonly taskCount: number;
  readonly steps: number;
  readonly batchSize: number;
  readonly clip?: { readonly by: 'norm'; readonly limit: number };
  /** Examples of a task more, which a method learns at the end without a change to any other. @default no such task */
  readonly fewExamples?: number;
  /** Classes of a task, as digits. */
  classes(task: number): readonly number[];
  /** Outputs of a shared network that stand for them. */
  outputs(task: number): readonly number[];
}

export const benchmarks: Readonly<Record<Benchmark['name'], Benchmark>> = {
  split: {
    name: 'split',
    title: 'Split MNIST: five tasks of two digits each',
    sizes: [784, 100, 100, 10],
    taskCount: 5,
    steps: 5000,
    batchSize: 32,
    classes: (task) => [2 * task, 2 * task + 1],
    outputs: (task) => [2 * task, 2 * task + 1],
  },
  permuted: {
    name: 'permuted',
    title: 'Permuted MNIST: ten tasks, each with the pixels in an order of its own',
    sizes: [784, 100, 100, 10],
    taskCount: 10,
    steps: 5000,
    batchSize: 128,
    clip: { by: 'norm', limit: 1 },
    fewExamples: 100,
    classes: () => digits,
    outputs: () => digits,
  },
};

const digits = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
const pixels = 784;

/** Which images: 55,000 to learn from and 5,000 to choose settings by, out of MNIST's training images; its 10,000 test images. */
export type Part = 'train' | 'validation' | 'test';

/** Draws a task's examples; `limit` cuts them short. */
export type TaskData = (task: number, part: Part, limit?: number) => UserExamples & { readonly classes: readonly number[] };

interface Digits {
  readonly images: Uint8Array;
  readonly labels: Uint8Array;
}

const files = ['train-images-idx3-ubyte.gz', 'train-labels-idx1-ubyte.gz', 't10k-images-idx3-ubyte.gz', 't10k-labels-idx1-ubyte.gz'];

/** The sentence that says which file is missing; undefined where all are there. */
export function missingData(folder: string): string | undefined {
  const missing = files.map((name) => join(folder, 'mnist', name)).find((path) => !existsSync(path));
  return missing && `continual: skipped, because ${missing} is not there: give --data DIR, a folder whose folder mnist holds MNIST's four files.`;
}

/** Images, and which of them, in an order that is shuffled once. */
export type DigitParts = Readonly<Record<Part, readonly [Digits, readonly number[]]>>;

/** MNIST's four files. */
export function readDigits(folder: string): DigitParts {
  const [images, labels, testImages, testLabels] = files.map((name) => readIdx(join(folder, 'mnist', name)).values as Uint8Array) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
  const order = createRng('continual').shuffle(Array.from(labels.keys()));
  return {
    train: [{ images, labels }, order.slice(0, 55_000)],
    validation: [{ images, labels }, order.slice(55_000)],
    test: [{ images: testImages, labels: testLabels }, Array.from(testLabels.keys())],
  };
}

/** The tasks of a benchmark; permutations follow from the seed. */
export function tasksOf(benchmark: Benchmark, parts: DigitParts, seed: string): TaskData {
  return (task, part, limit = Infinity) => {
    const [from, all] = parts[part];
    const classes = benchmark.classes(task);
    const chosen = all.filter((index) => classes.includes(from.labels[index]!)).slice(0, limit);
    const place = benchmark.name === 'permuted' ? createRng(`${seed}/permutation ${task}`).shuffle(Array.from({ length: pixels }, (_, pixel) => pixel)) : undefined;
    const x = new Uint8Array(chosen.length * pixels);
    chosen.forEach((index, row) => {
      const image = from.images.subarray(index * pixels, (index + 1) * pixels);
      if (place) place.forEach((pixel, to) => (x[row * pixels + to] = image[pixel]!));
      else x.set(image, row * pixels);
    });
    return { x, y: chosen.map((index) => from.labels[index]!), classes };
  };
}
