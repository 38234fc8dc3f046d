import {
  adam,
  characterScenes,
  evaluateDetection,
  sgd,
  type Adapt,
  type DetectionScore,
  type HostParams,
  type InnerOptions,
  type LabelledSet,
  type Learner,
  type Shape,
  type TaskSource,
} from 'hypermeta';
import { fineTuning, generatedHead, withNewColumn, type Trained, type TunedLayers } from './models';
import type { DetectionSettings } from './settings';
import { withOtherScenes } from './joint-scenes';

/** How a method adapts: a trial of its tuning, or what was chosen. */
export interface Choice {
  /** What the steps change. */
  readonly changes: string;
  readonly learningRate: number;
  readonly steps: number;
}

/** Trials that change the same. */
interface Kind {
  readonly changes: string;
  readonly rates: readonly number[];
  learner(inputShape: Shape): Learner;
}

/** One way from annotated boxes to a detector. */
export interface Method {
  readonly name: string;
  /** Of the model that it starts from. */
  readonly seconds: number;
  /** Its trials, as many as each other method has: two kinds, three rates, and these steps. */
  readonly kinds: readonly Kind[];
  readonly steps: readonly number[];
  meta(inputShape: Shape): HostParams;
  readonly optimizer: InnerOptions['optimizer'];
  /** The episodes that it adapts to: with more scenes in joint training. */
  episodes(source: TaskSource): TaskSource;
}

/** The methods of a seed, from its two trained models. */
export function methodsOf(settings: DetectionSettings, { generated, pretrained }: SceneModels, training: LabelledSet): readonly Method[] {
  const generator = (changes: Adapt): Kind => ({ changes, rates: [0.001, 0.01, 0.1], learner: (inputShape) => generatedHead(settings, inputShape, changes) });
  const tuner = (changes: TunedLayers, rates: readonly number[]): Kind => ({ changes, rates, learner: (inputShape) => fineTuning(settings, inputShape, changes) });
  const tuned = {
    seconds: pretrained.seconds,
    kinds: [tuner('head', [0.01, 0.03, 0.1]), tuner('all', [0.0003, 0.001, 0.003])],
    steps: [5, 15, 45],
    meta: (inputShape: Shape) => withNewColumn(settings, inputShape, pretrained.meta),
    optimizer: adam(),
  };
  return [
    {
      name: 'generated head',
      seconds: generated.seconds,
      kinds: [generator('weights'), generator('embedding')],
      steps: [0, 1, 3],
      meta: () => generated.meta,
      optimizer: sgd(),
      episodes: (source) => source,
    },
    { name: 'fine-tuning', ...tuned, episodes: (source) => source },
    { name: 'joint training', ...tuned, episodes: (source) => withOtherScenes(source, training, settings.jointScenes) },
  ];
}

/** The two trained models of a seed. */
export interface SceneModels {
  readonly generated: Trained;
  readonly pretrained: Trained;
}

export interface Trial extends Choice {
  readonly mean: number;
  readonly interval: number;
}

/** Every trial of a method, on episodes of the validation alphabets; the first of the best is chosen. */
export async function tune(method: Method, source: TaskSource, episodes: number): Promise<{ readonly trials: readonly Trial[]; readonly chosen: Choice }> {
  const trials: Trial[] = [];
  for (const { changes, rates } of method.kinds)
    for (const learningRate of rates) {
      const scores = await score(method, source, { changes, learningRate, steps: method.steps }, { episodes, seed: 'validation' });
      trials.push(...scores.map(({ steps, mean, interval }) => ({ changes, learningRate, steps, mean, interval })));
    }
  const { changes, learningRate, steps } = trials.reduce((best, trial) => (trial.mean > best.mean ? trial : best));
  return { trials, chosen: { changes, learningRate, steps } };
}

/** Average precision after each number of steps. */
export async function score(
  method: Method,
  source: TaskSource,
  { changes, learningRate, steps }: Omit<Choice, 'steps'> & { readonly steps: readonly number[] },
  { episodes, seed }: { readonly episodes: number; readonly seed: string },
): Promise<readonly DetectionScore[]> {
  const { inputShape, objective } = source;
  const inner: InnerOptions = { steps: Math.max(...steps), learningRate, optimizer: method.optimizer, order: 'second', loss: objective.loss };
  const options = { stride: gridStride, episodes, steps, seed, batchSize: 4 };
  return evaluateDetection(learnerOf(method, inputShape, changes), method.meta(inputShape), method.episodes(source), inner, options);
}

/** The learner that changes this. */
export function learnerOf(method: Method, inputShape: Shape, changes: string): Learner {
  return method.kinds.find((kind) => kind.changes === changes)!.learner(inputShape); // a choice is one of its trials
}

/** Of the detector with two strided convolutions. */
export const gridStride = 4;

/** Episodes of one number of annotated boxes. */
export function testEpisodes(set: LabelledSet, { testScenes }: DetectionSettings, shots: number, size = 64): TaskSource {
  const characters = size === 64 ? ([3, 6] as const) : ([6, 12] as const);
  return characterScenes(set, { shots, queryScenes: testScenes, size, characters });
}
