import * as tf from '@tensorflow/tfjs';
import {
  activation,
  conv2d,
  dense,
  flatten,
  fullHypernetwork,
  gaussianEmbedding,
  hyperLearner,
  imageSetEncoder,
  mlp,
  neuralProcess,
  permute,
  reshape,
  sequential,
  type EmbeddingStart,
  type Learner,
  type Network,
} from 'hypermeta';
import { pixelCount, side } from './image-tasks';
import { warpingNetwork, type WarpSettings } from './warping-network';

/** Of more drawings of a character, by a code of `latent` values. */
export interface CharacterModel {
  readonly latent: number;
  /** β: how much of the divergence counts, beside the sum over pixels. */
  readonly beta: number;
  /** Of the encoder of pairs of drawings: filters of its convolutions, features of a pair, what sees their mean. */
  readonly pairs: { readonly filters: readonly number[]; readonly features: number; readonly set: readonly number[] };
  readonly warp: WarpSettings;
  /** Hidden units of the field that is generated, and of the trunk that generates it. */
  readonly generated: { readonly field: readonly number[]; readonly trunk: readonly number[] };
  /** Of the field that is told the code. */
  readonly told: readonly number[];
  /** Of the plain decoder. */
  readonly decoder: readonly number[];
}

/** Latent code → a field of moves that makes another drawing of one that is given. */
export function warpingHypernetwork(settings: CharacterModel): Learner {
  const { latent, warp, generated } = settings;
  const family = fullHypernetwork({ embeddingSize: latent, hidden: generated.trunk });
  const options = { start: drawingEncoder(settings), adapt: 'nothing', generates: (name: string) => name.startsWith('field/') } as const;
  return hyperLearner(warpingNetwork(warp, generated.field), family, options);
}

/** The same field for all codes, with the code as one more input. */
export function toldWarping(settings: CharacterModel): Learner {
  const { latent, warp, told } = settings;
  return neuralProcess(warpingNetwork(warp, told, latent), { encoder: drawingEncoder(settings) });
}

/** Latent code and a drawing → all pixels at once. */
export function redrawingDecoder(settings: CharacterModel): Learner {
  return neuralProcess(mlp([pixelCount + settings.latent, ...settings.decoder, pixelCount]), { encoder: drawingEncoder(settings) });
}

/**
 * The encoder of a task of several drawings, of which one more is asked: what was given makes the prior, and in training the one that
 * is asked the posterior. Both see each drawing beside the one that it is to be made of.
 */
function drawingEncoder({ latent, beta, pairs: { filters, features, set } }: CharacterModel): EmbeddingStart {
  const seen = sequential([features], set.flatMap((units) => [dense(units), activation('relu')]));
  const prior = besideInputs(imageSetEncoder({ image: pairFeatures(filters, features), set: seen }));
  const posterior = besideInputs(imageSetEncoder({ image: pairFeatures(filters, features) }));
  return gaussianEmbedding(prior, { size: latent, posterior, klWeight: beta / pixelCount, deviation: 0.5 });
}

/** The encoder of an example's inputs and targets, one behind the other. */
function besideInputs(encoder: EmbeddingStart): EmbeddingStart {
  return {
    ...encoder,
    start: (params, task, prediction) =>
      tf.tidy(() => {
        const { x, y, weight } = task.support;
        return encoder.start(params, { ...task, support: { x, y: tf.concat([x, y], 2), weight } }, prediction);
      }),
  };
}

/** Features of two drawings, by convolutions that each halve them. */
function pairFeatures(filters: readonly number[], units: number): Network {
  const convolutions = filters.flatMap((count) => [conv2d(count, 3, { stride: 2 }), activation('relu')]);
  return sequential([2 * pixelCount], [reshape([2, side, side]), permute([1, 2, 0]), ...convolutions, flatten(), dense(units), activation('relu')]);
}
