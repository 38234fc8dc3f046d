/** npm run continual: tasks of MNIST one after another, with and without something that holds on to the finished ones. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { continualMeasures, countParams, describeEngine, progressBar, useEngine } from 'hypermeta';
import { environment } from '../environment';
import { keptRule } from '../kept-runs';
import { readCount } from '../read-count';
import { readSeeds, studyOptions } from '../study-options';
import { benchmarks, missingData, readDigits, tasksOf, type Benchmark, type DigitParts } from './benchmarks';
import { methodsOf, type Method } from './methods';
import { addRun, checkRuns, hasRun } from './results';
import { runMethod, type RunOptions } from './run-method';

const help = `Usage: npm run continual -- [options]

  --benchmark NAME     split or permuted; may be given twice (default both)
  --method NAME        ${methodsOf(benchmarks.split).map(({ name }) => name).join(', ')}; may be given several times (default all)
  --seeds N            runs of each method, or which, as in 2-3 (default 1)
  --steps N            steps of each task in place of the protocol's 5,000
  --resume             keep what results/continual has already
  --data DIR           folder with a folder mnist (default ../shared/data)
  --out DIR            where results/ goes (default here)
  --quick              a few steps on a few images, into a temporary folder: does it run?

${keptRule}`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      ...studyOptions,
      benchmark: { type: 'string', multiple: true, default: ['split', 'permuted'] },
      method: { type: 'string', multiple: true },
      seeds: { type: 'string', default: '1' },
      steps: { type: 'string' },
    },
  });
  if (values.help) return console.log(help);
  const missing = missingData(values.data);
  if (missing) return console.log(missing);
  const { quick, resume, method: only } = values;
  const folder = values.out ?? (quick ? mkdtempSync(join(tmpdir(), 'hypermeta-continual-')) : '.');
  const seeds = readSeeds('continual: --seeds', values.seeds);
  const changes = { ...(values.steps ? { steps: readCount('continual: --steps', values.steps) } : {}), ...(quick ? { steps: 5, limit: 40 } : {}) };
  const asked = values.benchmark.map(benchmarkOf).map((benchmark) => ({
    benchmark: quick ? { ...benchmark, taskCount: 2 } : benchmark,
    path: join(folder, 'results', 'continual', `${benchmark.name}.json`),
    methods: methodsOf(benchmark).filter(({ name }) => only?.includes(name) ?? true),
  }));
  for (const { benchmark, path, methods } of asked) checkRuns(path, methods.map((method) => ({ method: method.name, settings: describeSettings(benchmark, method, changes) })), resume);
  await useEngine();
  console.log(describeEngine().text);
  const digits = readDigits(values.data);
  for (const seed of seeds)
    for (const { benchmark, path, methods } of asked)
      for (const method of methods) await runOne(benchmark, method, { seed, part: 'test', ...changes }, { path, digits, resume });
  console.log(`Results: ${join(folder, 'results', 'continual')}`);
}

/** One run, written to its file. */
async function runOne(benchmark: Benchmark, method: Method, options: RunOptions, { path, digits, resume }: { path: string; digits: DigitParts; resume: boolean }): Promise<void> {
  const { steps = benchmark.steps, seed } = options;
  const { taskCount } = benchmark;
  const { name, about } = method;
  if (resume && hasRun(path, { method: name, seed })) return;
  const label = `${benchmark.name}, ${name}, seed ${seed}`;
  const bar = await progressBar({ total: steps * taskCount, label });
  const measured = await runMethod(benchmark, method, tasksOf(benchmark, digits, seed), {
    ...options,
    watch: (task, step, loss) => bar.update(task * steps + step, { loss }),
  }).finally(() => bar.stop());
  addRun(path, benchmark.title, { method: name, about, seed, settings: describeSettings(benchmark, method, options), env: environment(), ...measured });
  const { final, forgetting } = continualMeasures(measured.accuracy);
  const inferred = measured.inferred.reduce((sum, value) => sum + value, 0) / taskCount;
  const shown = (value: number) => `${(100 * value).toFixed(2)} %`;
  console.log(`${label}: ${shown(final)} with the task given, ${shown(inferred)} inferred, ${shown(forgetting)} forgotten, ${measured.seconds.toFixed(0)} s`);
}

/** All that a run depends on beside its seed, the code and the machine. */
function describeSettings({ sizes, batchSize, clip, taskCount, ...benchmark }: Benchmark, { learner, learningRate, strength }: Method, { steps = benchmark.steps, limit }: Pick<RunOptions, 'steps' | 'limit'>) {
  const held = { ...(strength === undefined ? {} : { strength }), ...(limit === undefined ? {} : { limit }) };
  return { sizes, taskCount, steps, batchSize, clip: clip ?? null, optimizer: 'adam', learningRate, schedule: 'cosine', ...held, sharedParameters: countParams(learner.specs) };
}

function benchmarkOf(name: string): Benchmark {
  const found = Object.values(benchmarks).find((benchmark) => benchmark.name === name);
  if (!found) throw new RangeError(`continual: --benchmark: expected ${Object.keys(benchmarks).join(' or ')}, got '${name}'.`);
  return found;
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
