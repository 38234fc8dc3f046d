import { hostFloats, type HostFloats } from '../core/host-tensor';
import { sizeOf, type Shape } from '../core/shape';
import type { HostBatch, HostExamples } from '../core/task';

/** Per-task tensors of more values than this, together, leave the processor's caches. */
const cachedValues = 1 << 20;

/**
 * How many of T tasks go through a compiled gradient at once: all, unless that would make per-task tensors too large; then
 * as many as fit, a divisor of T. `shapes` are those of the tensors of a run of all.
 */
export function tasksPerRun(shapes: readonly Shape[], tasks: number): number {
  const perTask = shapes.filter((shape) => shape.length > 1 && shape[0]! >= tasks && shape[0]! % tasks === 0);
  const largest = Math.max(0, ...perTask.map((shape) => sizeOf(shape)));
  const fitting = Math.max(1, Math.floor((cachedValues * tasks) / Math.max(largest, 1)));
  const divisors = Array.from({ length: tasks }, (_, index) => index + 1).filter((count) => tasks % count === 0);
  return Math.max(...divisors.filter((count) => count <= fitting));
}

/** The batch in parts of so many tasks, sharing its arrays. */
export function sliceBatch(batch: HostBatch, perRun: number): readonly HostBatch[] {
  const tasks = batch.support.x.shape[0]!;
  if (perRun === tasks) return [batch];
  return Array.from({ length: tasks / perRun }, (_, part) => {
    const cut = (tensor: HostFloats) => sliceTasks(tensor, part * perRun, perRun);
    const cutAll = ({ x, y, weight }: HostExamples): HostExamples => ({ x: cut(x), y: cut(y), weight: cut(weight) });
    return {
      support: cutAll(batch.support),
      query: cutAll(batch.query),
      ...(batch.row ? { row: cut(batch.row) } : {}),
      ...(batch.condition ? { condition: cut(batch.condition) } : {}),
    };
  });
}

function sliceTasks({ values, shape }: HostFloats, first: number, count: number): HostFloats {
  const size = sizeOf(shape.slice(1));
  return hostFloats(values.subarray(first * size, (first + count) * size), [count, ...shape.slice(1)]);
}
