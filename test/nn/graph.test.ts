import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { activation } from '../../src/nn/activation';
import { batchNorm } from '../../src/nn/batch-norm';
import { dense } from '../../src/nn/dense';
import { graph } from '../../src/nn/graph';
import { concatenation, dotProduct, type JoinName } from '../../src/nn/join';
import type { Layer } from '../../src/nn/layer';
import { testNetwork } from '../contracts/network';
import { isFull } from '../helpers/full';

const tanh = activation('tanh');

const branches = (middle: Layer) => () =>
  graph([3], [
    { name: 'hidden', layer: dense(3) },
    { name: 'middle', layer: middle },
    { name: 'skip', join: 'add', from: ['middle', 'input'] },
    { name: 'again', layer: dense(3), shares: 'hidden' },
    { name: 'all', join: 'concat', from: ['again', 'hidden', 'input'] },
    { name: 'head', layer: dense(2) },
  ]);
testNetwork('graph', branches(tanh));
if (isFull) testNetwork('graph with batch norm', branches(batchNorm()));

const joined = (join: JoinName | ReturnType<typeof dotProduct>) => () =>
  graph([2, 3], [{ name: 'bent', layer: tanh }, { name: 'joined', join, from: ['input', 'bent'] }]);
for (const name of ['subtract', 'multiply', 'average', 'concat'] as const) testNetwork(`graph joined by ${name}`, joined(name));
testNetwork('graph joined by products', joined(dotProduct({ axes: [0, 0] })));
testNetwork('graph joined by cosines', joined(dotProduct({ normalize: 'cosine' })));

describe('joins', () => {
  const values = () => [tf.tensor3d([[[1, 5]]]), tf.tensor3d([[[3, 2]]])];
  const join = (name: JoinName) => {
    const parts = [{ name: 'joined', join: name, from: ['input', 'input'] }];
    expect(graph([2], parts).outputShape).toEqual(name === 'concat' ? [4] : [2]);
    return tf.tidy(() => [...joinedValues(name, values()).dataSync()]);
  };
  const joinedValues = (name: JoinName, given: tf.Tensor[]) => {
    const [first, second] = given;
    return graph([4], [
      { name: 'left', layer: column(0) },
      { name: 'right', layer: column(2), from: 'input' },
      { name: 'joined', join: name, from: ['left', 'right'] },
    ]).apply({}, tf.concat([first!, second!], 2));
  };
  const column = (from: number) => ({
    name: 'column',
    build: () => ({ specs: {}, inputShape: [4], outputShape: [2], apply: (_params: object, x: tf.Tensor) => tf.slice(x, [0, 0, from], [-1, -1, 2]) }),
  });

  test.each([
    ['add', [4, 7]], ['subtract', [-2, 3]], ['multiply', [3, 10]], ['average', [2, 3.5]], ['maximum', [3, 5]], ['minimum', [1, 2]], ['concat', [1, 5, 3, 2]],
  ] as const)('%s of (1, 5) and (3, 2)', (name, expected) => expect(join(name)).toEqual(expected));

  test('vectors give one product, matrices one for each pair of rows', () => {
    const outputShape = (shape: number[], axes?: [number, number]) =>
      graph(shape, [{ name: 'dot', join: dotProduct(axes ? { axes } : {}), from: ['input', 'input'] }]).outputShape;
    expect(outputShape([3])).toEqual([1]);
    expect(outputShape([2, 3])).toEqual([2, 2]);
    expect(outputShape([2, 3], [0, 0])).toEqual([3, 3]);
  });

  test('refuse values that do not fit, and too few', () => {
    const parts = (name: JoinName | ReturnType<typeof concatenation>, from = ['input', 'wide']) => () =>
      graph([2], [{ name: 'wide', layer: dense(3) }, { name: 'joined', join: name, from }]);
    expect(parts('add')).toThrow('join: add: expected values of one shape, got [2], [3].');
    expect(parts(concatenation({ axis: 1 }))).toThrow('join: concat: expected values that differ along axis 1 alone, got [2], [3].');
    expect(parts(dotProduct())).toThrow('join: dot: expected 2 vectors or 2 matrices of as many values along axes -1 and -1, got [2], [3].');
    expect(parts('add', ['input'])).toThrow('join: add: expected at least 2 values, got 1.');
    expect(parts('sum' as JoinName)).toThrow(`join: expected one of 'add', 'subtract', 'multiply', 'average', 'maximum', 'minimum', 'concat', got 'sum'.`);
  });
});

describe('graph', () => {
  test('measures the statistics of a branch on what the observed layers before it put out', () =>
    tf.tidy(() => {
      const norm = { layer: batchNorm({ epsilon: 1e-9, scale: 'none' }) };
      const network = graph([1], [
        { name: 'first', ...norm },
        { name: 'both', join: 'add', from: ['first', 'input'] },
        { name: 'second', ...norm },
      ]);
      const shifts = { 'first/shift': tf.tensor2d([[5]]), 'second/shift': tf.tensor2d([[0]]) };
      const observed = network.observe!(shifts, tf.tensor3d([[[1], [3]]])); // first: 4, 6; both: 5, 9
      const value = (name: string) => observed[name]!.dataSync()[0]!;
      expect([value('first/mean'), value('first/variance')]).toEqual([2, 1]);
      expect(value('second/mean')).toBeCloseTo(7, 5);
      expect(value('second/variance')).toBeCloseTo(4, 4);
    }));

  test('has a head where its last layer is dense, unless that is used before too', () => {
    const hidden = { name: 'hidden', layer: dense(2) };
    expect(graph([2], [hidden]).head).toMatchObject({ kernel: 'hidden/kernel', bias: 'hidden/bias' });
    expect(graph([2], [hidden, { name: 'again', layer: dense(2), shares: 'hidden' }]).head).toBeUndefined();
  });

  test('refuses a name that is taken or unknown, and shared layers that cannot be', () => {
    const hidden = { name: 'hidden', layer: dense(3) };
    expect(() => graph([3], [hidden, hidden])).toThrow('graph: hidden: expected a name of its own, got one that is taken.');
    expect(() => graph([3], [{ ...hidden, from: 'later' }])).toThrow(`graph: hidden: from: expected one of 'input', got 'later'.`);
    expect(() => graph([2], [hidden, { name: 'again', layer: dense(3), shares: 'hidden' }], { name: 'mine' })).toThrow(
      'mine: again: shares: expected hidden to have kernel of shape [3, 3], got [2, 3].',
    );
    const norm = { name: 'norm', layer: batchNorm() };
    expect(() => graph([2], [norm, { name: 'again', layer: batchNorm(), shares: 'norm' }])).toThrow('graph: again: shares: expected a layer without statistics');
  });
});
