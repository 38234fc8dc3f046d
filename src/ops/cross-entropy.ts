import * as tf from '@tensorflow/tfjs';
import { expectShape } from '../core/shape';
import { defineKernel } from './kernels';
import { stopGradient } from './stop-gradient';

/**
 * x − log Σ exp(x) over the last axis, right to second order (`tf.logSoftmax` is not). Stable for large values. The
 * caller disposes.
 */
export function logSoftmax(logits: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    // The shift is a constant: it changes no derivative.
    const shifted = tf.sub(logits, stopGradient(tf.max(logits, -1, true)));
    return tf.sub(shifted, tf.log(tf.sum(tf.exp(shifted), -1, true)));
  });
}

const kernel = defineKernel(
  'HypermetaSoftmaxCrossEntropy',
  ['logits', 'labels'],
  ({ logits, labels }) => tf.neg(tf.sum(tf.mul(labels!, logSoftmax(logits!)), -1)),
  (dy, saved) => {
    const [logits, labels] = saved as [tf.Tensor, tf.Tensor];
    const each = tf.expandDims(dy, -1);
    return {
      // Σ labels · softmax − labels; the labels need not sum to 1
      logits: () => tf.mul(each, tf.sub(tf.mul(tf.softmax(logits), tf.sum(labels, -1, true)), labels)),
      labels: () => tf.neg(tf.mul(each, logSoftmax(logits))),
    };
  },
);

/**
 * Cross-entropy in nats: logits and labels (one-hot or probabilities) `[..., classes]` → `[...]`. The caller disposes.
 *
 * @throws ShapeError if the two differ in shape
 */
export function softmaxCrossEntropy(logits: tf.Tensor, labels: tf.Tensor): tf.Tensor {
  expectShape('labels', labels, logits.shape);
  return kernel({ logits, labels });
}
