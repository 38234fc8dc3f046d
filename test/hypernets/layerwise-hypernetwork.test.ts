import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { initParams, mapRecord } from '../../src/core/params';
import { createRng } from '../../src/core/rng';
import { fromColumns, layerColumns } from '../../src/hypernets/layer-columns';
import { layerwiseHypernetwork } from '../../src/hypernets/layerwise-hypernetwork';
import { summarize } from '../../src/hypernets/summary';
import { mlp } from '../../src/nn/mlp';
import { embeddingOf, smallTarget, testHypernetwork, testHypernetworkDerivatives } from '../contracts/hypernetwork';

const options = { embeddingSize: 4, positionEmbeddingSize: 6 };
testHypernetwork('layerwiseHypernetwork', () => layerwiseHypernetwork({ ...options, hidden: [8, 8] }));
testHypernetwork('linear layerwiseHypernetwork', () => layerwiseHypernetwork({ ...options, hidden: [], layerEmbeddingSize: 3 }));
testHypernetworkDerivatives('layerwiseHypernetwork', () => layerwiseHypernetwork({ ...options, hidden: [5], activation: 'softplus' }));

describe('layerColumns', () => {
  test('a column is what leads to one feature: a filter, a scale with its shift, a unit with its bias', () => {
    const sizes = mapRecord(layerColumns(smallTarget), ({ columns, length, tensors }) => [columns, length, tensors.map(({ name }) => name).join()]);
    expect(sizes).toEqual({
      'conv1/columns3': [3, 4, 'conv1/kernel'],
      'norm1/columns3': [3, 2, 'norm1/scale,norm1/shift'],
      'dense1/columns2': [2, 13, 'dense1/kernel,dense1/bias'],
    });
  });

  test('columns become the columns of matrices; what is too long, or too many, is left', () => {
    const target = mlp([2, 3]).specs;
    const [layer] = Object.values(layerColumns(target));
    const plain = mapRecord(target, () => ({ mean: 0, deviation: 1 }));
    const columns = [[1, 2, 3, -1], [4, 5, 6, -1], [7, 8, 9, -1], [-1, -1, -1, -1]];
    const made = fromColumns(layer!, { ...plain, 'dense1/bias': { mean: 100, deviation: 2 } }, tf.tensor3d([columns]));
    expect(made['dense1/kernel']!.arraySync()).toEqual([[[1, 4, 7], [2, 5, 8]]]);
    expect(made['dense1/bias']!.arraySync()).toEqual([[106, 112, 118]]);
  });
});

describe('layerwiseHypernetwork', () => {
  test('its parameters are counted by network, layers and positions', () => {
    const { parts } = summarize(layerwiseHypernetwork({ embeddingSize: 8, layerEmbeddingSize: 5, positionEmbeddingSize: 6, hidden: [] }).build(mlp([1, 40, 40, 1]).specs));
    expect(parts).toEqual([
      { name: 'layer', parameters: (8 + 5 + 1) * 6 },
      { name: 'chunk', parameters: (6 + 1) * 41 }, // the longest column: 40 weights and a bias
      { name: 'layers', parameters: 3 * 5 },
      { name: 'positions', parameters: 40 * 6 },
    ]);
  });

  test('layers share positions: moving one position moves that column of every layer, and no other', () => {
    const hypernetwork = layerwiseHypernetwork({ ...options, hidden: [8] }).build(mlp([2, 3, 4]).specs);
    const params = initParams(hypernetwork.specs, createRng('positions'));
    const moved = { ...params, positions: tf.add(params['positions']!, tf.tensor([0, 1, 0, 0], [1, 4, 1])) };
    const [before, after] = [params, moved].map((own) => hypernetwork.generate(own, embeddingOf(1, 4)));
    for (const name of ['dense1/kernel', 'dense2/kernel']) {
      const change = [...tf.max(tf.abs(tf.sub(before![name]!, after![name]!)), [0, 1]).dataSync()];
      expect(change[1]).toBeGreaterThan(1e-3);
      expect(change.filter((value) => value === 0).length).toBe(change.length - 1);
    }
  });

  test('the features of a layer start apart: their columns have cosines of 0 in the mean', () => {
    const hypernetwork = layerwiseHypernetwork({ embeddingSize: 8 }).build(mlp([40, 40]).specs);
    const kernel = hypernetwork.generate(initParams(hypernetwork.specs, createRng('apart')), embeddingOf(1, 8))['dense1/kernel']!;
    const columns = tf.squeeze<tf.Tensor2D>(kernel, [0]);
    const directions = tf.div<tf.Tensor2D>(columns, tf.norm(columns, 2, 0));
    const cosines = tf.sub(tf.matMul(directions, directions, true), tf.eye(40));
    expect(Math.abs(tf.mean(cosines).dataSync()[0]!)).toBeLessThan(0.05);
    expect(Math.sqrt(tf.mean(tf.square(cosines)).dataSync()[0]!)).toBeLessThan(0.35);
  });
});
