import * as tf from '@tensorflow/tfjs';
import type { Pair } from '../core/pair';
import { paddingBefore, spansOf, type Steps } from './window-steps';

/**
 * `dy` spread by the stride and framed so that windows of the turned kernel, without padding, give the gradient of images
 * of `size`: `[n, H', W', F]` → `[n, H + span - 1, W + span - 1, F]`.
 */
export function frameSlopes(dy: tf.Tensor, size: Pair, window: Pair, steps: Steps): tf.Tensor {
  const spread = spreadBy(spreadBy(dy, 1, steps.strides[0]), 2, steps.strides[1]);
  const spans = spansOf(window, steps);
  const margins = (axis: 0 | 1): Margins => {
    const [span, stride] = [spans[axis], steps.strides[axis]];
    const before = span - 1 - paddingBefore(size[axis], span, stride, steps.padding);
    return [before, size[axis] + span - 1 - spread.shape[axis + 1]! - before];
  };
  return frame(spread, [margins(0), margins(1)]);
}

/**
 * Images framed so that `dy` as the window, its pixels a stride apart, finds one position for each pixel of the kernel, a
 * dilation apart.
 */
export function frameImages(images: tf.Tensor, positions: Pair, window: Pair, steps: Steps): tf.Tensor {
  const spans = spansOf(window, steps);
  const margins = (axis: 0 | 1): Margins => {
    const [size, span, stride] = [images.shape[axis + 1]!, spans[axis], steps.strides[axis]];
    const before = paddingBefore(size, span, stride, steps.padding);
    return [before, (positions[axis] - 1) * stride + span - size - before];
  };
  return frame(images, [margins(0), margins(1)]);
}

/** Rows before and after; negative where rows are cut off. */
type Margins = readonly [number, number];

/** Zeros around images, or less of them. */
function frame(images: tf.Tensor, [vertical, horizontal]: readonly [Margins, Margins]): tf.Tensor {
  const [count, height, width, channels] = images.shape as [number, number, number, number];
  const kept = [count, height + Math.min(vertical[1], 0), width + Math.min(horizontal[1], 0), channels];
  const cut = kept[1] === height && kept[2] === width ? images : tf.slice(images, [0, 0, 0, 0], kept);
  const added = [vertical, horizontal].map(([before, after]) => [before, Math.max(after, 0)] as [number, number]);
  return tf.pad(cut, [[0, 0], ...added, [0, 0]]);
}

/** Zeros after each position along an axis, so that positions are `stride` apart. */
function spreadBy(x: tf.Tensor, axis: number, stride: number): tf.Tensor {
  if (stride === 1) return x;
  const after = x.shape.slice(axis + 1).reduce((product, size) => product * size, 1);
  const shape = x.shape.map((size, position) => (position === axis ? size * stride : size));
  return tf.reshape(tf.pad(tf.reshape(x, [-1, after]), [[0, 0], [0, (stride - 1) * after]]), shape);
}
