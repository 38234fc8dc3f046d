import * as tf from '@tensorflow/tfjs';
import { expectCount, expectNotNegative, expectOneOf, expectPositive } from '../core/errors';
import { constantInit, normalInit } from '../core/initializers';
import type { At, Learner, TaskInputs } from '../core/learner';
import type { Network } from '../core/network';
import { scopeRecord, unscopeRecord, type Params, type ParamSpec } from '../core/params';
import type { Shape } from '../core/shape';
import { classMeans } from '../embeddings/class-means';
import { examplePairs } from '../embeddings/example-pairs';
import { generator, type Piece, type TrunkActivation } from '../hypernets/generator';
import { stopGradient } from '../ops/stop-gradient';
import { taskMatMul } from '../ops/task-mat-mul';
import { absence, baseWeights, bodySpecs, expectHead, supportFeatures, tasksOf, waysOf } from './base-params';
import { atOwnRates } from './meta-sgd';

export interface LeoOptions {
  /** Length of a class's latent code. @default 64 */
  readonly latentSize?: number;
  /** How many inner steps change the latent codes before the columns take over. @default 5 */
  readonly latentSteps?: number;
  /** Factor on the inner learning rate where steps on latent codes start; each of their values learns its own. @default 1 */
  readonly latentRate?: number;
  /** The same for steps on the columns; each feature learns its own. @default 0.01 */
  readonly columnRate?: number;
  /** What is drawn from its distribution; the rest is taken at its mean. @default 'everything' */
  readonly sample?: 'everything' | 'latents' | 'nothing';
  /** β: weight of the divergence of the latent codes' distributions from the standard normal one. @default 0.001 */
  readonly klWeight?: number;
  /** γ: weight of the squared distance from the first latent codes to the adapted ones. @default 0.01 */
  readonly encoderWeight?: number;
  /** λ₂: weight of the squared correlations between the decoder's rows. @default 0.1 */
  readonly orthogonalityWeight?: number;
  /** Of the relation network. @default 'relu' */
  readonly activation?: TrunkActivation;
}

/**
 * Adapts a latent code of each class, from which the class's head column is decoded, and then the columns themselves. A
 * relation network makes a normal distribution of codes of all pairs of support examples, in memory for n² of them; the
 * code starts at a sample of it. The column is a sample too, around what the decoder makes of the code, and has no
 * bias. The body is shared by all tasks. No size depends on the number of ways.
 *
 * What is drawn comes from the task's noise once, in evaluation as in training. The meta-parameters are the same for
 * every `sample`: those trained with `'everything'` can be scored by a learner with `'nothing'`, at the means, as in the
 * paper, which takes them over with `load(path, { only: 'weights' })`.
 *
 * Source: Rusu et al., "Meta-Learning with Latent Embedding Optimization", 2019 (arXiv 1807.05960), algorithm 1 and
 * section 2.3. Penalties are means over values, as in the authors' code, and rates are learned, as there. The body
 * is learned along, where the paper's is fixed; dropout and weight decay are left out.
 *
 * @throws RangeError if the base network has no linear last layer, or an option is out of range
 */
export function leo(base: Network, options: LeoOptions = {}): Learner {
  const { latentSize = 64, latentSteps = 5, latentRate = 1, columnRate = 0.01, sample = 'everything' } = options;
  const { klWeight = 0.001, encoderWeight = 0.01, orthogonalityWeight = 0.1, activation = 'relu' } = options;
  expectOptions({ latentSize, latentSteps, sample }, { latentRate, columnRate }, { klWeight, encoderWeight, orthogonalityWeight });
  const head = expectHead('leo', base);
  const features = base.specs[head.kernel]!.shape[0]!; // a head's kernel has a spec
  const relation = generator(2 * latentSize, normalPieces(latentSize, 1, 1), { hidden: [2 * latentSize, 2 * latentSize], activation });
  // Logits start at about 1, and the samples' part in their variance at a tenth.
  const decoder = generator(latentSize, normalPieces(features, 1 / features, 0.1 / features), { hidden: [] });

  function encode(meta: Params, task: TaskInputs): { readonly mean: tf.Tensor; readonly logVariance: tf.Tensor; readonly counts: tf.Tensor } {
    const codes = taskMatMul(supportFeatures(base, meta, task), meta['encoder/kernel']!);
    const pairs = examplePairs({ ...task.support, x: codes });
    const { mean, logVariance } = relation.apply(unscopeRecord(meta, 'relation'), pairs.x);
    const { means, counts } = classMeans(tf.concat([mean!, logVariance!], 2), pairs);
    const [ofMean, ofLogVariance] = tf.split(means, 2, 2);
    return { mean: ofMean!, logVariance: ofLogVariance!, counts };
  }

  return {
    name: 'LEO',
    base,
    ways: 'any',
    specs: {
      ...bodySpecs(base),
      'encoder/kernel': { shape: [features, latentSize], role: 'kernel', fanIn: features, init: normalInit(1 / Math.sqrt(features)) },
      ...scopeRecord(relation.specs, 'relation'),
      ...scopeRecord(decoder.specs, 'decoder'),
      'rate/latent': rateSpec([1, latentSize], latentRate),
      'rate/delta': rateSpec([features, 1], columnRate),
    },
    start(meta, task) {
      const { mean, logVariance, counts } = encode(meta, task);
      const [tasks, ways] = [tasksOf(task), waysOf(task)];
      const rest = { mean, logVariance, delta: tf.zeros([tasks, features, ways]), absence: absence(counts) };
      if (sample === 'nothing') return { latent: mean, ...rest };
      const noise = task.noise.normal([tasks, ways, latentSize + features]); // one tensor: a task draws alike alone and in company
      const [ofLatent, ofColumn] = tf.split(noise, [latentSize, features], 2) as [tf.Tensor, tf.Tensor];
      return { latent: draw(mean, logVariance, ofLatent), ...rest, ...(sample === 'everything' ? { noise: ofColumn } : {}) };
    },
    weights(meta, state) {
      const { mean, logVariance } = decoder.apply(unscopeRecord(meta, 'decoder'), state['latent']!);
      const columns = state['noise'] ? draw(mean!, logVariance!, state['noise']) : mean!;
      return baseWeights(meta, {
        [head.kernel]: tf.add(tf.transpose(columns, [0, 2, 1]), state['delta']!),
        [head.bias]: state['absence']!,
      });
    },
    adapts: (step) => (step < latentSteps ? ['latent'] : ['delta']),
    direction: (meta, _at, gradients) => atOwnRates(meta, gradients),
    penalty(meta, path) {
      const { state } = path[0]!; // a path has a start
      const kernels = unscopeRecord(meta, 'decoder/heads');
      const rows = tf.concat([kernels['mean/kernel']!, kernels['logVariance/kernel']!], 2);
      const ofTasks = tf.add(tf.mul(divergence(state), klWeight), tf.mul(encoderDistance(path), encoderWeight));
      return tf.add(ofTasks, tf.mul(rowCorrelation(rows), orthogonalityWeight));
    },
    distinctSteps: latentSteps + 1,
  };
}

/** Mean and log variance of `size` normal values, which start with this variance between embeddings and within one. */
function normalPieces(size: number, between: number, within: number): Readonly<Record<string, Piece>> {
  return {
    mean: { shape: [size], mean: 0, deviation: Math.sqrt(between) },
    logVariance: { shape: [size], mean: Math.log(within), deviation: 0.1 },
  };
}

function rateSpec(shape: Shape, rate: number): ParamSpec {
  return { shape, role: 'rate', fanIn: 1, init: constantInit(rate) };
}

function draw(mean: tf.Tensor, logVariance: tf.Tensor, noise: tf.Tensor): tf.Tensor {
  return tf.add(mean, tf.mul(tf.exp(tf.mul(logVariance, 0.5)), noise));
}

/** KL(N(μ, σ²) ‖ N(0, 1)) = ½ (μ² + σ² − log σ² − 1), its mean over classes and values: `[T]`. */
function divergence({ mean, logVariance }: Params): tf.Tensor {
  const terms = tf.sub(tf.add(tf.square(mean!), tf.exp(logVariance!)), tf.add(logVariance!, 1));
  return tf.mul(tf.mean(terms, [1, 2]), 0.5);
}

/** ‖stopgrad(z') − z‖², its mean over classes and values: `[T]`. Only where the codes start has a gradient. */
function encoderDistance(path: readonly At[]): tf.Tensor {
  const [first, last] = [path[0]!, path.at(-1)!].map(({ state }) => state['latent']!) as [tf.Tensor, tf.Tensor];
  return tf.mean(tf.square(tf.sub(stopGradient(last), first)), [1, 2]);
}

/** ‖C − I‖², its mean over the L² values, for the correlations C of the L rows of `[1, L, F]`: `[1]`. */
function rowCorrelation(kernel: tf.Tensor): tf.Tensor {
  const rows = tf.div(kernel, tf.sqrt(tf.sum(tf.square(kernel), 2, true)));
  const correlations = tf.matMul(rows, rows, false, true);
  return tf.sub(tf.mean(tf.square(correlations), [1, 2]), 1 / kernel.shape[1]!); // the diagonal of C is 1
}

function expectOptions(
  { latentSize, latentSteps, sample }: Required<Pick<LeoOptions, 'latentSize' | 'latentSteps' | 'sample'>>,
  rates: Readonly<Record<string, number>>,
  weights: Readonly<Record<string, number>>,
): void {
  expectCount('leo: latentSize', latentSize);
  expectCount('leo: latentSteps', latentSteps, 0);
  expectOneOf('leo: sample', sample, ['everything', 'latents', 'nothing']);
  for (const [name, rate] of Object.entries(rates)) expectPositive(`leo: ${name}`, rate);
  for (const [name, weight] of Object.entries(weights)) expectNotNegative(`leo: ${name}`, weight);
}
