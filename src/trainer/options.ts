import { expectCount, expectOneOf, expectPositive, shown } from '../core/errors';
import type { HostParams } from '../core/host-tensor';
import type { Params } from '../core/params';
import type { TaskSource } from '../core/task';
import { expectRuntime, type RuntimeName } from '../engine/compile';
import type { AdaptIn } from '../meta/adapter';
import type { InnerOptions } from '../meta/inner-loop';
import type { MetaGradient } from '../meta/meta-gradient';
import { unrolled } from '../meta/unrolled';
import { adam } from '../optim/adam';
import { expectClip, type Clip } from '../optim/clip';
import { expectOptimizer, type Optimizer } from '../optim/optimizer';
import { toOrderSchedule, toSchedule, type Order, type Schedule } from '../optim/schedule';
import { sgd } from '../optim/sgd';

export interface MetaTrainerOptions {
  /** Gradient steps inside a task while meta-training. @default 1 */
  readonly innerSteps?: number;
  /** Per task: the inner objective is the sum over tasks, so it does not depend on the batch. @default 0.01 */
  readonly innerLearningRate?: number;
  /** @default sgd() */
  readonly innerOptimizer?: Optimizer;
  /** Per task. @default none */
  readonly innerClip?: Clip;
  /**
   * `'first'` leaves second derivatives out of the meta-gradient; `{ firstFor: N }` for the first N outer steps only
   * (Antoniou et al. 2019, section 4). @default 'second'
   */
  readonly order?: Order | { readonly firstFor: number };
  /** Episodes per outer step. @default 16 */
  readonly metaBatchSize?: number;
  /** A number, or a schedule over outer steps. @default 0.001 */
  readonly outerLearningRate?: number | Schedule;
  /** @default adam() */
  readonly outerOptimizer?: Optimizer;
  /** By the norm over all meta-parameters. @default none */
  readonly outerClip?: Clip;
  /** `unrolled()` as in MAML, `difference()` as in Reptile, `implicit()` as in iMAML. @default unrolled() */
  readonly metaGradient?: MetaGradient;
  /** The source of all chance: the same seed gives the same numbers. @default '0' */
  readonly seed?: string;
  /** Back-end of TensorFlow.js, for predictions and for what is not compiled. @default the fastest there is */
  readonly engine?: string;
  /**
   * What runs training, adaptation and evaluation: `'onnxruntime-node'` or `'onnxruntime-web'`, compiled; `'tfjs'` on the
   * engine, uncompiled. @default the first of them that is there
   */
  readonly runtime?: RuntimeName;
  /**
   * Meta-parameters to start from, `[1, ...shape]` by name, such as those of `readSafetensors`, of a model that is shipped or of
   * another trainer. They are copied. @default drawn from the seed
   */
  readonly meta?: HostParams | Params;
  /**
   * `'worker'`: `adapt`, `loadTask` and `evaluate` compute in a worker thread, so that the event loop of a server stays free,
   * with the same numbers; a first support set of a size is still compiled on this thread. Needs onnxruntime-node.
   * @default 'here'
   */
  readonly adaptIn?: AdaptIn;
  /** Worker threads that share the tasks of a step where its tensors are large: the same numbers for any number. @default 1 */
  readonly threads?: number;
}

/** The options with their defaults, checked. */
export interface Settings {
  readonly inner: InnerOptions;
  /** The order at each outer step, where it varies; `inner` has the last one. */
  readonly order?: (step: number) => Order;
  /** Outer steps of the first order, where they are so many only. */
  readonly firstFor?: number;
  readonly metaBatchSize: number;
  readonly outerLearningRate: Schedule;
  readonly outerOptimizer: Optimizer;
  readonly outerClip?: Clip;
  readonly metaGradient: MetaGradient;
  readonly seed: string;
  readonly runtime?: RuntimeName;
  readonly threads: number;
  readonly adaptIn: AdaptIn;
}

/** @throws RangeError naming the option that is out of range */
export function readOptions(options: MetaTrainerOptions, source: TaskSource): Settings {
  const { innerSteps = 1, innerLearningRate = 0.01, innerOptimizer = sgd(), innerClip, order = 'second' } = options;
  const { metaBatchSize = 16, outerLearningRate = 0.001, outerOptimizer = adam(), outerClip } = options;
  const { metaGradient = unrolled(), seed = '0', runtime, threads = 1, adaptIn = 'here' } = options;
  expectCount('metaTrainer: innerSteps', innerSteps, 0);
  expectPositive('metaTrainer: innerLearningRate', innerLearningRate);
  expectCount('metaTrainer: metaBatchSize', metaBatchSize);
  for (const [name, optimizer] of Object.entries({ innerOptimizer, outerOptimizer })) expectOptimizer(`metaTrainer: ${name}`, optimizer);
  if (typeof metaGradient !== 'function') throw new RangeError(`metaTrainer: metaGradient: expected a meta-gradient, such as unrolled(), got ${shown(metaGradient)}.`);
  const orderAt = toOrderSchedule('metaTrainer: order', order);
  expectCount('metaTrainer: threads', threads);
  expectRuntime('metaTrainer', runtime);
  if (runtime !== undefined && runtime !== 'onnxruntime-node' && threads > 1)
    throw new RangeError(`metaTrainer: threads: expected 1 with runtime: '${runtime}', got ${threads}; use runtime: 'onnxruntime-node'.`);
  expectOneOf('metaTrainer: adaptIn', adaptIn, ['here', 'worker']);
  if (adaptIn === 'worker' && runtime !== undefined && runtime !== 'onnxruntime-node')
    throw new RangeError(`metaTrainer: adaptIn: expected 'here' with runtime: '${runtime}', got 'worker'; use runtime: 'onnxruntime-node'.`);
  if (innerClip) expectClip('metaTrainer: innerClip', innerClip);
  if (outerClip) expectClip('metaTrainer: outerClip', outerClip);
  return {
    inner: {
      steps: innerSteps,
      learningRate: innerLearningRate,
      optimizer: innerOptimizer,
      ...(innerClip ? { clip: innerClip } : {}),
      order: orderAt(Infinity),
      loss: source.objective.loss,
    },
    ...(typeof order === 'object' ? { order: orderAt, firstFor: order.firstFor } : {}),
    metaBatchSize,
    outerLearningRate: toSchedule('metaTrainer: outerLearningRate', outerLearningRate),
    outerOptimizer,
    ...(outerClip ? { outerClip } : {}),
    metaGradient,
    seed,
    ...(runtime ? { runtime } : {}),
    threads,
    adaptIn,
  };
}

/** What decides the numbers of a run, as plain values; the outer learning rate at some steps. */
export function describeSettings(settings: Settings, steps: readonly number[]): Readonly<Record<string, unknown>> {
  const { inner, firstFor, metaBatchSize, outerLearningRate, outerOptimizer, outerClip, metaGradient, seed } = settings;
  return {
    seed,
    metaBatchSize,
    innerSteps: inner.steps,
    innerLearningRate: inner.learningRate,
    innerOptimizer: inner.optimizer.name,
    innerOptimizerSettings: inner.optimizer.settings ?? null,
    innerClip: inner.clip ?? null,
    order: inner.order,
    firstFor: firstFor ?? null,
    metaGradient: metaGradient.settings ?? null,
    outerOptimizer: outerOptimizer.name,
    outerOptimizerSettings: outerOptimizer.settings ?? null,
    outerClip: outerClip ?? null,
    outerLearningRate: Object.fromEntries(steps.map((step) => [step, outerLearningRate(step)])),
  };
}
