/**
 * npm run claims -- sharing | speed | generalization | cost
 *
 * Four claims for hypernetworks, measured beside traditional meta-learning.
 */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { describeEngine, useEngine } from 'hypermeta';
import { keptRule } from '../kept-runs';
import { readSeeds, studyOptions } from '../study-options';
import { charactersDomain } from './characters';
import { measureSteps } from './measure-steps';
import { metaTrainAll, type RunOptions } from './meta-train-all';
import type { RunSize } from './meta-train';
import type { Domain } from './method';
import { shareTasks } from './share-tasks';
import { timeAdaptations } from './time-adaptation';
import { waves } from './waves';

const claims = ['sharing', 'speed', 'generalization', 'cost'] as const;

const help = `Usage: npm run claims -- ${claims.join('|')} [options]

  sharing              quality against stored bytes, for 1 to 1,000 tasks
  speed                quality against inner steps and milliseconds
  generalization       seen and unseen classes against the number of classes, and tasks of another distribution
  cost                 time and memory of a step of a hypernetwork, in steps of the network that it generates

  --seeds N            meta-trainings of each learner on sine waves, or which, as in 2-3; characters have one (default 3)
  --resume             keep what the files in results/claims have already; the first three share their meta-trainings
  --only TEXT          run only what has TEXT in its name, as 'waves, MAML'; may be given several times
  --data DIR           folder with omniglot/ and mnist/ (default ../shared/data); without them, sine waves alone
  --out DIR            where results/claims is (default here)
  --quick              some steps of everything, into a temporary folder: does it run?

${keptRule}`;

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      ...studyOptions,
      seeds: { type: 'string', default: '3' },
      only: { type: 'string', multiple: true },
    },
  });
  if (values.help) return console.log(help);
  const claim = claims.find((each) => each === positionals[0]);
  if (!claim) throw new RangeError(`claims: expected one of ${claims.join(', ')}, got '${positionals[0] ?? ''}'; see --help.`);
  const { quick, resume, only = [''] } = values;
  const folder = join(values.out ?? (quick ? mkdtempSync(join(tmpdir(), 'hypermeta-claims-')) : '.'), 'results', 'claims');
  const seeds = quick ? ['1'] : readSeeds('claims: --seeds', values.seeds);
  const size: RunSize = quick ? { episodes: 4, validationEpisodes: 4, steps: 2 } : { episodes: 300, validationEpisodes: 100 };
  const isAsked = (name: string) => only.some((text) => name.includes(text));
  await useEngine();
  console.log(describeEngine().text);
  const options = { folder, seeds, size, resume, isAsked };
  if (claim === 'cost') await measureSteps(options);
  else await measureLearners(claim, values.data, options);
  console.log(`Results: ${folder}`);
}

async function measureLearners(claim: Exclude<(typeof claims)[number], 'cost'>, data: string, options: RunOptions): Promise<void> {
  const characters = await charactersDomain(data);
  if (typeof characters === 'string') console.log(`characters: ${characters}`);
  const whole = [waves, ...(typeof characters === 'string' ? [] : [characters])];
  const domains = options.size.steps === undefined ? whole : whole.map(fewMethods);
  const runs = await metaTrainAll(domains, { ...options, sizes: claim === 'generalization' ? [50, 200] : [] });
  if (claim === 'speed') await timeAdaptations(domains, runs, options);
  if (claim === 'sharing') await shareTasks(options);
}

/** One method of each kind, with one setting: does it run? */
function fewMethods(domain: Domain): Domain {
  const kinds = ['hypernetwork', 'traditional'] as const;
  const methods = kinds.map((kind) => domain.methods.find((method) => method.kind === kind)!); // it has both
  return { ...domain, methods: methods.map(({ moreSteps: _moreSteps, ...method }) => ({ ...method, trials: method.trials.slice(0, 1) })) };
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
