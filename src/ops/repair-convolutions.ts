import * as tf from '@tensorflow/tfjs';
import { replaceGradient, runKernel } from './replace-gradient';

/**
 * Second derivatives of tfjs's own convolutions and resizing: the kernels of their first derivatives are linear in each
 * argument, so that each one's gradient is another of them. (Networks of this library use `taskConv2d`.)
 */
export function repairConvolutions(): void {
  replaceGradient('Conv2DBackpropFilter', ['x', 'dy'], (dd, [x, dy], attributes) => {
    const { strides, pad, dataFormat, dimRoundingMode } = attributes as unknown as ConvAttributes;
    return {
      x: () => runKernel('Conv2DBackpropInput', { dy: dy!, filter: dd }, { strides, pad, dataFormat, dimRoundingMode, inputShape: x!.shape }),
      dy: () => runKernel('Conv2D', { x: x!, filter: dd }, { strides, pad, dataFormat, dilations: 1, dimRoundingMode }),
    };
  });
  replaceGradient('DepthwiseConv2dNativeBackpropFilter', ['x', 'dy'], (dd, [x, dy], attributes) => {
    const { filterShape, ...rest } = attributes as unknown as DepthwiseAttributes;
    void filterShape;
    return {
      x: () => runKernel('DepthwiseConv2dNativeBackpropInput', { dy: dy!, filter: dd }, { ...rest, inputShape: x!.shape }),
      dy: () => runKernel('DepthwiseConv2dNative', { x: x!, filter: dd }, { ...rest, dataFormat: 'NHWC' }),
    };
  });
  replaceGradient('DepthwiseConv2dNativeBackpropInput', ['dy', 'filter'], (dd, [dy, filter], attributes) => {
    const { inputShape, ...rest } = attributes as unknown as DepthwiseAttributes;
    void inputShape;
    return {
      dy: () => runKernel('DepthwiseConv2dNative', { x: dd, filter: filter! }, { ...rest, dataFormat: 'NHWC' }),
      filter: () => runKernel('DepthwiseConv2dNativeBackpropFilter', { x: dd, dy: dy! }, { ...rest, filterShape: filter!.shape }),
    };
  });
  repairResize();
}

/** Resizing is linear: the gradient of its gradient is resizing again. */
function repairResize(): void {
  for (const name of ['ResizeBilinear', 'ResizeNearestNeighbor'])
    replaceGradient(`${name}Grad`, ['images'], (dd, [images], attributes) => ({
      dy: () => runKernel(name, { images: dd }, attributes),
      images: () => tf.zerosLike(images!),
    }));
}

interface ConvAttributes {
  readonly strides: tf.Attribute;
  readonly pad: tf.Attribute;
  readonly dataFormat: tf.Attribute;
  readonly dimRoundingMode: tf.Attribute;
}

type DepthwiseAttributes = Readonly<Record<string, tf.Attribute>>;
