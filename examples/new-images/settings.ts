import type { CharacterModel } from './character-models';
import type { ModelSettings } from './models';

/** How a model is trained; β is in the model's settings. */
export interface TrainingSettings<Model extends string> {
  readonly batch: number;
  readonly learningRate: number;
  /** Of each model: as many as take the same processor time. */
  readonly steps: Readonly<Record<Model, number>>;
}

export interface ScoringSettings {
  /** Redrawings of both sets behind the interval of a Fréchet distance. */
  readonly redrawings: number;
  /** Training steps of the classifier that tells two sets apart. */
  readonly testSteps: number;
}

export interface ItemSettings {
  readonly model: ModelSettings;
  readonly training: TrainingSettings<'hypernetwork' | 'plain'>;
  /** Pixels of an image that a step asks the hypernetwork for. */
  readonly points: number;
  /** Images to learn from. */
  readonly images: number;
  readonly prior: { readonly parts: number; readonly rounds: number; readonly codes: number };
  readonly classifierSteps: number;
  /** Images of each set that is compared. */
  readonly scored: number;
  readonly scoring: ScoringSettings;
}

export interface CharacterSettings {
  readonly model: CharacterModel;
  readonly training: TrainingSettings<'hypernetwork' | 'told' | 'plain'>;
  /** Numbers of drawings given. */
  readonly shots: readonly number[];
  /** Alphabets to learn from and to be asked for. @default all */
  readonly alphabets?: { readonly background: readonly string[]; readonly evaluation: readonly string[] };
  /** Drawings that are made of a character, of as many characters as there are. */
  readonly drawings: number;
  readonly scoring: ScoringSettings;
}

const model: ModelSettings = {
  latent: 32,
  encoder: [512, 256],
  beta: 0.3,
  frequencies: 32,
  scale: 1.3,
  hidden: [32, 32],
  trunk: [256, 256],
  decoder: [480, 690],
};

export const itemSettings: ItemSettings = {
  model,
  training: { batch: 64, learningRate: 0.001, steps: { hypernetwork: 1600, plain: 2600 } },
  points: 256,
  images: 60_000,
  prior: { parts: 10, rounds: 10, codes: 10_000 },
  classifierSteps: 2000,
  scored: 4000,
  scoring: { redrawings: 50, testSteps: 400 },
};

export const characterSettings: CharacterSettings = {
  model: {
    latent: 32,
    beta: 0.05,
    pairs: { filters: [16, 32, 32], features: 128, set: [128] },
    warp: { reach: 0.5, widths: [1, 2, 5] },
    generated: { field: [32, 32], trunk: [128, 128] },
    told: [96, 96],
    decoder: [103, 103],
  },
  training: { batch: 48, learningRate: 0.001, steps: { hypernetwork: 4000, told: 2600, plain: 8400 } },
  shots: [1, 3, 5],
  drawings: 4,
  scoring: { redrawings: 50, testSteps: 400 },
};

const tiny = {
  model: { ...model, latent: 4, encoder: [16], frequencies: 4, hidden: [8], trunk: [8], decoder: [8] },
  training: { batch: 4, learningRate: 0.001, steps: { hypernetwork: 3, told: 3, plain: 3 } },
  scoring: { redrawings: 3, testSteps: 3 },
};

/** Does it run? */
export const quickItems: ItemSettings = { ...tiny, points: 16, images: 200, prior: { parts: 2, rounds: 2, codes: 100 }, classifierSteps: 3, scored: 40 };

export const quickCharacters: CharacterSettings = {
  ...tiny,
  model: { latent: 4, beta: 1, pairs: { filters: [2, 2], features: 8, set: [8] }, warp: { reach: 0.5, widths: [1] }, generated: { field: [4], trunk: [4] }, told: [4], decoder: [8] },
  shots: [1],
  alphabets: { background: ['Tagalog'], evaluation: ['Kannada'] },
  drawings: 2,
};
