import * as tf from '@tensorflow/tfjs';
import {
  adapter,
  classification,
  compile,
  createRng,
  innerStep,
  startInner,
  type Examples,
  type HostExamples,
  type HostInner,
  type HostParams,
  type HostTask,
  type Inner,
  type Params,
  type RuntimeName,
} from 'hypermeta';
import { stackExamples } from '../../src/tasks/stack-episodes';
import { classEmbeddingSize, drawingShape, pageLearners, withoutLearnedRates, type DrawingLearnerName } from './learners';

/** Drawings as a network takes them, one after another, and the class of each. */
export interface Drawings {
  /** 784 values a drawing, ink 1 and paper 0. */
  readonly x: Float32Array;
  /** The class of each drawing, from 0. */
  readonly labels: readonly number[];
  readonly ways: number;
}

/** What adapting has led to. */
export interface Path {
  readonly steps: number;
  /** Of the inner loop; with the time of compiling where `isFirst`: no support set had these sizes before. */
  readonly milliseconds: number;
  readonly isFirst: boolean;
  /** The class embeddings before each step and after the last, `ways` rows of 24; none where the learner has none. */
  readonly embeddings: readonly Float32Array[];
}

/** One learner of drawings, adapted to one set of them at a time. */
export interface Classifier {
  /** Adapts, in place of what was adapted before. */
  adapt(drawings: Drawings): Promise<Path>;
  /** Takes class embeddings as they are, in place of adapting: for the hypernetwork. */
  restore(embeddings: Float32Array, ways: number): void;
  /** Probabilities of the classes for one drawing, before each step and after the last; none before anything was adapted. */
  predict(x: Float32Array): Promise<readonly Float32Array[]>;
  dispose(): Promise<void>;
}

/** More steps than these are run one by one: a graph of all would take long to compile. */
const mostAtOnce = 2;

interface Walk {
  readonly meta: Params;
  readonly support: Examples;
  /** Of each step. */
  readonly rates: tf.Tensor;
}

/** Opens a learner with its meta-parameters: the same code and numbers in Node and in a browser's worker. */
export function openClassifier(name: DrawingLearnerName, checkpoint: HostParams, runtime?: RuntimeName): Classifier {
  const { learner, inner } = pageLearners[name]();
  const { meta, rateOf } = withoutLearnedRates(checkpoint, { learner, inner });
  const adapting = adapter(learner, classification, inner, runtime);
  const atOnce = compile(({ meta, support, rates }: Walk, noise) => {
    const path: Inner[] = [startInner(learner, meta, { support, noise }, inner)];
    for (let step = 0; step < inner.steps; step++) {
      const learningRate = tf.reshape<tf.Rank.R0>(tf.slice(rates, [step], [1]), []);
      path.push(innerStep(learner, meta, path[step]!, { ...inner, learningRate }));
    }
    return path.map(({ state }) => state);
  }, { name: learner.name, ...(runtime ? { runtime } : {}) });
  const rng = createRng('page'); // nothing draws from it
  const sizes = new Set<string>();
  let support: HostExamples | undefined;
  let path: readonly HostInner[] = [];

  /** Before each step, and after the last. Few steps are one graph, in which what no step changes, the features of drawings, is computed once. */
  async function walk(task: HostTask): Promise<readonly HostInner[]> {
    if (inner.steps > 0 && inner.steps <= mostAtOnce) {
      const rates = Float32Array.from({ length: inner.steps }, (_, step) => rateOf(step));
      const states = (await atOnce.runOnHost({ meta, support: task.support, rates: { values: rates, shape: [inner.steps], dtype: 'float32' } })) as readonly HostParams[];
      return states.map((state, step) => ({ start: states[0]!, state, moments: {}, step }));
    }
    const path = [await adapting.start(meta, task, rng)];
    while (path.length <= inner.steps) {
      const at = path.at(-1)!; // the start at least
      path.push((await adapting.advance(meta, task, at, { learningRate: rateOf(at.step) }, rng)).next);
    }
    return path;
  }

  function replace(by: HostExamples, next: readonly HostInner[]): void {
    for (const at of [...path].reverse()) adapting.recycle(at); // the start goes last
    [support, path] = [by, next];
  }

  return {
    async adapt({ x, labels, ways }) {
      const task = { support: padded(x, labels, ways) };
      const size = `${ways} of ${task.support.weight.values.length}, ${labels.length === task.support.weight.values.length}`;
      const isFirst = !sizes.has(size);
      sizes.add(size);
      const began = performance.now();
      const next = await walk(task);
      const milliseconds = performance.now() - began;
      replace(task.support, next);
      return { steps: inner.steps, milliseconds, isFirst, embeddings: next.flatMap(({ state }) => state['classes']?.values.slice() ?? []) };
    },
    restore(embeddings, ways) {
      const state = {
        classes: { values: embeddings, shape: [1, ways, classEmbeddingSize], dtype: 'float32' },
        absence: { values: new Float32Array(ways), shape: [1, ways], dtype: 'float32' },
      } as const;
      replace(padded(new Float32Array(ways * 784), Array.from({ length: ways }, (_, index) => index), ways), [{ start: state, state, moments: {}, step: 0 }]);
    },
    async predict(x) {
      if (!support) return [];
      const query = padded(x, [0], support.y.shape[2]!); // its class is not looked at
      const rows: Float32Array[] = [];
      for (const at of path) rows.push((await adapting.predict(meta, { support, query }, at, rng)).values.values.slice());
      return rows;
    },
    async dispose() {
      path = [];
      await Promise.all([adapting.dispose(), atOnce.dispose()]);
    },
  };
}

/** One task, padded to one of a few lengths, so that a few compiled graphs serve all sizes. */
function padded(x: Float32Array, labels: readonly number[], ways: number): HostExamples {
  const y = new Float32Array(labels.length * ways);
  labels.forEach((label, index) => (y[index * ways + label] = 1));
  const source = { inputShape: drawingShape, targetShape: [ways] };
  return stackExamples('drawings', source, [{ x, y, count: labels.length }], { length: paddedLength(labels.length) });
}

/** The next of 1, 2, 4, 5, 8, 10, 16, 20, 32, 40, …: five classes of one or two drawings are not padded. */
function paddedLength(count: number): number {
  const next = (unit: number) => unit * 2 ** Math.max(0, Math.ceil(Math.log2(count / unit)));
  return Math.min(next(1), next(5));
}
