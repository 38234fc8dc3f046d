import * as tf from '@tensorflow/tfjs';
import { replaceGradient } from './replace-gradient';

/** Splitting into a single part: tfjs hands its gradient over by itself, and then looks for a list. */
export function repairSplit(): void {
  const listed = (dy: tf.Tensor | readonly tf.Tensor[]): tf.Tensor[] => [dy].flat(); // its type says one
  replaceGradient('SplitV', [], (dy, _saved, { axis }) => ({ x: () => tf.concat(listed(dy), axis as number) }));
  replaceGradient('Unpack', [], (dy, _saved, { axis }) => ({ value: () => tf.stack(listed(dy), axis as number) }));
}
