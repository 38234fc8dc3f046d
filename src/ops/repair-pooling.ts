import * as tf from '@tensorflow/tfjs';
import { replaceGradient, runKernel } from './replace-gradient';
import { stopGradient } from './stop-gradient';

/** Pooling of tfjs's own, right to second order. (Networks of this library use `maxPool` and `averagePool`.) */
export function repairPooling(): void {
  repairMaxPool();
  repairAveragePool();
}

/** Which value wins a window is flat in x, so that the gradient is linear in dy: it sends dy to the winners. */
function repairMaxPool(): void {
  replaceGradient('MaxPool', ['x'], (dy, [x], attributes) => ({
    x: () => {
      const input = stopGradient(raised(x!));
      const output = stopGradient(runKernel('MaxPool', { x: input }, attributes));
      return runKernel('MaxPoolGrad', { dy, input, output }, attributes);
    },
  }));
  replaceGradient('MaxPoolGrad', ['dy', 'input'], (dd, [, input], attributes) => {
    const { filterSize, strides, pad } = attributes as unknown as WindowAttributes;
    return {
      dy: () => {
        const winners = tf.maxPoolWithArgmax(input as tf.Tensor4D, filterSize, strides, pad, true)['indexes']!;
        return tf.reshape(tf.gather(tf.reshape(dd, [-1]), tf.reshape(winners, [-1])), winners.shape);
      },
    };
  });
}

/**
 * The same winners, all above 0: wasm looks for them there only, and gives what belongs to a window without any (after
 * a relu, say) to the first value of all.
 */
function raised(x: tf.Tensor): tf.Tensor {
  return tf.getBackend() === 'wasm' ? tf.add(tf.sub(x, tf.min(x)), 1) : x;
}

/**
 * tfjs averages a window over the padding by the inputs it holds, but spreads its gradient by the whole window: wrong,
 * even to first order, with `same` padding.
 */
function repairAveragePool(): void {
  replaceGradient('AvgPool', ['x'], (dy, [x], { filterSize, strides, pad }) => {
    const attributes = { filterSize, strides, pad };
    return { x: () => runKernel('AvgPoolGrad', { dy: tf.div(dy, held(x!.shape, attributes)), input: x! }, attributes) };
  });
  replaceGradient('AvgPoolGrad', ['dy', 'input'], (dd, [, input], { filterSize, strides, pad }) => {
    const attributes = { filterSize, strides, pad };
    return {
      dy: () => tf.mul(runKernel('AvgPool', { x: dd }, attributes), held(input!.shape, attributes)),
      input: () => tf.zerosLike(input!),
    };
  });
}

/** The share of each window that holds inputs, not padding: `[1, height, width, 1]`. */
function held(shape: readonly number[], attributes: Readonly<Record<string, unknown>>): tf.Tensor {
  const { filterSize, strides, pad } = attributes as unknown as WindowAttributes;
  const [, height, width] = shape as [number, number, number, number];
  const { padInfo, ...info } = tf.backend_util.computePool2DInfo([1, height, width, 1], filterSize, strides, 1, pad);
  const ones = tf.pad(tf.ones([1, height, width, 1]), [[0, 0], [padInfo.top, padInfo.bottom], [padInfo.left, padInfo.right], [0, 0]]);
  return tf.avgPool(ones as tf.Tensor4D, [info.filterHeight, info.filterWidth], [info.strideHeight, info.strideWidth], 'valid');
}

/** As tfjs's pooling operations write them. */
interface WindowAttributes {
  readonly filterSize: [number, number] | number;
  readonly strides: [number, number] | number;
  readonly pad: 'valid' | 'same' | number;
}
