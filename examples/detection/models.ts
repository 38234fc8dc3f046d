import {
  copyToHost,
  cosine,
  createRng,
  fullHypernetwork,
  gridDetector,
  hyperDetector,
  initParams,
  maml,
  metaTrainer,
  startAt,
  unscopeRecord,
  withProgress,
  type Adapt,
  type Detector,
  type HostParams,
  type Learner,
  type MetaTrainer,
  type Shape,
  type TaskSource,
} from 'hypermeta';
import type { DetectionSettings } from './settings';

/** The detector of all methods. */
export function detectorOf({ strided, deep, dilations }: DetectionSettings, inputShape: Shape, classes = 1): Detector {
  return gridDetector({ inputShape, strided, deep, classes, ...(dilations ? { dilations } : {}) });
}

export interface GeneratedHeadOptions {
  /** @default nothing */
  readonly adapt?: Adapt;
  /** Of an episode. @default 1 */
  readonly classes?: number;
  /** What meta-training starts at, but for the head. @default the detector's own start */
  readonly pretrained?: HostParams;
}

/** Its class head is generated from the annotated boxes. */
export function generatedHead(settings: DetectionSettings, inputShape: Shape, { adapt = 'nothing', classes = 1, pretrained }: GeneratedHeadOptions = {}): Learner {
  const detector = detectorOf(settings, inputShape, classes);
  const base = pretrained ? startAt(detector, unscopeRecord(withNewColumns(detector, pretrained), 'base')) : detector;
  return hyperDetector(base, { head: fullHypernetwork({ embeddingSize: base.featureSize, hidden: settings.hidden }), adapt });
}

/** Its weights are learned on every class of meta-training at once. */
export function pretraining(settings: DetectionSettings, inputShape: Shape, classes: number): Learner {
  return maml(detectorOf(settings, inputShape, classes), { head: 'columns', adapts: () => false });
}

/** Which layers fine-tuning changes. */
export type TunedLayers = 'head' | 'all';

/** Gradient steps on the annotated boxes, from pre-trained weights. */
export function fineTuning(settings: DetectionSettings, inputShape: Shape, layers: TunedLayers): Learner {
  return maml(detectorOf(settings, inputShape), { head: 'columns', adapts: (name) => layers === 'all' || name.startsWith('head/') });
}

/** Pre-trained weights with the columns that the detector's head starts with. */
export function withNewColumns({ specs, classHead }: Detector, pretrained: HostParams): HostParams {
  const fresh = initParams({ kernel: specs[classHead.kernel]!, bias: specs[classHead.bias]! }, createRng('new column')); // the head's own
  const { kernel, bias } = copyToHost(fresh);
  const columns = { [`base/${classHead.kernel}`]: kernel!, [`base/${classHead.bias}`]: bias! };
  for (const value of Object.values(fresh)) value.dispose();
  return { ...pretrained, ...columns };
}

export interface Trained {
  readonly meta: HostParams;
  /** Of processor time. */
  readonly seconds: number;
  /** Mean loss of the last tenth of the steps. */
  readonly lastLoss: number;
}

/** Meta-training, or ordinary training where nothing is adapted: the same optimizer, schedule and number of steps. */
export async function trainModel(learner: Learner, source: TaskSource, { steps, metaBatchSize, learningRate, seed, label }: TrainModelOptions): Promise<Trained> {
  const began = process.cpuUsage();
  const trainer = await modelTrainer(learner, source, { steps, metaBatchSize, learningRate, seed });
  const last: number[] = [];
  for await (const { step, queryLoss } of withProgress(trainer.train({ steps }), { total: steps, label })) if (step > 0.9 * steps) last.push(queryLoss);
  const meta = copyToHost(trainer.meta);
  trainer.dispose();
  const { user, system } = process.cpuUsage(began);
  return { meta, seconds: (user + system) / 1e6, lastLoss: last.reduce((sum, loss) => sum + loss, 0) / last.length };
}

/** What trains it. */
export function modelTrainer(learner: Learner, source: TaskSource, { steps, metaBatchSize, learningRate, seed }: Omit<TrainModelOptions, 'label'>): Promise<MetaTrainer> {
  return metaTrainer(learner, source, {
    innerSteps: 0,
    metaBatchSize,
    outerLearningRate: cosine(learningRate, steps, { end: learningRate / 100 }),
    outerClip: { by: 'norm', limit: 10 },
    seed,
  });
}

export interface TrainModelOptions {
  readonly steps: number;
  readonly metaBatchSize: number;
  readonly learningRate: number;
  readonly seed: string;
  readonly label: string;
}
