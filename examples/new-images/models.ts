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
export function variationalHypernetwork(settings: ModelSettings): Learner {
  const { latent, trunk } = settings;
  return hyperLearner(coordinateNetwork(settings), fullHypernetwork({ embeddingSize: latent, hidden: trunk }), { start: encoderOf(settings), adapt: 'nothing' });
}

/** Latent code → all pixels at once: the usual variational autoencoder, with the same encoder. */
export function plainAutoencoder(settings: ModelSettings): Learner {
  return neuralProcess(mlp([1 + settings.latent, ...settings.decoder, pixelCount]), { encoder: encoderOf(settings) });
}

/** An image as a function of the place. */
function coordinateNetwork({ frequencies, scale, hidden }: ModelSettings): Network {
  const layers = hidden.flatMap((units) => [dense(units), activation('relu')]);
  return sequential([2], [fourierFeatures(frequencies, { scale }), ...layers, dense(1)], { name: 'coordinate network' });
}

function encoderOf({ latent, encoder, beta }: ModelSettings): EmbeddingStart {
  return gaussianEmbedding(imageSetEncoder({ image: denseFeatures(encoder) }), { size: latent, klWeight: beta / pixelCount, deviation: 0.5 });
}

/** An image's features. */
function denseFeatures(sizes: readonly number[]): Network {
  return sequential([pixelCount], sizes.flatMap((units) => [dense(units), activation('relu')]));
}
