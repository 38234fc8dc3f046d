import * as tf from '@tensorflow/tfjs';
import {
  adaptedWeights,
  compile,
  createRng,
  drawWarp,
  logSoftmax,
  runEpisodes,
  warpImage,
  type Examples,
  type ExampleArrays,
  type HostFloats,
  type OmniglotRuns,
  type Params,
  type Shape,
} from 'hypermeta';
import { challengeLearner, type ChallengeModel } from './challenge-model';

/** Errors as shares, in [0, 1]. */
export interface ChallengeScore {
  readonly runs: readonly { readonly name: string; readonly error: number; readonly alphabet?: string }[];
  readonly mean: number;
  /** Of the mean over runs: their standard deviation / √runs. */
  readonly standardError: number;
}

/**
 * Classifies each test drawing of each run on its own (non-transductive): its log-probabilities are averaged over views, and
 * a class is the mean feature of the views of its training drawing.
 */
export async function scoreChallenge({ settings, meta }: Pick<ChallengeModel, 'settings' | 'meta'>, runs: OmniglotRuns): Promise<ChallengeScore> {
  const learner = challengeLearner(settings);
  const source = runEpisodes(runs);
  const ways = source.targetShape[0]!;
  const predict = compile(
    ({ meta, support, query }: { meta: Params; support: Examples; query: tf.Tensor }, noise) => {
      const task = { support, noise };
      const start = learner.start(meta, task);
      return logSoftmax(learner.base.apply(adaptedWeights(learner, meta, { task, start, state: start, step: 0 }), query));
    },
    { name: 'the scorer', whenRefused: 'uncompiled' },
  );
  const scored = [];
  for (const [index, { name, alphabet }] of runs.runs.entries()) {
    const { support, query } = source.sample('', index);
    const [classes, items] = [support, query].map((set, kind) => lookAt(set, runs.inputShape, ways, settings, `${name}/${kind}`)) as [Looks, Looks];
    const logits = await predict.runOnHost({ meta, support: classes, query: items.x });
    const isWrong = Array.from({ length: query.count }, (_, item) => {
      const truth = query.y.subarray(item * ways, (item + 1) * ways).indexOf(1);
      return classOf(logits.values as Float32Array, item, query.count, ways) !== truth;
    });
    scored.push({ name, error: isWrong.filter(Boolean).length / query.count, ...(alphabet === undefined ? {} : { alphabet }) });
  }
  await predict.dispose();
  return { runs: scored, ...meanError(scored.map(({ error }) => error)) };
}

/** Mean and standard error. */
export function meanError(errors: readonly number[]): Pick<ChallengeScore, 'mean' | 'standardError'> {
  const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length;
  const variance = errors.reduce((sum, error) => sum + (error - mean) ** 2, 0) / Math.max(1, errors.length - 1);
  return { mean, standardError: Math.sqrt(variance / errors.length) };
}

interface Looks {
  readonly x: HostFloats;
  readonly y: HostFloats;
  readonly weight: HostFloats;
}

/** All drawings as they are, then all again, distorted as in training, and so on. */
function lookAt({ x, y, count }: ExampleArrays, shape: Shape, ways: number, { views, episodes }: ChallengeModel['settings'], seed: string): Looks {
  const size = x.length / count;
  const rng = createRng(`views/${seed}`);
  const seen = new Float32Array(views * x.length);
  const labels = new Float32Array(views * y.length);
  for (let view = 0; view < views; view++) {
    labels.set(y, view * y.length);
    for (let example = 0; example < count; example++) {
      const image = x.subarray(example * size, (example + 1) * size);
      const into = seen.subarray((view * count + example) * size, (view * count + example + 1) * size);
      if (view === 0) into.set(image);
      else warpImage(image, shape, drawWarp(rng, episodes.drawingDistortion ?? {}), into);
    }
  }
  const n = views * count;
  const floats = (values: Float32Array, ...rest: readonly number[]): HostFloats => ({ values, shape: [1, n, ...rest], dtype: 'float32' });
  return { x: floats(seen, ...shape), y: floats(labels, ways), weight: floats(new Float32Array(n).fill(1)) };
}

/** The class with the highest mean over views. */
function classOf(logProbabilities: Float32Array, item: number, items: number, ways: number): number {
  const sums = new Float64Array(ways);
  for (let first = 0; first < logProbabilities.length / ways; first += items)
    for (let way = 0; way < ways; way++) sums[way]! += logProbabilities[(first + item) * ways + way]!;
  return sums.indexOf(Math.max(...sums));
}
