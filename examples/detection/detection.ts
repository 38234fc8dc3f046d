/**
 * npm run detection -- [options]       few-shot detection of handwritten characters
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { characterScenes, describeEngine, labelledScenes, readSafetensors, useEngine, writeSafetensors, type LabelledSplits } from 'hypermeta';
import { readCount } from '../read-count';
import { writeReport } from '../tables/report';
import { generatedHead, pretraining, trainModel, type Trained } from './models';
import type { SceneModels } from './methods';
import { runScenes } from './run-scenes';
import { readSceneSets } from './scene-sets';
import { fullSettings, quickSettings, type DetectionSettings } from './settings';

const help = `Usage: npm run detection -- [options]

  Finds a character among others in scenes, from 1 to 10 annotated boxes of it: a class head generated from the boxes, beside
  fine-tuning and joint training of the same detector. Writes results/detection/scenes.json and RESULTS.md.

  --seeds N    meta-trainings of each method (default 1)
  --train      trains and saves the models, and tests nothing
  --resume     takes the models and results that are there
  --only TEXT  tests only methods whose name contains TEXT; may be given several times
  --data DIR   folder with a folder for each data set (default ../shared/data)
  --out DIR    where results/, RESULTS.md and demo-output/ (the models) go (default here)
  --quick      a tiny network, two steps, two episodes, into a temporary folder: does it run?`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string', default: '1' },
      train: { type: 'boolean', default: false },
      resume: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true, default: [''] },
      data: { type: 'string', default: '../shared/data' },
      out: { type: 'string' },
      quick: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return console.log(help);
  const seeds = Array.from({ length: readCount('detection: --seeds', values.seeds) }, (_, index) => String(index + 1));
  const settings = values.quick ? quickSettings : fullSettings;
  const out = values.out ?? (values.quick ? mkdtempSync(join(tmpdir(), 'hypermeta-detection-')) : '.');
  const sets = await readSceneSets(values.data, settings);
  if (typeof sets === 'string') return console.log(`detection: ${sets}`);
  await useEngine();
  console.log(describeEngine().text);
  for (const seed of seeds) {
    const models = await readyModels(sets, settings, { seed, folder: join(out, 'demo-output/detection'), resume: values.resume });
    console.log(Object.entries(models).map(([name, { seconds, lastLoss }]) => `${name}, seed ${seed}: ${seconds.toFixed(0)} s, loss ${lastLoss.toFixed(3)}`).join('\n'));
    if (!values.train) await runScenes(sets, settings, models, { seed, path: join(out, 'results/detection/scenes.json'), resume: values.resume, only: values.only });
  }
  if (!values.train) console.log(`Report: ${await writeReport(out)}`);
}

interface ModelOptions {
  readonly seed: string;
  readonly folder: string;
  readonly resume: boolean;
}

/** Trains them, or takes those that are there. */
async function readyModels(sets: LabelledSplits, settings: DetectionSettings, { seed, folder, resume }: ModelOptions): Promise<SceneModels> {
  const { steps, metaBatchSize, learningRate, trainShots, trainScenes, pretrainScenes } = settings;
  const kept = async (name: string, train: () => Promise<Trained>): Promise<Trained> => {
    const path = join(folder, `${name}-${seed}.safetensors`);
    if (resume && existsSync(path)) return readModel(path);
    const model = await train();
    writeModel(path, model);
    return model;
  };
  const episodes = characterScenes(sets.train, { shots: trainShots, queryScenes: trainScenes });
  const scenes = labelledScenes(sets.train, { queryScenes: pretrainScenes });
  const pretrain = (steps: number) =>
    trainModel(pretraining(settings, scenes.inputShape, sets.train.classes.length), scenes, { steps, metaBatchSize: 1, learningRate, seed, label: 'pre-training' });
  const half = Math.ceil(steps / 2); // meta-training goes on from half of the pre-training
  const body = await kept('body', () => pretrain(half));
  return {
    generated: await kept('generated', async () => {
      const learner = generatedHead(settings, episodes.inputShape, 'nothing', body.meta);
      const trained = await trainModel(learner, episodes, { steps: steps - half, metaBatchSize, learningRate, seed, label: 'generated head' });
      return { ...trained, seconds: body.seconds + trained.seconds };
    }),
    pretrained: await kept('pretrained', () => pretrain(steps)),
  };
}

function readModel(path: string): Trained {
  const { tensors: meta, metadata } = readSafetensors(readFileSync(path), path);
  return { meta, seconds: Number(metadata['seconds']), lastLoss: Number(metadata['lastLoss']) };
}

function writeModel(path: string, { meta, seconds, lastLoss }: Trained): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, writeSafetensors(meta, { seconds: String(seconds), lastLoss: String(lastLoss) }));
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
