import { execFileSync, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { BenchContext } from './context';
import { compare, type Contender, type Row, type Sample } from './measure';
import { python, torchEnvironment } from './torch';

/** From the start of a new process to its first adapted task, imports and all, and the most memory it held. */
export async function benchStart(context: BenchContext): Promise<readonly Row[]> {
  // Anew each time: an old build would be measured in place of this one. Cheap.
  execFileSync('npm', ['run', '--silent', 'build:js'], { cwd: fileURLToPath(new URL('../..', import.meta.url)) });
  const contenders: Contender[] = [
    { who: 'ours', run: starting(process.execPath, './start-ours.mjs', {}), must: { ms: 1000, mb: 200 } },
    ...(context.torch ? [{ who: 'torch', run: starting(python, './python/start.py', torchEnvironment('default')) }] : []),
  ];
  return compare('start: a new process to its first adapted task', contenders, context);
}

function starting(program: string, script: string, environment: Readonly<Record<string, string>>): Contender['run'] {
  return async (repeats) => {
    const samples: Sample[] = [];
    for (let repeat = 0; repeat < repeats; repeat++) samples.push(await startOnce(program, script, environment));
    const sum = (key: 'ms' | 'cpuMs') => samples.reduce((total, sample) => total + sample[key], 0);
    return { ms: sum('ms'), cpuMs: sum('cpuMs'), peakMb: Math.max(...samples.map(({ peakMb }) => peakMb!)) };
  };
}

/** Until the process says, in a line of JSON, that it has adapted; then until it has ended. */
async function startOnce(program: string, script: string, environment: Readonly<Record<string, string>>): Promise<Sample> {
  const start = performance.now();
  const child = spawn(program, [fileURLToPath(new URL(script, import.meta.url))], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let sample: Sample | undefined;
  for await (const line of createInterface({ input: child.stdout })) {
    if (!line.startsWith('{')) continue; // greetings
    const ms = performance.now() - start;
    const { cpu, peakMb } = JSON.parse(line) as { cpu: number; peakMb: number }; // from the two scripts
    sample = { ms, cpuMs: cpu * 1000, peakMb };
  }
  if (!sample) throw new Error(`bench: expected a line from ${script}, got none; it says above why.`);
  return sample;
}
