import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Network } from '../../src/core/network';
import { disposeParams, initParams, mapParams, type Params } from '../../src/core/params';
import { createRng } from '../../src/core/rng';
import { startMemory } from '../../src/core/start-memory';
import { compile } from '../../src/engine/compile';
import { bidirectional } from '../../src/nn/bidirectional';
import { dense } from '../../src/nn/dense';
import { gru } from '../../src/nn/gru';
import { hyperLstm } from '../../src/nn/hyper-lstm';
import type { Layer } from '../../src/nn/layer';
import { layerNormLstm } from '../../src/nn/layer-norm-lstm';
import { lstm } from '../../src/nn/lstm';
import { mlp } from '../../src/nn/mlp';
import { residual } from '../../src/nn/residual';
import { sequential } from '../../src/nn/sequential';
import { simpleRnn } from '../../src/nn/simple-rnn';
import { timeDistributed } from '../../src/nn/time-distributed';
import { expectDerivatives } from '../helpers/derivatives';
import { isFull } from '../helpers/full';
import { expectNoLeak } from '../helpers/leaks';

const hyper = { hyperUnits: 3, embeddingSize: 1 } as const;
const layers: Readonly<Record<string, () => Layer>> = {
  lstm: () => lstm(2, { output: 'every' }),
  gru: () => gru(2, { output: 'every' }),
  simpleRnn: () => simpleRnn(2, { output: 'every' }),
  layerNormLstm: () => layerNormLstm(2, { output: 'every' }),
  hyperLstm: () => hyperLstm(2, { ...hyper, output: 'every' }),
  'hyperLstm with layer norm': () => hyperLstm(3, { ...hyper, norm: 'layer', output: 'every' }),
  residual: () => residual([simpleRnn(3, { output: 'every' }), timeDistributed(dense(2))]),
};
const networkOf = (name: string, steps: number) => sequential([steps, 2], [layers[name]!()]);

/** Outputs of pieces one after another, and what is remembered after the last. */
function readPieces(name: string, params: Params, x: tf.Tensor, lengths: readonly number[]) {
  let memory = startMemory(networkOf(name, 1), x.shape[1]!);
  let start = 0;
  const outputs = lengths.map((length) => {
    const piece = tf.slice(x, [0, 0, start], [x.shape[0], x.shape[1]!, length]);
    start += length;
    const { output, after } = networkOf(name, length).memory!.proceed(params, piece, memory);
    memory = after;
    return output;
  });
  return { output: tf.concat(outputs, 2), memory };
}

test('a sequence read in pieces, whatever they are, gives what it gives as a whole', () => {
  const cases = fc.tuple(fc.constantFrom(...Object.keys(layers)), fc.array(fc.integer({ min: 1, max: 2 }), { minLength: 1, maxLength: 3 }), fc.integer({ min: 1, max: 2 }), fc.nat(1000));
  fc.assert(
    fc.property(cases, ([name, lengths, n, seed]) =>
      tf.tidy(() => {
        const steps = lengths.reduce((sum, length) => sum + length, 0);
        const whole = networkOf(name, steps);
        const params = initParams(whole.specs, createRng(`${seed}`));
        const x = tf.randomNormal([1, n, steps, 2], 0, 1, 'float32', seed + 1);
        const expected = whole.apply(params, x).dataSync();
        const { output } = readPieces(name, params, x, lengths);
        expect(output.shape).toEqual([1, n, steps, whole.outputShape[1]]);
        output.dataSync().forEach((value, at) => expect(value).toBeCloseTo(expected[at]!, 5));
      }),
    ),
    { numRuns: isFull ? 10_000 : 200, seed: 1 },
  );
}, 240_000);

describe.each(Object.keys(layers).filter((name) => isFull || name === 'hyperLstm'))('the memory of %s', (name) => {
  test('has derivatives right to second order, of what it makes of the memory before', async () => {
    const network = networkOf(name, 1);
    const entries = Object.entries(network.memory!.shapes);
    const start = () => initParams(network.specs, createRng('memory'));
    await expectDerivatives(
      (...before) => {
        const { output, after } = network.memory!.proceed(start(), tf.ones([1, 2, 1, 2]), Object.fromEntries(entries.map(([entry], index) => [entry, before[index]!])));
        return tf.concat([output, ...Object.values(after)].map((value) => tf.square(tf.reshape(value, [2, -1]))), 1);
      },
      ...entries.map(([, shape]) => [1, 2, ...shape]),
    );
  }, 60_000);
});

const recurrent = () => sequential([3, 2], [lstm(2), dense(1)]);

test('its entries are named after layers, and start at zero', () =>
  tf.tidy(() => {
    const memory = startMemory(recurrent(), 4);
    expect(Object.entries(memory).map(([name, { shape }]) => [name, shape])).toEqual([['lstm1/output', [1, 4, 2]], ['lstm1/carry', [1, 4, 2]]]);
    expect(memory['lstm1/carry']!.dataSync().every((value) => value === 0)).toBe(true);
  }));

test('tasks with parameters of their own remember on their own', () =>
  tf.tidy(() => {
    const network = recurrent();
    const params = mapParams(initParams(network.specs, createRng('tasks')), (value) => tf.concat([value, tf.mul(value, 2)], 0));
    const { output, after } = network.memory!.proceed(params, tf.ones([1, 4, 3, 2]), startMemory(network, 4));
    expect([output.shape, after['lstm1/carry']!.shape]).toEqual([[2, 4, 1], [2, 4, 2]]);
    expect(network.memory!.proceed(params, tf.ones([1, 4, 3, 2]), after).output.shape).toEqual([2, 4, 1]);
  }));

test('compiled, it is the same', async () => {
  const network = networkOf('hyperLstm with layer norm', 2);
  const params = initParams(network.specs, createRng('compiled'));
  const [before, x] = [startMemory(network, 2), tf.ones([1, 2, 2, 2])];
  const read = ({ params, x, before }: { params: Params; x: tf.Tensor; before: Params }) => network.memory!.proceed(params, x, before);
  const step = compile(read);
  const found = await step.run({ params, x, before });
  const expected = read({ params, x, before });
  for (const [name, value] of Object.entries({ ...expected.after, output: expected.output })) {
    const own = name === 'output' ? found.output : found.after[name]!;
    own.dataSync().forEach((each, at) => expect(each).toBeCloseTo(value.dataSync()[at]!, 5));
  }
  tf.dispose([{ ...params }, x, { ...before }, { ...expected.after }, expected.output, { ...found.after }, found.output]);
  await step.dispose();
});

test('leaves nothing behind and keeps what it was given', () =>
  expectNoLeak(() => {
    const network = recurrent();
    const [params, x, before] = [initParams(network.specs, createRng('leak')), tf.ones([1, 2, 3, 2]), startMemory(network, 2)];
    const { output, after } = network.memory!.proceed(params, x, before);
    for (const value of [x, ...Object.values(params), ...Object.values(before)]) expect(value.isDisposed).toBe(false);
    for (const each of [params, before, after]) disposeParams(each);
    tf.dispose([output, x]);
  }));

test('only forward layers have one that proceeds', () =>
  tf.tidy(() => {
    const refusal = "lstm: memory: expected direction 'forward', got 'backward', which reads the pieces of a sequence from the last one.";
    const proceed = (network: Network) => network.memory!.proceed(initParams(network.specs, createRng('backward')), tf.ones([1, 1, 3, 2]), startMemory(network, 1));
    expect(() => proceed(sequential([3, 2], [lstm(2, { direction: 'backward' })]))).toThrow(refusal);
    expect(() => proceed(sequential([3, 2], [bidirectional((direction) => lstm(2, { direction }))]))).toThrow(refusal);
    expect(() => proceed(sequential([2, 2], [lstm(2)]))).toThrow('sequential: expected shape [*, *, 2, 2], got [1, 1, 3, 2].');
    expect(() => startMemory(mlp([2, 1]), 1)).toThrow('startMemory: expected a network with a recurrent layer, got one without memory.');
  }));
