import { attribute } from './lower-emitter';
import type { Emitter, Lowering, Lowerings } from './lower-emitter';

/** Kernels of images [N, height, width, channels]; ONNX has the channels first. */
export const imageLowerings: Lowerings = {
  DepthwiseConv2dNative(node, [x, filter], onnx) {
    const [height, width, channels, multiplier] = node.inputs[1]!.shape as [number, number, number, number];
    const kernels = onnx.reshape(onnx.emit('Transpose', [filter!], { perm: [2, 3, 0, 1] }), [channels * multiplier, 1, height, width]);
    const convolved = onnx.emit('Conv', [channelsFirst(x!, onnx), kernels], {
      group: channels,
      kernel_shape: [height, width],
      strides: attribute<readonly number[]>(node, 'strides'),
      pads: attribute<readonly number[]>(node, 'pads'),
      dilations: attribute<readonly number[]>(node, 'dilations'),
    });
    return channelsLast(convolved, onnx);
  },
  ResizeBilinear: resize('linear'),
  ResizeNearestNeighbor: resize('nearest'),
};

function resize(mode: 'linear' | 'nearest'): Lowering {
  return (node, [x], onnx) => {
    const [images, height, width, channels] = node.shape as [number, number, number, number];
    const aligned = attribute<boolean>(node, 'alignCorners');
    const centred = attribute<boolean>(node, 'halfPixelCenters');
    const resized = onnx.emit('Resize', [channelsFirst(x!, onnx), '', '', onnx.integers([images, channels, height, width])], {
      mode,
      coordinate_transformation_mode: aligned ? 'align_corners' : centred ? 'half_pixel' : 'asymmetric',
      // TensorFlow.js takes the pixel that a point lies in, and here points are counted from the middle of the first.
      nearest_mode: aligned || centred ? 'round_prefer_ceil' : 'floor',
    });
    return channelsLast(resized, onnx);
  };
}

function channelsFirst(x: string, onnx: Emitter): string {
  return onnx.emit('Transpose', [x], { perm: [0, 3, 1, 2] });
}

function channelsLast(x: string, onnx: Emitter): string {
  return onnx.emit('Transpose', [x], { perm: [0, 2, 3, 1] });
}
