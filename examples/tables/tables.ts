/**
 * npm run tables -- NAME       runs a table of a paper and writes results/NAME.json, then RESULTS.md
 * npm run tables -- report     writes RESULTS.md from the files in results/
 */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { describeEngine, progressBar, useEngine, type ProgressBar } from 'hypermeta';
import { caltechTable } from './caltech';
import { kernelGeneratorTable } from './kernel-generator';
import { learnersTable } from './learners';
import { omniglotTable } from './omniglot';
import { omniglotChallenge } from './omniglot-challenge';
import { keptRule } from '../kept-runs';
import { readCount } from '../read-count';
import { readSeeds, studyOptions } from '../study-options';
import type { Protocol } from './protocol';
import { writeReport } from './report';
import { describeResults, resultTable } from './result-table';
import { runProtocol, type RunOptions } from './run-protocol';
import { sinusoidTable } from './sinusoid';
import { sinusoidCaviaTable } from './sinusoid-cavia';
import { summarizeGroup } from './summarize-results';

const protocols: readonly Protocol[] = [sinusoidTable, sinusoidCaviaTable, omniglotTable, kernelGeneratorTable, learnersTable, caltechTable];

const help = `Usage: npm run tables -- NAME [options]
       npm run tables -- report [--out DIR]
       npm run tables -- omniglot-challenge --help

  NAME                 ${protocols.map(({ name }) => name).join(', ')}

  --seeds N            meta-trainings of each learner, or which, as in 2-3 (default 1)
  --resume             keep what results/NAME.json has already
  --only TEXT          run only learners whose 'TABLE, NAME' contains TEXT; may be given several times; the others keep what
                       they have, whatever --steps and --episodes are
  --steps N            outer steps in place of the protocol's own
  --episodes N         unseen tasks to score in place of the protocol's own
  --data DIR           folder with a folder for each data set (default ../shared/data)
  --out DIR            where results/ and RESULTS.md go (default here)
  --quick              five steps of the first five learners, into a temporary folder: does it run?

${keptRule}`;

async function main(): Promise<void> {
  if (process.argv[2] === 'omniglot-challenge') return omniglotChallenge(process.argv.slice(3)); // it has options of its own
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      ...studyOptions,
      seeds: { type: 'string', default: '1' },
      only: { type: 'string', multiple: true },
      steps: { type: 'string' },
      episodes: { type: 'string' },
    },
  });
  const [name = ''] = positionals;
  if (values.help) return console.log(help);
  const { only, resume, quick } = values;
  const folder = values.out ?? (quick ? mkdtempSync(join(tmpdir(), 'hypermeta-tables-')) : '.');
  if (name === 'report') return console.log(`Report: ${await writeReport(folder)}`);
  const protocol = protocols.find((each) => each.name === name);
  if (!protocol)
    throw new RangeError(`tables: expected report or one of ${protocols.map((each) => each.name).join(', ')}, got '${name}'; see --help.`);
  const seeds = readSeeds('tables: --seeds', values.seeds);
  const [steps, episodes] = [values.steps ?? (quick ? '5' : undefined), values.episodes ?? (quick ? '10' : undefined)];
  const groups = await protocol.groups({
    data: values.data,
    ...(steps === undefined ? {} : { steps: readCount('tables: --steps', steps) }),
    ...(episodes === undefined ? {} : { episodes: readCount('tables: --episodes', episodes) }),
  });
  if (typeof groups === 'string') return console.log(`${name}: ${groups}`);
  await useEngine();
  console.log(describeEngine().text);
  const path = join(folder, 'results', `${name}.json`);
  const chosen = quick ? groups.slice(0, 1) : groups;
  const first = quick && only === undefined ? chosen[0]!.entries.slice(0, 5).map((entry) => entry.name) : undefined; // every table has a group
  const isAsked = (group: string, entry: string) => first?.includes(entry) ?? (only ?? ['']).some((text) => `${group}, ${entry}`.includes(text));
  const results = await runProtocol(protocol, chosen, { seeds, path, resume, only: isAsked, watch: showProgress() });
  for (const group of results.groups) {
    const summary = summarizeGroup(results, group);
    if (summary) console.log(`\n${group.name}\n${resultTable(group, summary, [])}\n\n${describeResults(summary)}`);
  }
  const failures = results.failures.filter(({ group, name: entry, seed }) => seeds.includes(seed) && isAsked(group, entry)); // others are older
  for (const { error } of failures) console.log(error);
  if (failures.length > 0) process.exitCode = 1;
  console.log(`\nResults: ${path}\nReport: ${await writeReport(folder)}`);
}

/** A bar for each run. */
function showProgress(): NonNullable<RunOptions['watch']> {
  let bar: ProgressBar | undefined;
  let shown = '';
  return async (event, { group, entry }) => {
    if (event.kind !== 'step') return;
    const label = `${group.name}, ${entry.name}, seed ${event.seed}`;
    if (label !== shown) {
      bar?.stop();
      bar = await progressBar({ total: entry.train.steps, label });
      shown = label;
    }
    bar!.update(event.step, { loss: event.queryLoss }); // there is one, since its label is shown
    if (event.step === entry.train.steps) bar!.stop();
  };
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
