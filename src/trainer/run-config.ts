import type { Learner } from '../core/learner';
import type { Network } from '../core/network';
import type { TaskSource, TaskSplits } from '../core/task';
import type { AttentionClassEncoderOptions } from '../embeddings/attention-class-encoder';
import type { AttentionEncoderOptions } from '../embeddings/attention-encoder';
import type { ClassEncoderOptions } from '../embeddings/class-encoder';
import type { ConditionEmbeddingOptions } from '../embeddings/condition-embedding';
import type { GaussianEmbeddingOptions } from '../embeddings/gaussian-embedding';
import type { SetEncoderOptions } from '../embeddings/set-encoder';
import type { EvaluateOptions } from '../evaluation/evaluate';
import type { ChunkedHypernetworkOptions } from '../hypernets/chunked-hypernetwork';
import type { FullHypernetworkOptions } from '../hypernets/full-hypernetwork';
import type { KernelHypernetworkOptions } from '../hypernets/kernel-hypernetwork';
import type { LayerwiseHypernetworkOptions } from '../hypernets/layerwise-hypernetwork';
import type { LowRankHypernetworkOptions } from '../hypernets/low-rank-hypernetwork';
import type { ModulationHypernetworkOptions } from '../hypernets/modulation-hypernetwork';
import type { ResidualHypernetworkOptions } from '../hypernets/residual-hypernetwork';
import type { TokenHypernetworkOptions } from '../hypernets/token-hypernetwork';
import type { HeadStart } from '../learners/base-params';
import type { HyperClassifierOptions } from '../learners/hyper-classifier';
import type { HyperLearnerOptions } from '../learners/hyper-learner';
import type { HyperMamlOptions } from '../learners/hyper-maml';
import type { ImamlOptions } from '../learners/imaml';
import type { LeoOptions } from '../learners/leo';
import type { MamlPlusPlusOptions } from '../learners/maml-plus-plus';
import type { MetaSgdOptions } from '../learners/meta-sgd';
import type { R2d2Options } from '../learners/r2d2';
import type { VersaOptions } from '../learners/versa';
import type { DifferenceOptions } from '../meta/difference';
import type { ImplicitOptions } from '../meta/implicit';
import type { MetaGradient } from '../meta/meta-gradient';
import type { UnrolledOptions } from '../meta/unrolled';
import type { Conv4Options } from '../nn/conv4';
import type { ResnetOptions } from '../nn/resnet';
import type { MlpOptions } from '../nn/mlp';
import type { SirenOptions } from '../nn/siren';
import type { AdamOptions } from '../optim/adam';
import type { Optimizer } from '../optim/optimizer';
import type { Schedule } from '../optim/schedule';
import type { BernoulliOptions } from '../tasks/bernoulli';
import type { FewShotSplitOptions } from '../tasks/few-shot';
import type { GaussianOptions } from '../tasks/gaussian';
import type { LabelledIdxPaths } from '../tasks/idx-node';
import type { ImageFolderOptions } from '../tasks/image-folder-node';
import type { OmniglotOptions } from '../tasks/omniglot-node';
import type { SinusoidOptions } from '../tasks/sinusoids';
import type { SplitSizes } from '../tasks/split-classes';
import type { CsvOptions } from '../tasks/table';
import type { TableTasksOptions } from '../tasks/table-tasks';
import type { LayerKinds } from './layer-kinds';
import type { MetaTrainerOptions } from './options';
import type { TrainOptions } from './train';

/** `{ kind: 'maml', … }`, or `'maml'` alone where the kind needs nothing more. */
export type Described<Kinds> = {
  [Kind in keyof Kinds]: ({ readonly kind: Kind } & Kinds[Kind]) | (Record<never, never> extends Kinds[Kind] ? Kind : never);
}[keyof Kinds];

/** How the classes of labelled examples become few-shot tasks. */
export interface ClassSplit extends Omit<FewShotSplitOptions, 'within'> {
  /** Numbers or shares of the classes. @default 0.7, 0.15, 0.15 */
  readonly split?: Omit<SplitSizes, 'by'>;
  /** Chooses which classes are held out. @default 'split' */
  readonly splitSeed?: string;
}

/** Where tasks come from, by kind. Paths are relative to the config's folder. */
export interface DataKinds {
  readonly sinusoids: SinusoidOptions;
  readonly images: { readonly dir: string } & ImageFolderOptions & ClassSplit;
  readonly idx: LabelledIdxPaths & ClassSplit;
  readonly omniglot: OmniglotOptions;
  readonly csv: { readonly file: string } & Pick<CsvOptions, 'delimiter'> & TableTasksOptions;
  readonly jsonl: { readonly file: string } & TableTasksOptions;
}

/** Base networks, by kind. The tasks say how many inputs and outputs there are. */
export interface BaseKinds {
  readonly mlp: { readonly hidden: readonly number[] } & MlpOptions;
  readonly conv4: Pick<Conv4Options, 'filters' | 'activation' | 'statistics'>;
  readonly conv4Strided: Pick<Conv4Options, 'filters' | 'activation' | 'statistics'>;
  readonly resnet: Omit<ResnetOptions, 'inputShape' | 'ways'>;
  readonly siren: { readonly hidden: readonly number[] } & SirenOptions;
  readonly layers: { readonly layers: readonly Described<LayerKinds>[] };
}

/** What generates the weights. The embedding's size stands beside it. */
export interface PlainFamilyKinds {
  readonly full: Omit<FullHypernetworkOptions, 'embeddingSize'>;
  readonly chunked: Omit<ChunkedHypernetworkOptions, 'embeddingSize'>;
  readonly layerwise: Omit<LayerwiseHypernetworkOptions, 'embeddingSize'>;
  readonly kernel: Omit<KernelHypernetworkOptions, 'embeddingSize'>;
  readonly token: Omit<TokenHypernetworkOptions, 'embeddingSize'>;
  readonly lowRank: Omit<LowRankHypernetworkOptions, 'embeddingSize'>;
  readonly modulation: Omit<ModulationHypernetworkOptions, 'embeddingSize'>;
}

export interface FamilyKinds extends PlainFamilyKinds {
  readonly residual: { readonly of: Described<PlainFamilyKinds> } & Pick<ResidualHypernetworkOptions, 'initialScale'>;
}

type FromTasks = 'size' | 'inputShape' | 'targetShape' | 'features' | 'conditionSize';

/** Where a task's embedding starts. */
export interface PlainStartKinds {
  readonly learned: object;
  readonly table: object;
  readonly condition: Omit<ConditionEmbeddingOptions, FromTasks>;
  readonly set: Omit<SetEncoderOptions, FromTasks>;
  readonly attention: Omit<AttentionEncoderOptions, FromTasks>;
}

export interface StartKinds extends PlainStartKinds {
  readonly gaussian: { readonly of: Described<PlainStartKinds> } & Omit<GaussianEmbeddingOptions, 'size' | 'posterior'>;
}

/** What makes class embeddings. */
export interface ClassStartKinds {
  readonly features: object;
  readonly encoder: Omit<ClassEncoderOptions, FromTasks>;
  readonly attention: Omit<AttentionClassEncoderOptions, FromTasks>;
}

/** A hypernetwork in a config. */
export interface Generation {
  /** @default 8 */
  readonly embeddingSize?: number;
  /** @default 'full' */
  readonly family?: Described<FamilyKinds>;
}

export interface PlainLearnerKinds {
  readonly hypernetwork: Generation & { readonly start?: Described<StartKinds> } & Pick<HyperLearnerOptions, 'adapt' | 'embeddingSteps'>;
  readonly hyperClassifier: {
    /** Generates a head column from a class embedding. @default 'full' */
    readonly head?: Described<FamilyKinds>;
    /** @default 'features' */
    readonly classes?: Described<ClassStartKinds>;
    /** Generates the body from a task embedding. @default a body shared by all tasks */
    readonly body?: Generation & { readonly start: Described<StartKinds> };
  } & Pick<HyperClassifierOptions, 'around' | 'attention' | 'adapt' | 'embeddingSteps'>;
  readonly maml: { readonly head?: HeadStart };
  readonly anil: { readonly head?: HeadStart };
  readonly boil: object;
  readonly metaSgd: MetaSgdOptions;
  readonly metaCurvature: { readonly head?: HeadStart };
  readonly mamlPlusPlus: MamlPlusPlusOptions;
  readonly imaml: ImamlOptions;
  readonly leo: LeoOptions;
  readonly cavia: { readonly contextSize: number };
  readonly protonet: object;
  readonly r2d2: R2d2Options;
  readonly hyperMaml: HyperMamlOptions;
  readonly versa: VersaOptions;
  readonly neuralProcess: { readonly embeddingSize?: number; readonly encoder?: Described<StartKinds> };
}

/** Learners of the grid, by kind. */
export interface LearnerKinds extends PlainLearnerKinds {
  readonly learnedRates: { readonly of: Described<PlainLearnerKinds>; readonly steps: number };
}

export interface OptimizerKinds {
  readonly sgd: object;
  readonly momentum: { readonly decay?: number };
  readonly adam: AdamOptions;
}

export interface ScheduleKinds {
  /** From `from` to `end` along half a cosine over so many outer steps. */
  readonly cosine: { readonly from: number; readonly steps: number; readonly end?: number };
  /** Rises over so many outer steps to another rate, or schedule. */
  readonly warmup: { readonly to: number | Described<Pick<ScheduleKinds, 'cosine'>>; readonly steps: number };
}

export interface MetaGradientKinds {
  readonly unrolled: UnrolledOptions;
  readonly difference: DifferenceOptions;
  readonly implicit: ImplicitOptions;
}

export interface ObjectiveKinds {
  readonly bernoulli: BernoulliOptions;
  readonly gaussian: GaussianOptions;
}

/** Options of `metaTrainer` but for a start of one's own, where optimizers, schedule and meta-gradient may be described. */
export interface TrainerConfig
  extends Omit<MetaTrainerOptions, 'innerOptimizer' | 'outerOptimizer' | 'outerLearningRate' | 'metaGradient' | 'meta'> {
  readonly innerOptimizer?: Described<OptimizerKinds> | Optimizer;
  readonly outerOptimizer?: Described<OptimizerKinds> | Optimizer;
  readonly outerLearningRate?: number | Described<ScheduleKinds> | Schedule;
  readonly metaGradient?: Described<MetaGradientKinds> | MetaGradient;
}

/** A meta-training as data: what the command `hypermeta train` runs. Real objects may stand for described ones. */
export interface RunConfig {
  /** Where an editor finds the JSON Schema. */
  readonly $schema?: string;
  readonly data: Described<DataKinds> | TaskSource | TaskSplits;
  /** What the outputs of values mean. @default the values themselves */
  readonly objective?: Described<ObjectiveKinds>;
  /** Needed unless the learner is a real one, which has its own. */
  readonly base?: Described<BaseKinds> | Network;
  readonly learner: Described<LearnerKinds> | Learner;
  readonly trainer?: TrainerConfig;
  readonly train: Pick<TrainOptions, 'steps' | 'validateEvery' | 'validationEpisodes' | 'patience'> & {
    readonly save?: Omit<NonNullable<TrainOptions['save']>, 'dir'>;
  };
  /** Of the evaluation at the end. */
  readonly evaluate?: Pick<EvaluateOptions, 'episodes' | 'steps' | 'seed' | 'batchSize'>;
}

/** The same config, typed, so that an editor completes it: `export default defineConfig({ … })` in `hypermeta.config.ts`. */
export function defineConfig(config: RunConfig): RunConfig {
  return config;
}
