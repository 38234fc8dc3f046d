import { conv4, conv4Strided, createRng, fewShot, labelledSet, type Network, type TaskSource } from 'hypermeta';
import { seed } from './context';

export type ConvolutionNetwork = 'strided' | 'pooled';

export const ways = 5;
const [classes, examples, size] = [100, 20, 28];

/** Few-shot episodes with Omniglot's shapes out of noise: 5-way 1-shot, 15 query images a class. */
export function noiseEpisodes(): TaskSource {
  const x = noise(classes * examples);
  const y = Array.from({ length: classes * examples }, (_, index) => Math.floor(index / examples));
  return fewShot(labelledSet({ x, y, inputShape: [size, size, 1] }), { ways, shots: 1, queryShots: 15 });
}

/** Levels of so many images. */
export function noise(count: number): Uint8Array {
  const rng = createRng(`${seed}/images`);
  return Uint8Array.from({ length: count * size * size }, () => rng.integer(256));
}

/** Four blocks of 64 filters, normalized with the statistics of the batch at hand, as learn2learn does. */
export function convolutionNetwork(network: ConvolutionNetwork): Network {
  const make = network === 'strided' ? conv4Strided : conv4;
  return make({ inputShape: [size, size, 1], ways, statistics: 'batch' });
}
