import { hostFloats, type HostFloats } from '../core/host-tensor';
import type { TaskSource } from '../core/task';
import type { HostTask } from '../meta/adapter';

/** What a user says of a task beside its support set. */
interface KnownTask {
  readonly row?: number;
  readonly condition?: ArrayLike<number>;
}

/**
 * Row, one-hot `[samples, rows]`, and condition `[samples, C]`, as the source has places for them: one and the same for all samples.
 *
 * @throws RangeError for one that is missing, does not fit, or that the source has no place for
 */
export function knownTask({ rows, conditionSize }: TaskSource, { row, condition }: KnownTask, samples: number): Pick<HostTask, 'row' | 'condition'> {
  if (rows === undefined && row !== undefined) throw new RangeError(`adapt: row: expected none for tasks that are not known by number, got ${row}; leave it out.`);
  if (conditionSize === undefined && condition !== undefined)
    throw new RangeError(`adapt: condition: expected none for tasks without descriptions, got ${condition.length} numbers; leave it out.`);
  return {
    ...(rows === undefined ? {} : { row: repeated(oneHot(rows, row), samples) }),
    ...(conditionSize === undefined ? {} : { condition: repeated(readCondition(conditionSize, condition), samples) }),
  };
}

function oneHot(rows: number, row: number | undefined): Float32Array {
  if (row === undefined || !Number.isInteger(row) || row < 0 || row >= rows)
    throw new RangeError(`adapt: row: expected the number of a known task, from 0 to ${rows - 1}, got ${row ?? 'none'}.`);
  return new Float32Array(rows).fill(1, row, row + 1);
}

function readCondition(size: number, condition: ArrayLike<number> | undefined): Float32Array {
  if (condition?.length !== size) throw new RangeError(`adapt: condition: expected ${size} numbers, got ${condition?.length ?? 'none'}.`);
  const values = Float32Array.from(condition);
  const wrong = values.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0) throw new RangeError(`adapt: condition: expected finite numbers, got ${condition[wrong]} at ${wrong}.`);
  return values;
}

/** `[samples, n]` */
function repeated(values: Float32Array, samples: number): HostFloats {
  const all = new Float32Array(samples * values.length);
  for (let sample = 0; sample < samples; sample++) all.set(values, sample * values.length);
  return hostFloats(all, [samples, values.length]);
}
