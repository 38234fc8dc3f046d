import * as tf from '@tensorflow/tfjs';
import { constantInit } from '../core/initializers';
import type { Network } from '../core/network';
import { addBias } from './feature-rows';

/** The network with a bias for each of its features, which starts at 0; with `'none'`, as it is. */
export function withBias(network: Network, bias: 'learned' | 'none', fanIn: number): Network {
  if (bias === 'none') return network;
  return {
    ...network,
    specs: { ...network.specs, bias: { shape: network.outputShape.slice(-1), role: 'bias', fanIn, init: constantInit(0) } },
    apply: ({ bias: added, ...params }, x, pass) => tf.tidy(() => addBias(network.apply(params, x, pass), added!)),
  };
}
