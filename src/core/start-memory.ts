import * as tf from '@tensorflow/tfjs';
import { expectCount } from './errors';
import type { Network } from './network';
import { mapRecord, type Params } from './params';

/**
 * What a recurrent network remembers of `n` sequences before their first piece: nothing, zeros `[1, n, ...]`. The caller disposes.
 *
 * @example
 * let memory = startMemory(network, 1);
 * for (const piece of pieces) memory = network.memory!.proceed(params, piece, memory).after;
 *
 * @throws RangeError if no layer of the network is recurrent
 */
export function startMemory(network: Network, n: number): Params {
  expectCount('startMemory: n', n);
  if (!network.memory) throw new RangeError('startMemory: expected a network with a recurrent layer, got one without memory.');
  return mapRecord(network.memory.shapes, (shape) => tf.zeros([1, n, ...shape]));
}
