import { ShapeError } from '../core/errors';
import { ink, renderChart } from './chart';

export interface AccuracyMatrixPicture {
  /** Row i: the accuracies in [0, 1] on tasks 0 to i after task i was learned. */
  readonly matrix: readonly (readonly number[])[];
  /** @default 'Accuracy on each task, after each task' */
  readonly title?: string;
}

/**
 * What is left of tasks that were learned one after another, as an SVG document: a row after each task, a column of each task,
 * numbers in percent. A column that stays dark is a task that is not forgotten.
 *
 * @throws ShapeError unless row i has i + 1 values, and there is a row; Error if Vega is not installed
 */
export async function accuracyMatrixPicture({ matrix, title = 'Accuracy on each task, after each task' }: AccuracyMatrixPicture): Promise<string> {
  if (matrix.length === 0 || matrix.some((row, index) => row.length !== index + 1))
    throw new ShapeError(`accuracyMatrixPicture: expected rows of 1, 2, … values, got ${matrix.map(({ length }) => length).join(', ') || 'none'}.`);
  const values = matrix.flatMap((row, after) =>
    row.map((accuracy, task) => ({ after: after + 1, task: task + 1, accuracy, words: (100 * accuracy).toFixed(1), light: accuracy > 0.55 })),
  );
  const side = 40 * matrix.length;
  const axis = { ticks: false, domain: false, labelAngle: 0, labelColor: ink.title };
  const place = {
    x: { field: 'task', type: 'ordinal', axis: { ...axis, title: 'accuracy on task' } },
    y: { field: 'after', type: 'ordinal', axis: { ...axis, title: 'after learning task' } },
  };
  const color = { field: 'accuracy', type: 'quantitative', scale: { domain: [0, 1], scheme: 'blues' }, legend: null };
  const textColor = { condition: { test: 'datum.light', value: ink.paper }, value: ink.title };
  return renderChart({
    title: { text: title, subtitle: 'In percent; the task is given.' },
    width: side,
    height: side,
    data: { values },
    layer: [
      { mark: { type: 'rect', stroke: ink.paper }, encoding: { ...place, color } },
      { mark: { type: 'text', fontSize: 11 }, encoding: { ...place, text: { field: 'words' }, color: textColor } },
    ],
  });
}
