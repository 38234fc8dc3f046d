import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { createRng } from '../../src/core/rng';
import { javaScriptModule } from '../../src/export/javascript';
import { tfjsModel, type ExportedFunction } from '../../src/export/tfjs-model';
import { solveSymmetric } from '../../src/ops/solve';
import { elementwiseCases } from '../conformance/cases-elementwise';
import { imageCases } from '../conformance/cases-images';
import { layoutCases } from '../conformance/cases-layout';
import { difference, make, type Case } from '../helpers/compiled';
import { isFull } from '../helpers/full';
import { importText, predictWith } from './run-exports';

const all = [...elementwiseCases, ...layoutCases, ...imageCases];
const chosen = isFull ? all : createRng('exports').shuffle(all).slice(0, 15);

beforeAll(async () => {
  await tf.setBackend('cpu'); // has every kernel
});

/** The operation of its first operand of floats, the others fixed; each sample on its own. */
function exported({ name, inputs, compute }: Case): { readonly fn: ExportedFunction; readonly x: tf.Tensor } | undefined {
  const operands = inputs.map((given, index) => make(given, `${name} ${index}`));
  const at = operands.findIndex(({ dtype, rank }) => dtype === 'float32' && rank > 0);
  if (at < 0) return undefined;
  const one = (x: tf.Tensor) => tf.cast(compute(...operands.map((operand, index) => (index === at ? x : operand))), 'float32');
  const apply = (x: tf.Tensor) => tf.tidy(() => tf.stack(tf.unstack(x).map((each) => one(each))));
  const { shape } = operands[at]!;
  const fn = { inputShape: shape, outputShape: [], apply, read: (output: tf.Tensor) => tf.clone(output), layers: 'it is an operation', metadata: { output: 'values' } };
  return { fn, x: operands[at]! };
}

describe('operations as nodes of a graph model and as JavaScript', () => {
  test.each(chosen.map((each) => [each.name, each] as const))('%s', async (_name, each) => {
    const made = exported(each);
    if (!made) return;
    const { fn, x } = made;
    const expected = tf.tidy(() => fn.apply(tf.expandDims(x, 0)).dataSync<'float32'>());
    const graph = await predictWith(tfjsModel(fn, 1), tf.tidy(() => tf.expandDims(x, 0)));
    expect(difference(Float32Array.from(graph), expected, 1e-3), 'graph model').toBeLessThan(1e-6);
    const module = await importText(javaScriptModule(fn));
    expect(difference(Float32Array.from([module.predict(await x.array())].flat(9) as number[]), expected, 1e-3), 'JavaScript').toBeLessThan(1e-5);
  });
});

test('an operation that has no counterpart is refused by its name', () => {
  const system = tf.eye(2).expandDims(0);
  const apply = (x: tf.Tensor) => tf.tidy(() => tf.squeeze(solveSymmetric(system, tf.reshape(x, [1, 2, -1])), [0]).reshape([-1, 2]));
  const fn = { inputShape: [2], outputShape: [2], apply, read: (output: tf.Tensor) => tf.clone(output), layers: 'it is an operation', metadata: { output: 'values' } };
  expect(() => tfjsModel(fn, 1)).toThrow('toTfjs: expected operations that a graph model has, got SolveSymmetric; write the network with others.');
  expect(() => javaScriptModule(fn)).toThrow('toJavaScript: expected operations that can be written as JavaScript, got SolveSymmetric; write the network with others.');
});
