import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { alphabetsOf, formatTable, readOmniglotRuns, writeOmniglotRuns, type BackgroundSet, type OmniglotRuns } from 'hypermeta';
import { environment } from '../environment';
import { readCount } from '../read-count';
import { findCheckpoints, loadChallenge, saveChallenge } from './challenge-checkpoint';
import { ownRuns, readBackground } from './challenge-data';
import { trainChallenge, type ChallengeModel } from './challenge-model';
import { meanError, scoreChallenge, type ChallengeScore } from './challenge-score';
import { chosenSettings, quickSettings, type ChallengeSettings } from './challenge-settings';
import { tuneChallenge } from './challenge-tuning';

const help = `Usage: npm run tables -- omniglot-challenge [options]

  20-way one-shot classification within alphabets never seen in training (Lake et al., 2019): error per run.

  --background SET     trains on minimal (the default: small1, then small2), small1, small2 or original; saves, then scores
  --score PATH         scores a saved model, or all in a folder, and trains nothing
  --runs DIR|ZIP       runs to score on: runNN/training, runNN/test, runNN/class_labels.txt (default: own runs of the
                       evaluation alphabets, which nothing is ever learned from or tuned on)
  --tune               trains without some background alphabets and scores on runs of those alone
  --candidates A,B     settings to tune, by name (default all)
  --make-runs DIR      writes the own runs of the evaluation alphabets in the challenge's form
  --steps N            outer steps in place of the chosen ones
  --seed TEXT          of training (default 0)
  --data DIR           folder with omniglot/images_background.zip and images_evaluation.zip (default ../shared/data)
  --out DIR            models go to DIR/results/omniglot-challenge/SET (default here)
  --quick              a small network, a few steps, two runs: does it run?`;

const backgrounds: Readonly<Record<string, readonly BackgroundSet[]>> = {
  minimal: ['small1', 'small2'],
  small1: ['small1'],
  small2: ['small2'],
  original: ['original'],
};

/** A model's score, and what to call it. */
interface Scored {
  readonly name: string;
  readonly score: ChallengeScore;
}

/** @throws RangeError for an option out of range, DataError for data that are not there or not as they should be */
export async function omniglotChallenge(words: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...words],
    options: {
      background: { type: 'string', default: 'minimal' },
      runs: { type: 'string' },
      score: { type: 'string' },
      tune: { type: 'boolean', default: false },
      candidates: { type: 'string' },
      'make-runs': { type: 'string' },
      steps: { type: 'string' },
      seed: { type: 'string' },
      data: { type: 'string', default: '../shared/data' },
      out: { type: 'string', default: '.' },
      quick: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return console.log(help);
  const sets = backgrounds[values.background];
  if (!sets) throw new RangeError(`omniglot-challenge: --background: expected one of ${Object.keys(backgrounds).join(', ')}, got '${values.background}'.`);
  const data = join(values.data, 'omniglot');
  const out = join(values.out, 'results/omniglot-challenge');
  const changes: Partial<ChallengeSettings> = {
    ...(values.quick ? quickSettings : {}),
    ...(values.steps === undefined ? {} : { steps: readCount('omniglot-challenge: --steps', values.steps) }),
    ...(values.seed === undefined ? {} : { seed: values.seed }),
  };
  const own = values.quick ? { runs: 2, alphabets: ['Tengwar', 'Tibetan'] } : { runs: 20 };

  const runsFor = ({ settings: { size }, alphabets: trainedOn }: Omit<ChallengeModel, 'meta'>): Promise<OmniglotRuns> =>
    values.runs === undefined ? ownRuns(data, { ...own, size, trainedOn }) : readOmniglotRuns(values.runs, { size });

  async function train(set: BackgroundSet): Promise<Scored> {
    const began = performance.now();
    const settings = { ...chosenSettings[set], ...changes };
    const drawings = await readBackground(data, set, settings.size);
    const alphabets = alphabetsOf(drawings);
    console.log(`${set}: ${alphabets.length} alphabets, ${drawings.classes.length} characters`);
    const runs = await runsFor({ settings, alphabets }); // what is wrong with them is said before the training
    const model = { settings, alphabets, meta: await trainChallenge(drawings, settings) };
    const seconds = Math.round((performance.now() - began) / 1000);
    const name = join(out, values.background, set);
    const about = { background: set, env: { ...environment(), seconds } };
    saveChallenge(name, model, about); // it stays, should the scoring fail
    const score = await scoreChallenge(model, runs);
    saveChallenge(name, model, { ...about, scoredOn: values.runs === undefined ? 'own runs' : 'runs', score });
    return { name, score };
  }

  async function rescore(name: string): Promise<Scored> {
    const model = loadChallenge(name);
    return { name, score: await scoreChallenge(model, await runsFor(model)) };
  }

  if (values['make-runs'] !== undefined) {
    await writeOmniglotRuns(await ownRuns(data, { ...own, size: 105, trainedOn: [] }), values['make-runs']);
    return console.log(`Runs: ${values['make-runs']}`);
  }
  if (values.tune) return tuneChallenge({ sets, data, changes, only: values.candidates?.split(','), runs: own.runs, out });
  const scored: Scored[] = [];
  if (values.score !== undefined) for (const path of findCheckpoints(values.score)) scored.push(await rescore(path));
  else for (const set of sets) scored.push(await train(set));
  print(scored);
}

function print(scored: readonly Scored[]): void {
  const percent = (share: number) => (100 * share).toFixed(1);
  const names = scored[0]!.score.runs.map(({ name }) => name); // at least one model, and all on the same runs
  const rows = [
    ...names.map((name, index) => [name, ...scored.map(({ score }) => percent(score.runs[index]!.error))]),
    ['mean ± standard error', ...scored.map(({ score }) => `${percent(score.mean)} ± ${percent(score.standardError)}`)],
  ];
  console.log('\nError in %, 20-way one-shot within an alphabet, each drawing on its own (non-transductive); chance is 95');
  console.log(formatTable(['run', ...scored.map(({ name }) => name)], rows));
  if (scored.length > 1) console.log(`Mean over the ${scored.length} models: ${percent(meanError(scored.map(({ score }) => score.mean)).mean)} %`);
}
