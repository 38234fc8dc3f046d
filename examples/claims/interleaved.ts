/** Work that is to be timed beside other work. */
export interface Contender {
  readonly name: string;
  readonly run: () => Promise<void>;
}

/** Of one run: the middle of all rounds, and what half of them lie between. */
export interface Time {
  readonly median: number;
  readonly quartiles: readonly [low: number, high: number];
}

export interface Timed {
  readonly name: string;
  /** Milliseconds of the processor, which other processes on the machine do not add to. */
  readonly cpuMs: Time;
  /** Milliseconds on the clock. */
  readonly ms: Time;
}

/** A sample lasts at least so long: clocks do not show in it. */
const shortestSampleMs = 20;

/** Runs the contenders in turn, one sample each in every round, so that the machine's unrest meets them all alike. */
export async function timeInterleaved(contenders: readonly Contender[], rounds: number): Promise<readonly Timed[]> {
  const repeats: number[] = [];
  for (const { run } of contenders) {
    await sampleOf(run, 3); // compiles, and warms up
    const { cpuMs } = await sampleOf(run, 3);
    repeats.push(Math.max(1, Math.ceil(shortestSampleMs / Math.max(cpuMs, 0.01))));
  }
  const samples = contenders.map((): Sample[] => []);
  for (let round = 0; round < rounds; round++)
    for (const [index, { run }] of contenders.entries()) samples[index]!.push(await sampleOf(run, repeats[index]!));
  return contenders.map(({ name }, index) => ({
    name,
    cpuMs: summary(samples[index]!.map(({ cpuMs }) => cpuMs)),
    ms: summary(samples[index]!.map(({ ms }) => ms)),
  }));
}

interface Sample {
  readonly cpuMs: number;
  readonly ms: number;
}

async function sampleOf(run: Contender['run'], repeats: number): Promise<Sample> {
  const [began, cpu] = [performance.now(), process.cpuUsage()];
  for (let turn = 0; turn < repeats; turn++) await run();
  const { user, system } = process.cpuUsage(cpu);
  return { cpuMs: (user + system) / 1000 / repeats, ms: (performance.now() - began) / repeats };
}

function summary(values: readonly number[]): Time {
  const sorted = [...values].sort((one, other) => one - other);
  const at = (share: number) => sorted[Math.round((sorted.length - 1) * share)]!;
  return { median: at(0.5), quartiles: [at(0.25), at(0.75)] };
}
