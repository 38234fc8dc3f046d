import { monitorEventLoopDelay } from 'node:perf_hooks';
import { formatTable, maml, metaTrainer, mlp, prepareDrawing, readyToAdapt, sinusoids, type AdaptIn, type MetaTrainer, type UserExamples } from 'hypermeta';
import { seed, type BenchContext } from './context';

/** Many tasks at a time in one process, as in a server: latency, what a task takes, how long the event loop is held up. */
export interface ServingRow {
  readonly what: string;
  readonly adapt_in: AdaptIn;
  /** Each adapts, predicts once, and starts again. */
  readonly callers: number;
  readonly adaptations: number;
  /** From the call of `adapt` to the prediction. */
  readonly p50_ms: number;
  readonly p99_ms: number;
  readonly per_second: number;
  /** By how much a timer of 1 ms is late, sampled all the while. */
  readonly loop_delay_p50_ms: number;
  readonly loop_delay_p99_ms: number;
  readonly loop_delay_max_ms: number;
  /** Of the adapted weights, shared ones included; of the task as `saveTask` gives it, as JSON. */
  readonly adapted_bytes: number;
  readonly saved_bytes: number;
}

/** What serves, a support set, and a query. */
interface Service {
  readonly what: string;
  readonly open: (adaptIn: AdaptIn) => Promise<Pick<MetaTrainer, 'adapt' | 'dispose'>>;
  readonly support: UserExamples;
  readonly query: number[] | Float32Array;
}

/** `rounds` is adaptations for each of 64 callers; fewer callers adapt more often. */
export async function benchServing({ rounds }: BenchContext): Promise<{ readonly rows: readonly ServingRow[]; readonly text: string }> {
  const rows: ServingRow[] = [];
  for (const service of services())
    for (const adaptIn of ['here', 'worker'] as const) {
      const trainer = await service.open(adaptIn);
      const bytes = await bytesOf(trainer, service);
      for (const callers of [1, 8, 64]) rows.push({ what: service.what, adapt_in: adaptIn, callers, ...(await serve(trainer, service, callers, 64 * rounds)), ...bytes });
      trainer.dispose();
    }
  return { rows, text: table(rows) };
}

function services(): readonly Service[] {
  const x = Array.from({ length: 10 }, (_, index) => index - 4.5);
  const drawings = Array.from({ length: 5 }, (_, index) => {
    const data = Uint8Array.from({ length: 56 * 56 }, (_level, pixel) => (Math.abs((pixel % 56) - 28 - (index - 2) * 0.3 * (Math.floor(pixel / 56) - 28)) < 2 ? 0 : 255));
    return prepareDrawing({ data, width: 56, height: 56 });
  });
  return [
    {
      what: 'characters, 5 drawings, no step',
      open: (adaptIn) => readyToAdapt('characters', { adaptIn }),
      support: { x: drawings, y: ['a', 'b', 'c', 'd', 'e'] },
      query: drawings[0]!,
    },
    {
      what: '10 points of a sine wave, MAML 1-40-40-1, 5 steps',
      open: (adaptIn) => metaTrainer(maml(mlp([1, 40, 40, 1])), sinusoids({ shots: 10 }), { innerSteps: 5, adaptIn, seed: `${seed}` }),
      support: { x: x.map((value) => [value]), y: x.map((value) => [2 * Math.sin(value)]) },
      query: [1],
    },
  ];
}

/** Measures after the graphs are compiled. */
async function bytesOf(trainer: Pick<MetaTrainer, 'adapt'>, { support, query }: Service): Promise<Pick<ServingRow, 'adapted_bytes' | 'saved_bytes'>> {
  const adapted = await trainer.adapt(support);
  adapted.predict(query);
  const adapted_bytes = Object.values(adapted.weights).reduce((sum, { size }) => sum + 4 * size, 0);
  const saved_bytes = JSON.stringify(await adapted.saveTask()).length;
  adapted.dispose();
  return { adapted_bytes, saved_bytes };
}

/** A timer of so many milliseconds is watched. */
const resolution = 1;

async function serve(trainer: Pick<MetaTrainer, 'adapt'>, { support, query }: Service, callers: number, count: number): Promise<Omit<ServingRow, 'what' | 'adapt_in' | 'callers' | 'adapted_bytes' | 'saved_bytes'>> {
  const latencies: number[] = [];
  let left = count;
  const caller = async () => {
    while (left-- > 0) {
      const start = performance.now();
      const adapted = await trainer.adapt(support);
      adapted.predict(query);
      latencies.push(performance.now() - start);
      adapted.dispose();
    }
  };
  const delay = monitorEventLoopDelay({ resolution });
  const start = performance.now();
  delay.enable();
  await Promise.all(Array.from({ length: callers }, caller));
  await new Promise((resolve) => setTimeout(resolve, 2 * resolution)); // a delay counts when it is over
  delay.disable();
  const seconds = (performance.now() - start) / 1000;
  const lateness = (nanoseconds: number) => round(Math.max(0, nanoseconds / 1e6 - resolution));
  const sorted = latencies.sort((one, other) => one - other);
  const quantile = (share: number) => round(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!);
  return {
    adaptations: count,
    p50_ms: quantile(0.5),
    p99_ms: quantile(0.99),
    per_second: round(count / seconds),
    loop_delay_p50_ms: lateness(delay.percentile(50)),
    loop_delay_p99_ms: lateness(delay.percentile(99)),
    loop_delay_max_ms: lateness(delay.max),
  };
}

function round(value: number): number {
  return Number(value.toFixed(2));
}

function table(rows: readonly ServingRow[]): string {
  const header = ['what', 'adapts', 'callers', 'p50 ms', 'p99 ms', 'a second', 'loop late by p50', 'p99', 'max ms', 'bytes', 'saved'];
  return formatTable(header, rows.map((row) => [row.what, row.adapt_in, row.callers, row.p50_ms, row.p99_ms, row.per_second, row.loop_delay_p50_ms, row.loop_delay_p99_ms, row.loop_delay_max_ms, row.adapted_bytes, row.saved_bytes]));
}
