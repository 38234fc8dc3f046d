import { copyOnHost, hostFloats, moveToHost, toTensor, type HostParams } from '../core/host-tensor';
import type { Noise } from '../core/noise';
import { countParams, disposeParams, filterRecord, initParams, mapRecord, scopeRecord, unscopeRecord, type Params } from '../core/params';
import { createRng, type Rng } from '../core/rng';
import { sumOfSquares, vectorArrays } from '../core/simd';
import { compile, orUncompiled, type OnHost } from '../engine/compile';
import { hostUpdate, type HostUpdate } from '../meta/host-update';
import { clipInPlace } from '../optim/clip';
import { startMoments } from '../optim/optimizer';
import type { HostRows } from './batches';
import { continualGradients, type ContinualGradients, type ContinualInputs } from './continual-step';
import type { ContinualSettings } from './options';

/** What a step on one task reports. */
export interface StepMetrics {
  readonly loss: number;
  /** Of the guard; 0 where there is nothing to guard. */
  readonly penalty: number;
  readonly gradientNorm: number;
}

/** A task that is being learned: its own parameters, and what the optimizer remembers. */
export interface TaskSteps {
  readonly own: HostParams;
  /** One step. Where the loss or the gradient is not finite, nothing is changed. */
  take(batch: HostRows, reminder: HostParams | undefined, memory: HostParams, learningRate: number, noise: Rng): Promise<StepMetrics>;
  dispose(): Promise<void>;
}

/** The compiled steps of all tasks, on shared parameters that it owns. */
export interface ContinualSteps {
  /** `[1, ...]`; steps change them in place. */
  readonly shared: HostParams;
  /** Begins a task: the optimizer remembers nothing of the one before. */
  begin(own: HostParams, head: Float32Array | undefined, moves: 'all' | 'own'): TaskSteps;
  /** Gradient of the loss on a batch with respect to the shared parameters. */
  gradient(own: HostParams, head: Float32Array | undefined, batch: HostRows): Promise<HostParams>;
  dispose(): Promise<void>;
}

export function continualSteps(settings: ContinualSettings): ContinualSteps {
  const { learner, guard, optimizer, clip, runtime } = settings;
  // Values, Adam's two moments, gradients of several graphs.
  const allocate = vectorArrays(8 * countParams(learner.specs) + 80 * Object.keys(learner.specs).length);
  let used: HostParams = {}; // moments of the task before, whose arrays the next one takes
  const shared = moveToHost(initParams(learner.specs, createRng(`${settings.seed}/start`)), allocate);
  const how = { name: `the ${learner.name} learner's step on a task`, allocate, ...orUncompiled(runtime) };
  const gradientOf = (moves: 'all' | 'own', guarded: boolean) =>
    compile((inputs: ContinualInputs, noise: Noise) => {
      const { guard: _, ...unguarded } = settings;
      return flat(guarded ? continualGradients({ ...settings, moves }, inputs, { noise }) : continualGradients({ ...unguarded, moves }, inputs));
    }, how);
  const gradients = { all: gradientOf('all', true), own: gradientOf('own', true) };
  const plain = gradientOf('all', false);

  function begin(own: HostParams, head: Float32Array | undefined, moves: 'all' | 'own'): TaskSteps {
    const params = { ...scopeRecord(shared, 'shared'), ...scopeRecord(own, 'own') };
    const moments = (used = moveToHost(startMomentsOf(params, settings), allocate, used));
    const sharedMoments = guard?.at === 'ahead' ? unscopeRecord(moments, 'shared') : {};
    const update: HostUpdate = hostUpdate(optimizer, moments, runtime);
    const gradient = gradients[moves];
    return {
      own,
      async take(batch, reminder, memory, learningRate, noise) {
        const rate = hostFloats(Float32Array.of(learningRate), []);
        const guarded = reminder ? { guarded: { reminder, moments: sharedMoments, learningRate: rate } } : {};
        const made = await gradient.runOnHost({ shared, own, batch: withHead(batch, head), ...guarded }, { rng: noise });
        const { loss, penalty, slopes, unguarded } = read(made);
        const gradientNorm = Math.sqrt(Object.values(slopes).reduce((sum, { values }) => sum + sumOfSquares(values), 0));
        if (Number.isFinite(loss + penalty) && Number.isFinite(gradientNorm)) {
          if (clip) clipInPlace(Object.values(slopes).map(({ values }) => values), gradientNorm, clip);
          const before = guard?.follow && moves === 'all' ? copyOnHost(shared) : undefined;
          await update.apply(filterRecord(params, (name) => name in slopes), slopes, learningRate);
          if (before) guard!.follow!(memory, { gradients: unguarded, before, after: shared });
        }
        gradient.recycle(made);
        return { loss, penalty, gradientNorm };
      },
      dispose: () => update.dispose(),
    };
  }

  return {
    shared,
    begin,
    async gradient(own, head, batch) {
      const made = await plain.runOnHost({ shared, own, batch: withHead(batch, head) });
      const found = copyOnHost(unscopeRecord(read(made).slopes, 'shared'));
      plain.recycle(made);
      return found;
    },
    async dispose() {
      await Promise.all([gradients.all, gradients.own, plain].map((each) => each.dispose()));
    },
  };
}

/** One record, as what is absent has no place in a compiled function's outputs. */
function flat({ loss, penalty, gradients, unguarded = {} }: ContinualGradients): Params {
  return { loss, ...(penalty ? { penalty } : {}), ...scopeRecord(gradients, 'gradients'), ...scopeRecord(unguarded, 'unguarded') };
}

function read(made: OnHost<Params>) {
  const found = made as HostParams; // all floats
  return {
    loss: found['loss']!.values[0]!,
    penalty: found['penalty']?.values[0] ?? 0,
    slopes: unscopeRecord(found, 'gradients'),
    unguarded: unscopeRecord(found, 'unguarded'),
  };
}

function withHead(batch: HostRows, head: Float32Array | undefined): HostRows & { readonly head?: HostRows['x'] } {
  return head ? { ...batch, head: hostFloats(head, [1, 1, head.length]) } : batch;
}

function startMomentsOf(params: HostParams, { optimizer }: ContinualSettings): Params {
  const tensors = mapRecord(params, (value) => toTensor(value));
  const moments = startMoments(optimizer, tensors);
  disposeParams(tensors);
  return moments;
}
