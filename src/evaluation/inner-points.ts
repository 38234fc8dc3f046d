import type { HostParams } from '../core/host-tensor';
import type { Rng } from '../core/rng';
import type { HostBatch } from '../core/task';
import type { Adapter, HostInner } from '../meta/adapter';

/** The numbers of inner steps at which to stop, at which rate. */
export interface InnerPointsOptions {
  readonly steps: Iterable<number>;
  readonly learningRate: number;
}

/**
 * The inner loop of a batch at each number of steps, fewest first. A point is there until the next one is asked for: its arrays are
 * then given back.
 */
export async function* innerPoints(
  adapting: Adapter,
  meta: HostParams,
  batch: HostBatch,
  { steps, learningRate }: InnerPointsOptions,
  rng: Rng,
): AsyncGenerator<HostInner, void> {
  const start = await adapting.start(meta, batch, rng);
  let at = start;
  try {
    for (const wanted of [...steps].sort((one, other) => one - other)) {
      while (at.step < wanted) {
        const { next } = await adapting.advance(meta, batch, at, { learningRate, steps: wanted - at.step }, rng);
        if (at !== start) adapting.recycle(at);
        at = next;
      }
      yield at;
    }
  } finally {
    for (const point of new Set([at, start])) adapting.recycle(point);
  }
}
