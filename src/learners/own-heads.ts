import * as tf from '@tensorflow/tfjs';
import { DataError, expectCount } from '../core/errors';
import type { Learner } from '../core/learner';
import type { Network } from '../core/network';
import { filterRecord, mapRecord, scopeRecord, unscopeRecord, type ParamSpec } from '../core/params';
import { expectShape, sizeOf } from '../core/shape';
import { taskMatMul } from '../ops/task-mat-mul';
import { baseWeights, bodySpecs, expectHead, headNames } from './base-params';

/**
 * Known tasks that share a body, each with a head of its own, trained side by side without an inner loop: what sharing
 * parameters meant before hypernetworks. A task says which one it is by its `row`, as for `embeddingTable`, beside which this
 * learner is to be held. Predicts known tasks only; for new ones see `anil`.
 *
 * Source: Caruana, "Multitask Learning", 1997 (Machine Learning 28), section 1.
 *
 * @param options `rows`: the number of known tasks, as of the task source.
 * @throws RangeError if the base network has no linear last layer; DataError if a task has no row, ShapeError if it has one of
 * another number of tasks
 */
export function ownHeads(base: Network, { rows }: { readonly rows: number }): Learner {
  expectHead('ownHeads', base);
  expectCount('ownHeads: rows', rows);
  const heads = filterRecord(base.specs, (name) => headNames(base).includes(name));
  return {
    name: 'own heads',
    base,
    specs: { ...bodySpecs(base), ...scopeRecord(mapRecord(heads, (spec) => tableOf(spec, rows)), 'heads') },
    start(meta, { row }) {
      if (!row) throw new DataError('ownHeads: expected tasks with a row, got none; give a task source with `rows`, or take anil for unknown tasks.');
      expectShape('row', row, [null, rows]);
      const tables = unscopeRecord(meta, 'heads');
      return mapRecord(heads, ({ shape }, name) => {
        const table = tf.reshape(tables[name]!, [1, rows, sizeOf(shape)]);
        return tf.reshape(taskMatMul(tf.expandDims(row, 1), table), [row.shape[0], ...shape]); // one-hot: see embeddingTable
      });
    },
    weights: baseWeights,
    adapts: () => [],
  };
}

/** The same parameter for each of so many tasks, each started on its own. */
function tableOf(spec: ParamSpec, rows: number): ParamSpec {
  return {
    ...spec,
    shape: [rows, ...spec.shape],
    init(rng) {
      const values = new Float32Array(rows * sizeOf(spec.shape));
      for (let row = 0; row < rows; row++) values.set(spec.init(rng.fork(`${row}`), spec.shape), row * sizeOf(spec.shape));
      return values;
    },
  };
}
