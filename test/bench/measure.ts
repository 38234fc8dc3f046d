/** One line of a benchmark. `ratio` is ours over the contender named in `who`: below 1, ours is faster. */
export interface Row {
  readonly what: string;
  readonly who: string;
  readonly median_ms: number;
  readonly cpu_median_ms: number;
  readonly ratio: number;
}

export interface Contender {
  readonly who: string;
  /** One unit of work, the same for all contenders. */
  readonly run: () => Promise<void>;
}

/** Runs contenders in turn, `rounds` times after `warmUps`, and compares medians with the first one's: ours. */
export async function compare(
  what: string,
  contenders: readonly Contender[],
  { rounds = 15, warmUps = 3 }: { readonly rounds?: number; readonly warmUps?: number } = {},
): Promise<readonly Row[]> {
  const times = contenders.map(() => ({ wall: [] as number[], cpu: [] as number[] }));
  for (let round = -warmUps; round < rounds; round++)
    for (const [index, { run }] of contenders.entries()) {
      const [start, cpu] = [performance.now(), process.cpuUsage()];
      await run();
      const used = process.cpuUsage(cpu);
      if (round < 0) continue;
      times[index]!.wall.push(performance.now() - start);
      times[index]!.cpu.push((used.user + used.system) / 1000);
    }
  const ours = median(times[0]!.wall);
  return contenders.map(({ who }, index) => {
    const { wall, cpu } = times[index]!;
    return { what, who, median_ms: round(median(wall)), cpu_median_ms: round(median(cpu)), ratio: round(ours / median(wall), 4) };
  });
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[Math.floor((sorted.length - 1) / 2)]! + sorted[Math.ceil((sorted.length - 1) / 2)]!) / 2;
}

function round(value: number, digits = 3): number {
  return Number(value.toFixed(digits));
}
