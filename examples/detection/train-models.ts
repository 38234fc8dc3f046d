import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readSafetensors, writeSafetensors, type TaskSource } from 'hypermeta';
import type { SceneModels } from './methods';
import { generatedHead, modelTrainer, pretraining, trainModel, type Trained } from './models';
import type { DetectionSettings } from './settings';

/** Where trained models are kept. */
export interface KeptModels {
  readonly seed: string;
  readonly folder: string;
  /** Takes those that are there and were trained with the same settings. */
  readonly resume: boolean;
}

/** What they are trained on. */
export interface TrainingTasks {
  /** Few-shot episodes, for the generated head. */
  readonly episodes: TaskSource;
  /** Classes of an episode. */
  readonly ways: number;
  /** Ordinary detection, for all that is pre-trained. */
  readonly scenes: TaskSource;
  /** Of the scenes. */
  readonly classes: number;
}

/** The two models of a seed: the generated head goes on from a part of the pre-training. */
export async function trainModels(settings: DetectionSettings, { episodes, ways, scenes, classes }: TrainingTasks, { seed, folder, resume }: KeptModels): Promise<SceneModels> {
  const { steps, bodySteps, metaSteps, metaBatchSize, learningRate } = settings;
  const kept = async (name: ModelName, train: () => Promise<Trained>): Promise<Trained> => {
    const path = join(folder, `${name}-${seed}.safetensors`);
    const described = describeTraining(settings, name);
    const found = resume && existsSync(path) ? readModel(path, described) : undefined;
    if (found) return found;
    const model = await train();
    writeModel(path, model, described);
    return model;
  };
  const pretrain = (count: number) =>
    trainModel(pretraining(settings, scenes.inputShape, classes), scenes, { steps: count, metaBatchSize: 1, learningRate, seed, label: 'pre-training' });
  const body = await kept('body', () => pretrain(bodySteps));
  return {
    generated: await kept('generated', async () => {
      const learner = generatedHead(settings, episodes.inputShape, { classes: ways, pretrained: body.meta });
      const trained = await trainModel(learner, episodes, { steps: metaSteps, metaBatchSize, learningRate, seed, label: 'generated head' });
      return { ...trained, seconds: body.seconds + trained.seconds };
    }),
    pretrained: await kept('pretrained', () => pretrain(steps)),
  };
}

/** What the two trainings take by their steps, in seconds of processor time. */
export interface TrainingSeconds {
  readonly generated: number;
  readonly pretrained: number;
}

/** Steps of both, a few of each in turn, so that other work on the machine slows both alike. */
export async function measureTraining(settings: DetectionSettings, { episodes, ways, scenes, classes }: TrainingTasks): Promise<TrainingSeconds> {
  const { steps, bodySteps, metaSteps, metaBatchSize, learningRate } = settings;
  const few = { steps: 1, learningRate, seed: 'measured' };
  const trainers = await Promise.all([
    modelTrainer(pretraining(settings, scenes.inputShape, classes), scenes, { ...few, metaBatchSize: 1 }),
    modelTrainer(generatedHead(settings, episodes.inputShape, { classes: ways }), episodes, { ...few, metaBatchSize }),
  ]);
  const taken: [number[], number[]] = [[], []];
  for (let turn = 0; turn < 6; turn++)
    for (const [index, trainer] of trainers.entries()) {
      const own = 5;
      const began = process.cpuUsage();
      for await (const event of trainer.train({ steps: own })) void event;
      const { user, system } = process.cpuUsage(began);
      if (turn > 0) taken[index as 0 | 1].push((user + system) / 1e6 / own); // the first compiles
    }
  for (const trainer of trainers) trainer.dispose();
  const [plain, meta] = taken.map((each) => each.sort((one, other) => one - other)[2]!) as [number, number]; // of five
  return { generated: bodySteps * plain + metaSteps * meta, pretrained: steps * plain };
}

type ModelName = 'body' | 'generated' | 'pretrained';

/** What a model depends on, but for its data and seed. */
function describeTraining({ strided, deep, dilations, hidden, steps, bodySteps, metaSteps, metaBatchSize, trainWays, trainShots, trainScenes, pretrainScenes, learningRate }: DetectionSettings, name: ModelName): string {
  const detector = { strided, deep, dilations, pretrainScenes, learningRate };
  const own = {
    body: { bodySteps },
    generated: { bodySteps, hidden, metaSteps, metaBatchSize, trainWays, trainShots, trainScenes },
    pretrained: { steps },
  };
  return JSON.stringify({ ...detector, ...own[name] });
}

/** Nothing for one that was trained otherwise. */
function readModel(path: string, described: string): Trained | undefined {
  const { tensors: meta, metadata } = readSafetensors(readFileSync(path), path);
  if (metadata['settings'] !== described) return undefined;
  return { meta, seconds: Number(metadata['seconds']), lastLoss: Number(metadata['lastLoss']) };
}

function writeModel(path: string, { meta, seconds, lastLoss }: Trained, settings: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, writeSafetensors(meta, { settings, seconds: String(seconds), lastLoss: String(lastLoss) }));
}
