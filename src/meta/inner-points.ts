import { hostFloats, type HostFloats, type HostParams } from '../core/host-tensor';
import type { Rng } from '../core/rng';
import type { Adapter, HostInner, HostTask } from './adapter';

/** The numbers of inner steps at which to stop, at which rate. */
export interface InnerPointsOptions {
  readonly steps: Iterable<number>;
  readonly learningRate: number;
}

export interface InnerPoint {
  readonly at: HostInner;
  /** Each task's support loss `[T]` before each step so far. */
  readonly losses: readonly HostFloats[];
}

/**
 * The inner loop at each number of steps, fewest first. A point is there until the next one is asked for: its arrays are then given
 * back; the losses stay.
 */
export async function* innerPoints(
  adapting: Pick<Adapter, 'start' | 'advance' | 'recycle'>,
  meta: HostParams,
  task: HostTask,
  { steps, learningRate }: InnerPointsOptions,
  rng: Rng,
): AsyncGenerator<InnerPoint, void> {
  const start = await adapting.start(meta, task, rng);
  const losses: HostFloats[] = [];
  let at = start;
  try {
    for (const wanted of [...steps].sort((one, other) => one - other)) {
      while (at.step < wanted) {
        const made = await adapting.advance(meta, task, at, { learningRate, steps: wanted - at.step }, rng);
        losses.push(...made.losses.map(({ values, shape }) => hostFloats(values.slice(), shape))); // a later run fills them again
        if (at !== start) adapting.recycle(at);
        at = made.next;
      }
      yield { at, losses };
    }
  } finally {
    for (const point of new Set([at, start])) adapting.recycle(point);
  }
}
