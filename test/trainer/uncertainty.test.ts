import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { createRng } from '../../src/core/rng';
import type { ExampleArrays, TaskSource } from '../../src/core/task';
import { gaussianEmbedding } from '../../src/embeddings/gaussian-embedding';
import { setEncoder } from '../../src/embeddings/set-encoder';
import { calibration } from '../../src/evaluation/calibration';
import { coverage } from '../../src/evaluation/predictive-intervals';
import { fullHypernetwork } from '../../src/hypernets/full-hypernetwork';
import { hyperLearner } from '../../src/learners/hyper-learner';
import { maml } from '../../src/learners/maml';
import { neuralProcess } from '../../src/learners/neural-process';
import { protonet } from '../../src/learners/protonet';
import { mlp } from '../../src/nn/mlp';
import { cosine } from '../../src/optim/schedule';
import { fewShot } from '../../src/tasks/few-shot';
import { gaussian } from '../../src/tasks/gaussian';
import { labelledSet } from '../../src/tasks/labelled-set';
import { sinusoids } from '../../src/tasks/sinusoids';
import { metaTrainer } from '../../src/trainer/meta-trainer';
import type { MetaTrainer } from '../../src/trainer/trainer';
import type { MetaTrainerOptions } from '../../src/trainer/options';
import { expectNoLeak } from '../helpers/leaks';

const waves: TaskSource = { ...sinusoids({ shots: 5, queryShots: 15 }), objective: gaussian({ minDeviation: 0.05 }) };
const encoder = (size: number) => setEncoder({ size, inputShape: [1], targetShape: [1] });
const process = () => neuralProcess(mlp([1 + 32, 64, 64, 2]), { encoder: encoder(32) });
const sampling = () =>
  hyperLearner(mlp([1, 8, 1]), fullHypernetwork({ embeddingSize: 4, hidden: [8] }), { start: gaussianEmbedding(encoder(4), { deviation: 0.5 }) });
const support = { x: [[-1], [0], [2]], y: [[0.3], [1.2], [-0.4]] };

async function withTrainer<Result>(
  [learner, tasks]: readonly [Parameters<typeof metaTrainer>[0], TaskSource],
  work: (trainer: MetaTrainer) => Promise<Result>,
  options: MetaTrainerOptions = {},
): Promise<Result> {
  const trainer = await metaTrainer(learner, tasks, { metaBatchSize: 8, seed: 'one', ...options });
  try {
    return await work(trainer);
  } finally {
    trainer.dispose();
  }
}

const train = async (trainer: MetaTrainer, steps: number) => {
  for await (const event of trainer.train({ steps })) void event;
};

/** Rows of one value, or of several. */
const rows = ({ x, y, count }: ExampleArrays) => {
  const split = (values: Float32Array) => Array.from({ length: count }, (_, index) => Array.from(values.subarray((index * values.length) / count, ((index + 1) * values.length) / count)));
  return { x: split(x), y: split(y) };
};

describe('the intervals of a trained sine-wave learner', () => {
  test('cover about what they say, and narrow as examples come', () =>
    withTrainer([process(), waves], async (trainer) => {
      await train(trainer, 800);
      for (const [level, low, high] of [[0.5, 0.38, 0.6], [0.95, 0.92, 0.99]] as const) {
        const { scores } = await trainer.evaluate({ episodes: 200, steps: [0], uncertainty: { level } });
        expect(scores[0]!.coverage!.level).toBe(level);
        expect(scores[0]!.coverage!.mean).toBeGreaterThan(low);
        expect(scores[0]!.coverage!.mean).toBeLessThan(high);
      }
      const wave = waves.sample('one wave', 0);
      const grid = Array.from({ length: 21 }, (_, index) => [index / 2 - 5]);
      const meanDeviation = async (shots: number) => {
        const { x, y } = rows(wave.support);
        const adapted = await trainer.adapt({ x: x.slice(0, shots), y: y.slice(0, shots) });
        const deviations = (adapted.predictIntervals(grid).deviation as number[][]).flat();
        adapted.dispose();
        return deviations.reduce((sum, value) => sum + value, 0) / deviations.length;
      };
      expect(await meanDeviation(5)).toBeLessThan(await meanDeviation(1));
    }, { outerLearningRate: cosine(0.003, 800), metaBatchSize: 16 }));
});

describe('several samples of an adaptation', () => {
  test('give a mean, a deviation and an interval in the shape of a prediction', () =>
    withTrainer([sampling(), sinusoids()], async (trainer) => {
      const adapted = await trainer.adapt(support, { samples: 12 });
      const list = adapted.predictIntervals([[1], [2]], { level: 0.95 });
      const [mean, deviation, low, high] = [list.mean, list.deviation, list.low, list.high] as number[][][];
      expect(adapted.predict([[1], [2]])).toEqual(mean!.map(([value]) => [expect.closeTo(value!, 5)]));
      expect(deviation![0]![0]).toBeGreaterThan(0.01);
      expect(high![1]![0]! - mean![1]![0]!).toBeCloseTo(1.96 * deviation![1]![0]!, 4);
      expect(mean![1]![0]! - low![1]![0]!).toBeCloseTo(1.96 * deviation![1]![0]!, 4);
      expect(adapted.predictIntervals([1]).mean).toEqual([expect.closeTo(mean![0]![0]!, 5)]);
      const x = tf.tensor([[1], [2]]);
      expect(adapted.predictIntervals(x)).toEqual(list);
      x.dispose();
      expect(Object.values(adapted.weights).map(({ shape }) => shape[0])).toEqual([12, 12, 12, 12]);
      expect(adapted.embedding).toHaveLength(4);
      expect(adapted.supportLosses).toHaveLength(2);
      adapted.dispose();
    }));

  test('have noise of their own: one is what it is without, the mean of many is another', () =>
    withTrainer([sampling(), sinusoids()], async (trainer) => {
      const [one, first, many] = [await trainer.adapt(support), await trainer.adapt(support, { samples: 1 }), await trainer.adapt(support, { samples: 40 })];
      expect(first.predict([[1]])).toEqual(one.predict([[1]]));
      expect(many.predict([[1]])).not.toEqual(one.predict([[1]]));
      for (const adapted of [one, first, many]) adapted.dispose();
    }));

  test('agree where a learner draws no noise, and make no interval', () =>
    withTrainer([maml(mlp([1, 8, 1])), sinusoids()], async (trainer) => {
      const adapted = await trainer.adapt(support, { samples: 3 });
      const [first, ...others] = adapted.predict([[1]], { samples: 'each' }) as number[][][];
      for (const each of others) expect(each[0]![0]).toBeCloseTo(first![0]![0]!, 5);
      expect(() => adapted.predictIntervals([[1]])).toThrow('predictIntervals: expected samples that differ, got 3 that are alike');
      adapted.dispose();
    }));

  test('leak nothing', () =>
    expectNoLeak(() =>
      withTrainer([sampling(), sinusoids()], async (trainer) => {
        await train(trainer, 1);
        const adapted = await trainer.adapt(support, { samples: 3, steps: 2 });
        adapted.predictIntervals([[1]]);
        adapted.dispose();
        await trainer.evaluate({ episodes: 3, steps: [0, 2], uncertainty: { samples: 2 } });
      }),
    ));
});

describe('evaluation', () => {
  test('reports the calibration that adapting by hand gives', () => {
    const rng = createRng('letters');
    const letters = labelledSet({
      x: Array.from({ length: 40 }, (_, index) => [Math.floor(index / 5) + rng.normal(), rng.normal()]),
      y: Array.from({ length: 40 }, (_, index) => Math.floor(index / 5)),
    });
    const classes = fewShot(letters, { ways: 3, shots: 1, queryShots: 2 });
    return withTrainer([protonet(mlp([2, 4, 3])), classes], async (trainer) => {
      const [probabilities, labels]: [number[][], number[]] = [[], []];
      for (let index = 0; index < 5; index++) {
        const episode = classes.sample('evaluation', index);
        const adapted = await trainer.adapt(rows(episode.support));
        probabilities.push(...(adapted.predict(rows(episode.query).x) as number[][]));
        labels.push(...rows(episode.query).y.map((row) => row.indexOf(1)));
        adapted.dispose();
      }
      const { scores } = await trainer.evaluate({ episodes: 5, batchSize: 2, steps: [0], uncertainty: { bins: 4 } });
      const [found, expected] = [scores[0]!.calibration!, calibration(probabilities, labels, { bins: 4 })];
      expect(found.error).toBeGreaterThan(0.01);
      expect(found.error).toBeCloseTo(expected.error, 5);
      expect(found.bins.map(({ count }) => count)).toEqual(expected.bins.map(({ count }) => count));
      expect(scores[0]!.coverage).toBeUndefined();
    });
  });

  test('reports the coverage that adapting by hand gives', () =>
    withTrainer([process(), waves], async (trainer) => {
      const shares: number[] = [];
      for (let index = 0; index < 3; index++) {
        const { support, query } = waves.sample('evaluation', index);
        const adapted = await trainer.adapt(rows(support));
        const { low, high } = adapted.predictIntervals(rows(query).x, { level: 0.7 });
        shares.push(coverage({ low: (low as number[][]).flat(), high: (high as number[][]).flat() }, query.y));
        adapted.dispose();
      }
      const { scores } = await trainer.evaluate({ episodes: 3, batchSize: 2, steps: [0], uncertainty: { level: 0.7 } });
      expect(scores[0]!.coverage!.mean).toBeCloseTo(shares.reduce((sum, share) => sum + share, 0) / 3, 5);
      expect(scores[0]!.calibration).toBeUndefined();
    }));

  test('the metric does not change for being asked how sure it is', () =>
    withTrainer([sampling(), sinusoids()], async (trainer) => {
      const plain = await trainer.evaluate({ episodes: 4, steps: [0, 1] });
      const asked = await trainer.evaluate({ episodes: 4, steps: [0, 1], uncertainty: { samples: 3 } });
      expect(asked.scores.map(({ values }) => values)).toEqual(plain.scores.map(({ values }) => values));
      expect(asked.scores.every(({ coverage: found }) => found!.deviation > 0)).toBe(true);
      const [before] = asked.scores;
      expect([before!.together!.metric, before!.together!.count]).toEqual(['mse', 4]);
      expect(before!.together!.mean).not.toBeCloseTo(before!.mean, 6);
      expect(plain.scores.every(({ coverage: found }) => found === undefined)).toBe(true);
    }));
});

describe('the mean of several samples', () => {
  test('has the metric of one, where a learner draws no noise', async () => {
    const letters = labelledSet({ x: Array.from({ length: 40 }, (_, index) => [Math.floor(index / 5), index % 3]), y: Array.from({ length: 40 }, (_, index) => Math.floor(index / 5)) });
    const learnt = [[protonet(mlp([2, 4, 3])), fewShot(letters, { ways: 3, shots: 1, queryShots: 2 })], [maml(mlp([1, 8, 1])), sinusoids()]] as const;
    for (const [learner, tasks] of learnt)
      await withTrainer([learner, tasks], async (trainer) => {
        const { metric, scores } = await trainer.evaluate({ episodes: 5, batchSize: 2, steps: [0], uncertainty: { samples: 2 } });
        expect(scores[0]!.together).toMatchObject({ metric, mean: expect.closeTo(scores[0]!.mean, 5), interval: expect.closeTo(scores[0]!.interval, 5), count: 5 });
      });
  });

  test('is not measured where there is one sample', () =>
    withTrainer([process(), waves], async (trainer) => {
      const { scores } = await trainer.evaluate({ episodes: 2, steps: [0], uncertainty: {} });
      expect(scores[0]!.together).toBeUndefined();
    }));
});

describe('refusals', () => {
  test('intervals where nothing says how sure a prediction is', () =>
    withTrainer([maml(mlp([1, 8, 1])), sinusoids()], async (trainer) => {
      const adapted = await trainer.adapt(support);
      expect(() => adapted.predictIntervals([[1]])).toThrow('predictIntervals: expected several samples, or an objective that predicts deviations');
      adapted.dispose();
      await expect(trainer.evaluate({ uncertainty: {} })).rejects.toThrow('evaluate: uncertainty: expected samples of at least 2, or tasks');
      await expect(trainer.evaluate({ uncertainty: { samples: 0 } })).rejects.toThrow('evaluate: uncertainty.samples: expected a whole number of at least 1, got 0.');
      await expect(trainer.evaluate({ uncertainty: { samples: 2, level: 2 } })).rejects.toThrow('evaluate: uncertainty: level: expected a number above 0');
      await expect(trainer.adapt(support, { samples: 0 })).rejects.toThrow('adapt: samples: expected a whole number of at least 1, got 0.');
    }));

  test('a base network without an output for each mean and deviation', async () => {
    await expect(metaTrainer(maml(mlp([1, 8, 1])), waves)).rejects.toThrow('expected output shape [2], as the tasks have, got [1].');
    expect(() => neuralProcess(mlp([3, 4, 1]), { encoder: encoder(3) })).toThrow('neuralProcess: base: expected more than 3 values on the last input axis');
  });
});
