import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { seededNoise } from '../../src/core/noise';
import { initParams, mapParams, unscopeRecord, type Params } from '../../src/core/params';
import { createRng } from '../../src/core/rng';
import { generatedScales, hyperLstm } from '../../src/nn/hyper-lstm';
import { layerNormLstm } from '../../src/nn/layer-norm-lstm';
import { sequential } from '../../src/nn/sequential';
import { testNetwork } from '../contracts/network';
import { isFull } from '../helpers/full';
import { expectNoLeak } from '../helpers/leaks';

const small = { hyperUnits: 2, embeddingSize: 2 } as const;

testNetwork('layerNormLstm', () => sequential([2, 2], [layerNormLstm(3)]));
testNetwork('hyperLstm', () => sequential([2, 1], [hyperLstm(2, { ...small, embeddingSize: 1, output: 'every' })]));
if (isFull) testNetwork('hyperLstm with layer norm', () => sequential([3, 2], [hyperLstm(4, { hyperUnits: 3, embeddingSize: 1, norm: 'layer' })]), { step: 0.001 }); // sums of four values near 0 are normalized: over longer steps the function bends

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
type Matrix = readonly (readonly number[])[];
const times = (row: readonly number[], matrix: Matrix) => matrix[0]!.map((_, column) => row.reduce((sum, value, at) => sum + value * matrix[at]![column]!, 0));
const plus = (...rows: readonly (readonly number[])[]) => rows[0]!.map((_, at) => rows.reduce((sum, row) => sum + row[at]!, 0));
const part = (row: readonly number[], index: number, size: number) => row.slice(index * size, (index + 1) * size);

/** A little away from the start, where much is zero. */
function someParams(specs: Parameters<typeof initParams>[0], by = 0.3): Params {
  const rng = createRng('some');
  return mapParams(initParams(specs, rng), (value, name) => tf.add(value, tf.mul(seededNoise(rng.fork(name)).normal(value.shape), by)));
}

test('it computes what the paper says, gate by gate and number by number', () =>
  tf.tidy(() => {
    const [units, hyperUnits, size, steps, features] = [3, 2, 2, 3, 2];
    const network = hyperLstm(units, { hyperUnits, embeddingSize: size, output: 'every' }).build([steps, features]);
    const params = someParams(network.specs);
    const [x] = tf.randomNormal([1, 1, steps, features], 0, 1, 'float32', 3).arraySync() as number[][][][];
    const values = (name: string) => (params[name]!.arraySync() as never[])[0]!;
    const matrix = (name: string): Matrix => values(name);
    const gates = (sums: readonly number[], before: readonly number[], width: number) => {
      const [i, f, c, o] = [0, 1, 2, 3].map((gate) => part(sums, gate, width));
      const carry = before.map((value, unit) => sigmoid(f![unit]!) * value + sigmoid(i![unit]!) * Math.tanh(c![unit]!));
      return { carry, output: carry.map((value, unit) => sigmoid(o![unit]!) * Math.tanh(value)) };
    };
    let main = { output: new Array<number>(units).fill(0), carry: new Array<number>(units).fill(0) };
    let hyper = { output: new Array<number>(hyperUnits).fill(0), carry: new Array<number>(hyperUnits).fill(0) };
    const outputs = x![0]!.map((input) => {
      const hyperSums = plus(times(input, matrix('hyper/kernel')), times(main.output, matrix('hyper/stateKernel')), times(hyper.output, matrix('hyper/recurrentKernel')), values('hyper/bias'));
      hyper = gates(hyperSums, hyper.carry, hyperUnits);
      const embeddings = times(hyper.output, matrix('embeddingKernel')).map((value, at) => value + (at < 4 * size ? 0 : (values('embeddingBias') as number[])[at - 4 * size]!));
      const generated = (kind: number, gate: number) => times(part(embeddings, 4 * kind + gate, size), (values('scaleKernel') as Matrix[])[4 * kind + gate]!);
      const [fromInput, fromState] = [times(input, matrix('kernel')), times(main.output, matrix('recurrentKernel'))];
      const sums = [0, 1, 2, 3].flatMap((gate) => {
        const [bias, state, scale] = [generated(0, gate), generated(1, gate), generated(2, gate)];
        return bias.map((value, unit) => {
          const at = gate * units + unit;
          return state[unit]! * fromState[at]! + scale[unit]! * fromInput[at]! + value + (values('bias') as number[])[at]!;
        });
      });
      main = gates(sums, main.carry, units);
      return main.output;
    });
    const found = network.apply(params, tf.tensor4d([x!]));
    outputs.flat().forEach((value, at) => expect(found.dataSync()[at]).toBeCloseTo(value, 5));
  }));

test('at the start all factors are 0.1, and the biases those of an LSTM, whatever it reads', () =>
  tf.tidy(() => {
    const network = sequential([4, 2], [hyperLstm(3, small)]);
    const params = initParams(network.specs, createRng('start'));
    const zero = mapParams(Object.fromEntries(Object.entries(network.memory!.shapes).map(([name, shape]) => [name, tf.zeros([1, 1, ...shape])])), (value) => value);
    const { after } = network.memory!.proceed(params, tf.ones([1, 1, 4, 2]), zero);
    const { state, input, bias } = generatedScales(unscopeRecord(params, 'hyperLstm1'), after['hyperLstm1/hyperOutput']!);
    for (const value of [...state.dataSync(), ...input.dataSync()]) expect(value).toBeCloseTo(0.1, 6);
    expect([...bias.dataSync()]).toEqual([0, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0]);
  }));

test('the gates and the carry of a layer-norm LSTM have mean 0 and variance 1 before they are scaled', () =>
  tf.tidy(() => {
    const network = layerNormLstm(2).build([1, 1]);
    const params = { ...initParams(network.specs, createRng('norm')), kernel: tf.tensor3d([[[3, 5, 7, 9, 2, 4, 6, 8]]]) };
    // Of two values, the lower becomes −1 and the higher 1: i and o alike, f shifted by 1; nothing is remembered yet.
    const carry = [sigmoid(-1) * Math.tanh(-1), sigmoid(1) * Math.tanh(1)];
    const deviation = (carry[1]! - carry[0]!) / 2;
    const shown = [-1, 1].map((sign) => (sign * deviation) / Math.sqrt(deviation ** 2 + 1e-3));
    const output = network.apply(params, tf.ones([1, 1, 1, 1])).dataSync();
    [-1, 1].forEach((sign, unit) => expect(output[unit]).toBeCloseTo(sigmoid(sign) * Math.tanh(shown[unit]!), 2));
  }));

test('drops candidate values where there is noise, others at every step, and nothing without', () =>
  tf.tidy(() => {
    const layer = (candidateDropout: number) => hyperLstm(40, { ...small, candidateDropout, output: 'every' }).build([2, 3]);
    const params = someParams(layer(0).specs);
    const x = tf.ones([1, 1, 2, 3]);
    const pass = () => ({ noise: seededNoise(createRng('noise')) });
    const plain = layer(0).apply(params, x).dataSync();
    expect(layer(0.5).apply(params, x).dataSync()).toEqual(plain);
    const dropped = layer(0.5).apply(params, x, pass()).dataSync();
    expect(layer(0.5).apply(params, x, pass()).dataSync()).toEqual(dropped);
    const isGone = (step: number) => Array.from({ length: 40 }, (_, unit) => dropped[step * 40 + unit] === 0);
    expect(isGone(0).filter(Boolean).length).toBeGreaterThan(8);
    expect(isGone(1)).not.toEqual(isGone(0));
  }));

test('generatedScales leaves nothing behind', () =>
  expectNoLeak(() => {
    const params = initParams(hyperLstm(3, small).build([1, 2]).specs, createRng('leak'));
    const output = tf.ones([1, 2, 2]);
    const scales = generatedScales(params, output);
    tf.dispose([{ ...params }, output, { ...scales }]);
  }));

test('refuses sizes and rates out of range', () => {
  expect(() => hyperLstm(0)).toThrow('hyperLstm: units: expected a whole number of at least 1, got 0.');
  expect(() => hyperLstm(2, { hyperUnits: 0.5 })).toThrow('hyperLstm: hyperUnits: expected a whole number of at least 1, got 0.5.');
  expect(() => hyperLstm(2, { embeddingSize: 0 })).toThrow('hyperLstm: embeddingSize: expected');
  expect(() => hyperLstm(2, { norm: 'batch' as 'layer' })).toThrow("hyperLstm: norm: expected one of 'none', 'layer', got 'batch'.");
  expect(() => hyperLstm(2, { candidateDropout: 1 })).toThrow('dropout: rate: expected a number in [0, 1), got 1.');
  expect(() => hyperLstm(2).build([4])).toThrow('hyperLstm: expected sequences of shape [steps, features], got [4].');
  expect(() => layerNormLstm(2).build([4])).toThrow('layerNormLstm: expected sequences of shape [steps, features], got [4].');
});
