import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { sizeOf } from '../../src/core/shape';
import { reachable, type GraphNode } from '../../src/graph/graph';
import { optimize } from '../../src/engine/program';
import { trace } from '../../src/trace/trace';
import { batchNorm } from '../../src/nn/batch-norm';
import { taskConv2d } from '../../src/ops/task-convolution';
import { valueAndGradients } from '../../src/ops/gradients';

/** The nodes that are left of a function of tensors of these shapes, without inputs, constants and reshapes. */
function nodesOf(fn: (...inputs: tf.Tensor[]) => tf.Tensor | readonly tf.Tensor[], ...shapes: readonly (readonly number[])[]): readonly GraphNode[] {
  const types = shapes.map((shape) => ({ shape, dtype: 'float32' as const }));
  const { graph } = trace((inputs) => [fn(...inputs)].flat<readonly (tf.Tensor | readonly tf.Tensor[])[], 1>(), types);
  return reachable(optimize(graph).graph.outputs).filter(({ kernel }) => !['Input', 'Constant'].includes(kernel));
}

const kernelsOf = (...args: Parameters<typeof nodesOf>) => nodesOf(...args).map(({ kernel }) => kernel);

describe('what a function is left with', () => {
  test('nothing that no output needs, and nothing twice', () =>
    expect(kernelsOf((x) => (tf.exp(x), tf.add(tf.sin(x), tf.sin(x))), [3])).toEqual(['Sin', 'Add']));

  test('no reshape of an input or for an output', () =>
    expect(kernelsOf((x, b) => tf.reshape(tf.add(tf.reshape(x, [6, 4]), tf.reshape(b, [1, 4])), [2, 12]), [2, 3, 4], [4])).toEqual(['Add']));

  test('no copies of what broadcasts', () => expect(kernelsOf((x, b) => tf.add(x, tf.tile(b, [5, 1])), [5, 4], [1, 4])).toEqual(['Add']));

  test('no zeros, ones and double negations', () =>
    expect(kernelsOf((x) => tf.sub(tf.mul(tf.add(x, tf.zerosLike(x)), 1), tf.neg(tf.neg(tf.mul(x, 0)))), [3])).toEqual([]));

  test('a number that scales a product of matrices goes into it', () => {
    const [product, ...more] = nodesOf((a, b) => tf.mul(tf.matMul(tf.mul(a, 2), b), 3), [4, 5], [5, 6]);
    expect(more).toEqual([]);
    expect(product).toMatchObject({ kernel: 'BatchMatMul', attributes: { alpha: 6 } });
  });

  test('a factor of columns is moved off the larger tensor', () => {
    const nodes = nodesOf((x, s, w) => tf.matMul(tf.mul(x, s), w, false, true), [100, 8], [1, 8], [3, 8]);
    expect(nodes.map(({ kernel, shape }) => [kernel, shape])).toEqual([['Multiply', [3, 8]], ['BatchMatMul', [100, 3]]]);
  });

  test('one product where all tasks share the right-hand matrix', () => {
    const [product] = nodesOf((x, w) => tf.matMul(x, tf.tile(w, [7, 1, 1])), [7, 2, 3], [1, 3, 5]);
    expect(product!.inputs[1]!.shape).toEqual([3, 5]);
  });
});

/** Passes over the activations of a convolution with batch norm and relu, its gradient included. */
function activationPasses(channels: number): readonly string[] {
  const { apply } = batchNorm({ statistics: 'batch' }).build([8, 8, 16]);
  const nodes = nodesOf(
    (x, kernel, scale, shift) =>
      Object.values(
        valueAndGradients(
          ({ x, kernel, scale, shift }) => tf.sum(tf.square(tf.relu(apply({ scale: scale!, shift: shift! }, taskConv2d(x!, kernel!))))),
          { x: x, kernel: kernel, scale: scale, shift: shift },
        ).gradients,
      ),
    [1, 4, 8, 8, channels],
    [1, 3, 3, channels, 16],
    [1, 16],
    [1, 16],
  );
  const activations = 4 * 8 * 8 * 16;
  return nodes.filter(({ kernel, shape }) => sizeOf(shape) === activations && kernel !== 'Reshape').map(({ kernel }) => kernel);
}

describe('batch norm after a convolution', () => {
  test('passes over the activations as seldom as if written by hand', () =>
    // Forward: the product, centred, squared, scaled, shifted, relu. Back: 2 r, mask, masked, · c, c k, two differences.
    expect(activationPasses(16).filter((kernel) => kernel !== 'BatchMatMul').length).toBeLessThanOrEqual(12));

  test('after one with few inputs, statistics and slopes come from small matrices', () => {
    const nodes = nodesOf(
      (x, kernel, scale, shift) => {
        const { apply } = batchNorm({ statistics: 'batch' }).build([8, 8, 32]);
        const loss = (params: Readonly<Record<string, tf.Tensor>>) =>
          tf.sum(tf.square(tf.relu(apply({ scale: params['scale']!, shift: params['shift']! }, taskConv2d(x, params['kernel']!)))));
        return Object.values(valueAndGradients(loss, { kernel: kernel, scale: scale, shift: shift }).gradients);
      },
      [1, 4, 8, 8, 1],
      [1, 3, 3, 1, 32],
      [1, 32],
      [1, 32],
    );
    const passes = nodes.filter(({ kernel, shape }) => sizeOf(shape) === 4 * 8 * 8 * 32 && kernel !== 'Reshape').map(({ kernel }) => kernel);
    expect(passes.filter((kernel) => kernel === 'Sub')).toEqual([]); // neither centred, nor the gradient's two differences
  });
});

test('the gradient of a strided convolution leaves its pixels in the order in which they come', () => {
  const twice = (x: tf.Tensor, first: tf.Tensor, second: tf.Tensor) => taskConv2d(tf.relu(taskConv2d(x, first, { stride: 2 })), second, { stride: 2 });
  const nodes = nodesOf(
    (x, first, second) =>
      Object.values(valueAndGradients(({ first, second }) => tf.sum(tf.square(twice(x, first!, second!))), { first: first, second: second }).gradients),
    [1, 2, 8, 8, 3],
    [1, 3, 3, 3, 4],
    [1, 3, 3, 4, 5],
  );
  const putBack = nodes.filter(({ kernel, inputs }) => kernel === 'Windows' && inputs[1]!.shape[1] === 1 && inputs[0]!.kernel === 'Concat');
  expect(putBack).toEqual([]);
});
