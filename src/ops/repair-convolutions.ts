import * as tf from '@tensorflow/tfjs';
import { replaceGradient } from './replace-gradient';

/**
 * Second derivatives of tfjs's own convolution and average pooling: the kernels of their first derivatives are linear
 * in each argument, so that each one's gradient is another of them. (Networks of this library use `taskConv2d`.)
 */
export function repairConvolutions(): void {
  replaceGradient('Conv2DBackpropFilter', ['x', 'dy'], (dd, [x, dy], attributes) => {
    const { strides, pad, dataFormat, dimRoundingMode } = attributes as unknown as ConvAttributes;
    return {
      x: () => run('Conv2DBackpropInput', { dy: dy!, filter: dd }, { strides, pad, dataFormat, dimRoundingMode, inputShape: x!.shape }),
      dy: () => run('Conv2D', { x: x!, filter: dd }, { strides, pad, dataFormat, dilations: 1, dimRoundingMode }),
    };
  });
  replaceGradient('DepthwiseConv2dNativeBackpropFilter', ['x', 'dy'], (dd, [x, dy], attributes) => {
    const { filterShape, ...rest } = attributes as unknown as DepthwiseAttributes;
    void filterShape;
    return {
      x: () => run('DepthwiseConv2dNativeBackpropInput', { dy: dy!, filter: dd }, { ...rest, inputShape: x!.shape }),
      dy: () => run('DepthwiseConv2dNative', { x: x!, filter: dd }, { ...rest, dataFormat: 'NHWC' }),
    };
  });
  replaceGradient('DepthwiseConv2dNativeBackpropInput', ['dy', 'filter'], (dd, [dy, filter], attributes) => {
    const { inputShape, ...rest } = attributes as unknown as DepthwiseAttributes;
    void inputShape;
    return {
      dy: () => run('DepthwiseConv2dNative', { x: dd, filter: filter! }, { ...rest, dataFormat: 'NHWC' }),
      filter: () => run('DepthwiseConv2dNativeBackpropFilter', { x: dd, dy: dy! }, { ...rest, filterShape: filter!.shape }),
    };
  });
  repairAveragePool();
}

/**
 * tfjs averages a window over the padding by the inputs it holds, but spreads its gradient by the whole window: wrong,
 * even to first order, with `same` padding.
 */
function repairAveragePool(): void {
  replaceGradient('AvgPool', ['x'], (dy, [x], { filterSize, strides, pad }) => {
    const attributes = { filterSize, strides, pad };
    return { x: () => run('AvgPoolGrad', { dy: tf.div(dy, held(x!.shape, attributes)), input: x! }, attributes) };
  });
  replaceGradient('AvgPoolGrad', ['dy', 'input'], (dd, [, input], { filterSize, strides, pad }) => {
    const attributes = { filterSize, strides, pad };
    return {
      dy: () => tf.mul(run('AvgPool', { x: dd }, attributes), held(input!.shape, attributes)),
      input: () => tf.zerosLike(input!),
    };
  });
}

/** The share of each window that holds inputs, not padding: `[1, height, width, 1]`. */
function held(shape: readonly number[], { filterSize, strides, pad }: Readonly<Record<string, unknown>>): tf.Tensor {
  const [, height, width] = shape as [number, number, number, number];
  const { padInfo, ...info } = tf.backend_util.computePool2DInfo(
    [1, height, width, 1],
    filterSize as number,
    strides as number,
    1,
    pad as 'same',
  );
  const ones = tf.pad(tf.ones([1, height, width, 1]), [[0, 0], [padInfo.top, padInfo.bottom], [padInfo.left, padInfo.right], [0, 0]]);
  return tf.avgPool(ones as tf.Tensor4D, [info.filterHeight, info.filterWidth], [info.strideHeight, info.strideWidth], 'valid');
}

interface ConvAttributes {
  readonly strides: tf.Attribute;
  readonly pad: tf.Attribute;
  readonly dataFormat: tf.Attribute;
  readonly dimRoundingMode: tf.Attribute;
}

type DepthwiseAttributes = Readonly<Record<string, tf.Attribute>>;

function run(kernelName: string, inputs: Record<string, tf.Tensor>, attributes: Record<string, unknown>): tf.Tensor {
  return tf.engine().runKernel(kernelName, inputs, attributes as tf.NamedAttrMap);
}
