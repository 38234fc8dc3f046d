import {
  adam,
  bernoulli,
  cosine,
  difference,
  gaussian,
  implicit,
  momentum,
  sgd,
  unrolled,
  warmup,
  type MetaGradient,
  type MetaGradientKinds,
  type MetaTrainerOptions,
  type Objective,
  type ObjectiveKinds,
  type Optimizer,
  type OptimizerKinds,
  type Schedule,
  type ScheduleKinds,
  type TrainerConfig,
} from 'hypermeta';
import * as z from 'zod';
import { count, countOrNone, described, make, optional, positive, row, share, text, type Rows } from './config-rows';

const optimizers: Rows<OptimizerKinds, undefined, Optimizer> = {
  sgd: row({}, () => sgd()),
  momentum: row(optional({ decay: share }), (options) => momentum(options)),
  adam: row(optional({ beta1: share, beta2: share, epsilon: positive }), (options) => adam(options)),
};

const cosineRow = {
  cosine: row({ from: positive, steps: count, ...optional({ end: z.number().min(0) }) }, ({ from, steps, ...options }) => cosine(from, steps, options)),
};

const schedules: Rows<ScheduleKinds, undefined, Schedule> = {
  ...cosineRow,
  warmup: row({ to: z.union([positive, described(cosineRow)]), steps: count }, ({ to, steps }) =>
    warmup(typeof to === 'number' ? to : make<Pick<ScheduleKinds, 'cosine'>, undefined, Schedule>(cosineRow, to, undefined), steps),
  ),
};

const annealed = z.strictObject({ annealedOver: count });

const metaGradients: Rows<MetaGradientKinds, undefined, MetaGradient> = {
  unrolled: row(
    optional({ losses: z.union([z.enum(['last', 'every']), annealed]), penalty: z.union([z.enum(['whole']), annealed]) }),
    (options) => unrolled(options),
  ),
  difference: row(optional({ minibatches: count }), (options) => difference(options)),
  implicit: row(optional({ conjugateSteps: count, damping: z.number().min(0) }), (options) => implicit(options)),
};

/** What the outputs of values may mean. */
export const objectives: Rows<ObjectiveKinds, undefined, Objective> = {
  bernoulli: row(optional({ metric: z.enum(['mse', 'nll']) }), (options) => bernoulli(options)),
  gaussian: row(optional({ minDeviation: positive, metric: z.enum(['mse', 'nll']) }), (options) => gaussian(options)),
};

const clip = z.strictObject({ by: z.enum(['norm', 'value']), limit: positive });
const optimizer = described(optimizers);

export const trainerSchema = z.strictObject(
  optional({
    innerSteps: countOrNone,
    innerLearningRate: positive,
    innerOptimizer: optimizer,
    innerClip: clip,
    order: z.union([z.enum(['first', 'second']), z.strictObject({ firstFor: count })]),
    metaBatchSize: count,
    outerLearningRate: z.union([positive, described(schedules)]),
    outerOptimizer: optimizer,
    outerClip: clip,
    metaGradient: described(metaGradients),
    seed: text,
    engine: text,
    runtime: z.enum(['onnxruntime-node', 'onnxruntime-web', 'tfjs']),
    adaptIn: z.enum(['here', 'worker']),
    threads: count,
  } satisfies Readonly<Record<keyof TrainerConfig, z.ZodType>>),
);

/** The options with what they describe made. */
export function trainerOptions({ innerOptimizer, outerOptimizer, outerLearningRate, metaGradient, ...options }: TrainerConfig): MetaTrainerOptions {
  const optimizerOf = (given: NonNullable<TrainerConfig['innerOptimizer']>) =>
    typeof given === 'object' && 'update' in given ? given : make(optimizers, given, undefined);
  const rateOf = (given: NonNullable<TrainerConfig['outerLearningRate']>) =>
    typeof given === 'object' ? make(schedules, given, undefined) : given;
  return {
    ...options,
    ...(innerOptimizer ? { innerOptimizer: optimizerOf(innerOptimizer) } : {}),
    ...(outerOptimizer ? { outerOptimizer: optimizerOf(outerOptimizer) } : {}),
    ...(outerLearningRate === undefined ? {} : { outerLearningRate: rateOf(outerLearningRate) }),
    ...(metaGradient ? { metaGradient: typeof metaGradient === 'function' ? metaGradient : make(metaGradients, metaGradient, undefined) } : {}),
  };
}
