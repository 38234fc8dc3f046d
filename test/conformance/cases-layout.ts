import * as tf from '@tensorflow/tfjs';
import { runKernel } from '../../src/ops/replace-gradient';
import { solveSymmetric } from '../../src/ops/solve';
import { stopGradient } from '../../src/ops/stop-gradient';
import { taskMatMul } from '../../src/ops/task-mat-mul';
import { logSoftmax, softmaxCrossEntropy } from '../../src/ops/cross-entropy';
import { between, whole, type Case } from '../helpers/compiled';

const cube = [2, 3, 4] as const;

/** Values moved about. */
const layouts: readonly Case[] = [
  { name: 'reshape', inputs: [cube], compute: (x) => tf.reshape(tf.sin(tf.reshape(x, [6, 4])), [-1, 2]) },
  { name: 'expandDims and squeeze', inputs: [cube], compute: (x) => tf.squeeze(tf.expandDims(tf.expandDims(x, -1), 0), [0]) },
  { name: 'transpose', inputs: [cube], compute: (x) => tf.square(tf.transpose(x, [2, 0, 1])) },
  { name: 'transpose twice', inputs: [cube], compute: (x) => tf.transpose(tf.transpose(x, [2, 0, 1]), [0, 2, 1]) },
  { name: 'transpose of an axis of 1', inputs: [[2, 1, 4]], compute: (x) => tf.square(tf.transpose(x, [1, 0, 2])) },
  { name: 'tile of axes of 1', inputs: [[1, 3, 1]], compute: (x) => tf.square(tf.tile(x, [2, 1, 4])) },
  { name: 'tile of other axes', inputs: [[2, 3]], compute: (x) => tf.square(tf.tile(x, [2, 3])) },
  { name: 'tile of both', inputs: [[1, 3]], compute: (x) => tf.sin(tf.tile(x, [4, 2])) },
  { name: 'broadcastTo', inputs: [[3, 1]], compute: (x) => tf.square(tf.broadcastTo(x, [2, 3, 4])) },
  { name: 'slice', inputs: [cube], compute: (x) => tf.square(tf.slice(x, [0, 1, 1], [2, 2, -1])) },
  { name: 'stridedSlice', inputs: [cube], compute: (x) => tf.stridedSlice(x, [0, 2, 0], [2, 0, 4], [1, -1, 2]), order: 0 },
  { name: 'stridedSlice down to the first', inputs: [cube], compute: (x) => tf.stridedSlice(x, [0, 2, 3], [2, 0, 0], [1, -1, -2], 0, 6), order: 0 },
  { name: 'stridedSlice that drops an axis', inputs: [cube], compute: (x) => tf.stridedSlice(x, [1, 0, 0], [2, 3, 4], [1, 1, 3], 0, 0, 0, 0, 1), reference: (x) => tf.squeeze(tf.stridedSlice(x, [1, 0, 0], [2, 3, 4], [1, 1, 3]), [0]), order: 0 }, // eager tfjs reads past the end
  { name: 'concat', inputs: [[2, 3], [2, 1]], compute: (a, b) => tf.square(tf.concat([a, b, a], -1)) },
  { name: 'stack and unstack', inputs: [[2, 3], [2, 3]], compute: (a, b) => tf.addN(tf.unstack(tf.square(tf.stack([a, b, a], 1)), 2)) },
  { name: 'split', inputs: [[2, 6]], compute: (x) => { const [a, b, c] = tf.split(x, [1, 2, 3], 1); return tf.concat([tf.square(c!), a!, tf.sin(b!)], 1); } },
  { name: 'pad', inputs: [[2, 3]], compute: (x) => tf.square(tf.pad(x, [[1, 0], [2, 1]], 0.5)) },
  { name: 'pad with nothing', inputs: [[2, 3]], compute: (x) => tf.square(tf.pad(x, [[0, 0], [0, 0]])) },
  { name: 'reverse', inputs: [cube], compute: (x) => tf.mul(x, tf.reverse(x, [0, 2])) },
  { name: 'gather of rows', inputs: [[4, 3], whole(4, [5])], compute: (x, index) => tf.square(tf.gather(x, index)) },
  { name: 'gather of columns', inputs: [[3, 4], whole(4, [5])], compute: (x, index) => tf.square(tf.gather(x, index, 1)) },
  { name: 'gather by a table', inputs: [[4, 3], whole(4, [2, 3])], compute: (x, index) => tf.square(tf.gather(x, index)) },
  { name: 'unsortedSegmentSum', inputs: [[5, 3], whole(3, [5])], compute: (x, index) => tf.square(tf.unsortedSegmentSum(x, index as tf.Tensor1D, 3)) },
  { name: 'oneHot', inputs: [whole(4, [2, 3])], compute: (x) => tf.oneHot(x, 4), order: 0 },
  { name: 'oneHot of two values', inputs: [whole(4, [5])], compute: (x) => tf.oneHot(x, 4, 2, -1, 'float32'), order: 0 },
  { name: 'oneHot of two fractions', inputs: [whole(3, [4])], compute: (x) => tf.oneHot(x, 3, 0.5, 0.25, 'float32'), order: 0 },
  { name: 'fill and range', inputs: [[4]], compute: (x) => tf.add(tf.mul(x, tf.range(0, 4)), tf.fill([4], 0.3)) },
  { name: 'linspace-like constants', inputs: [[5]], compute: (x) => tf.mul(x, tf.tensor1d([1, -2, 3, -4, 5])) },
  { name: 'stopGradient', inputs: [cube], compute: (x) => tf.mul(x, stopGradient(tf.sin(x))), isSmooth: false },
];

const reductions: readonly Case[] = [
  ...[[0], [1], [2], [0, 2], [0, 1, 2]].flatMap((axes) =>
    [true, false].flatMap((keepDims): readonly Case[] => [
      { name: `sum over ${axes.join()}, kept: ${keepDims}`, inputs: [cube], compute: (x) => tf.square(tf.sum(x, axes, keepDims)) },
      { name: `mean over ${axes.join()}, kept: ${keepDims}`, inputs: [cube], compute: (x) => tf.square(tf.mean(tf.sin(x), axes, keepDims)) },
      { name: `max over ${axes.join()}, kept: ${keepDims}`, inputs: [cube], compute: (x) => tf.square(tf.max(x, axes, keepDims)), isSmooth: false },
      { name: `min over ${axes.join()}, kept: ${keepDims}`, inputs: [cube], compute: (x) => tf.square(tf.min(x, axes, keepDims)), isSmooth: false },
    ]),
  ),
  { name: 'sum of whole numbers', inputs: [whole(9, cube)], compute: (x) => tf.sum(x, 1), order: 0 },
  { name: 'prod', inputs: [between(0.5, 2, cube)], compute: (x) => tf.prod(x, 1), order: 0 },
  { name: 'all', inputs: [cube], compute: (x) => tf.all(tf.greater(x, -1), 2), order: 0 },
  { name: 'any', inputs: [cube], compute: (x) => tf.any(tf.greater(x, 1), [0, 1]), order: 0 },
  { name: 'argMax', inputs: [cube], compute: (x) => tf.argMax(x, -1), order: 0 },
  { name: 'argMin', inputs: [cube], compute: (x) => tf.argMin(x, 1), order: 0 },
  { name: 'argMax of equal values', inputs: [() => tf.ones([2, 3])], compute: (x) => tf.argMax(x, 1), order: 0 },
  { name: 'max of equal values', inputs: [() => tf.ones([2, 3])], compute: (x) => tf.max(x, 1), isSmooth: false },
  { name: 'softmax', inputs: [cube], compute: (x) => tf.softmax(x) },
  { name: 'cumsum', inputs: [cube], compute: (x) => tf.cumsum(x, 1), order: 0 },
  { name: 'cumsum backwards without its own', inputs: [cube], compute: (x) => tf.cumsum(x, 0, true, true), order: 0 },
  { name: 'cumsum of the last axis', inputs: [cube], compute: (x) => tf.square(tf.cumsum(x, 2)) },
  { name: 'moments', inputs: [cube], compute: (x) => tf.moments(x, [0, 1]).variance },
  { name: 'logSumExp', inputs: [cube], compute: (x) => tf.logSumExp(x, -1) },
  { name: 'logSoftmax', inputs: [cube], compute: (x) => logSoftmax(x) },
  { name: 'logSoftmax of large logits', inputs: [between(-200, 200, [3, 4])], compute: (x) => logSoftmax(x), isSmooth: false },
  { name: 'softmaxCrossEntropy', inputs: [cube, cube], compute: (logits, labels) => softmaxCrossEntropy(logits, labels) },
  { name: 'softmaxCrossEntropy of absent classes', inputs: [[3, 4]], compute: (x) => softmaxCrossEntropy(tf.add(x, tf.tensor1d([0, 0, -1e9, -1e9])), tf.oneHot(tf.tensor1d([0, 1, 0], 'int32'), 4).toFloat()), isSmooth: false },
];

const flags = [false, true] as const;
const matrix = (batch: readonly number[], rows: number, columns: number, turn: boolean) => (turn ? [...batch, columns, rows] : [...batch, rows, columns]);

const products: readonly Case[] = [
  ...flags.flatMap((turnA) =>
    flags.flatMap((turnB) =>
      ([[[], []], [[2], [2]], [[2], [1]], [[1], [2]], [[2], []], [[], [2]]] as const).map(([left, right]): Case => ({
        name: `matMul of batches [${left.join()}] and [${right.join()}], turned: ${turnA} ${turnB}`,
        inputs: [matrix(left, 3, 4, turnA), matrix(right, 4, 5, turnB)],
        compute: (a, b) => tf.sin(tf.matMul(a, b, turnA, turnB)),
      })),
    ),
  ),
  {
    name: 'matMul of batches that broadcast both ways', // eager tfjs multiplies the wrong ones
    inputs: [[2, 1, 3, 4], [1, 3, 4, 5]],
    compute: (a, b) => tf.sin(tf.matMul(a, b)),
    reference: (a, b) => tf.sin(tf.matMul(tf.tile(a, [1, 3, 1, 1]), tf.tile(b, [2, 1, 1, 1]))),
  },
  { name: 'matMul of a row', inputs: [[1, 4], [4, 3]], compute: (a, b) => tf.matMul(a, b) },
  { name: 'matMul of a column and a row', inputs: [[2, 3, 1], [2, 1, 4]], compute: (a, b) => tf.sin(tf.matMul(a, b)) },
  { name: 'matMul of a row of equal numbers', inputs: [[2, 4, 3]], compute: (b) => tf.sin(tf.matMul(tf.fill([2, 1, 4], 0.25), b)) },
  { name: 'matMul of a row of equal numbers and a turned matrix', inputs: [[2, 3, 4]], compute: (b) => tf.sin(tf.matMul(tf.fill([2, 1, 4], 0.25), b, false, true)) },
  { name: 'dot', inputs: [[4], [4]], compute: (a, b) => tf.dot(a, b) },
  { name: 'fused matMul', inputs: [[3, 4], [4, 5], [5]], compute: (a, b, bias) => tf.fused.matMul({ a, b, bias, activation: 'sigmoid' }), order: 0 },
  { name: 'taskMatMul per task', inputs: [[2, 3, 4], [2, 4, 5]], compute: (x, kernel) => tf.sin(taskMatMul(x, kernel)) },
  { name: 'taskMatMul with a shared kernel', inputs: [[2, 3, 4], [1, 4, 5]], compute: (x, kernel) => tf.sin(taskMatMul(x, kernel)) },
  { name: 'taskMatMul of shared rows', inputs: [[1, 3, 4], [2, 4, 5]], compute: (x, kernel) => tf.sin(taskMatMul(x, kernel)) },
  { name: 'solveSymmetric', inputs: [[2, 3, 3], [2, 3, 2]], compute: (a, b) => solveSymmetric(tf.add(tf.matMul(a, a, false, true), tf.mul(tf.eye(3), 2)), b) },
  { name: 'batchNorm', inputs: [[5, 3], [3], between(0.5, 2, [3]), [3], [3]], compute: (x, mean, variance, offset, scale) => tf.batchNorm(x, mean, variance, offset, scale) },
  { name: 'batchNorm of nothing but statistics', inputs: [[5, 3], [3], between(0.5, 2, [3])], compute: (x, mean, variance) => tf.batchNorm(x, mean, variance, undefined, undefined, 0.1), order: 0 },
  { name: 'FusedMatMul, relu', inputs: [[3, 4], [5, 4]], compute: (a, b) => runKernel('_FusedMatMul', { a: tf.expandDims(a, 0), b: tf.expandDims(b, 0) }, { transposeA: false, transposeB: true, activation: 'relu' }), order: 0 },
];

export const layoutCases: readonly Case[] = [...layouts, ...reductions, ...products];
