/**
 * npm run detection -- [options]       few-shot detection of handwritten characters
 */
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { describeEngine, labelledScenes, readBloodCells, useEngine, type LabelledSplits } from 'hypermeta';
import { readSeeds, studyOptions } from '../study-options';
import { writeReport } from '../tables/report';
import { manyCharacters } from './many-characters';
import { runBlood } from './run-blood';
import { runScenes } from './run-scenes';
import { readSceneSets } from './scene-sets';
import { bloodSettings, fullSettings, quickBloodSettings, quickSettings, type DetectionSettings } from './settings';
import { trainModels, type TrainingTasks } from './train-models';

const help = `Usage: npm run detection -- [options]

  Finds a character among others in scenes, from 1 to 10 annotated boxes of it: a class head generated from the boxes, beside
  fine-tuning and joint training of the same detector. Writes results/detection/scenes.json and RESULTS.md.

  --blood      blood cells in place of scenes: results/detection/blood-cells.json
  --seeds N    meta-trainings of each method, or which, as in 2-3 (default 1)
  --train      trains and saves the models, and tests nothing
  --resume     takes the models and results that are there, if their settings are the same; without it those of the seeds and
               methods at hand are made anew, and only other results with the same settings stay
  --only TEXT  tests only methods whose name contains TEXT; may be given several times
  --data DIR   folder with a folder for each data set (default ../shared/data)
  --out DIR    where results/, RESULTS.md and demo-output/ (the models) go (default here)
  --quick      a tiny network, two steps, two episodes, into a temporary folder: does it run?`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      ...studyOptions,
      seeds: { type: 'string', default: '1' },
      blood: { type: 'boolean', default: false },
      train: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true, default: [''] },
    },
  });
  if (values.help) return console.log(help);
  const seeds = readSeeds('detection: --seeds', values.seeds);
  const settings = values.quick ? quickSettings : fullSettings;
  const out = values.out ?? (values.quick ? mkdtempSync(join(tmpdir(), 'hypermeta-detection-')) : '.');
  const cellsPath = join(values.data, 'bccd');
  if (values.blood && !existsSync(cellsPath)) return console.log(`detection: skipped, because ${cellsPath} is not there: give --data DIR, a folder whose folder bccd holds the blood cells.`);
  const sets = await readSceneSets(values.data, settings);
  if (typeof sets === 'string') return console.log(`detection: ${sets}`);
  await useEngine();
  console.log(describeEngine().text);
  for (const seed of seeds) {
    const folder = join(out, 'demo-output/detection');
    if (values.blood) {
      const where = { seed, folder, resume: values.resume, path: join(out, 'results/detection/blood-cells.json') };
      await runBlood(readBloodCells(cellsPath), sets.train, values.quick ? quickBloodSettings : bloodSettings, where);
      continue;
    }
    const training = trainingTasks(sets, settings);
    const models = await trainModels(settings, training, { seed, folder, resume: values.resume });
    console.log(Object.entries(models).map(([name, { seconds, lastLoss }]) => `${name}, seed ${seed}: ${seconds.toFixed(0)} s, loss ${lastLoss.toFixed(3)}`).join('\n'));
    if (!values.train) await runScenes(sets, settings, models, { training, seed, path: join(out, 'results/detection/scenes.json'), resume: values.resume, only: values.only });
  }
  if (!values.train) console.log(`Report: ${await writeReport(out)}`);
}

function trainingTasks({ train }: LabelledSplits, { trainWays: ways, trainShots, trainScenes, pretrainScenes }: DetectionSettings): TrainingTasks {
  const episodes = manyCharacters(train, { ways, shots: trainShots, queryScenes: trainScenes });
  return { episodes, ways, scenes: labelledScenes(train, { queryScenes: pretrainScenes }), classes: train.classes.length };
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
