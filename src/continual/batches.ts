import type { HostFloats } from '../core/host-tensor';
import { hostFloats } from '../core/host-tensor';
import type { Rng } from '../core/rng';
import { sizeOf, type Shape } from '../core/shape';
import type { ExampleArrays } from '../core/task';

/** Some examples of one task on the host: x `[1, n, ...input]`, y `[1, n, ...target]`. */
export interface HostRows {
  readonly x: HostFloats;
  readonly y: HostFloats;
}

/** One example of zeros. */
export function blankRow(shapes: { readonly input: Shape; readonly target: Shape }): HostRows {
  const zeros = (shape: Shape) => hostFloats(new Float32Array(sizeOf(shape)), [1, 1, ...shape]);
  return { x: zeros(shapes.input), y: zeros(shapes.target) };
}

/** The examples of these numbers, in an array that is filled anew where one is given. */
export function pickRows(examples: ExampleArrays, rows: readonly number[], shapes: { readonly input: Shape; readonly target: Shape }, into?: HostRows): HostRows {
  const pick = (from: Float32Array, shape: Shape, used?: HostFloats) => {
    const size = from.length / examples.count;
    const values = used?.values ?? new Float32Array(rows.length * size);
    rows.forEach((row, place) => values.set(from.subarray(row * size, (row + 1) * size), place * size));
    return used ?? hostFloats(values, [1, rows.length, ...shape]);
  };
  return { x: pick(examples.x, shapes.input, into?.x), y: pick(examples.y, shapes.target, into?.y) };
}

/** Numbers of the examples of a batch that has as many of each class as of others, and one of each at least; targets are one-hot. */
export function rowsOfEach({ y, count }: ExampleArrays, batchSize: number, rng: Rng): readonly number[] {
  const width = y.length / count;
  const classes = new Map<number, number[]>();
  for (const row of rng.shuffle(Array.from({ length: count }, (_, index) => index))) {
    const label = y.subarray(row * width, (row + 1) * width).indexOf(1);
    const rows = classes.get(label);
    if (rows) rows.push(row);
    else classes.set(label, [row]);
  }
  const size = Math.min(count, Math.max(batchSize, classes.size));
  const chosen: number[] = [];
  for (let turn = 0; chosen.length < size; turn++) for (const rows of classes.values()) chosen.push(...rows.slice(turn, turn + 1));
  return chosen.slice(0, size);
}

/** Numbers of the examples of one batch after another: all in a random order, then all in another. */
export function batchOrder(count: number, batchSize: number, rng: Rng): () => readonly number[] {
  const size = Math.min(count, batchSize);
  const all = Array.from({ length: count }, (_, index) => index);
  let left: number[] = [];
  return () => {
    const batch = left.splice(0, size);
    if (batch.length < size) {
      left = rng.shuffle(all);
      batch.push(...left.splice(0, size - batch.length));
    }
    return batch;
  };
}
