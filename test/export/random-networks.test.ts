import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { copyToHost } from '../../src/core/host-tensor';
import { disposeParams, initParams, mapParams, type Params } from '../../src/core/params';
import { createRng } from '../../src/core/rng';
import { sizeOf } from '../../src/core/shape';
import { activation, type ActivationName } from '../../src/nn/activation';
import { batchNorm } from '../../src/nn/batch-norm';
import { conv2d } from '../../src/nn/conv2d';
import { dense } from '../../src/nn/dense';
import { flatten } from '../../src/nn/flatten';
import { layerNorm } from '../../src/nn/layer-norm';
import type { Layer } from '../../src/nn/layer';
import { averagePool, globalAveragePool, maxPool } from '../../src/nn/pooling';
import { residual } from '../../src/nn/residual';
import { sequential } from '../../src/nn/sequential';
import { sine } from '../../src/nn/sine';
import { classification, regression } from '../../src/tasks/objectives';
import { sinusoids } from '../../src/tasks/sinusoids';
import { networkToJavaScript, networkToTfjs } from '../../src/trainer/export-adapted';
import { isFull } from '../helpers/full';
import { importText, predictWith } from './run-exports';

const runs = isFull ? 10_000 : 25;

const activations = fc.constantFrom<ActivationName>('relu', 'tanh', 'sigmoid', 'softplus', 'elu', 'leakyRelu', 'swish', 'gelu', 'sin');
const anywhere: fc.Arbitrary<Layer> = fc.oneof(activations.map((name) => activation(name)), fc.constant(layerNorm()), fc.constant(batchNorm({ statistics: 'running' })));
const ofImages: fc.Arbitrary<Layer> = fc.oneof(
  fc.record({ filters: fc.integer({ min: 1, max: 3 }), size: fc.integer({ min: 1, max: 3 }), stride: fc.integer({ min: 1, max: 2 }) }).map(({ filters, size, stride }) => conv2d(filters, size, { stride })),
  anywhere,
  anywhere.map((layer) => residual([layer])),
);
const ofVectors: fc.Arbitrary<Layer> = fc.oneof(fc.integer({ min: 1, max: 5 }).map((units) => dense(units)), fc.constant(sine(3, { omega: 3 })), anywhere, anywhere.map((layer) => residual([layer])));

const vectors = fc.array(ofVectors, { minLength: 1, maxLength: 5 });
const networks = fc.oneof(
  fc.tuple(fc.integer({ min: 1, max: 4 }), vectors).map(([inputs, layers]) => sequential([inputs], layers)),
  fc
    .tuple(fc.array(ofImages, { maxLength: 3 }), fc.constantFrom(maxPool(1), averagePool(1), maxPool(1, 2)), fc.constantFrom(flatten(), globalAveragePool()), vectors)
    .map(([layers, pool, last, rest]) => sequential([5, 4, 2], [...layers, pool, last, ...rest])),
);

beforeAll(async () => {
  await tf.setBackend('cpu');
});

test(`${runs} random networks predict the same as models of TensorFlow.js and as JavaScript`, async () => {
  await fc.assert(
    fc.asyncProperty(networks, fc.boolean(), fc.integer({ min: 1, max: 4 }), async (base, isClassifier, count) => {
      const weights = randomWeights(base.specs);
      const source = { ...sinusoids(), inputShape: base.inputShape, objective: isClassifier ? classification : regression };
      const network = { base, source, weights, hostWeights: copyToHost(weights) };
      const rng = createRng('x');
      const x = tf.tensor(Float32Array.from({ length: count * sizeOf(base.inputShape) }, () => rng.normal()), [count, ...base.inputShape]);
      const outputs = (inputs: tf.Tensor) => tf.tidy(() => source.objective.readout(tf.squeeze(base.apply(weights, tf.expandDims(inputs, 0)), [0])).dataSync<'float32'>());
      const expected = outputs(x);
      const nudged = tf.tidy(() => outputs(tf.mul(x, 1 + 1e-6))); // norms of values that are nearly equal magnify rounding
      const module = await importText(networkToJavaScript(network));
      const found = [await predictWith(networkToTfjs(network), tf.clone(x)), (module.predict(await x.array()) as number[][]).flat()];
      disposeParams(weights);
      x.dispose();
      const size = Math.max(1, ...expected.map(Math.abs));
      const slack = 5e-6 * size + 10 * Math.max(...expected.map((value, index) => Math.abs(nudged[index]! - value)));
      for (const values of found) expected.forEach((value, index) => expect(Math.abs(values[index]! - value)).toBeLessThan(slack));
    }),
    { numRuns: runs, seed: 3 },
  );
}, 3_600_000);

/** Away from the start; variances above zero. */
function randomWeights(specs: Parameters<typeof initParams>[0]): Params {
  return tf.tidy(() => mapParams(initParams(specs, createRng('weights')), (value, name) => {
    const rng = createRng(name);
    const moved = tf.tensor(Float32Array.from({ length: value.size }, () => 0.3 * rng.normal()), value.shape);
    return name.endsWith('variance') ? tf.add(tf.abs(moved), 0.5) : tf.add(value, moved);
  }));
}
