import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { initParams } from '../../src/core/params';
import { createRng } from '../../src/core/rng';
import { withContext } from '../../src/learners/with-context';
import { mlp } from '../../src/nn/mlp';
import { expectNoLeak } from '../helpers/leaks';

const network = withContext('context', mlp([1 + 2, 4, 1]), 2);

test('examples that all tasks share go beside the context of each, without a leak', () =>
  expectNoLeak(() =>
    tf.tidy(() => {
      const params = { ...initParams(network.specs, createRng('params')), embedding: tf.tensor2d([[1, 2], [3, -4]]) };
      const x = tf.tensor3d([[[1], [2], [3]]]);
      const together = network.apply(params, x);
      const before = tf.memory().numTensors;
      network.apply(params, x).dispose();
      expect(tf.memory().numTensors).toBe(before);
      expect(together.shape).toEqual([2, 3, 1]);
      const apart = [0, 1].map((task) => network.apply({ ...params, embedding: tf.slice(params.embedding, [task], [1]) }, x));
      expect(Array.from(together.dataSync())).toEqual(apart.flatMap((each) => Array.from(each.dataSync())));
    }),
  ));
