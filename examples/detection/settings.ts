/** Sizes of the study: of networks, of meta-training, of tuning and of the test. */
export interface DetectionSettings {
  /** Filters of the detector, on the way to its grid and on it. */
  readonly strided: readonly number[];
  readonly deep: readonly number[];
  /** Of those on the grid. @default the detector's own */
  readonly dilations?: readonly number[];
  /** Hidden layers of the generator of head columns. */
  readonly hidden: readonly number[];
  /** Of pre-training. */
  readonly steps: number;
  /** Of the pre-training that meta-training goes on from, and of meta-training: together about as long as pre-training, in processor time. */
  readonly bodySteps: number;
  readonly metaSteps: number;
  readonly metaBatchSize: number;
  /** Characters of an episode in meta-training. */
  readonly trainWays: number;
  /** Fewest and most annotated boxes of each in meta-training. */
  readonly trainShots: readonly [number, number];
  /** Scenes to predict in an episode of meta-training. */
  readonly trainScenes: number;
  /** Scenes of a step of pre-training. */
  readonly pretrainScenes: number;
  readonly learningRate: number;
  readonly validationEpisodes: number;
  readonly testEpisodes: number;
  /** Scenes to predict in an episode of the test. */
  readonly testScenes: number;
  /** Heights and widths of the test's scenes in pixels; meta-training has 64. */
  readonly sizes: readonly number[];
  /** Annotated boxes in the test (K). */
  readonly shots: readonly number[];
  /** K that rates and steps are tuned at; another K takes those of the nearest below. */
  readonly tunedShots: readonly number[];
  /** Rates and numbers of steps that are tried of each kind of adaptation, at the first seed. */
  readonly triedRates: number;
  readonly triedSteps: number;
  /** Meta-training scenes that joint training has beside the annotated ones. */
  readonly jointScenes: number;
  /** Alphabets to read of the background, where not all. */
  readonly alphabets?: { readonly background: readonly string[]; readonly evaluation: readonly string[] };
}

export const fullSettings: DetectionSettings = {
  strided: [16, 24],
  deep: [32, 48, 48],
  hidden: [64],
  steps: 13_000,
  bodySteps: 3000,
  metaSteps: 18_000,
  metaBatchSize: 1,
  trainWays: 12,
  trainShots: [1, 3],
  trainScenes: 6,
  pretrainScenes: 8,
  learningRate: 0.003,
  validationEpisodes: 64,
  testEpisodes: 200,
  testScenes: 6,
  sizes: [64, 96],
  shots: [1, 3, 5, 10],
  tunedShots: [1, 5],
  triedRates: 3,
  triedSteps: 3,
  jointScenes: 2,
};

export const quickSettings: DetectionSettings = {
  ...fullSettings,
  strided: [4, 4],
  deep: [8],
  hidden: [],
  steps: 2,
  bodySteps: 1,
  metaSteps: 1,
  metaBatchSize: 1,
  trainWays: 2,
  trainShots: [1, 1],
  trainScenes: 1,
  pretrainScenes: 1,
  validationEpisodes: 1,
  testEpisodes: 2,
  testScenes: 2,
  sizes: [64],
  shots: [1],
  tunedShots: [1],
  triedRates: 1,
  triedSteps: 1,
  jointScenes: 1,
  alphabets: { background: ['Greek', 'Latin'], evaluation: ['Tengwar'] },
};

/** Of the study of blood cells beside them. */
export interface BloodSettings extends DetectionSettings {
  /** Height and width of the crops of meta-training. */
  readonly size: number;
  /** Draws of annotated boxes. */
  readonly draws: number;
  /** Annotated in a draw (K). */
  readonly boxes: number;
  /** Images to predict in an episode of tuning. */
  readonly validationImages: number;
  /** Bootstrap samples of the test images. */
  readonly resamples: number;
}

export const bloodSettings: BloodSettings = { ...fullSettings, trainWays: 6, dilations: [1, 2, 4], steps: 3000, bodySteps: 1500, metaSteps: 1500, metaBatchSize: 2, trainShots: [1, 5], trainScenes: 3, size: 96, boxes: 5, draws: 30, validationEpisodes: 6, validationImages: 5, resamples: 200 };

export const quickBloodSettings: BloodSettings = { ...bloodSettings, ...quickSettings, dilations: [1], pretrainScenes: 2, size: 64, boxes: 2, draws: 2, validationImages: 1, resamples: 2 };
