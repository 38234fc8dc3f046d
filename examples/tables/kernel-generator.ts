import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  activation,
  classification,
  conv2d,
  cosine,
  createRng,
  dense,
  flatten,
  hyperLearner,
  kernelHypernetwork,
  maml,
  maxPool,
  readIdx,
  sequential,
  type Episode,
  type ExampleArrays,
  type TaskSource,
} from 'hypermeta';
import type { Entry, Protocol } from './protocol';

export const kernelGeneratorTable: Protocol = {
  name: 'kernel-generator',
  title: 'A generated kernel on MNIST (the static hypernetwork of Ha et al.)',
  about:
    'One data set, no tasks and no inner loop: convolution 7 × 7 with 16 filters, ReLU, pooling, the same again, pooling, a linear layer. The second kernel, 12,544 weights, is learned or generated from 4,240 weights and an embedding of 4; the other 8,666 weights are learned in both. 55,000 images to train, 5,000 to validate, 10,000 to test; batches of 200 (the paper has 1,000), Adam, images padded to 30 × 30 and cropped at random (Ha, Dai, Le 2016, arXiv 1609.09106, section 4.1). 60 epochs, in which the rate falls from 0.002 along half a cosine. The meta-parameters that were best on the validation images are scored on the whole test set, in 100 batches.',
  async groups({ steps = 16_500, episodes, data }) {
    const folder = join(data, 'mnist');
    const missing = files.map((name) => join(folder, name)).find((path) => !existsSync(path));
    if (missing) return `skipped, because ${missing} is not there: give --data DIR, a folder whose folder mnist holds MNIST's four files.`;
    const [images, labels, testImages, testLabels] = files.map((name) => readIdx(join(folder, name)).values as Uint8Array) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
    const all: Digits = { images, labels, order: createRng('kernel-generator').shuffle(Array.from(labels.keys())) };
    const test: Digits = { images: testImages, labels: testLabels, order: Array.from(testLabels.keys()) };
    const validation = { ...all, order: all.order.slice(55_000) };
    return [
      {
        name: 'MNIST',
        tasks: { train: croppedAtRandom({ ...all, order: all.order.slice(0, 55_000) }), validation: inOrder(validation), test: inOrder(test) },
        settings: { batch: parts * part, epochs: Math.round((steps * parts * part) / 55_000) },
        episodes: episodes ?? test.order.length / part,
        transductive: false,
        entries: entries(steps, Math.min(episodes ?? Infinity, validation.order.length / part)),
      },
    ];
  },
};

const files = ['train-images-idx3-ubyte.gz', 'train-labels-idx1-ubyte.gz', 't10k-images-idx3-ubyte.gz', 't10k-labels-idx1-ubyte.gz'];
const [size, classes] = [28, 10];

/** Images that are put through the network together: a step takes the mean over so many parts. */
const [part, parts] = [100, 2];

function entries(steps: number, validationEpisodes: number): readonly Entry[] {
  const layers = [conv2d(16, 7), activation('relu'), maxPool(), conv2d(16, 7), activation('relu'), maxPool(), flatten(), dense(classes)];
  const base = sequential([size, size, 1], layers);
  const generates = (name: string) => name === 'conv2/kernel';
  const options = { innerSteps: 0, metaBatchSize: parts, outerLearningRate: cosine(0.002, steps, { end: 0.00002 }) };
  const train = { steps, validateEvery: Math.min(550, steps), validationEpisodes };
  return [
    { name: 'learned kernel', about: '12,544 weights in the second kernel', learner: () => maml(base, { head: 'columns' }), options, train },
    {
      name: 'generated kernel',
      about: '4,240 weights and an embedding of 4 generate the second kernel',
      learner: () => hyperLearner(base, kernelHypernetwork({ embeddingSize: 4 }), { generates, adapt: 'nothing' }),
      options,
      train,
    },
  ];
}

interface Digits {
  readonly images: Uint8Array;
  readonly labels: Uint8Array;
  /** Which of them, and in what order. */
  readonly order: readonly number[];
}

const source = { inputShape: [size, size, 1], targetShape: [classes], objective: classification };

/** Epochs one after another, each in an order of its own; every image shifted by up to one pixel, as cropping a padded one does. */
function croppedAtRandom(digits: Digits): TaskSource {
  const epochs = new Map<string, readonly number[]>(); // the last one
  const perEpoch = digits.order.length / part;
  return {
    ...source,
    sample(seed, index) {
      const name = `${seed}/epoch ${Math.floor(index / perEpoch)}`;
      const order = epochs.get(name) ?? createRng(name).shuffle(digits.order);
      if (!epochs.has(name)) epochs.clear();
      epochs.set(name, order);
      const first = (index % perEpoch) * part;
      const rng = createRng(`${seed}/${index}`);
      return episodeOf(digits, order.slice(first, first + part), () => [rng.integer(3) - 1, rng.integer(3) - 1]);
    },
  };
}

/** Part after part of all images as they are, whatever the seed. */
function inOrder(digits: Digits): TaskSource {
  return {
    ...source,
    sample(_seed, index) {
      const first = (index * part) % digits.order.length;
      return episodeOf(digits, digits.order.slice(first, first + part), () => [0, 0]);
    },
  };
}

/** The images are the query set; nothing looks at the support set, a blank image. */
function episodeOf({ images, labels }: Digits, chosen: readonly number[], shift: () => readonly [number, number]): Episode {
  const query: ExampleArrays = { x: new Float32Array(chosen.length * size * size), y: new Float32Array(chosen.length * classes), count: chosen.length };
  for (const [place, index] of chosen.entries()) {
    const [down, right] = shift();
    for (let row = 0; row < size; row++)
      for (let column = 0; column < size; column++) {
        const [y, x] = [row + down, column + right];
        const isInside = y >= 0 && y < size && x >= 0 && x < size;
        if (isInside) query.x[(place * size + row) * size + column] = images[(index * size + y) * size + x]! / 255;
      }
    query.y[place * classes + labels[index]!] = 1;
  }
  const y = Float32Array.from({ length: classes }, (_, label) => Number(label === 0));
  return { support: { x: new Float32Array(size * size), y, count: 1 }, query };
}
