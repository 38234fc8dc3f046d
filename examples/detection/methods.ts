import {
  adam,
  adapter,
  characterScenes,
  DivergenceError,
  evaluateDetection,
  metaTrainer,
  type Adapt,
  type Adapter,
  type HostParams,
  type LabelledSet,
  type Learner,
  type MetaTrainer,
  type Optimizer,
  type Shape,
  type TaskSource,
} from 'hypermeta';
import { detectorOf, fineTuning, generatedHead, withNewColumns, type Trained, type TunedLayers } from './models';
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
  readonly name: (typeof methodNames)[number];
  /** Of the model that it starts from. */
  readonly seconds: number;
  /** Its trials, as many as each other method has: two kinds, three rates, and these steps. */
  readonly kinds: readonly Kind[];
  readonly steps: readonly number[];
  meta(inputShape: Shape): HostParams;
  readonly optimizer: Optimizer;
  /** The episodes that it adapts to: with more scenes in joint training. */
  episodes(source: TaskSource): TaskSource;
}

export const methodNames = ['generated head', 'fine-tuning', 'joint training'] as const;

/** The methods of a seed, from its two trained models. */
export function methodsOf(settings: DetectionSettings, { generated, pretrained }: SceneModels, training: LabelledSet): readonly Method[] {
  const { triedRates, triedSteps } = settings;
  const first = (values: readonly number[], count: number) => values.slice(0, count);
  const generator = (changes: Adapt, rates: readonly number[]): Kind => ({ changes, rates: first(rates, triedRates), learner: (inputShape) => generatedHead(settings, inputShape, { adapt: changes }) });
  const tuner = (changes: TunedLayers, rates: readonly number[]): Kind => ({ changes, rates: first(rates, triedRates), learner: (inputShape) => fineTuning(settings, inputShape, changes) });
  const tuned = {
    seconds: pretrained.seconds,
    kinds: [tuner('head', [0.01, 0.03, 0.1]), tuner('all', [0.001, 0.003, 0.01])],
    steps: first([3, 10, 30], triedSteps),
    meta: (inputShape: Shape) => withNewColumns(detectorOf(settings, inputShape), pretrained.meta),
    optimizer: adam(),
  };
  return [
    {
      name: 'generated head',
      seconds: generated.seconds,
      kinds: [generator('weights', [0.001, 0.003, 0.01]), generator('all', [0.0003, 0.001, 0.003])],
      steps: first([0, 3, 30], triedSteps),
      meta: () => generated.meta,
      optimizer: adam(),
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

/** A method whose steps are compiled: once for each kind and shape. */
export interface Bench {
  /** Average precision after each number of steps, and its value in each episode. */
  score(source: TaskSource, choice: Choice, how: { readonly episodes: number; readonly seed: string; readonly steps?: readonly number[] }): ReturnType<typeof evaluateDetection>;
  /** Every trial, on episodes of the validation alphabets; the first of the best is chosen. */
  tune(source: TaskSource, episodes: number): Promise<{ readonly trials: readonly Trial[]; readonly chosen: Choice }>;
  dispose(): Promise<void>;
}

export function benchOf(method: Method): Bench {
  const adapters = new Map<string, Adapter>();

  function adapterOf({ inputShape, objective }: TaskSource, changes: string): Adapter {
    const key = `${changes} ${inputShape.join()}`;
    const inner = { steps: 1, learningRate: 1, optimizer: method.optimizer, order: 'second', loss: objective.loss } as const; // the rate comes with the calls
    const own = adapters.get(key) ?? adapter(learnerOf(method, inputShape, changes), objective, inner);
    adapters.set(key, own);
    return own;
  }

  const score: Bench['score'] = (source, { changes, learningRate, steps }, how) =>
    evaluateDetection(adapterOf(source, changes), method.meta(source.inputShape), method.episodes(source), { steps: [steps], ...how, learningRate, stride: gridStride, batchSize: 4 });

  return {
    score,
    async tune(source, episodes) {
      const trials: Trial[] = [];
      for (const { changes, rates } of method.kinds)
        for (const learningRate of rates) {
          const scores = await score(source, { changes, learningRate, steps: 0 }, { episodes, seed: 'validation', steps: method.steps }).catch(orNothing);
          trials.push(...scores.map(({ steps, mean, interval }) => ({ changes, learningRate, steps, mean, interval })));
        }
      const { changes, learningRate, steps } = trials.reduce((best, trial) => (trial.mean > best.mean ? trial : best));
      return { trials, chosen: { changes, learningRate, steps } };
    },
    async dispose() {
      await Promise.all([...adapters.values()].map((each) => each.dispose()));
    },
  };
}

/** A rate that diverges is no trial to choose. */
function orNothing(error: unknown): readonly never[] {
  if (error instanceof DivergenceError) return [];
  throw error;
}

/** The learner that changes this. */
export function learnerOf(method: Method, inputShape: Shape, changes: string): Learner {
  return method.kinds.find((kind) => kind.changes === changes)!.learner(inputShape); // a choice is one of its trials
}

/** A method as a user meets it. */
export function openMethod(method: Method, source: TaskSource, { changes, learningRate, steps }: Choice): Promise<MetaTrainer> {
  const { inputShape } = source;
  const how = { innerSteps: steps, innerLearningRate: learningRate, innerOptimizer: method.optimizer, meta: method.meta(inputShape) };
  return metaTrainer(learnerOf(method, inputShape, changes), source, how);
}

/** Of the detector with two strided convolutions. */
export const gridStride = 4;

/** Episodes of one number of annotated boxes. */
export function testEpisodes(set: LabelledSet, { testScenes }: DetectionSettings, shots: number, size = 64): TaskSource {
  const characters = size === 64 ? ([3, 6] as const) : ([6, 12] as const);
  return characterScenes(set, { shots, queryScenes: testScenes, size, characters });
}
