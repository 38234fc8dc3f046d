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

/** Without a symmetric solve, which is refused, and a slice that TensorFlow.js itself reads past its end. */
const all = [...elementwiseCases, ...layoutCases, ...imageCases].filter(({ name }) => !/^solveSymmetric|^stridedSlice that drops an axis/.test(name));
const always = ['stridedSlice down to the first', 'oneHot of two fractions'];
const chosen = isFull ? all : [...all.filter(({ name }) => always.includes(name)), ...createRng('exports').shuffle(all.filter(({ name }) => !always.includes(name))).slice(0, 15)];

beforeAll(async () => {
  await tf.setBackend('cpu'); // has every kernel
});

/** The operation of its first operand of floats, or else of its first one, as floats; the others fixed; each sample on its own. */
function exported({ name, inputs, compute, reference = compute }: Case): { readonly fn: ExportedFunction; readonly x: tf.Tensor; readonly expected: Float32Array } {
  const operands = inputs.map((given, index) => make(given, `${name} ${index}`));
  const isList = ({ rank }: tf.Tensor) => rank > 0;
  const float = operands.findIndex((operand) => operand.dtype === 'float32' && isList(operand));
  const at = float < 0 ? operands.findIndex(isList) : float;
  const one = (operation: Case['compute'], x: tf.Tensor) => tf.cast(operation(...operands.map((operand, index) => (index === at ? tf.cast(x, operand.dtype) : operand))), 'float32');
  const apply = (x: tf.Tensor) => tf.tidy(() => tf.stack(tf.unstack(x).map((each) => one(compute, each))));
  const { shape } = operands[at]!;
  const fn = { inputShape: shape, outputShape: [], apply, read: (output: tf.Tensor) => tf.clone(output), layers: 'it is an operation', metadata: { output: 'values' } };
  return { fn, x: tf.cast(operands[at]!, 'float32'), expected: tf.tidy(() => one(reference, operands[at]!).dataSync<'float32'>()) };
}

describe('operations as nodes of a graph model and as JavaScript', () => {
  test.each(chosen.map((each) => [each.name, each] as const))('%s', async (_name, each) => {
    const { fn, x, expected } = exported(each);
    const graph = await predictWith(tfjsModel(fn, 1), tf.tidy(() => tf.expandDims(x, 0)));
    expect(difference(Float32Array.from(graph), expected, 1e-3), 'graph model').toBeLessThan(2e-6);
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

test('a module says so where the scores of a sample are no numbers', async () => {
  const apply = (x: tf.Tensor) => tf.tidy(() => tf.log(x));
  const fn = { inputShape: [2], outputShape: [2], apply, read: (output: tf.Tensor) => tf.clone(output), layers: 'it is an operation', metadata: { output: 'scores', classes: ['low', 'high'] } };
  const { classify } = await importText(javaScriptModule(fn));
  expect(classify!([1, 0])).toBe('low');
  expect(() => classify!([1, -1])).toThrow('classify: expected finite scores, got NaN: the sample is far from those that the network was made for, or its training went astray.');
});

test('a module refuses a sample with a hole, where the number before was taken', async () => {
  const fn = { inputShape: [2], outputShape: [2], apply: (x: tf.Tensor) => tf.mul(x, 2), read: (output: tf.Tensor) => tf.clone(output), layers: 'it is an operation', metadata: { output: 'values' } };
  const { predict } = await importText(javaScriptModule(fn));
  expect(predict([[1, 3]])).toEqual([[2, 6]]);
  const holed = [1];
  holed.length = 2;
  for (const rows of [holed, [holed], [[1, undefined]]]) expect(() => predict(rows)).toThrow('predict: expected samples of shape [2], got another.');
});
