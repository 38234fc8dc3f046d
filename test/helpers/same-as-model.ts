import * as tf from '@tensorflow/tfjs';
import { expect } from 'vitest';
import { toTensor } from '../../src/core/host-tensor';
import { mapRecord, type Params } from '../../src/core/params';
import { createRng } from '../../src/core/rng';
import { sizeOf } from '../../src/core/shape';
import { fromLayersModel, type ConvertedNetwork, type FromLayersModelOptions } from '../../src/convert/from-layers-model';

export interface SameAsModelOptions extends FromLayersModelOptions {
  /** Inputs are whole numbers below this. @default normal values */
  readonly tokens?: number;
}

const examples = 3;
const tolerance = 1e-5;

/** The converted network gives what the model predicts, for one task and for tasks with weights of their own. */
export function expectSameAsModel(model: tf.LayersModel, { tokens, ...options }: SameAsModelOptions = {}): ConvertedNetwork {
  const networks: ConvertedNetwork[] = [];
  tf.tidy(() => {
    const outputs = ['one', 'two'].map((task) => {
      for (const layer of new Set(model.layers)) layer.setWeights(drawn(task, layer.getWeights())); // a layer may stand in it twice
      const network = fromLayersModel(model, { lastActivation: 'kept', ...options });
      networks.push(network);
      const x = inputs(task, [1, examples, ...network.inputShape], tokens);
      const expected = tf.expandDims(model.predict(tf.squeeze(x, [0])) as tf.Tensor, 0); // it has one output
      expectClose(network.apply(tensors(network), x), expected);
      return { network, x, expected };
    });
    const [first] = outputs;
    const weights = mapRecord(first!.network.weights, (_, name) => tf.concat(outputs.map(({ network }) => toTensor(network.weights[name]!)), 0));
    expectClose(first!.network.apply(weights, tf.concat(outputs.map(({ x }) => x), 0)), tf.concat(outputs.map(({ expected }) => expected), 0));
  });
  return networks.at(-1)!; // the model has its weights now
}

export function tensors(network: ConvertedNetwork): Params {
  return mapRecord(network.weights, (value) => toTensor(value));
}

/** Weights around what they were, variances above 0. */
function drawn(label: string, weights: readonly tf.Tensor[]): tf.Tensor[] {
  return weights.map((weight, index) => tf.add(tf.abs(weight), tf.mul(inputs(`${label} ${index}`, weight.shape), weight.rank === 1 ? 0.05 : 0.3)));
}

function inputs(label: string, shape: readonly number[], tokens?: number): tf.Tensor {
  const rng = createRng(label);
  return tf.tensor(Float32Array.from({ length: sizeOf(shape) }, () => (tokens ? rng.integer(tokens) : rng.normal())), [...shape]);
}

function expectClose(found: tf.Tensor, expected: tf.Tensor): void {
  expect(found.shape).toEqual(expected.shape);
  const size = Math.max(1, tf.max(tf.abs(expected)).dataSync()[0]!);
  expect(tf.max(tf.abs(tf.sub(found, expected))).dataSync()[0]! / size).toBeLessThan(tolerance);
}
