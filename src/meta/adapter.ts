import * as tf from '@tensorflow/tfjs';
import { EngineError } from '../core/errors';
import { hostFloats, type HostFloats, type HostParams } from '../core/host-tensor';
import type { At, Learner, TaskInputs } from '../core/learner';
import type { Noise } from '../core/noise';
import { mapRecord, type Params } from '../core/params';
import { createRng, type Rng } from '../core/rng';
import type { HostBatch, Objective } from '../core/task';
import { compile, orUncompiled, type Compiled, type RuntimeName } from '../engine/compile';
import { workerHost } from '../onnx/workers-node';
import { startMoments } from '../optim/optimizer';
import { adaptedWeights, innerLoop, innerStep, supportLoss, type Inner, type InnerOptions } from './inner-loop';
import { innerPoints } from './inner-points';
import { measures } from './measures';
import { unpadded, unpaddedTask, withWeights, type Unpadded } from './unpadded';

/** What a learner may see of T tasks, on the host. */
export type HostTask = Omit<HostBatch, 'query'>;

/** The inner loop of T tasks between two steps, on the host. */
export interface HostInner {
  readonly start: HostParams;
  readonly state: HostParams;
  readonly moments: HostParams;
  readonly step: number;
}

/** What adaptation makes of T tasks, on the host. */
export interface HostAdapted {
  /** The tasks' embeddings `[T, E]`; absent where the learner has none. */
  readonly embedding?: HostFloats;
  /** Base weights, batch norm's statistics among them. */
  readonly weights: HostParams;
  /** The state at the end, which the weights follow from, where it is no larger than they are. */
  readonly state?: HostParams;
  /** Each task's support loss `[T]` before each step and after the last. */
  readonly losses: readonly HostFloats[];
  /** Gives the arrays of weights and state back, for later adaptations to fill; they must not be read any more. */
  recycle(): void;
}

/** How far, and at which rate, an inner loop goes on. */
export interface AdvanceOptions {
  readonly learningRate: number;
  readonly steps?: number;
}

/**
 * The inner loop outside of any outer gradient, compiled where it can be: a graph for the start, one for each distinct
 * step, run any number of times, those for what comes after, and one for the whole of it with as many steps as in
 * training. One adaptation draws all its noise from one `rng`.
 */
export interface Adapter {
  /** From the start to the end. */
  adapt(meta: HostParams, task: HostTask, how: { readonly steps: number; readonly learningRate: number }, rng: Rng): Promise<HostAdapted>;
  /** Base weights of a state that was reached once, without batch norm's statistics. */
  weights(meta: HostParams, state: HostParams): Promise<HostParams>;
  /** The state before step 0. */
  start(meta: HostParams, task: HostTask, rng: Rng): Promise<HostInner>;
  /**
   * A later point, at most `steps` further (@default 1), and each task's support loss `[T]` before each step that was taken:
   * several where they are alike, so that the state stays in the runtime between them.
   */
  advance(meta: HostParams, task: HostTask, at: HostInner, how: AdvanceOptions, rng: Rng): Promise<{ readonly next: HostInner; readonly losses: readonly HostFloats[] }>;
  /** Each task's metric on its query set, by an objective (@default the adapter's), and 1 where all outputs are finite, both `[T]`. */
  score(meta: HostParams, batch: HostBatch, at: HostInner, rng: Rng, by?: Objective): Promise<{ readonly metric: HostFloats; readonly isFinite: HostFloats }>;
  /**
   * What is predicted for the query sets, as users read it by an objective (@default the adapter's), and the standard deviation
   * of it where outputs say.
   */
  predict(meta: HostParams, batch: HostBatch, at: HostInner, rng: Rng, by?: Objective): Promise<{ readonly values: HostFloats; readonly deviation?: HostFloats }>;
  /** Gives the arrays of a point that is not needed any more back, for later ones to fill. The start goes last. */
  recycle(at: HostInner): void;
  /** Ends its compiled programs. */
  dispose(): Promise<void>;
}

type Task = Omit<TaskInputs, 'support' | 'query' | 'noise'> & { readonly support: Unpadded };
type Point = Pick<At, 'start' | 'state'>;

/** More steps than these are not unrolled. */
const mostUnrolled = 10;

/** Where more steps than these are to be taken, so many run as one. */
const stepsAtOnce = 10;

/** Where adaptation runs: on this thread, or on one of its own, so that this one stays free. */
export type AdaptIn = 'here' | 'worker';

/**
 * `inner.steps` says how many steps are usual; the learning rate comes with the calls. Adaptation follows `inner.loss`; the
 * objective says how queries are scored and read. In a worker thread, which needs onnxruntime-node, the numbers are the same.
 */
export function adapter(learner: Learner, objective: Objective, inner: InnerOptions, runtime?: RuntimeName, adaptIn: AdaptIn = 'here'): Adapter {
  const workers = adaptIn === 'worker' ? workerHost(1) : undefined; // one for all graphs
  const options = { name: `the ${learner.name} learner`, ...(workers ? { runtime: 'onnxruntime-node', workers } as const : orUncompiled(runtime)) };
  const here = (task: Task, at: Point, noise: Noise, step = 0): At => ({ ...at, step, task: withNoise(task, noise) });

  const start = compile(({ meta, task }: { meta: Params; task: Task }, noise: Noise) => {
    const state = learner.start(meta, withNoise(task, noise));
    return { state, moments: startMoments(inner.optimizer, state) };
  }, options);

  let isDisposed = false;
  const steps = new Map<string, ReturnType<typeof compileSteps>>();
  function compileSteps(step: number, count: number) {
    type Inputs = { meta: Params; task: Task; at: Point & { readonly moments: Params }; learningRate: tf.Scalar };
    return compile(({ meta, task, at, learningRate }: Inputs, noise: Noise) => {
      const how = { ...inner, learningRate, order: 'second' as const }; // there is no outer gradient to stop
      let point: Inner = { ...here(task, at, noise, step), moments: at.moments };
      const losses: tf.Tensor[] = [];
      for (let taken = 0; taken < count; taken++) {
        point = innerStep(learner, meta, { ...point, step }, how); // steps of one graph are alike
        losses.push(point.losses!); // a step knows the loss before it
      }
      return { state: point.state, moments: point.moments, losses };
    }, options);
  }

  /** What a point is worth, if no step follows. */
  const outcome = (meta: Params, at: At) => {
    const { embedding } = at.state;
    const made = adaptedWeights(learner, meta, at);
    const isLarger = countValues(at.state) > countValues(made);
    const state = mapRecord(at.state, (value, name) => (made[name] === value ? null : value)); // nothing is copied twice
    return { ...(embedding ? { embedding } : {}), loss: supportLoss(learner, meta, at, inner.loss), weights: made, ...(isLarger ? {} : { state }) };
  };

  const finish = compile(({ meta, task, at }: { meta: Params; task: Task; at: Point }, noise: Noise) => outcome(meta, here(task, at, noise)), options);

  const weights = compile(({ meta, state }: { meta: Params; state: Params }) => learner.weights(meta, state), options);

  type Queried = { meta: Params; task: Task; query: Unpadded; at: Point };
  const outputs = ({ meta, task, query, at }: Queried, noise: Noise) => {
    const { x, y, weight } = withWeights(query);
    return { y, weight, output: learner.base.apply(adaptedWeights(learner, meta, here(task, at, noise)), x, { weight }) };
  };

  const measuring = measures(outputs, options);

  const whole = compile(({ meta, task, learningRate }: { meta: Params; task: Task; learningRate: tf.Scalar }, noise: Noise) => {
    const path = innerLoop(learner, meta, withNoise(task, noise), { ...inner, learningRate, order: 'second' });
    const losses = path.slice(1).map((point) => point.losses!); // a step knows the loss before it
    return { ...outcome(meta, path.at(-1)!), losses }; // the start at least
  }, options);

  const recyclers = new WeakMap<HostInner, () => void>();
  const remember = (at: HostInner, recycle: () => void): HostInner => {
    recyclers.set(at, recycle);
    return at;
  };

  const own: Omit<Adapter, 'adapt' | 'weights' | 'dispose'> = {
    async start(meta, task, rng) {
      const made = await run(start, { meta, task: unpaddedTask(task) }, rng);
      const { state, moments } = made;
      return remember({ start: state, state, moments, step: 0 }, () => start.recycle(made));
    },
    async advance(meta, task, { step, ...at }, { learningRate, steps: most = 1 }, rng) {
      const last = (learner.distinctSteps ?? 1) - 1;
      const [distinct, count] = [Math.min(step, last), step >= last && most >= stepsAtOnce ? stepsAtOnce : 1];
      const key = `${distinct} ${count}`;
      if (isDisposed) throw new EngineError(`adapter: ${learner.name}: expected an adapter that is in use, got one after dispose().`);
      const compiled = steps.get(key) ?? compileSteps(distinct, count);
      steps.set(key, compiled);
      const made = await run(compiled, { meta, task: unpaddedTask(task), at, learningRate: scalar(learningRate) }, rng);
      const { state, moments, losses } = made;
      const next = remember({ start: at.start, state, moments, step: step + count }, () => compiled.recycle(made));
      return { next, losses };
    },
    score: (meta, { query, ...task }, { start, state }, rng, by = objective) =>
      run(measuring.by(by).score, { meta, task: unpaddedTask(task), query: unpadded(query), at: { start, state } }, rng),
    predict: (meta, { query, ...task }, { start, state }, rng, by = objective) =>
      run(measuring.by(by).predict, { meta, task: unpaddedTask(task), query: unpadded(query), at: { start, state } }, rng),
    recycle(at) {
      recyclers.get(at)?.();
      recyclers.delete(at);
    },
  };

  return {
    ...own,
    weights: (meta, state) => run(weights, { meta, state }, createRng('weights')), // draws none
    async adapt(meta, task, { steps: count, learningRate }, rng) {
      if (count === inner.steps && count <= mostUnrolled) {
        const made = await run(whole, { meta, task: unpaddedTask(task), learningRate: scalar(learningRate) }, rng);
        return { ...adaptedOf(made, made.losses), recycle: () => whole.recycle(made) };
      }
      let adapted: HostAdapted;
      for await (const { at, losses } of innerPoints(own, meta, task, { steps: [count], learningRate }, rng)) {
        const made = await run(finish, { meta, task: unpaddedTask(task), at: { start: at.start, state: at.state } }, rng);
        adapted = { ...adaptedOf(made, losses), recycle: () => finish.recycle(made) };
      }
      return adapted!; // one number of steps is one point
    },
    async dispose() {
      isDisposed = true; // no step is compiled any more
      await Promise.all([start, finish, weights, whole, measuring, ...steps.values()].map((compiled) => compiled.dispose()));
      await workers?.end();
    },
  };
}

type HostOutcome = Omit<HostAdapted, 'state' | 'losses' | 'recycle'> & { readonly loss: HostFloats; readonly state?: Readonly<Record<string, HostFloats | null>> };

function adaptedOf({ embedding, weights, loss, state }: HostOutcome, losses: readonly HostFloats[]): Omit<HostAdapted, 'recycle'> {
  const whole = state && mapRecord(state, (value, name) => value ?? weights[name]!); // that weight itself
  return { ...(embedding ? { embedding } : {}), weights, losses: [...losses, loss], ...(whole ? { state: whole } : {}) };
}

function countValues(params: Params): number {
  return Object.values(params).reduce((sum, { size }) => sum + size, 0);
}

function scalar(value: number): HostFloats {
  return hostFloats(Float32Array.of(value), []);
}

/** As `OnHost`; all tensors of a learner are float32. */
type Floats<Tensors> = Tensors extends tf.Tensor ? HostFloats : { readonly [Name in keyof Tensors]: Floats<Tensors[Name]> };

function run<Inputs, Outputs>(compiled: Compiled<Inputs, Outputs>, inputs: Floats<Inputs>, rng: Rng): Promise<Floats<Outputs>> {
  return compiled.runOnHost(inputs, { rng }) as unknown as Promise<Floats<Outputs>>;
}

function withNoise({ support, row, condition }: Task, noise: Noise): TaskInputs {
  return { support: withWeights(support), ...(row ? { row } : {}), ...(condition ? { condition } : {}), noise };
}
