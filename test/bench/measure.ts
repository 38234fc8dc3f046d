/** What a number must not exceed: the ratio of our wall time to a contender's, or milliseconds and megabytes of our own. */
export interface Bar {
  readonly ratio?: number;
  readonly ms?: number;
  readonly mb?: number;
}

/** One line of a benchmark. Ratios are ours over the contender named in `who`: below 1, ours is faster. */
export interface Row {
  readonly what: string;
  readonly who: string;
  /** Of one unit of work, as are `cpu_median_ms` and all ratios. */
  readonly median_ms: number;
  readonly cpu_median_ms: number;
  /** Of the medians. */
  readonly ratio: number;
  readonly cpu_ratio: number;
  /** First and third quartile of the ratios within each round: how much the machine's own unrest moves them. */
  readonly ratio_quartiles: readonly [number, number];
  /** Units of work in one timed sample, and samples. */
  readonly repeats: number;
  readonly rounds: number;
  readonly peak_mb?: number;
  /** What the project asks for, and what it hopes for. */
  readonly must?: Bar;
  readonly aim?: Bar;
  /** Whether all bars of each kind hold; absent where there are none. */
  readonly must_met?: boolean;
  readonly aim_met?: boolean;
}

/** What some units of work cost. */
export interface Sample {
  readonly ms: number;
  readonly cpuMs: number;
  readonly peakMb?: number;
}

export interface Contender {
  readonly who: string;
  /** So many units of work, the same work for all contenders. */
  readonly run: (repeats: number) => Promise<Sample>;
  readonly must?: Bar;
  readonly aim?: Bar;
  readonly dispose?: () => void;
}

export interface CompareOptions {
  /** Samples of each contender. */
  readonly rounds: number;
}

/** A sample lasts at least so long: clocks and switches between processes do not show in it. */
const shortestSampleMs = 50;

/** Every contender runs for so long before it is timed: caches, allocators and compilers settle, as they do in training. */
const warmUpMs = 3000;

/** Runs contenders in turn, `rounds` times after a warm-up, and compares medians with the first one's: ours. Ends them. */
export async function compare(what: string, contenders: readonly Contender[], { rounds }: CompareOptions): Promise<readonly Row[]> {
  try {
    const repeats: number[] = [];
    for (const contender of contenders) repeats.push(await warmUp(contender));
    const samples = contenders.map((): Sample[] => []);
    for (let round = 0; round < rounds; round++)
      for (const [index, { run }] of contenders.entries()) samples[index]!.push(await run(repeats[index]!));
    const units = samples.map((own, index) => own.map((sample) => perUnit(sample, repeats[index]!)));
    return contenders.map((contender, index) => row(what, contender, units[index]!, units[0]!, repeats[index]!));
  } finally {
    for (const { dispose } of contenders) dispose?.();
  }
}

/** Work in this process as a contender's `run`. */
export function timed(work: (repeats: number) => Promise<void>): Contender['run'] {
  return async (repeats) => {
    const [start, cpu] = [performance.now(), process.cpuUsage()];
    await work(repeats);
    const { user, system } = process.cpuUsage(cpu);
    return { ms: performance.now() - start, cpuMs: (user + system) / 1000 };
  };
}

/** Warms up, and finds the number of units of work that make a sample long enough. */
async function warmUp({ run }: Contender): Promise<number> {
  const start = performance.now();
  let repeats = 1;
  do {
    const { ms } = await run(repeats);
    if (ms < shortestSampleMs || ms > 3 * shortestSampleMs) repeats = Math.max(1, Math.ceil(repeats * Math.min(10, (1.2 * shortestSampleMs) / Math.max(ms, 0.1))));
  } while (performance.now() - start < warmUpMs);
  return repeats;
}

function perUnit({ ms, cpuMs, peakMb }: Sample, repeats: number): Sample {
  return { ms: ms / repeats, cpuMs: cpuMs / repeats, ...(peakMb === undefined ? {} : { peakMb }) };
}

function row(what: string, contender: Contender, samples: readonly Sample[], ours: readonly Sample[], repeats: number): Row {
  const { who, must, aim } = contender;
  const [ms, cpu] = [median(samples.map((sample) => sample.ms)), median(samples.map((sample) => sample.cpuMs))];
  const ratios = samples.map((sample, round) => ours[round]!.ms / sample.ms);
  const peaks = samples.flatMap(({ peakMb }) => peakMb ?? []);
  const found = {
    ratio: median(ours.map((sample) => sample.ms)) / ms,
    ms,
    ...(peaks.length > 0 ? { mb: median(peaks) } : {}),
  };
  return {
    what,
    who,
    median_ms: round(ms),
    cpu_median_ms: round(cpu),
    ratio: round(found.ratio, 4),
    cpu_ratio: round(median(ours.map((sample) => sample.cpuMs)) / cpu, 4),
    ratio_quartiles: [round(quantile(ratios, 0.25), 4), round(quantile(ratios, 0.75), 4)],
    repeats,
    rounds: samples.length,
    ...(found.mb === undefined ? {} : { peak_mb: round(found.mb, 1) }),
    ...(must ? { must, must_met: meets(found, must) } : {}),
    ...(aim ? { aim, aim_met: meets(found, aim) } : {}),
  };
}

function meets(found: Bar, bar: Bar): boolean {
  return (['ratio', 'ms', 'mb'] as const).every((key) => bar[key] === undefined || found[key]! <= bar[key]);
}

function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** Between two values where the place falls between them. */
function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const place = (sorted.length - 1) * share;
  const [low, high] = [sorted[Math.floor(place)]!, sorted[Math.ceil(place)]!];
  return low + (high - low) * (place - Math.floor(place));
}

function round(value: number, digits = 3): number {
  return Number(value.toFixed(digits));
}
