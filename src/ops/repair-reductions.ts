import * as tf from '@tensorflow/tfjs';
import { replaceGradient, sumTo } from './replace-gradient';

/** Softmax, extremes along axes, predicates, tile and batched products. */
export function repairReductions(): void {
  replaceGradient('Softmax', ['logits'], (dy, [logits], { dim }) => ({
    logits: () => {
      const y = tf.softmax(logits!, dim as number);
      const weighted = tf.mul(dy, y);
      return tf.sub(weighted, tf.mul(tf.sum(weighted, dim as number, true), y));
    },
  }));
  repairExtreme('Max', (x, axes) => tf.max(x, axes, true));
  repairExtreme('Min', (x, axes) => tf.min(x, axes, true));
  repairPredicates();
  repairTile();
  repairBatchMatMul();
}

/** Every value that is the extreme gets the whole gradient, as in tfjs. */
function repairExtreme(name: string, extreme: (x: tf.Tensor, axes: number[]) => tf.Tensor): void {
  replaceGradient(name, ['x'], (dy, [x], { reductionIndices, axis }) => ({
    x: () => {
      const axes = tf.util.parseAxisParam((reductionIndices ?? axis) as number | number[], x!.shape);
      const kept = x!.shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
      const chosen = tf.cast(tf.equal(x!, extreme(x!, axes)), 'float32');
      return tf.mul(tf.reshape(dy, kept), chosen);
    },
  }));
}

/** A comparison or a rounding is flat: its gradient is zero, not missing, nor (`floorDiv`) that of a division. */
function repairPredicates(): void {
  const zero = (tensor: tf.Tensor) => tf.zeros(tensor.shape);
  const pairs = ['Equal', 'NotEqual', 'Greater', 'GreaterEqual', 'Less', 'LessEqual', 'LogicalAnd', 'LogicalOr', 'FloorDiv'];
  for (const name of pairs)
    replaceGradient(name, ['a', 'b'], (_dy, [a, b]) => ({ a: () => zero(a!), b: () => zero(b!) }));
  for (const name of ['LogicalNot', 'IsNan', 'IsInf', 'IsFinite', 'Sign', 'Step', 'Floor', 'Ceil', 'Round', 'Any', 'All'])
    replaceGradient(name, ['x'], (_dy, [x]) => ({ x: () => zero(x!) }));
}

/** One reshape and one sum; tfjs slices once per copy, and stops at rank 4. */
function repairTile(): void {
  replaceGradient('Tile', ['x'], (dy, [x], { reps }) => ({
    x: () => {
      const { shape, copies } = splitCopies(x!.shape, reps as number[]);
      return tf.reshape(tf.sum(tf.reshape(dy, shape), copies), x!.shape);
    },
  }));
}

/**
 * A tiled shape with an axis for each count of copies. Axes between them are merged, because wasm sums wrongly beyond
 * rank 6: `[2, 3, 4]` tiled by `[1, 5, 1]` → shape `[2, 5, 12]`, copies at axis 1.
 */
function splitCopies(tiled: readonly number[], counts: readonly number[]): { shape: number[]; copies: number[] } {
  const shape = [1];
  const copies: number[] = [];
  tiled.forEach((size, axis) => {
    if (counts[axis]! > 1) {
      const last = copies.at(-1);
      if (last !== undefined && last === shape.length - 2 && shape.at(-1) === 1) shape[last]! *= counts[axis]!; // copies of copies
      else {
        copies.push(shape.length);
        shape.push(counts[axis]!, 1);
      }
    }
    shape[shape.length - 1]! *= size;
  });
  return { shape, copies };
}

/** tfjs forgets to sum over batch axes along which an argument was broadcast. */
function repairBatchMatMul(): void {
  replaceGradient('BatchMatMul', ['a', 'b'], (dy, [a, b], { transposeA, transposeB }) => ({
    a: () => {
      const gradient = transposeA ? tf.matMul(b!, dy, !!transposeB, true) : tf.matMul(dy, b!, false, !transposeB);
      return sumTo(gradient, a!.shape);
    },
    b: () => {
      const gradient = transposeB ? tf.matMul(dy, a!, true, !!transposeA) : tf.matMul(a!, dy, !transposeA, false);
      return sumTo(gradient, b!.shape);
    },
  }));
}
