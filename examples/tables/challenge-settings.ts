import type { AlphabetEpisodesOptions, BackgroundSet } from 'hypermeta';
import type { ConvolutionSettings } from './convolutions';

/** All that decides what a model of the Omniglot challenge learns, beside its background set. */
export interface ChallengeSettings extends ConvolutionSettings {
  readonly learner: 'protonet' | 'hyperClassifier';
  readonly episodes: AlphabetEpisodesOptions;
  readonly steps: number;
  readonly metaBatchSize: number;
  /** Falls to a hundredth along half a cosine. */
  readonly learningRate: number;
  /** How often a drawing is looked at when runs are scored, each time distorted by chance but the first; 1 is plain. */
  readonly views: number;
  readonly seed: string;
}

const common: ChallengeSettings = {
  learner: 'protonet',
  size: 28,
  filters: [32, 64, 64, 64],
  pools: 3,
  episodes: {
    ways: 20,
    queryDrawers: 3,
    symmetries: 'all',
    alphabetDistortion: { rotation: 15, scale: 0.3, shear: 0.3 },
    drawingDistortion: { rotation: 5, scale: 0.1, shear: 0.08, shift: 0.04, wobble: 0.01 },
  },
  steps: 12_000,
  metaBatchSize: 1,
  learningRate: 0.002,
  views: 1,
  seed: '0',
};

/** Chosen on held-out background alphabets. */
export const chosenSettings: Readonly<Record<BackgroundSet, ChallengeSettings>> = {
  original: common,
  small1: common,
  small2: common,
};

/** What `--tune` tries in place of the chosen. */
export const candidates: Readonly<Record<string, Partial<ChallengeSettings>>> = {
  chosen: {},
  plain: { episodes: { ways: 20, queryDrawers: 3 } },
  'no symmetries': { episodes: { ...common.episodes, symmetries: 'none' } },
  'no alphabet distortion': { episodes: { ...common.episodes, alphabetDistortion: {} } },
  'stronger distortion': { episodes: { ...common.episodes, drawingDistortion: { rotation: 8, scale: 0.15, shear: 0.12, shift: 0.06, wobble: 0.015 } } },
  'no wobble': { episodes: { ...common.episodes, drawingDistortion: { ...common.episodes.drawingDistortion, wobble: 0 } } },
  'much wobble': { episodes: { ...common.episodes, drawingDistortion: { ...common.episodes.drawingDistortion, wobble: 0.03 } } },
  'eight views': { views: 8 },
  'four pools': { pools: 4 },
  'size 35': { size: 35 },
  'size 42': { size: 42, pools: 4 },
  'more filters': { filters: [64, 64, 64, 64] },
  hyperClassifier: { learner: 'hyperClassifier' },
};

/** A form of everything that takes seconds: it learns next to nothing. */
export const quickSettings: Partial<ChallengeSettings> = { size: 28, filters: [8, 8, 8, 8], steps: 20, views: 2 };
