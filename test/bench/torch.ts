import { spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { seed, type BenchContext } from './context';
import type { Contender, Sample } from './measure';

/** Debian's, which has torch as a package. */
export const python = '/usr/bin/python3';

const server = fileURLToPath(new URL('./python/serve.py', import.meta.url));

/**
 * What a torch process does with freed memory. `'default'`: the C library hands large blocks back to the system, and the
 * next operation faults every page in again, which on a virtual machine can be most of the time (up to 8 times, seen
 * here). `'kept'`: it keeps them, as a caching allocator does: the contender that flatters us least.
 */
export type Memory = 'default' | 'kept';

export interface TorchVersion {
  readonly torch: string;
  readonly python: string;
  /** The libraries that multiply its matrices. */
  readonly blas: string;
}

/** A work of python/serve.py as one contender, or several processes that share its tasks. */
export interface TorchWork extends Pick<Contender, 'must' | 'aim'> {
  readonly who: string;
  readonly work: string;
  readonly options?: Readonly<Record<string, string | number | readonly number[]>>;
  /** Processes that work at the same time; the slowest counts. @default 1 */
  readonly processes?: number;
}

/** Which torch there is; undefined for none. */
export function findTorch(): TorchVersion | undefined {
  const { status, stdout } = spawnSync(python, [server], { encoding: 'utf8' });
  return status === 0 ? (JSON.parse(stdout) as TorchVersion) : undefined; // what serve.py says first
}

/** The work as contenders, one for each way to hold memory; none where there is no torch. */
export async function torchContenders(context: BenchContext, given: TorchWork): Promise<readonly Contender[]> {
  if (!context.torch) return [];
  const contenders: Contender[] = [];
  for (const memory of context.memories) contenders.push(await torchContender(given, memory));
  return contenders;
}

async function torchContender({ who, work, options = {}, processes = 1, ...bars }: TorchWork, memory: Memory): Promise<Contender> {
  const starting = Array.from({ length: processes }, (_, index) => startProcess(work, { ...options, seed: seed + index }, memory));
  const started = await Promise.all(starting);
  return {
    who: memory === 'kept' ? `${who}, memory kept` : who,
    async run(repeats) {
      const samples = await Promise.all(started.map(({ run }) => run(repeats)));
      return {
        ms: Math.max(...samples.map(({ ms }) => ms)),
        cpuMs: samples.reduce((sum, { cpuMs }) => sum + cpuMs, 0),
      };
    },
    dispose: () => started.forEach(({ dispose }) => dispose()),
    ...bars,
  };
}

interface TorchProcess {
  readonly run: (repeats: number) => Promise<Sample>;
  readonly dispose: () => void;
}

/** Started by us and ended by us: it ends when its input closes, so that it does not outlive a benchmark that fails. */
async function startProcess(work: string, options: object, memory: Memory): Promise<TorchProcess> {
  const child = spawn(python, [server, work, JSON.stringify(options)], {
    env: { ...process.env, ...torchEnvironment(memory) },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const read = async (): Promise<unknown> => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`bench: expected an answer from the torch process for '${work}', got none; it says above why.`);
    return JSON.parse(value);
  };
  await read(); // it is ready
  return {
    async run(repeats) {
      child.stdin.write(`${JSON.stringify({ repeats })}\n`);
      const { wall, cpu } = (await read()) as { wall: number; cpu: number }; // seconds, from serve.py
      return { ms: wall * 1000, cpuMs: cpu * 1000 };
    },
    dispose() {
      child.stdin.end();
      child.kill();
    },
  };
}

/** One thread, no files left behind, and the C library's memory settings. */
export function torchEnvironment(memory: Memory): Readonly<Record<string, string>> {
  return {
    OMP_NUM_THREADS: '1',
    OPENBLAS_NUM_THREADS: '1',
    MKL_NUM_THREADS: '1',
    PYTHONDONTWRITEBYTECODE: '1',
    ...(memory === 'kept' ? { MALLOC_MMAP_MAX_: '0', MALLOC_TRIM_THRESHOLD_: '4000000000' } : {}),
  };
}
