import type * as tf from '@tensorflow/tfjs';
import { copyOnHost, hostFloats, moveToHost, type HostParams } from '../core/host-tensor';
import type { Learner, TaskInputs } from '../core/learner';
import type { Noise } from '../core/noise';
import { countParams, filterRecord, type Params } from '../core/params';
import type { Rng } from '../core/rng';
import { sizeOf } from '../core/shape';
import { sumOfSquares, vectorArrays } from '../core/simd';
import type { HostBatch } from '../core/task';
import { compile, orUncompiled, type OnHost, type RuntimeName } from '../engine/compile';
import { heldPerByte } from '../engine/program';
import { clipInPlace } from '../optim/clip';
import type { Order } from '../optim/schedule';
import { hostUpdate } from './host-update';
import { metaGradients, startMetaState, statisticsDecay, type MetaStepOptions } from './meta-step';
import { runningMean, type HostGradients } from './running-mean';
import { sliceBatch, tasksPerRun } from './task-runs';
import { unpadded, withWeights, type Unpadded } from './unpadded';

/** What an outer step reports. */
export interface OuterMetrics {
  /** What is followed, a mean over the tasks, before the update: the query loss, with the learner's penalty where it has one. */
  readonly loss: number;
  /** Norm of its gradient, before clipping. */
  readonly gradientNorm: number;
}

/** Where the outer loop is. */
export interface OuterAt {
  /** Outer steps taken so far: what schedules depend on. */
  readonly step: number;
  readonly learningRate: number;
}

/** Takes outer steps on meta-parameters that it owns, on the host. */
export interface OuterSteps {
  /** A copy of the latest meta-parameters: it stays as it is when a later step moves them. */
  readonly meta: HostParams;
  /** One step on a batch of episodes. Where the loss or its gradient is not finite, nothing is changed. */
  take(batch: HostBatch, at: OuterAt, noise: Rng): Promise<OuterMetrics>;
  /** A copy of what the optimizer remembers, `NAME/MOMENT`. */
  readonly moments: HostParams;
  /** Takes over values of these names and shapes; moments stay as they are where none are given. */
  restore(meta: HostParams, moments?: HostParams): void;
  /** What a step on such a batch takes, before it is taken. With `most`, quickly: not less than that. */
  memory(batch: HostBatch, step: number, how?: StepMemoryOptions): StepMemory;
  /** Ends its compiled programs. */
  dispose(): Promise<void>;
}

/** Bytes that meta-training takes. */
export interface StepMemory {
  /** Meta-parameters, what the optimizer remembers, and gradients. */
  readonly parameters: number;
  /** The episodes of a step. */
  readonly episodes: number;
  /** The tensors of the inner loop and its gradients. */
  readonly activations: number;
  /** The compiled step itself. */
  readonly program: number;
}

/** In place of the trainer's own. */
export interface StepMemoryOptions {
  readonly order?: Order;
  readonly innerSteps?: number;
  readonly most?: boolean;
}

export interface OuterStepsOptions extends Omit<MetaStepOptions, 'learningRate' | 'step'> {
  /** Where it varies: the order at each outer step; each is compiled on its own. @default that of `inner` */
  readonly order?: (step: number) => Order;
  readonly runtime?: RuntimeName;
  /** Worker threads for the runs of a step; the same numbers for any number. @default 1: this one */
  readonly threads?: number;
}

interface Inputs {
  readonly meta: Params;
  readonly batch: Omit<TaskInputs, 'support' | 'query' | 'noise'> & { readonly support: Unpadded; readonly query: Unpadded };
  readonly scheduled?: tf.Tensor;
}

/** Of a graph, its model and its session, about; measured as `heldPerByte` is. */
const programBytes = 10_000_000;

/** How a step on batches of some shapes is taken. */
interface Plan {
  /** Tasks of one run. */
  readonly together: number;
  /** Of all tensors of the trace of all tasks; 0 where there is none. */
  readonly bytes: number;
}

/** Part of a step: some of its tasks go through the gradient. */
type Run = (noise: Rng) => Promise<HostGradients & { recycle(): void }>;

/**
 * The meta-step: its gradient compiled where it can be, its update one pass over the values. Tasks whose tensors would be
 * too large together go through the gradient in several runs, on `threads` worker threads.
 */
export function outerSteps(learner: Learner, options: OuterStepsOptions, rng: Rng): OuterSteps {
  const { optimizer, clip, metaGradient, inner, runtime, threads = 1 } = options;
  const orderAt = options.order ?? (() => inner.order);
  const graphs = (options.order ? 2 : 1) * (metaGradient.schedule ? 2 : 1);
  // Values, moments (Adam has two), the gradients of each graph and their mean, and what each is padded by.
  const allocate = vectorArrays((4 + graphs) * countParams(learner.specs) + 80 * Object.keys(learner.specs).length);
  const { meta, moments } = startOnHost(learner, options, rng, allocate);
  let lent: HostParams | undefined;
  const gradientOf = (order: Order, steps = inner.steps) =>
    compile(
      ({ meta, batch: { support, query, ...rest }, scheduled }: Inputs, noise: Noise) => {
        const how = { metaGradient, inner: { ...inner, order, steps }, ...(scheduled ? { scheduled } : {}) };
        return metaGradients(learner, meta, { ...rest, support: withWeights(support), query: withWeights(query) }, noise, how);
      },
      { name: `the ${learner.name} learner's meta-step`, threads, allocate, ...orUncompiled(runtime) },
    );
  const gradients = { first: gradientOf('first'), second: gradientOf('second') };
  const update = hostUpdate(optimizer, moments, runtime);
  const mean = runningMean(allocate);
  const plans = new Map<string, Plan>();

  /** The meta-gradient that an outer step takes, and what it takes it on. */
  function gradientAt(step: number, order = orderAt(step), steps = inner.steps) {
    const gradient = steps === inner.steps ? gradients[order] : gradientOf(order, steps);
    const numbers = metaGradient.schedule?.(step, { ...inner, steps });
    const scheduled = numbers ? { scheduled: hostFloats(Float32Array.from(numbers), [numbers.length]) } : {};
    const inputsOf = (part: HostBatch): OnHost<Inputs> => ({ ...toInputs(meta, part), ...scheduled });
    return { gradient, inputsOf, key: `${order} ${steps} ${numbers?.length}` };
  }

  /** By a trace, which the run that follows takes over. */
  function planOf({ gradient, inputsOf, key }: ReturnType<typeof gradientAt>, batch: HostBatch): Plan {
    const full = [key, batch.support.x.shape, batch.query.x.shape].join(' ');
    const known = plans.get(full);
    if (known) return known;
    const shapes = gradient.shapes(inputsOf(batch));
    const made = { together: tasksPerRun(shapes, batch.support.x.shape[0]!), bytes: shapes.reduce((sum, shape) => sum + 4 * sizeOf(shape), 0) };
    plans.set(full, made);
    return made;
  }

  function runsOf(batch: HostBatch, step: number): readonly Run[] {
    const at = gradientAt(step);
    return sliceBatch(batch, planOf(at, batch).together).map((part) => async (noise) => {
      const made = await at.gradient.runOnHost(at.inputsOf(part), { rng: noise });
      return { ...(made as unknown as HostGradients), recycle: () => at.gradient.recycle(made) }; // all floats
    });
  }

  /** In the order of the runs, so that the sums do not depend on which was ready first. */
  async function meanOf(runs: readonly Run[], noise: Rng): Promise<HostGradients> {
    const ahead = threads > 1 ? await Promise.all(runs.map((run) => run(noise))) : undefined;
    mean.clear();
    let sum: HostGradients | undefined;
    for (const [index, run] of runs.entries()) {
      const part = ahead?.[index] ?? (await run(noise));
      sum = mean.add(part, 1 / runs.length);
      part.recycle();
    }
    return sum!; // there is at least one run
  }

  return {
    get meta() {
      return (lent ??= copyOnHost(meta));
    },
    get moments() {
      return copyOnHost(moments);
    },
    restore(from, fromMoments = {}) {
      for (const [name, { values }] of Object.entries(from)) meta[name]!.values.set(values);
      for (const [name, { values }] of Object.entries(fromMoments)) moments[name]!.values.set(values);
      lent = undefined;
    },
    async take(batch, { step, learningRate }, noise) {
      const runs = runsOf(batch, step);
      const alone = runs.length === 1 ? await runs[0]!(noise) : undefined;
      const { loss, gradients: found, statistics } = alone ?? (await meanOf(runs, noise));
      const slopes = Object.values(found).map(({ values }) => values);
      const metrics = { loss: loss.values[0]!, gradientNorm: Math.sqrt(slopes.reduce((sum, values) => sum + sumOfSquares(values), 0)) };
      if (Number.isFinite(metrics.loss) && Number.isFinite(metrics.gradientNorm)) {
        if (clip) clipInPlace(slopes, metrics.gradientNorm, clip);
        await update.apply(filterRecord(meta, (name) => name in found), found, learningRate);
        for (const [name, { values }] of Object.entries(statistics)) follow(meta[name]!.values, values);
        lent = undefined; // a copy that was taken meanwhile is of before
      }
      alone?.recycle();
      return metrics;
    },
    memory(batch, step, { order, innerSteps, most } = {}) {
      const at = gradientAt(step, order, innerSteps);
      const { together, bytes } = planOf(at, batch);
      const parallel = Math.min(threads, batch.support.x.shape[0]! / together);
      return {
        parameters: 4 * (4 + graphs) * countParams(learner.specs),
        episodes: [batch.support, batch.query].flatMap(({ x, y }) => [x, y]).reduce((sum, { values }) => sum + values.byteLength, 0),
        program: programBytes,
        activations: parallel * (most || bytes === 0 ? heldPerByte * bytes : at.gradient.bytes(at.inputsOf(sliceBatch(batch, together)[0]!))),
      };
    },
    async dispose() {
      await Promise.all([gradients.first, gradients.second, update].map((each) => each.dispose()));
    },
  };
}

function toInputs(meta: HostParams, { support, query, ...rest }: HostBatch): OnHost<Inputs> {
  return { meta, batch: { ...rest, support: unpadded(support), query: unpadded(query) } }; // all floats
}

function startOnHost(
  learner: Learner,
  { optimizer }: OuterStepsOptions,
  rng: Rng,
  allocate: (length: number) => Float32Array,
): { readonly meta: HostParams; readonly moments: HostParams } {
  const state = startMetaState(learner, optimizer, rng);
  return { meta: moveToHost(state.meta, allocate), moments: moveToHost(state.moments, allocate) };
}

/** Running statistics move a little towards those of the batch. */
function follow(running: Float32Array, measured: Float32Array): void {
  for (let i = 0; i < running.length; i++) running[i] = running[i]! * statisticsDecay + measured[i]! * (1 - statisticsDecay);
}
