import * as tf from '@tensorflow/tfjs';
import { repairConvolutions } from './repair-convolutions';
import { repairElementwise } from './repair-elementwise';
import { repairPooling } from './repair-pooling';
import { repairReductions } from './repair-reductions';
import { repairSplit } from './repair-split';

/** Our gradient of tanh, once registered: a second copy of tfjs, loaded later, puts its own in place of all of ours. */
let repairedTanh: unknown;

/**
 * Makes second derivatives of tfjs right. tfjs 4.22 loses the path through a saved output, so that the gradient of a
 * gradient of `exp`, `tanh`, `sigmoid`, `softmax`, `pow`, … is silently wrong, and that of a convolution, `max`, `where`
 * or a clip throws. Public gradients are registered in their place. First derivatives stay what they were, but for five
 * that tfjs gets wrong: `maxPool` on wasm, `avgPool` over padding, `matMul` and `squaredDifference` of arguments that
 * broadcast, `floorDiv`; a split into one part threw. It mends the networks of anyone who shares this tfjs. Called on
 * import; a second call does nothing unless another copy of tfjs, loaded since, has undone the first.
 *
 * Not mended: `tf.logSoftmax` and `tf.losses.softmaxCrossEntropy` (use ours), whose second derivatives stay wrong, and
 * `mirrorPad` and, on wasm, `conv3d` and `tf.image.resizeBilinear` with half-pixel centres, whose first ones are.
 * `checkDerivatives` tells.
 */
export function repairGradients(): void {
  if (repairedTanh !== undefined && tf.getGradient('Tanh') === repairedTanh) return;
  repairElementwise();
  repairReductions();
  repairConvolutions();
  repairPooling();
  repairSplit();
  repairedTanh = tf.getGradient('Tanh');
}
