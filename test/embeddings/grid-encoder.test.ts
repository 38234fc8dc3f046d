import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import type { Network } from '../../src/core/network';
import { initParams } from '../../src/core/params';
import { createRng } from '../../src/core/rng';
import { seededNoise } from '../../src/core/noise';
import { gridEncoder } from '../../src/embeddings/grid-encoder';
import { activation } from '../../src/nn/activation';
import { dense } from '../../src/nn/dense';
import { flatten } from '../../src/nn/flatten';
import { sequential } from '../../src/nn/sequential';
import { pixelGrid } from '../../src/tasks/pixel-grid';
import { testEmbeddingStart } from '../contracts/embedding-start';
import { valueTasks } from './tasks';

const smooth = () => sequential([2, 2, 2], [activation('tanh'), flatten(), dense(2)]);

testEmbeddingStart('gridEncoder', () => gridEncoder({ network: smooth() }), (tasks) => valueTasks(tasks, 4));

/** Shows what an encoder's network is shown. */
function seen(height: number, width: number, x: number[][], y: number[][], weight = x.map(() => 1)): number[] {
  return tf.tidy(() => {
    let shown: number[] = [];
    const network: Network = {
      specs: {},
      inputShape: [height, width, y[0]!.length + 1],
      outputShape: [1],
      apply: (_params, image) => ((shown = [...image.dataSync()]), tf.ones([1, 1, 1])),
    };
    const support = { x: tf.tensor3d([x]), y: tf.tensor3d([y]), weight: tf.tensor2d([weight]) };
    gridEncoder({ network }).start({}, { support, noise: seededNoise(createRng('grid')) });
    return shown.map((value) => Number(value.toFixed(2)));
  });
}

test('a value at a point of the grid is there alone, and the last channel says so', () => {
  expect(seen(2, 2, [[-0.5, -0.5]], [[0.8]])).toEqual([0.8, 0.5, 0, 0, 0, 0, 0, 0]); // one there: 1 / (1 + 1)
  expect(seen(2, 2, [[0.5, -0.5]], [[0.8]])).toEqual([0, 0, 0.8, 0.5, 0, 0, 0, 0]); // x is to the right
  expect(seen(2, 2, [[-0.5, 0.5]], [[0.8]])).toEqual([0, 0, 0, 0, 0.8, 0.5, 0, 0]); // y is down
});

test('a value between points is at both, with less weight', () =>
  expect(seen(1, 2, [[0, 0]], [[0.8]])).toEqual([0.8, 0.33, 0.8, 0.33])); // a half at each: 0.5 / (1 + 0.5)

test('several values at a point are averaged, and what has weight 0 is not seen', () =>
  expect(seen(1, 1, [[0, 0], [0, 0], [0, 0]], [[0.2], [0.4], [9]], [1, 1, 0])).toEqual([0.3, 0.67]));

test('an image on a grid of its own size is that image', () => {
  const grid = pixelGrid([2, 3]);
  const places = Array.from({ length: 6 }, (_, place) => [...grid.subarray(2 * place, 2 * place + 2)]);
  const image = [0, 1, 2, 3, 4, 5];
  expect(seen(2, 3, places, image.map((value) => [value])).filter((_, index) => index % 2 === 0)).toEqual(image);
});

test('tells where values are beside each other, which a mean over examples does not', () => {
  const encoder = gridEncoder({ network: smooth() });
  const params = initParams(encoder.specs, createRng('where'));
  const encode = (x: number[][]) => {
    const support = { x: tf.tensor3d([x]), y: tf.tensor3d([[[0.2], [0.9]]]), weight: tf.ones([1, 2]) };
    return [...encoder.start(params, { support, noise: seededNoise(createRng('grid')) }).dataSync()];
  };
  tf.tidy(() => {
    expect(encode([[-0.5, 0], [0.5, 0]])).not.toEqual(encode([[0.5, 0], [-0.5, 0]]));
  });
});

test('refuses other networks and other tasks', () => {
  expect(() => gridEncoder({ network: sequential([4], [dense(3)]) })).toThrow('gridEncoder: network: expected inputs of shape [height, width, values + 1], got [4].');
  const encoder = gridEncoder({ network: sequential([2, 2, 4], [flatten(), dense(3)]) });
  const params = initParams(encoder.specs, createRng('refusal'));
  expect(() => encoder.start(params, valueTasks(1, 3))).toThrow('gridEncoder: expected tasks with 2 coordinates and 3 values, got x of shape [2] and y of shape [1].');
});
