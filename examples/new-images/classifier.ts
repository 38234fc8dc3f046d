import * as tf from '@tensorflow/tfjs';
import {
  classification,
  compile,
  copyToHost,
  cosine,
  createRng,
  maml,
  meanInterval,
  metaTrainer,
  type Episode,
  type HostParams,
  type Mean,
  type Network,
  type Params,
  type TaskSource,
} from 'hypermeta';

/** Rows of values with a class each. */
export interface LabelledRows {
  readonly values: Float32Array;
  readonly labels: ArrayLike<number>;
  readonly classes: number;
}

export interface ClassifierOptions {
  readonly steps: number;
  readonly seed: string;
  readonly learningRate?: number;
  readonly onStep?: (step: number, loss: number) => void;
}

/** So many rows a step. */
const batch = 100;

/** An ordinary classifier of rows, trained by Adam without tasks or inner steps. */
export async function trainClassifier(network: Network, rows: LabelledRows, options: ClassifierOptions): Promise<HostParams> {
  const { steps, seed, learningRate = 0.002, onStep } = options;
  const learner = maml(network, { head: 'columns' });
  const trainer = await metaTrainer(learner, batchesOf(network, rows), {
    innerSteps: 0,
    metaBatchSize: 1,
    outerLearningRate: cosine(learningRate, steps, { end: learningRate / 100 }),
    seed,
  });
  try {
    for await (const { step, queryLoss } of trainer.train({ steps })) onStep?.(step, queryLoss);
    return copyToHost(Object.fromEntries(Object.entries(trainer.meta).map(([name, value]) => [name.replace(/^base\//, ''), value])));
  } finally {
    trainer.dispose();
  }
}

/** A network with its weights, compiled. Holds a program until `dispose()`. */
export interface Reader {
  /** Rows, flat → what the network makes of each, flat. */
  read(values: Float32Array): Promise<Float32Array>;
  dispose(): Promise<void>;
}

/** So many rows at once. */
const together = 500;

/** `'features'` are what the last layer of the network sees, `'logits'` what it puts out. */
export function reader(network: Network, weights: HostParams, what: 'features' | 'logits'): Reader {
  const { head, inputShape } = network;
  if (!head) throw new RangeError('reader: expected a network that ends in a dense layer, got one without.');
  const size = inputShape.reduce((product, length) => product * length, 1);
  const compiled = compile(
    ({ params, x }: { params: Params; x: tf.Tensor }) => ({ output: what === 'features' ? head.features(params, x) : network.apply(params, x) }),
    { name: 'the classifier' },
  );
  return {
    async read(values) {
      const made: Float32Array[] = [];
      for (let first = 0; first < values.length; first += together * size) {
        const part = values.slice(first, first + together * size);
        const { output } = await compiled.runOnHost({ params: weights, x: { values: part, shape: [1, part.length / size, ...inputShape], dtype: 'float32' } });
        made.push(Float32Array.from(output.values));
      }
      return joined(made);
    },
    dispose: () => compiled.dispose(),
  };
}

/** How often the network takes a row for its class. */
export async function accuracyOf(network: Network, weights: HostParams, { values, labels, classes }: LabelledRows): Promise<Mean> {
  const logits = reader(network, weights, 'logits');
  const found = await logits.read(values);
  await logits.dispose();
  return meanInterval(Array.from(labels, (label, row) => Number(largest(found.subarray(row * classes, (row + 1) * classes)) === label)));
}

/**
 * Classifier two-sample test: how often a classifier that was trained on the first half of both sets tells the rows of the second
 * half apart, chance is 0.5. Rows are standardized.
 *
 * Source: Lopez-Paz, Oquab, "Revisiting Classifier Two-Sample Tests", 2017 (arXiv 1610.06545), section 3.
 */
export async function twoSampleTest(network: Network, one: Float32Array, other: Float32Array, { steps, seed }: Pick<ClassifierOptions, 'steps' | 'seed'>): Promise<Mean> {
  const size = network.inputShape[0]!;
  const half = Math.floor(Math.min(one.length, other.length) / size / 2);
  const cut = (values: Float32Array, part: number) => values.subarray(part * half * size, (part + 1) * half * size);
  const [train, test] = [0, 1].map((part) => joined([cut(one, part), cut(other, part)])) as [Float32Array, Float32Array];
  const labels = Uint8Array.from({ length: 2 * half }, (_, row) => Number(row >= half));
  const scale = scaleOf(train, size);
  const weights = await trainClassifier(network, { values: standardized(train, scale), labels, classes: 2 }, { steps, seed });
  return accuracyOf(network, weights, { values: standardized(test, scale), labels, classes: 2 });
}

/** Batches drawn with replacement, as query sets; nothing looks at the support set. */
function batchesOf({ inputShape }: Network, { values, labels, classes }: LabelledRows): TaskSource {
  const size = inputShape.reduce((product, length) => product * length, 1);
  return {
    inputShape,
    targetShape: [classes],
    objective: classification,
    sample(seed, index): Episode {
      const rng = createRng(`${seed}/${index}`);
      const query = { x: new Float32Array(batch * size), y: new Float32Array(batch * classes), count: batch };
      for (let place = 0; place < batch; place++) {
        const row = rng.integer(labels.length);
        query.x.set(values.subarray(row * size, (row + 1) * size), place * size);
        query.y[place * classes + labels[row]!] = 1;
      }
      const y = Float32Array.from({ length: classes }, (_, label) => Number(label === 0));
      return { support: { x: new Float32Array(size), y, count: 1 }, query };
    },
  };
}

interface Scale {
  readonly means: Float64Array;
  readonly deviations: Float64Array;
}

function scaleOf(values: Float32Array, size: number): Scale {
  const count = values.length / size;
  const [means, squares] = [new Float64Array(size), new Float64Array(size)];
  values.forEach((value, index) => {
    means[index % size]! += value / count;
    squares[index % size]! += value ** 2 / count;
  });
  return { means, deviations: squares.map((square, column) => Math.sqrt(Math.max(1e-12, square - means[column]! ** 2))) };
}

function standardized(values: Float32Array, { means, deviations }: Scale): Float32Array {
  return values.map((value, index) => (value - means[index % means.length]!) / deviations[index % means.length]!);
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let end = 0;
  for (const part of parts) {
    all.set(part, end);
    end += part.length;
  }
  return all;
}

function largest(values: Float32Array): number {
  return values.indexOf(values.reduce((most, value) => Math.max(most, value)));
}
