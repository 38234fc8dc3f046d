import { hostFloats, type HostFloats, type HostParams } from '../core/host-tensor';
import { mapRecord } from '../core/params';

/** What a run of the meta-gradient gives, on the host. */
export interface HostGradients {
  readonly loss: HostFloats;
  readonly gradients: HostParams;
  readonly statistics: HostParams;
}

/** Adds up what several runs give, in arrays that it keeps: fresh memory is slow to touch. */
export interface RunningMean {
  clear(): void;
  /** The sum so far, this part's share with it. */
  add(part: HostGradients, share: number): HostGradients;
}

/** @param allocate makes the arrays */
export function runningMean(allocate: (length: number) => Float32Array): RunningMean {
  const sums = new Map<string, HostFloats>();

  function addOne(name: string, { values, shape }: HostFloats, share: number): HostFloats {
    const sum = sums.get(name) ?? hostFloats(allocate(values.length), shape);
    sums.set(name, sum);
    for (let i = 0; i < values.length; i++) sum.values[i]! += values[i]! * share;
    return sum;
  }

  const addAll = (scope: string, part: HostParams, share: number) => mapRecord(part, (value, name) => addOne(`${scope}/${name}`, value, share));
  return {
    clear() {
      for (const { values } of sums.values()) values.fill(0);
    },
    add: ({ loss, gradients, statistics }, share) => ({
      loss: addOne('loss', loss, share),
      gradients: addAll('gradients', gradients, share),
      statistics: addAll('statistics', statistics, share),
    }),
  };
}
