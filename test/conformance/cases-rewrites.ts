import * as tf from '@tensorflow/tfjs';
import { taskMatMul } from '../../src/ops/task-mat-mul';
import type { Case } from '../helpers/compiled';

const matrix = [3, 4] as const;
const cube = [2, 3, 4] as const;
const tasks = [2, 1, 4] as const;

/** What the rules that make less of a graph may get wrong: see `simplify` and its tables. */
export const rewriteCases: readonly Case[] = [
  // Neutral and absorbing elements
  { name: 'x · 0', inputs: [matrix, [4]], compute: (x, y) => tf.add(tf.mul(x, 0), y) },
  { name: 'x · 0 alone', inputs: [matrix], compute: (x) => tf.mul(x, 0) },
  { name: '0 · column, which only gives its shape', inputs: [matrix, [3, 1]], compute: (x, y) => tf.add(tf.mul(y, tf.zeros([1, 4])), tf.sin(x)) },
  { name: 'x / x', inputs: [matrix], compute: (x) => tf.div(x, x), isSmooth: false },
  { name: 'x − x', inputs: [matrix], compute: (x) => tf.sub(tf.sin(x), tf.sin(x)) },
  { name: 'x + 0 of a larger shape', inputs: [[4]], compute: (x) => tf.square(tf.add(x, tf.zeros([3, 4]))) },
  { name: 'x · 1 of a larger shape', inputs: [[4]], compute: (x) => tf.square(tf.mul(x, tf.ones([2, 3, 4]))) },
  { name: 'x − 0 and 0 − x', inputs: [[4]], compute: (x) => tf.mul(tf.sub(x, tf.zeros([3, 4])), tf.sub(tf.zeros([3, 1]), tf.square(x))) },
  { name: '0 / x', inputs: [matrix, matrix], compute: (x, y) => tf.add(y, tf.div(0, tf.exp(x))) },
  { name: 'x ^ 0, x ^ 1, x ^ 2, x ^ 3', inputs: [matrix], compute: (x) => tf.addN([0, 1, 2, 3].map((power) => tf.pow(x, power))) },
  { name: 'x ^ 1 of a larger shape', inputs: [[4]], compute: (x) => tf.sin(tf.pow(x, tf.ones([3, 4]))) },
  { name: 'x ^ 2 of a larger shape', inputs: [[4]], compute: (x) => tf.sin(tf.pow(x, tf.fill([3, 4], 2))) },
  // Constants
  { name: 'negative constants', inputs: [matrix], compute: (x) => tf.sub(tf.mul(x, -1), tf.mul(tf.sin(x), -2)) },
  { name: 'a sum of negatives', inputs: [matrix, matrix], compute: (x, y) => tf.add(tf.neg(tf.sin(x)), tf.neg(y)) },
  { name: 'minus minus', inputs: [matrix, matrix], compute: (x, y) => tf.sub(tf.neg(tf.sin(x)), tf.neg(tf.square(y))) },
  { name: 'constants alone', inputs: [matrix], compute: (x) => tf.add(x, tf.mul(tf.add(tf.scalar(2), tf.scalar(3)), tf.exp(tf.scalar(0.5)))) },
  { name: 'constants of different values', inputs: [matrix], compute: (x) => tf.mul(x, tf.add(tf.tensor1d([1, 2, 3, 4]), tf.tensor2d([[1], [2], [3]]))) },
  { name: 'many numbers', inputs: [matrix], compute: (x) => tf.mul(tf.mul(tf.div(tf.mul(tf.sin(x), 3), 7), 0.1), -2) },
  { name: 'division by a column', inputs: [matrix, [3, 1]], compute: (x, y) => tf.div(x, tf.exp(y)) },
  { name: 'division by a row', inputs: [[8, 4], [4]], compute: (x, y) => tf.div(tf.sin(x), tf.exp(y)) },
  // Factors
  { name: 'a scalar factor on both operands', inputs: [cube, [2, 4, 5], [], []], compute: (a, b, s, t) => tf.matMul(tf.mul(a, s), tf.mul(b, t)) },
  ...[false, true].flatMap((turnA) =>
    [false, true].flatMap((turnB): readonly Case[] => {
      const multiply = (a: tf.Tensor, b: tf.Tensor) => tf.sin(tf.matMul(turnA ? tf.transpose(a, [0, 2, 1]) : a, turnB ? tf.transpose(b, [0, 2, 1]) : b, turnA, turnB));
      const flat = (a: tf.Tensor, b: tf.Tensor) => tf.sin(tf.matMul(a, b, turnA, turnB));
      const [long, wide] = [turnA ? [2, 2, 9] : [2, 9, 2], turnB ? [2, 9, 2] : [2, 2, 9]] as const;
      const name = `turned: ${turnA} ${turnB}`;
      return [
        { name: `factors on the columns of both operands, ${name}`, inputs: [cube, [1, 1, 4], [2, 4, 5], [1, 1, 5]], compute: (a, s, b, t) => multiply(tf.mul(a, s), tf.mul(b, t)) },
        { name: `factors on the rows of both operands, ${name}`, inputs: [cube, [1, 3, 1], [2, 4, 5], [2, 4, 1]], compute: (a, s, b, t) => multiply(tf.mul(a, s), tf.mul(b, t)) },
        { name: `factors by task, ${name}`, inputs: [long, [2, 1, 1], wide, [2, 1, 1]], compute: (a, s, b, t) => flat(tf.mul(a, s), tf.mul(b, t)) },
        { name: `factors on the columns of large operands, ${name}`, inputs: [long, [2, 1, long[2]!], wide, [2, 1, wide[2]!]], compute: (a, s, b, t) => flat(tf.mul(a, s), tf.mul(b, t)) },
        { name: `factors on the columns of large shared operands, ${name}`, inputs: [long, [long[2]!], wide, [1, wide[2]!]], compute: (a, s, b, t) => flat(tf.mul(a, s), tf.mul(b, t)) },
        { name: `a factor by task on operands that tasks share, ${name}`, inputs: [[1, ...long.slice(1)], [2, 1, 1], [1, ...wide.slice(1)], [2, 1, wide[2]!]], compute: (a, s, b, t) => flat(tf.mul(a, s), tf.mul(b, t)) },
      ];
    }),
  ),
  { name: 'a task factor [T, 1, C] before a sum over rows', inputs: [cube, tasks], compute: (x, s) => tf.sin(tf.sum(tf.mul(x, s), 1)) },
  { name: 'a task factor before a sum over columns', inputs: [cube, tasks], compute: (x, s) => tf.sin(tf.sum(tf.mul(x, s), 2, true)) },
  { name: 'a task factor before a sum over tasks', inputs: [cube, tasks], compute: (x, s) => tf.sin(tf.sum(tf.mul(x, s), 0)) },
  { name: 'a task factor before a sum over all', inputs: [cube, tasks, []], compute: (x, s, t) => tf.sin(tf.sum(tf.mul(tf.mul(x, s), t))) },
  { name: 'a row factor before sums over several axes', inputs: [cube, [4]], compute: (x, s) => tf.sin(tf.sum(tf.mul(x, s), [0, 1])) },
  { name: 'a factor [4] of rank 1 summed with its axis kept', inputs: [[3, 4], [4]], compute: (x, s) => tf.sum(tf.mul(tf.sin(x), s), 0, true) },
  { name: 'a sum of what is only factors', inputs: [[1, 4], [1, 4]], compute: (s, t) => tf.sum(tf.mul(tf.mul(s, t), tf.ones([3, 4])), 0) },
  { name: 'products of sums', inputs: [matrix, [4], [4]], compute: (x, s, t) => tf.mul(tf.add(tf.mul(x, s), tf.mul(tf.sin(x), s)), tf.sub(tf.mul(x, t), tf.mul(t, s))) },
  { name: 'a common factor of both terms', inputs: [cube, cube, tasks], compute: (x, y, s) => tf.sub(tf.mul(x, s), tf.mul(y, s)) },
  { name: 'a common factor of three terms, one negative', inputs: [cube, cube, tasks, tasks], compute: (x, y, s, t) => tf.sub(tf.sub(tf.mul(tf.mul(x, s), t), tf.mul(y, s)), tf.mul(s, tf.sin(x))) },
  { name: 'a common factor where the first term is negative', inputs: [cube, cube, tasks], compute: (x, y, s) => tf.sub(tf.mul(tf.neg(tf.exp(x)), s), tf.mul(tf.exp(y), s)) },
  { name: 'the same factor twice in one term', inputs: [cube, cube, tasks], compute: (x, y, s) => tf.add(tf.mul(tf.mul(x, s), s), tf.mul(y, s)) },
  { name: 'a common factor of rows and what is only factors', inputs: [cube, tasks, tasks], compute: (x, s, t) => tf.add(tf.mul(x, s), tf.mul(t, s)) },
  { name: 'factors that broadcast against each other', inputs: [cube, [2, 1, 1], [1, 1, 4]], compute: (x, s, t) => tf.mul(x, tf.mul(s, t)) },
  { name: 'a factor larger than its core', inputs: [[1, 3, 1], [2, 1, 4]], compute: (x, s) => tf.sin(tf.mul(x, s)) },
  { name: 'the square of a scaled tensor', inputs: [cube, tasks], compute: (x, s) => tf.square(tf.mul(x, s)) },
  { name: 'factors before a reshape that keeps columns', inputs: [cube, [4]], compute: (x, s) => tf.sin(tf.reshape(tf.mul(x, s), [6, 4])) },
  { name: 'factors before a reshape that merges columns', inputs: [cube, [4]], compute: (x, s) => tf.sin(tf.reshape(tf.mul(x, s), [2, 12])) },
  { name: 'factors before a reshape to rank 1', inputs: [cube, [4], []], compute: (x, s, t) => tf.sin(tf.reshape(tf.mul(tf.mul(x, s), t), [24])) },
  { name: 'a task factor before a reshape that splits rows', inputs: [[2, 6, 4], tasks], compute: (x, s) => tf.sin(tf.reshape(tf.mul(x, s), [2, 3, 2, 4])) },
  { name: 'a task factor before a reshape that merges tasks', inputs: [cube, tasks], compute: (x, s) => tf.sin(tf.reshape(tf.mul(x, s), [6, 4])) },
  { name: 'a task factor of one column before a reshape', inputs: [cube, [2, 1, 1]], compute: (x, s) => tf.sin(tf.reshape(tf.mul(x, s), [2, 12])) },
  { name: 'a task factor where tasks and columns are as many', inputs: [[4, 3, 4], [4, 1, 4]], compute: (x, s) => tf.sin(tf.reshape(tf.mul(x, s), [4, 12])) },
  { name: 'a reshape that turns rows into tasks', inputs: [[2, 2, 4], tasks], compute: (x, s) => tf.sin(tf.reshape(tf.mul(x, s), [4, 1, 4])) },
  { name: 'a column as factor of one column', inputs: [[6, 1], [1, 1]], compute: (x, s) => tf.reshape(tf.mul(tf.sin(x), s), [2, 3]) },
  // Copies and shapes
  { name: 'reshapes between ranks', inputs: [cube], compute: (x) => tf.add(tf.reshape(tf.square(tf.reshape(x, [24])), [4, 6]), tf.reshape(tf.sin(tf.reshape(x, [2, 12])), [4, 6])) },
  { name: 'a sum of tensors reshaped alike', inputs: [cube, cube], compute: (x, y) => tf.mul(tf.reshape(x, [6, 4]), tf.reshape(y, [6, 4])) },
  { name: 'a sum of tensors reshaped from different shapes', inputs: [cube, [4, 6]], compute: (x, y) => tf.add(tf.reshape(x, [12, 2]), tf.reshape(y, [12, 2])) },
  { name: 'a reshaped tensor and a number', inputs: [cube, []], compute: (x, s) => tf.mul(tf.add(tf.reshape(x, [6, 4]), s), s) },
  { name: 'sums of copies', inputs: [[3, 1]], compute: (x) => tf.sin(tf.sum(tf.tile(x, [1, 4]), 1)) },
  { name: 'sums of copies over other axes too', inputs: [[3, 1]], compute: (x) => tf.sin(tf.sum(tf.broadcastTo(x, [2, 3, 4]), [0, 1])) },
  { name: 'sums of copies, axes kept', inputs: [[3, 1]], compute: (x) => tf.sin(tf.sum(tf.broadcastTo(x, [2, 3, 4]), [2, 0], true)) },
  { name: 'the largest of copies', inputs: [[3, 1]], compute: (x) => tf.max(tf.tile(x, [1, 4]), 1), isSmooth: false },
  { name: 'the mean of copies', inputs: [[3, 1]], compute: (x) => tf.square(tf.mean(tf.tile(x, [1, 4]))) },
  { name: 'copies of copies', inputs: [[1, 4]], compute: (x) => tf.square(tf.tile(tf.tile(x, [3, 1]), [2, 2])) },
  { name: 'copies that meet', inputs: [[3, 1], [1, 4]], compute: (x, y) => tf.mul(tf.tile(x, [1, 4]), tf.tile(y, [3, 1])) },
  { name: 'copies with an axis more or less', inputs: [[1, 4]], compute: (x) => tf.sin(tf.reshape(tf.tile(x, [3, 1]), [3, 1, 4, 1])) },
  { name: 'copies of a matrix in a product', inputs: [[1, 3, 4], [2, 4, 5]], compute: (a, b) => tf.sin(tf.matMul(tf.tile(a, [2, 1, 1]), b)) },
  { name: 'copies of both matrices in a product', inputs: [[1, 3, 4], [1, 4, 5]], compute: (a, b) => tf.sin(tf.matMul(tf.tile(a, [2, 1, 1]), tf.tile(b, [2, 1, 1]))) },
  { name: 'copies of rows in a product', inputs: [[2, 1, 4], [2, 4, 5]], compute: (a, b) => tf.sin(tf.matMul(tf.tile(a, [1, 3, 1]), b)) },
  { name: 'a shared matrix on the right, turned', inputs: [cube, [1, 5, 4]], compute: (a, b) => tf.sin(tf.matMul(a, b, false, true)) },
  { name: 'a shared matrix on the left', inputs: [[1, 3, 4], [2, 4, 5]], compute: (a, b) => tf.sin(tf.matMul(a, b)) },
  { name: 'a sum of products over tasks', inputs: [[2, 3, 4], [2, 3, 5]], compute: (a, b) => tf.sin(tf.sum(tf.matMul(a, b, true, false), 0)) },
  { name: 'a sum of products over tasks that share one side', inputs: [[1, 3, 4], [2, 3, 5]], compute: (a, b) => tf.sin(tf.sum(tf.matMul(a, b, true, false), 0)) },
  { name: 'transposes inside a product', inputs: [[2, 4, 3], [2, 5, 4]], compute: (a, b) => tf.matMul(tf.transpose(a, [0, 2, 1]), tf.transpose(b, [0, 2, 1])) },
  { name: 'a transpose of batches inside a product', inputs: [[3, 2, 4], [2, 4, 5]], compute: (a, b) => tf.matMul(tf.transpose(a, [1, 0, 2]), b) },
  { name: 'a transposed matrix that is turned again', inputs: [[2, 3, 4], [2, 4, 5]], compute: (a, b) => tf.matMul(tf.transpose(a, [0, 2, 1]), b, true, false) },
  { name: 'transposes of reshapes', inputs: [cube], compute: (x) => tf.sin(tf.reshape(tf.transpose(tf.reshape(x, [6, 4])), [2, 12])) },
  { name: 'slices of constants', inputs: [[2, 2]], compute: (x) => tf.mul(x, tf.slice(tf.ones([4, 4]), [1, 1], [2, 2])) },
  { name: 'where of a constant condition', inputs: [matrix], compute: (x) => tf.where(tf.cast(tf.ones([3, 4]), 'bool'), tf.sin(x), tf.square(x)) },
  { name: 'where of two numbers', inputs: [matrix], compute: (x) => tf.where(tf.greater(x, 0), tf.onesLike(x), tf.mul(tf.onesLike(x), -1)), order: 0 },
  { name: 'reductions over axes of 1', inputs: [[2, 1, 3]], compute: (x) => tf.addN([tf.sum(tf.sin(x), 1), tf.max(x, 1), tf.min(x, 1), tf.mean(x, 1)]), isSmooth: false },
  // Shared parts, and outputs that are nothing new
  { name: 'identical subexpressions', inputs: [matrix], compute: (x) => tf.mul(tf.add(tf.sin(x), tf.exp(x)), tf.add(tf.sin(x), tf.exp(x))) },
  { name: 'an output that is an input', inputs: [matrix], compute: (x) => x },
  { name: 'an output that is an input reshaped', inputs: [matrix], compute: (x) => tf.reshape(x, [12]) },
  { name: 'an output that is constant', inputs: [matrix], compute: () => tf.tensor2d([[1, 2], [3, 4]]), isSmooth: false },
  { name: 'an input that is not used', inputs: [matrix, [7]], compute: (x) => tf.sin(x) },
  { name: 'whole numbers inside', inputs: [matrix], compute: (x) => tf.mul(x, tf.cast(tf.argMax(x, 0), 'float32')), isSmooth: false },
  { name: 'booleans inside', inputs: [matrix], compute: (x) => tf.where(tf.logicalOr(tf.greater(x, 1), tf.less(x, -1)), x, tf.zerosLike(x)), isSmooth: false },
  // Chains as networks have them
  { name: 'a standardized, scaled and shifted layer', inputs: [[2, 5, 4], tasks, tasks, tasks, tasks], compute: (x, mean, scale, gamma, beta) => tf.softplus(tf.add(tf.mul(tf.mul(tf.sub(x, mean), scale), gamma), beta)) },
  { name: 'the same with relu and shared factors', inputs: [[2, 5, 4], [4], [4], [1, 1, 4], [4]], compute: (x, mean, scale, gamma, beta) => tf.relu(tf.add(tf.mul(tf.mul(tf.sub(x, mean), scale), gamma), beta)), isSmooth: false },
  { name: 'layer norm', inputs: [[2, 5, 4], tasks], compute(x, gamma) { const { mean, variance } = tf.moments(x, 2, true); return tf.mul(tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, 1e-3))), gamma); } },
  { name: 'a dense network with a mean loss', inputs: [[2, 5, 3], [1, 3, 4], [1, 1, 4], [2, 4, 1]], compute: (x, w, b, v) => tf.mean(tf.square(taskMatMul(tf.tanh(tf.add(taskMatMul(x, w), b)), v)), [1, 2]) },
  { name: 'a norm and a clip', inputs: [cube], compute(x) { const norm = tf.sqrt(tf.sum(tf.square(x), [1, 2], true)); return tf.mul(x, tf.div(1, tf.maximum(norm, 1))); }, isSmooth: false },
  { name: 'one step of Adam', inputs: [matrix, matrix, matrix], compute: (x, mean, square) => { const [m, v] = [tf.add(tf.mul(mean, 0.9), tf.mul(x, 0.1)), tf.add(tf.mul(tf.square(square), 0.999), tf.mul(tf.square(x), 0.001))]; return tf.sub(x, tf.div(tf.mul(m, 0.01), tf.add(tf.sqrt(v), 1e-2))); } },
];
