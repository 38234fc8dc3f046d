import { ShapeError } from '../core/errors';

/** What is left of tasks that were learned one after another. All in the unit of the matrix. */
export interface ContinualMeasures {
  /** Mean over tasks of the accuracy after the last one. */
  readonly final: number;
  /** Mean over tasks of the accuracy right after each was learned. */
  readonly learned: number;
  /** Mean over all but the last task of the best accuracy before the end less that at the end; 0 for one task. */
  readonly forgetting: number;
  /** Mean over all but the last task of the accuracy at the end less that right after the task: above 0 where later tasks helped; 0 for one task. */
  readonly backwardTransfer: number;
}

/**
 * Measures of an accuracy matrix: row i holds the accuracies on tasks 0 to i after task i was learned.
 *
 * Sources: Lopez-Paz and Ranzato, "Gradient Episodic Memory", 2017 (arXiv 1706.08840), equations 2 and 3; forgetting: Chaudhry et
 * al., "Riemannian Walk", 2018 (arXiv 1801.10112), section 3.1.
 *
 * @example
 * continualMeasures([[0.9], [0.7, 0.8]]) // { final: 0.75, learned: 0.85, forgetting: 0.2, backwardTransfer: -0.2 }, about
 *
 * @throws ShapeError unless row i has i + 1 values, and there is a row
 */
export function continualMeasures(matrix: readonly (readonly number[])[]): ContinualMeasures {
  const wrong = matrix.findIndex((row, index) => row.length !== index + 1);
  if (matrix.length === 0 || wrong >= 0)
    throw new ShapeError(`continualMeasures: expected rows of 1, 2, … values, ${matrix.length === 0 ? 'got none' : `got ${matrix[wrong]!.length} in row ${wrong}`}.`);
  const end = matrix.at(-1)!;
  const diagonal = matrix.map((row) => row.at(-1)!);
  const earlier = end.slice(0, -1);
  const best = (task: number) => Math.max(...matrix.slice(task, -1).map((row) => row[task]!));
  return {
    final: mean(end),
    learned: mean(diagonal),
    forgetting: mean(earlier.map((accuracy, task) => best(task) - accuracy)),
    backwardTransfer: mean(earlier.map((accuracy, task) => accuracy - diagonal[task]!)),
  };
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}
