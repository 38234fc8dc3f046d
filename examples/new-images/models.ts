import {
  activation,
  dense,
  fourierFeatures,
  fullHypernetwork,
  gaussianEmbedding,
  hyperLearner,
  imageSetEncoder,
  mlp,
  neuralProcess,
  sequential,
  type EmbeddingStart,
  type Learner,
  type Network,
} from 'hypermeta';
import { pixelCount } from './image-tasks';

export interface ModelSettings {
  /** Values of the latent code: the embedding. */
  readonly latent: number;
  /** Of the encoder, which sees the whole image. */
  readonly encoder: readonly number[];
  /** β: how much of the divergence counts, beside the sum over pixels. */
  readonly beta: number;
  /** Of the coordinate network: frequencies, their deviation, hidden units. */
  readonly frequencies: number;
  readonly scale: number;
  readonly hidden: readonly number[];
  /** Of the trunk of the hypernetwork that generates it. */
  readonly trunk: readonly number[];
  /** Of the plain decoder. */
  readonly decoder: readonly number[];
}

/** Latent code → weights of a coordinate network, one network an image: a variational autoencoder whose decoder is a hypernetwork. */
export function variationalHypernetwork(settings: ModelSettings, start = encoderOf(settings)): Learner {
  const { latent, trunk } = settings;
  return hyperLearner(coordinateNetwork(settings), fullHypernetwork({ embeddingSize: latent, hidden: trunk }), { start, adapt: 'nothing' });
}

/** Latent code → all pixels at once: the usual variational autoencoder, with the same encoder. */
export function plainAutoencoder(settings: ModelSettings, start = encoderOf(settings)): Learner {
  return neuralProcess(mlp([1 + settings.latent, ...settings.decoder, pixelCount]), { encoder: start });
}

/** An image as a function of the place. */
export function coordinateNetwork({ frequencies, scale, hidden }: ModelSettings): Network {
  const layers = hidden.flatMap((units) => [dense(units), activation('relu')]);
  return sequential([2], [fourierFeatures(frequencies, { scale }), ...layers, dense(1)], { name: 'coordinate network' });
}

/**
 * The encoder of a task of several images, of which one more is asked: what was given makes the prior, and in training the one that
 * is asked the posterior.
 */
export function conditionalEncoder({ latent, encoder, beta }: ModelSettings, given: { readonly image: readonly number[]; readonly set: readonly number[] }): EmbeddingStart {
  const [features = 1] = given.image.slice(-1);
  const set = sequential([features], given.set.flatMap((units) => [dense(units), activation('relu')]));
  const prior = imageSetEncoder({ image: denseFeatures(given.image), set });
  const posterior = imageSetEncoder({ image: denseFeatures(encoder) });
  return gaussianEmbedding(prior, { size: latent, posterior, klWeight: beta / pixelCount, deviation: 0.5 });
}

function encoderOf({ latent, encoder, beta }: ModelSettings): EmbeddingStart {
  return gaussianEmbedding(imageSetEncoder({ image: denseFeatures(encoder) }), { size: latent, klWeight: beta / pixelCount, deviation: 0.5 });
}

/** An image's features. */
export function denseFeatures(sizes: readonly number[]): Network {
  return sequential([pixelCount], sizes.flatMap((units) => [dense(units), activation('relu')]));
}
