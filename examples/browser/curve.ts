import { adapter, createRng, gaussian, type HostBatch, type HostInner, type HostParams, type RuntimeName } from 'hypermeta';
import { stackExamples } from '../../src/tasks/stack-episodes';
import { curveEmbeddingSize, pageLearners, withoutLearnedRates } from './learners';

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A curve over `gridX`: what is predicted, and its standard deviation. */
export interface Fit {
  readonly mean: Float32Array;
  readonly deviation: Float32Array;
}

/** Where a curve is drawn: what the learner has been trained on. */
export const gridX: Float32Array = Float32Array.from({ length: 101 }, (_, index) => -5 + index / 10);

/** The learner of curves. */
export interface CurveLearner {
  /** Embeddings before each step and after the last; with no point, the start alone. */
  adapt(points: readonly Point[], steps: number): Promise<{ readonly embeddings: readonly Float32Array[]; readonly milliseconds: number }>;
  /** The curve that an embedding stands for. */
  fit(embedding: Float32Array): Promise<Fit>;
  dispose(): Promise<void>;
}

export function openCurveLearner(checkpoint: HostParams, runtime?: RuntimeName): CurveLearner {
  const { learner, inner } = pageLearners.curve();
  const { meta, rateOf } = withoutLearnedRates(checkpoint, { learner, inner });
  const adapting = adapter(learner, gaussian(), inner, runtime);
  const rng = createRng('page'); // nothing draws from it
  const grid = examples(Array.from(gridX, (x) => ({ x, y: 0 })), gridX.length);

  return {
    async adapt(points, steps) {
      const support = points.length > 0 ? examples(points) : examples([{ x: 0, y: 0 }]);
      const began = performance.now();
      const path: HostInner[] = [await adapting.start(meta, { support }, rng)];
      const taken = points.length > 0 ? steps : 0;
      while (path.length <= taken) {
        const at = path.at(-1)!; // the start at least
        path.push((await adapting.advance(meta, { support }, at, { learningRate: rateOf(at.step) }, rng)).next);
      }
      const milliseconds = performance.now() - began;
      const embeddings = path.map(({ state }) => state['embedding']!.values.slice());
      for (const at of path.reverse()) adapting.recycle(at); // the start goes last
      return { embeddings, milliseconds };
    },
    async fit(embedding) {
      const state = { embedding: { values: embedding, shape: [1, curveEmbeddingSize], dtype: 'float32' } } as const;
      const { values, deviation } = await adapting.predict(meta, { support: grid, query: grid }, { start: state, state, moments: {}, step: 0 }, rng);
      return { mean: values.values.slice(), deviation: deviation!.values.slice() }; // its objective says
    },
    dispose: () => adapting.dispose(),
  };
}

function examples(points: readonly Point[], length = 2 ** Math.ceil(Math.log2(points.length))): HostBatch['support'] {
  const set = { x: Float32Array.from(points, ({ x }) => x), y: Float32Array.from(points, ({ y }) => y), count: points.length };
  return stackExamples('points', { inputShape: [1], targetShape: [1] }, [set], { length });
}
