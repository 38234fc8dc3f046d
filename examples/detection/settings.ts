/** Sizes of the study: of networks, of meta-training, of tuning and of the test. */
export interface DetectionSettings {
  /** Filters of the detector, on the way to its grid and on it. */
  readonly strided: readonly number[];
  readonly deep: readonly number[];
  /** Hidden layers of the generator of head columns. */
  readonly hidden: readonly number[];
  readonly steps: number;
  readonly metaBatchSize: number;
  /** Fewest and most annotated boxes of an episode in meta-training. */
  readonly trainShots: readonly [number, number];
  /** Scenes to predict in an episode of meta-training. */
  readonly trainScenes: number;
  /** Scenes of a step of pre-training: as many as meta-training sees. */
  readonly pretrainScenes: number;
  readonly learningRate: number;
  readonly validationEpisodes: number;
  readonly testEpisodes: number;
  /** Scenes to predict in an episode of the test. */
  readonly testScenes: number;
  /** Annotated boxes in the test (K). */
  readonly shots: readonly number[];
  /** K that rates and steps are tuned at; another K takes those of the nearest below. */
  readonly tunedShots: readonly number[];
  /** Meta-training scenes that joint training has beside the annotated ones. */
  readonly jointScenes: number;
}

export const fullSettings: DetectionSettings = {
  strided: [16, 24],
  deep: [32, 48, 48],
  hidden: [64],
  steps: 2000,
  metaBatchSize: 4,
  trainShots: [1, 3],
  trainScenes: 4,
  pretrainScenes: 24,
  learningRate: 0.003,
  validationEpisodes: 24,
  testEpisodes: 60,
  testScenes: 8,
  shots: [1, 3, 5, 10],
  tunedShots: [1, 5],
  jointScenes: 4,
};

export const quickSettings: DetectionSettings = {
  ...fullSettings,
  strided: [4, 4],
  deep: [8],
  hidden: [],
  steps: 2,
  metaBatchSize: 1,
  trainShots: [1, 1],
  trainScenes: 1,
  pretrainScenes: 1,
  validationEpisodes: 1,
  testEpisodes: 2,
  testScenes: 2,
  shots: [1],
  tunedShots: [1],
  jointScenes: 1,
};
