import { EngineError } from '../core/errors';
import { freeMemory } from '../core/free-memory-node';
import type { HostBatch, HostExamples, TaskSource } from '../core/task';
import type { OuterSteps, StepMemory } from '../meta/outer-steps';
import { sampleOnHost } from '../tasks/stack-episodes';
import type { Settings } from './options';

/** What meta-training takes, estimated from the shapes of the tensors of a step. */
export interface MemoryEstimate extends StepMemory {
  /** All together, in bytes. */
  readonly bytes: number;
  /** Bytes that this process may still take; undefined where that is not known, as in browsers. */
  readonly free?: number;
  /** What would take less, and how many bytes it would take. */
  readonly savings: readonly { readonly change: string; readonly bytes: number }[];
}

/**
 * Of a step at hand, with what would take less; of a run whose first steps are of the first order, of the dearest step to come. Traces
 * the step and its variants; runs nothing.
 */
export function estimateMemory(outer: OuterSteps, source: TaskSource, step: number, { inner, metaBatchSize, seed }: Settings): MemoryEstimate {
  const { order } = inner; // the last and dearest: what varies goes from the first to the second
  const batchOf = (tasks: number) => sampleOnHost(source, `${seed}/train`, step * metaBatchSize, tasks);
  const batch = batchOf(metaBatchSize);
  const memory = outer.memory(batch, step, { order });
  const bytes = sumOf(memory);
  const queries = batch.query.x.shape[1]!;
  const half = (count: number) => Math.max(1, Math.floor(count / 2));
  const variants: readonly (readonly [change: string, applies: boolean, make: () => StepMemory])[] = [
    ["order: 'first'", order === 'second' && inner.steps > 0, () => outer.memory(batch, step, { order: 'first' })],
    [`metaBatchSize: ${half(metaBatchSize)}`, metaBatchSize > 1, () => outer.memory(batchOf(half(metaBatchSize)), step, { order })],
    [`innerSteps: ${half(inner.steps)}`, inner.steps > 1, () => outer.memory(batch, step, { order, innerSteps: half(inner.steps) })],
    [`${half(queries)} queries an episode`, queries > 1, () => outer.memory(withQueries(batch, half(queries)), step, { order })],
  ];
  const savings = variants.filter(([, applies]) => applies).map(([change, , make]) => ({ change, bytes: sumOf(make()) }));
  const free = freeMemory();
  return { ...memory, bytes, ...(free === undefined ? {} : { free }), savings: savings.filter((saving) => saving.bytes < bytes) };
}

/** @throws EngineError where the first step, or a later one of another order, would take more memory than there is: what it takes, and what would take less */
export function expectMemory(outer: OuterSteps, source: TaskSource, step: number, settings: Settings, free = freeMemory()): void {
  if (free === undefined) return;
  const batch = sampleOnHost(source, `${settings.seed}/train`, step * settings.metaBatchSize, settings.metaBatchSize);
  if (sumOf(outer.memory(batch, step, { order: settings.inner.order, most: true })) <= free) return; // the estimate itself is dearer
  const { bytes, savings } = estimateMemory(outer, source, step, settings);
  if (bytes <= free) return;
  const less = savings.map((saving) => `${saving.change} takes ${inWords(saving.bytes)}`).join(', ');
  throw new EngineError(
    `train: expected a step that fits in the ${inWords(free)} of memory that are free, got one of about ${inWords(bytes)}; ` +
      `${less === '' ? 'take a smaller network' : less}; or train anyway with { memory: 'unchecked' }.`,
  );
}

function sumOf({ parameters, episodes, activations, program }: StepMemory): number {
  return parameters + episodes + activations + program;
}

function inWords(bytes: number): string {
  const [size, unit] = bytes < 1e6 ? [1e3, 'kB'] : bytes < 1e9 ? [1e6, 'MB'] : [1e9, 'GB'];
  return `${Number((bytes / size).toPrecision(2))} ${unit}`;
}

/** The same episodes with their first queries alone. */
function withQueries(batch: HostBatch, count: number): HostBatch {
  const cut = (tensor: HostExamples['x']): HostExamples['x'] => {
    const [tasks, n, ...rest] = tensor.shape as [number, number, ...number[]];
    const size = tensor.values.length / (tasks * n);
    const values = new Float32Array(tasks * count * size);
    for (let task = 0; task < tasks; task++) values.set(tensor.values.subarray(task * n * size, (task * n + count) * size), task * count * size);
    return { ...tensor, values, shape: [tasks, count, ...rest] };
  };
  const { x, y, weight } = batch.query;
  return { ...batch, query: { x: cut(x), y: cut(y), weight: cut(weight) } };
}
