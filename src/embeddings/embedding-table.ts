import * as tf from '@tensorflow/tfjs';
import { DataError, expectCount } from '../core/errors';
import { normalInit } from '../core/initializers';
import { expectShape } from '../core/shape';
import { taskMatMul } from '../ops/task-mat-mul';
import type { EmbeddingStart } from './embedding';

export interface EmbeddingTableOptions {
  /** Number of known tasks: `rows` of the task source. */
  readonly rows: number;
  readonly size: number;
}

/**
 * A learned embedding for each of a known number of tasks. A task says which one it is by its `row`.
 *
 * Source: von Oswald et al., "Continual Learning with Hypernetworks", 2020 (arXiv 1906.00695), section 2.
 *
 * @throws DataError if a task has no row
 * @throws ShapeError if its row is of a table of another length
 */
export function embeddingTable({ rows, size }: EmbeddingTableOptions): EmbeddingStart {
  expectCount('embeddingTable: rows', rows);
  expectCount('embeddingTable: size', size);
  return {
    size,
    specs: { table: { shape: [rows, size], role: 'embedding', fanIn: 1, init: normalInit(1) } },
    start(params, { row }) {
      if (!row)
        throw new DataError(
          'embeddingTable: expected tasks with a row, got none; give a task source with `rows`, or start unknown tasks from learnedEmbedding or setEncoder.',
        );
      expectShape('row', row, [null, rows]);
      // One-hot × table rather than tf.gather, whose gradient the wasm back-end lacks.
      return tf.tidy(() => tf.squeeze(taskMatMul(tf.expandDims(row, 1), params['table']!), [1]));
    },
  };
}
