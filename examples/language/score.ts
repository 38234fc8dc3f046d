import * as tf from '@tensorflow/tfjs';
import { compile, softmaxCrossEntropy, type Compiled, type HostFloats, type HostParams, type Network, type Noise, type Params } from 'hypermeta';
import { pieces, type Piece } from './text';

/** What a network reads: a piece of each of its sequences, and what it remembers of those before. */
export interface Reading {
  readonly x: tf.Tensor;
  readonly y: tf.Tensor;
  readonly weight: tf.Tensor;
  readonly memory: Params;
}

/** Sum over the characters of a piece of −log p, in nats, and what is remembered after it. Call it within a tidy. */
export function readPiece(network: Network, params: Params, { x, y, weight, memory }: Reading, noise?: Noise) {
  const { output, after } = network.memory!.proceed(params, x, memory, noise ? { noise } : {});
  const following = tf.cast(tf.equal(tf.expandDims(y, -1), tf.range(0, output.shape.at(-1)!)), 'float32');
  return { nats: tf.sum<tf.Scalar>(tf.mul(softmaxCrossEntropy(output, following), weight)), after };
}

/** Bits per character of texts, which is read as `streams` sequences side by side. */
export interface Scorer {
  score(params: HostParams, tokens: Float32Array): Promise<number>;
  dispose(): Promise<void>;
}

export function scorer(network: Network, streams: number): Scorer {
  const step: Compiled<{ params: Params; reading: Reading }, { nats: tf.Tensor; after: Params }> = compile(({ params, reading }) => readPiece(network, params, reading), { name: 'the score of a piece' });
  return {
    async score(params, tokens) {
      let [memory, nats, count] = [noMemory(network, streams), 0, 0];
      for (const piece of pieces(tokens, streams, network.inputShape[0]!)) {
        const read = await step.runOnHost({ params, reading: { ...onHost(piece, streams), memory } });
        nats += read.nats.values[0]!;
        count += piece.weight.reduce((sum, weight) => sum + weight, 0);
        memory = read.after as HostParams; // floats
      }
      return nats / count / Math.LN2;
    },
    dispose: () => step.dispose(),
  };
}

/** A piece as inputs of a compiled function. */
export function onHost({ x, y, weight }: Piece, streams: number): Readonly<Record<'x' | 'y' | 'weight', HostFloats>> {
  const floats = (values: Float32Array) => hostFloats(values, [1, streams, values.length / streams]);
  return { x: floats(x), y: floats(y), weight: floats(weight) };
}

/** Before the first piece. */
export function noMemory(network: Network, streams: number): HostParams {
  const entries = Object.entries(network.memory!.shapes);
  return Object.fromEntries(entries.map(([name, [size]]) => [name, hostFloats(new Float32Array(streams * size!), [1, streams, size!])]));
}

export function hostFloats(values: Float32Array, shape: readonly number[]): HostFloats {
  return { values, shape, dtype: 'float32' };
}
