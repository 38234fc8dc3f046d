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
  replaceGradient('AvgPoolGrad', ['dy', 'input'], (dd, [, input], { filterSize, strides, pad }) => ({
    dy: () => run('AvgPool', { x: dd }, { filterSize, strides, pad }),
    input: () => tf.zerosLike(input!),
  }));
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
