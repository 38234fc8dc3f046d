import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { copyToHost } from '../../src/core/host-tensor';
import type { Learner } from '../../src/core/learner';
import type { Network } from '../../src/core/network';
import { disposeParams, initParams } from '../../src/core/params';
import { createRng } from '../../src/core/rng';
import { evaluateDetection } from '../../src/evaluation/evaluate-detection';
import { maml } from '../../src/learners/maml';
import { adapter, type Adapter } from '../../src/meta/adapter';
import { gridDetector } from '../../src/nn/grid-detector';
import { sgd } from '../../src/optim/sgd';
import { detection } from '../../src/tasks/detection';
import { characterScenes } from '../../src/tasks/character-scenes';

const squares = { inputShape: [8, 8, 1], classes: [120, 240].map((level) => ({ name: `level ${level}`, examples: new Uint8Array(128).fill(level) })) };
const source = characterScenes(squares, { size: 16, sides: [8, 8], characters: [1, 1], queryScenes: 4 });

/** Finds a square of 8 × 8 by what lies in a cell: of its ink, so much is the logit; the place is that of the square. */
const finder = (slope: number, offset: number): Network => ({
  specs: {},
  inputShape: [16, 16, 1],
  outputShape: [4, 4, 5],
  apply: (_params, x) =>
    tf.tidy(() => {
      const [tasks, n] = x.shape as [number, number];
      const pooled = tf.avgPool(tf.reshape<tf.Rank.R4>(x, [tasks * n, 16, 16, 1]), 4, 4, 'valid');
      const logits = tf.reshape(tf.add(tf.mul(pooled, slope), offset), [tasks, n, 4, 4, 1]);
      const size = tf.fill([tasks, n, 4, 4, 2], Math.log(2));
      return tf.concat([logits, tf.zeros([tasks, n, 4, 4, 2]), size], -1);
    }),
});
const finding = (base: Network): Learner => ({ name: 'by ink', base, specs: {}, start: () => ({}), weights: () => ({}) });
const byInk = finder(20, -6);
const adapting = (base = byInk) => adapter(finding(base), source.objective, inner, 'tfjs');
const inner = { steps: 0, learningRate: 0.1, optimizer: sgd(), order: 'second', loss: source.objective.loss } as const;

describe('evaluateDetection', () => {
  test('scores each episode on its queries, the same for the same seed, whatever is adapted at once', async () => {
    const options = { stride: 4, steps: [0], learningRate: 0.1, episodes: 5, batchSize: 2 };
    const [score] = await evaluateDetection(adapting(), {}, source, options);
    expect(score!.steps).toBe(0);
    expect(score!.values.length).toBe(5);
    const counted = score!.values.filter((value) => !Number.isNaN(value));
    expect(score!.count).toBe(counted.length);
    expect(score!.mean).toBeCloseTo(counted.reduce((sum, value) => sum + value, 0) / counted.length);
    expect(score!.mean).toBeGreaterThan(0.2); // it finds squares, but cannot tell which were asked for
    const [alone] = await evaluateDetection(adapting(), {}, source, { ...options, batchSize: 1 });
    expect(alone!.values).toEqual(score!.values);
  });

  test('images that fill up a batch are not looked at', async () => {
    const sample = (seed: string, index: number) => {
      const { support, query } = source.sample(seed, index);
      const count = index % 2 ? query.count : 1;
      const part = (values: Float32Array) => values.subarray(0, (values.length / query.count) * count);
      return { support, query: { x: part(query.x), y: part(query.y), count } };
    };
    const score = async (batchSize: number) => (await evaluateDetection(adapting(finder(-2, 0)), {}, { ...source, sample }, { stride: 4, steps: [0], learningRate: 0.1, episodes: 6, batchSize }))[0]!.values;
    expect((await score(1)).some((value) => value > 0)).toBe(true);
    expect(await score(2)).toEqual(await score(1));
  });

  test.each(['tfjs', undefined] as const)('takes many steps at once with the numbers of one after the other: %s', async (runtime) => {
    const detector = maml(gridDetector({ inputShape: [16, 16, 1], strided: [2, 3], deep: [4] }), { head: 'columns' });
    const adapted = adapter(detector, source.objective, inner, runtime);
    const params = initParams(detector.specs, createRng('detector'));
    const meta = copyToHost(params);
    disposeParams(params);
    const record = async (advance: Adapter['advance']) => {
      const readouts: number[][] = [];
      const predict: Adapter['predict'] = async (...given) => {
        const made = await adapted.predict(...given);
        readouts.push(Array.from(made.values.values));
        return made;
      };
      const options = { stride: 4, steps: [14, 0, 3], learningRate: 0.02, episodes: 3, batchSize: 2 };
      return { scores: await evaluateDetection({ ...adapted, advance, predict }, meta, source, options), readouts };
    };
    const asked: number[] = [];
    const oneByOne = await record((start, task, at, { learningRate, steps }, rng) => (asked.push(steps!), adapted.advance(start, task, at, { learningRate }, rng)));
    expect(asked.slice(0, 5)).toEqual([3, 2, 1, 11, 10]); // as many as are left
    expect(oneByOne.scores.map(({ steps, values }) => [steps, values.length])).toEqual([[14, 3], [0, 3], [3, 3]]);
    expect(await record(adapted.advance)).toEqual(oneByOne);
    await adapted.dispose();
  });

  test('refuses options, several classes and what is not finite in a sentence', async () => {
    const options = { stride: 4, steps: [0], learningRate: 0.1, episodes: 1 };
    await expect(evaluateDetection(adapting(), {}, source, { ...options, episodes: 0 })).rejects.toThrow('evaluateDetection: episodes: expected a whole number of at least 1, got 0.');
    await expect(evaluateDetection(adapting(), {}, source, { ...options, steps: [] })).rejects.toThrow('evaluateDetection: steps: expected at least one number of steps, got none.');
    for (const [wrong, message] of [[{ leastOverlap: 50 }, 'averagePrecision: leastOverlap'], [{ most: 1.5 }, 'suppressOverlaps: most'], [{ leastScore: NaN }, 'evaluateDetection: leastScore'], [{ stride: 0 }, 'evaluateDetection: stride']] as const)
      await expect(evaluateDetection(adapting(), {}, { ...source, sample: () => expect.fail('work before the check') }, { ...options, ...wrong })).rejects.toThrow(message);
    const two = { ...source, objective: detection({ stride: 4, classes: 2 }) };
    await expect(evaluateDetection(adapting(), {}, two, options)).rejects.toThrow('expected tasks of detection with 1 class, whose cells have 5 outputs, got 6.');
    const broken = finding({ ...byInk, apply: (...given: Parameters<Network['apply']>) => tf.mul(byInk.apply(...given), NaN) });
    const running = evaluateDetection(adapter(broken, source.objective, inner, 'tfjs'), {}, source, options);
    await expect(running).rejects.toThrow('evaluateDetection: after 0 steps: expected finite outputs, got NaN or infinity; lower learningRate.');
  });
});
