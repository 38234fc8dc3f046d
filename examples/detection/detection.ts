/**
 * npm run detection -- [options]       few-shot detection of handwritten characters
 */
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { describeEngine, labelledScenes, readBloodCells, useEngine, type LabelledSplits } from 'hypermeta';
import { keptRule } from '../kept-runs';
import { readSeeds, studyOptions } from '../study-options';
import { writeReport } from '../tables/report';
import { manyCharacters } from './many-characters';
import { methodNames } from './methods';
import { keptBlood, keptScenes, type KeptScenes } from './results';
import { runBlood } from './run-blood';
import { runScenes } from './run-scenes';
import { readSceneSets } from './scene-sets';
import { bloodSettings, fullSettings, quickBloodSettings, quickSettings, type BloodSettings, type DetectionSettings } from './settings';
import { trainModels, type TrainingTasks } from './train-models';

const help = `Usage: npm run detection -- [options]

  Finds a character among others in scenes, from 1 to 10 annotated boxes of it: a class head generated from the boxes, beside
  fine-tuning and joint training of the same detector. Writes results/detection/scenes.json and RESULTS.md.

  --blood      blood cells in place of scenes: results/detection/blood-cells.json; both methods, so without --train and --only
  --seeds N    meta-trainings of each method, or which, as in 2-3 (default 1)
  --train      trains and saves the models, and tests nothing
  --resume     keeps the results that are there, and takes the models that were trained with the same settings
  --only TEXT  tests only methods whose name contains TEXT; may be given several times
  --data DIR   folder with a folder for each data set (default ../shared/data)
  --out DIR    where results/, RESULTS.md and demo-output/ (the models) go (default here)
  --quick      a tiny network, two steps, two episodes, into a temporary folder: does it run?

${keptRule}`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      ...studyOptions,
      seeds: { type: 'string', default: '1' },
      blood: { type: 'boolean', default: false },
      train: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true },
    },
  });
  if (values.help) return console.log(help);
  if (values.blood && (values.train || values.only))
    throw new RangeError(`detection: --blood: expected neither --train nor --only, since its runs compare both methods, got ${values.train ? '--train' : '--only'}; leave it out.`);
  const seeds = readSeeds('detection: --seeds', values.seeds);
  const settings = values.quick ? quickSettings : fullSettings;
  const out = values.out ?? (values.quick ? mkdtempSync(join(tmpdir(), 'hypermeta-detection-')) : '.');
  const cellsPath = join(values.data, 'bccd');
  if (values.blood && !existsSync(cellsPath)) return console.log(`detection: skipped, because ${cellsPath} is not there: give --data DIR, a folder whose folder bccd holds the blood cells.`);
  const sets = await readSceneSets(values.data, settings);
  if (typeof sets === 'string') return console.log(`detection: ${sets}`);
  const where = { seeds, resume: values.resume, folder: join(out, 'demo-output/detection'), results: join(out, 'results/detection') };
  const only = values.only ?? [''];
  const run = values.blood
    ? openBlood(cellsPath, sets, values.quick ? quickBloodSettings : bloodSettings, where)
    : openScenes(sets, settings, { ...where, methods: values.train ? [] : methodNames.filter((name) => only.some((text) => name.includes(text))) });
  await useEngine();
  console.log(describeEngine().text);
  await run();
  if (!values.train) console.log(`Report: ${await writeReport(out)}`);
}

interface Where {
  readonly seeds: readonly string[];
  readonly resume: boolean;
  /** Of trained models. */
  readonly folder: string;
  readonly results: string;
}

/** Looks at the file of the results at once; what is returned trains the models and tests these methods, if any. */
function openScenes(sets: LabelledSplits, settings: DetectionSettings, { seeds, resume, folder, results, methods }: Where & { readonly methods: readonly string[] }): () => Promise<void> {
  const path = join(results, 'scenes.json');
  let before: KeptScenes = methods.length > 0 ? keptScenes(path, settings, { seeds, methods, resume }) : { runs: [] };
  return async () => {
    const training = trainingTasks(sets, settings);
    for (const seed of seeds) {
      const models = await trainModels(settings, training, { seed, folder, resume });
      console.log(Object.entries(models).map(([name, { seconds, lastLoss }]) => `${name}, seed ${seed}: ${seconds.toFixed(0)} s, loss ${lastLoss.toFixed(3)}`).join('\n'));
      if (methods.length > 0) before = await runScenes(sets, settings, models, { training, seed, path, before, methods });
    }
  };
}

/** The same for blood cells. */
function openBlood(cellsPath: string, { train }: LabelledSplits, settings: BloodSettings, { seeds, resume, folder, results }: Where): () => Promise<void> {
  const path = join(results, 'blood-cells.json');
  let before = keptBlood(path, settings, { seeds, resume });
  return async () => {
    const cells = readBloodCells(cellsPath);
    for (const seed of seeds) before = await runBlood(cells, train, settings, { seed, folder, resume, path, before });
  };
}

function trainingTasks({ train }: LabelledSplits, { trainWays: ways, trainShots, trainScenes, pretrainScenes }: DetectionSettings): TrainingTasks {
  const episodes = manyCharacters(train, { ways, shots: trainShots, queryScenes: trainScenes });
  return { episodes, ways, scenes: labelledScenes(train, { queryScenes: pretrainScenes }), classes: train.classes.length };
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
