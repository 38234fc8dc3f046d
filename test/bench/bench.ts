/**
 * npm run bench -- NAME [--against torch] [--memory both] [--threads 2] [--rounds 15] [--out FILE]: runs one benchmark;
 * the last line it prints is its result as JSON.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { formatTable } from 'hypermeta';
import { environment } from '../../examples/environment';
import { readCount } from '../../examples/read-count';
import { benchAdapt } from './adapt';
import { benchBatching } from './batching';
import { seed, type BenchContext } from './context';
import { benchCompileTime } from './compile-time';
import { benchConvolution } from './convolution';
import { benchHypernetwork } from './hypernetwork';
import type { Bar, Row } from './measure';
import { benchMemory } from './memory';
import { benchProtonet } from './protonet';
import { benchServing } from './serving';
import { benchSinusoid } from './sinusoid';
import { benchStart } from './start';
import { findTorch, type Memory, type TorchVersion } from './torch';

/** What is measured, as JSON and for people. */
interface Report {
  readonly rows: readonly object[];
  readonly text: string;
}

const comparisons: Readonly<Record<string, (context: BenchContext) => Promise<readonly Row[]>>> = {
  batching: benchBatching,
  sinusoid: benchSinusoid,
  'conv-strided': (context) => benchConvolution('strided', context),
  'conv-pooled': (context) => benchConvolution('pooled', context),
  protonet: benchProtonet,
  hypernetwork: benchHypernetwork,
  adapt: benchAdapt,
  start: benchStart,
  compile: benchCompileTime,
  memory: benchMemory,
};

const benchmarks: Readonly<Record<string, (context: BenchContext) => Promise<Report>>> = {
  ...Object.fromEntries(Object.entries(comparisons).map(([name, bench]) => [name, (context: BenchContext) => bench(context).then(compared)])),
  serving: benchServing,
};

const memories: Readonly<Record<string, readonly Memory[]>> = { default: ['default'], kept: ['kept'], both: ['default', 'kept'] };

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      against: { type: 'string' },
      memory: { type: 'string', default: 'both' },
      threads: { type: 'string', default: '1' },
      rounds: { type: 'string', default: '15' },
      out: { type: 'string' },
    },
  });
  const name = positionals[0] ?? '';
  const bench = benchmarks[name];
  if (!bench) throw new RangeError(`bench: expected one of ${Object.keys(benchmarks).join(', ')}, got '${name}'.`);
  const held = memories[values.memory];
  if (!held) throw new RangeError(`bench: --memory: expected one of ${Object.keys(memories).join(', ')}, got '${values.memory}'.`);
  const torch = lookForTorch(values.against);
  const [threads, rounds] = [readCount('bench: --threads', values.threads), readCount('bench: --rounds', values.rounds)];
  const { rows, text } = await bench({ rounds, threads, memories: held, ...(torch ? { torch } : {}) });
  console.log(text);
  const env = { ...environment(), threads, seed, ...(torch ? { ...torch, torch_threads: 1 } : {}) };
  const result = JSON.stringify({ bench: name, env, rows });
  if (values.out) writeFileSync(values.out, `${result}\n`);
  console.log(result);
}

/** The torch to run against, where one is asked for and there. */
function lookForTorch(against: string | undefined): TorchVersion | undefined {
  if (against === undefined) return undefined;
  if (against !== 'torch') throw new RangeError(`bench: --against: expected 'torch', got '${against}'.`);
  const torch = findTorch();
  if (!torch) console.log('bench: no torch in /usr/bin/python3 (Debian: apt-get install python3-torch libopenblas0): ours alone.');
  return torch;
}

function compared(rows: readonly Row[]): Report {
  const header = ['what', 'who', 'median ms', 'CPU ms', 'ours / it', 'quartiles', 'must', 'aim'];
  const cells = rows.map((row) => {
    const memory = row.peak_mb === undefined ? '' : `, ${row.peak_mb} MB`;
    const quartiles = row.ratio_quartiles.map((value) => value.toFixed(3)).join(' - ');
    const bars = [verdict(row.must, row.must_met), verdict(row.aim, row.aim_met)];
    return [row.what, `${row.who}${memory}`, row.median_ms, row.cpu_median_ms, row.ratio, quartiles, ...bars];
  });
  return { rows, text: formatTable(header, cells) };
}

/** `≤ 0.07: met` */
function verdict(bar: Bar | undefined, isMet: boolean | undefined): string {
  if (!bar) return '';
  const units = { ratio: '', ms: ' ms', mb: ' MB' };
  const limits = (['ratio', 'ms', 'mb'] as const).flatMap((key) => (bar[key] === undefined ? [] : [`≤ ${bar[key]}${units[key]}`]));
  return `${limits.join(', ')}: ${isMet ? 'met' : 'not met'}`;
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
