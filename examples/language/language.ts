/** npm run language: a HyperLSTM, whose weights change at every character, beside LSTMs of as many parameters. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { countParams, useEngine } from 'hypermeta';
import { environment } from '../environment';
import { keptRule } from '../kept-runs';
import { readSeeds, studyOptions } from '../study-options';
import { writeJson } from '../json-file';
import { sampleText, weightChanges } from './explore';
import { characterNetwork, models, unitsOf, type Model, type Sizes } from './models';
import { keptResults, languagePath, type LanguageResults, type LanguageRun, type LanguageTrial } from './results';
import { languageSection } from './report';
import { scorer } from './score';
import { readPlays, splitText, type Text } from './text';
import { trainModel, type Training } from './train-model';

const help = `Usage: npm run language -- [options]

  Character models on Shakespeare's plays: LSTM, HyperLSTM and their layer-norm forms, all of as many parameters. Each is first
  tried with three learning rates for a short while; the best one on the validation text is taken for all seeds.

  --seeds N        trainings of each model, or which, as in 2-3 (default 3)
  --only NAME,...  models, of ${models.map(({ name }) => name).join(', ')} (default all)
  --resume         keep what results/language/language.json has already
  --data DIR       folder with text/tinyshakespeare.txt (default ../shared/data)
  --out DIR        where results/ is (default here)
  --quick          two tiny networks, a few steps, into a temporary folder: does it run?

${keptRule}`;

/** What all models share. */
const settings = {
  units: 256,
  candidateDropout: 0.2,
  /** Characters of a piece: as far as gradients reach. */
  length: 50,
  streams: 32,
  steps: 10_000,
  trialSteps: 1500,
  validateEvery: 1000,
  patience: 5,
  clip: 1,
  rates: [0.006, 0.012, 0.024],
};
const quick: typeof settings = { ...settings, units: 6, length: 2, streams: 8, steps: 4, validateEvery: 2, rates: [0.01] };

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      ...studyOptions,
      seeds: { type: 'string', default: '3' },
      only: { type: 'string' },
    },
  });
  if (values.help) return console.log(help);
  const seeds = values.quick ? ['1'] : readSeeds('language: --seeds', values.seeds);
  const only = values.only?.split(',') ?? models.map(({ name }) => name);
  const unknown = only.find((name) => !models.some((model) => model.name === name));
  if (unknown !== undefined) throw new RangeError(`language: --only: expected some of ${models.map(({ name }) => name).join(', ')}, got '${unknown}'.`);
  const plays = readPlays(values.data);
  if (!plays) return console.log(`language: skipped, because ${join(values.data, 'text', 'tinyshakespeare.txt')} is not there: give --data DIR.`);
  const results = join(values.out ?? (values.quick ? mkdtempSync(join(tmpdir(), 'hypermeta-language-')) : '.'), 'results');
  const chosen = models.filter(({ name }) => only.includes(name)).slice(0, values.quick ? 2 : undefined);
  const shared = values.quick ? quick : settings;
  const before = keptResults(results, shared, { models: chosen.map(({ name }) => name), seeds, resume: values.resume });
  await useEngine();
  const study = languageStudy(splitText(values.quick ? plays.slice(0, 4000) : plays), shared, before, (made) => writeJson(languagePath(results), made));
  for (const seed of seeds) for (const model of chosen) await study.run(model, seed);
  await languageSection(results);
  console.log(`Results: ${languagePath(results)}`);
}

/** Trials and runs, one after another, beside what was made before with the same settings. */
function languageStudy(text: Text, shared: typeof settings, before: LanguageResults, save: (results: LanguageResults) => void) {
  const { rates, trialSteps, length, ...training } = shared;
  const sizes: Sizes = { units: shared.units, vocabulary: text.vocabulary.length, candidateDropout: shared.candidateDropout };
  let results = before;
  const change = (made: Partial<LanguageResults>) => save((results = { ...results, ...made }));

  async function train(model: Model, rate: number, seed: string, how: Training) {
    const network = characterNetwork(model, unitsOf(model, sizes), sizes, length);
    return trainModel(network, text, rate, how, seed, ({ step, seconds, train, validation }) =>
      console.log(`${model.name}, rate ${rate}, seed ${seed}, step ${step}: ${train.toFixed(3)}, validation ${validation.toFixed(3)} bits, ${seconds.toFixed(0)} s`),
    );
  }

  /** The best of the rates on the validation text. */
  async function rateOf(model: Model): Promise<number> {
    if (rates.length === 1) return rates[0]!;
    for (const rate of rates) {
      if (results.trials.some((trial) => trial.model === model.name && trial.rate === rate)) continue;
      const { best } = await train(model, rate, 'trial', { ...training, steps: trialSteps, validateEvery: trialSteps });
      change({ trials: [...results.trials, { model: model.name, rate, validation: best }] });
    }
    const own = results.trials.filter((trial) => trial.model === model.name);
    return own.reduce<LanguageTrial>((best, trial) => (trial.validation < best.validation ? trial : best), own[0]!).rate;
  }

  return {
    async run(model: Model, seed: string): Promise<void> {
      if (results.runs.some((run) => run.model === model.name && run.seed === seed)) return;
      const rate = await rateOf(model);
      const { params, best, curve } = await train(model, rate, seed, training);
      const units = unitsOf(model, sizes);
      const testing = scorer(characterNetwork(model, units, sizes, length), 1);
      const test = await testing.score(params, text.test);
      await testing.dispose();
      const network = characterNetwork(model, units, sizes, 1);
      const reader = { network, params, vocabulary: text.vocabulary };
      const opening = Array.from(text.test.subarray(0, 200), (token) => text.vocabulary[token]!).join('');
      const run: LanguageRun = {
        ...{ model: model.name, seed, settings: { ...training, length, about: model.about ?? '' }, rate, units, parameters: countParams(network.specs) },
        ...{ test, validation: best, seconds: curve.at(-1)!.seconds, curve, sample: await sampleText(reader, '\n', 400, seed), env: environment() },
      };
      const changes = model.name === 'HyperLSTM' && !results.changes ? { changes: { model: model.name, seed, text: opening, changes: await weightChanges(reader, opening) } } : {};
      change({ runs: [...results.runs, run], ...changes });
      console.log(`${model.name}, seed ${seed}: test ${test.toFixed(3)} bits per character, ${run.parameters} parameters, ${run.seconds.toFixed(0)} s`);
    },
  };
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
