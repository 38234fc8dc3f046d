import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { disposeParams, initParams, tileParams } from '../../src/core/params';
import { createRng } from '../../src/core/rng';
import { chunkedHypernetwork } from '../../src/hypernets/chunked-hypernetwork';
import { fullHypernetwork } from '../../src/hypernets/full-hypernetwork';
import { lowRankHypernetwork } from '../../src/hypernets/low-rank-hypernetwork';
import { modulationHypernetwork } from '../../src/hypernets/modulation-hypernetwork';
import { perClass } from '../../src/hypernets/per-class';
import { residualHypernetwork } from '../../src/hypernets/residual-hypernetwork';
import { embeddingOf } from '../contracts/hypernetwork';
import { expectDerivatives } from '../helpers/derivatives';
import { expectNoLeak } from '../helpers/leaks';

const options = { embeddingSize: 4, hidden: [8] };
const families = { fullHypernetwork, chunkedHypernetwork, lowRankHypernetwork, modulationHypernetwork };
const classesOf = (tasks: number, ways: number) => tf.reshape(embeddingOf(tasks * ways, 4), [tasks, ways, 4]);

describe.each(Object.entries(families))('perClass of %s', (_name, family) => {
  const head = perClass(residualHypernetwork(family(options)), { features: 5 });
  const fresh = () => initParams(head.specs, createRng('head'));

  test('generates a linear head for any number of ways', () => {
    const params = fresh();
    for (const ways of [1, 3, 7]) {
      const { kernel, bias } = head.generate(params, classesOf(2, ways));
      expect([kernel!.shape, bias!.shape]).toEqual([[2, 5, ways], [2, ways]]);
    }
  });

  test('permuting the classes permutes the columns', () => {
    const params = fresh();
    const classes = classesOf(2, 3);
    const { kernel, bias } = head.generate(params, classes);
    const swapped = head.generate(params, tf.reverse(classes, 1));
    expect(largest(tf.sub(swapped['kernel']!, tf.reverse(kernel!, 2)))).toBeLessThan(1e-6);
    expect(largest(tf.sub(swapped['bias']!, tf.reverse(bias!, 1)))).toBeLessThan(1e-6);
  });

  test("a task's own parameters generate its own columns", () => {
    const params = fresh();
    const classes = classesOf(2, 3);
    const { kernel } = head.generate(params, classes);
    const tiled = head.generate(tileParams(params, 2), classes);
    expect(largest(tf.sub(tiled['kernel']!, kernel!))).toBeLessThan(1e-5);
  });
});

describe('perClass', () => {
  const head = perClass(fullHypernetwork(options), { features: 5 });
  const fresh = () => initParams(head.specs, createRng('head'));

  test('rejects class embeddings of the wrong shape', () =>
    expect(() => head.generate(fresh(), tf.ones([2, 3, 5]))).toThrow('class embedding: expected shape [*, *, 4], got [2, 3, 5].'));

  test('is right to second order', () => {
    const params = fresh();
    return expectDerivatives((classes) => tf.square(head.generate(params, classes)['kernel']!), [2, 3, 4]);
  });

  test('leaks nothing', async () => {
    const [params, classes] = [fresh(), classesOf(2, 3)];
    await expectNoLeak(() => disposeParams(head.generate(params, classes)));
  });
});

function largest(value: tf.Tensor): number {
  return tf.max(tf.abs(value)).dataSync()[0]!;
}

test('a bias that the embedding does not change is the same for every class', () => {
  const differs = (name: string) => name === 'kernel';
  const head = perClass(residualHypernetwork(fullHypernetwork({ embeddingSize: 3 }), { differs }), { features: 5 });
  const params = { ...initParams(head.specs, createRng('shared bias')), 'base/bias': tf.tensor1d([7]) };
  const { kernel, bias } = head.generate(params, tf.reshape(embeddingOf(6, 3), [2, 3, 3]));
  expect(bias!.arraySync()).toEqual([[7, 7, 7], [7, 7, 7]]);
  expect(kernel!.shape).toEqual([2, 5, 3]);
});
