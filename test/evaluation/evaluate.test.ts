import { describe, expect, test } from 'vitest';
import type { InnerOptions } from '../../src/meta/inner-loop';
import { evaluateFromScratch, type FromScratchOptions } from '../../src/evaluation/from-scratch';
import { evaluateLearner } from '../../src/evaluation/evaluate';
import { readEmbeddings } from '../../src/evaluation/task-embeddings';
import { hostFloats } from '../../src/core/host-tensor';
import { disposeParams, initParams } from '../../src/core/params';
import { createRng } from '../../src/core/rng';
import type { TaskSource } from '../../src/core/task';
import { cavia } from '../../src/learners/cavia';
import { maml } from '../../src/learners/maml';
import { mlp } from '../../src/nn/mlp';
import { sgd } from '../../src/optim/sgd';
import { gaussian } from '../../src/tasks/gaussian';
import { sinusoids } from '../../src/tasks/sinusoids';
import { expectNoLeak } from '../helpers/leaks';

const source = sinusoids({ shots: 5, x: [-1, 1] });
const inner: InnerOptions = { steps: 2, learningRate: 0.05, optimizer: sgd(), order: 'first', loss: source.objective.loss };

async function evaluate(options: Parameters<typeof evaluateLearner>[4]) {
  const learner = maml(mlp([1, 8, 1]));
  const meta = initParams(learner.specs, createRng('evaluate'));
  try {
    return await evaluateLearner(learner, meta, source, inner, options);
  } finally {
    disposeParams(meta);
  }
}

describe('evaluateLearner', () => {
  test('scores every number of steps asked for, one value an episode', async () => {
    const { metric, better, scores } = await evaluate({ episodes: 12, steps: [0, 1, 5] });
    expect([metric, better]).toEqual(['mse', 'lower']);
    expect(scores.map(({ steps, values, count }) => [steps, values.length, count])).toEqual([[0, 12, 12], [1, 12, 12], [5, 12, 12]]);
    expect(scores[2]!.mean).toBeLessThan(scores[0]!.mean); // steps help, more of them than in training too
  });

  test('by default scores 0 to the steps of training', async () => {
    expect((await evaluate({ episodes: 2 })).scores.map(({ steps }) => steps)).toEqual([0, 1, 2]);
  });

  test('the size of a batch changes no number', async () => {
    const [one, all] = [await evaluate({ episodes: 5, batchSize: 1 }), await evaluate({ episodes: 5, batchSize: 5 })];
    one.scores.forEach(({ values }, index) =>
      values.forEach((value, episode) => expect(all.scores[index]!.values[episode]).toBeCloseTo(value, 4)),
    );
  });

  test('takes fewer tasks at once where inputs are large, whatever runs them', async () => {
    const wide: TaskSource = {
      ...source,
      inputShape: [100_000],
      sample: (seed, index) => {
        const { support, query } = source.sample(seed, index);
        const widened = (part: typeof support) => ({ ...part, x: new Float32Array(100_000 * part.count) });
        return { support: widened(support), query: widened(query) };
      },
    };
    const tasksAtOnce = async (tasks: TaskSource) => {
      const seen = new Set<number>();
      const base = mlp([tasks.inputShape[0]!, 1]);
      const watched = maml({ ...base, apply: (params, x, pass) => (seen.add(x.shape[0]), base.apply(params, x, pass)) });
      const meta = initParams(watched.specs, createRng('wide'));
      await evaluateLearner(watched, meta, tasks, inner, { episodes: 30, steps: [0], runtime: 'tfjs' });
      disposeParams(meta);
      return seen;
    };
    expect(await tasksAtOnce(source)).toEqual(new Set([25]));
    expect(await tasksAtOnce(wide)).toEqual(new Set([2])); // of 10 examples of 100,000 values
  });

  test('the same seed gives the same episodes, another seed others', async () => {
    const run = async (seed: string) => (await evaluate({ episodes: 3, steps: [0], seed })).scores[0]!.values;
    expect(await run('a')).toEqual(await run('a'));
    expect(await run('a')).not.toEqual(await run('b'));
  });

  test('keeps the embeddings of each episode, its own and those of its classes, on request', async () => {
    const learner = cavia(mlp([1 + 2, 4, 1]), { contextSize: 2 });
    const meta = initParams(learner.specs, createRng('kept'));
    const { scores, seed } = await evaluateLearner(learner, meta, source, inner, { episodes: 5, batchSize: 3, steps: [0, 1], keep: 'embeddings' });
    disposeParams(meta);
    expect(seed).toBe('evaluation');
    expect(scores[0]!.embeddings).toEqual(Array.from({ length: 5 }, () => ({ embedding: [0, 0] }))); // where CAVIA starts
    const moved = scores[1]!.embeddings!.map(({ embedding }) => embedding!);
    expect(moved.map(({ length }) => length)).toEqual([2, 2, 2, 2, 2]);
    expect(new Set(moved.map(String)).size).toBe(5);
    expect((await evaluate({ episodes: 2, keep: 'embeddings' })).scores[0]!.embeddings).toEqual([{}, {}]); // MAML has none
    expect((await evaluate({ episodes: 2 })).scores[0]!.embeddings).toBeUndefined();
    const classes = hostFloats(Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8), [2, 2, 2]);
    for (const state of [{ classes }, { latent: classes }]) expect(readEmbeddings(state, 1)).toEqual([{ classes: [[1, 2], [3, 4]] }]);
  });

  test('leaks nothing', () => expectNoLeak(() => evaluate({ episodes: 4, batchSize: 2 })));

  test('refuses an episode without queries, which has no score; one that fills up a batch does not count', async () => {
    const sample: TaskSource['sample'] = (seed, index) => {
      const { support, query } = source.sample(seed, index);
      return { support, query: index === 4 ? { x: new Float32Array(0), y: new Float32Array(0), count: 0 } : query };
    };
    const learner = maml(mlp([1, 8, 1]));
    const meta = initParams(learner.specs, createRng('evaluate'));
    const run = (episodes: number) => evaluateLearner(learner, meta, { ...source, sample }, inner, { episodes, batchSize: 3, steps: [0], runtime: 'onnxruntime-node' });
    await expect(run(6)).rejects.toThrow('evaluate: episode 4: expected at least 1 query to score, got none.');
    expect((await run(4)).scores[0]!.values).toHaveLength(4);
    disposeParams(meta);
  });

  test('refuses options out of range', async () => {
    await expect(evaluate({ episodes: 0 })).rejects.toThrow('evaluate: episodes: expected a whole number of at least 1, got 0.');
    await expect(evaluate({ steps: [] })).rejects.toThrow('evaluate: steps: expected at least one number of steps, got none.');
    await expect(evaluate({ steps: [-1] })).rejects.toThrow('evaluate: steps: expected a whole number of at least 0, got -1.');
  });
});

describe('evaluateFromScratch', () => {
  test('trains the same network on each support set and tunes its rate', () =>
    expectNoLeak(async () => {
      const { scores, learningRate } = await evaluateFromScratch(mlp([1, 8, 1]), source, {
        episodes: 6,
        steps: [1, 60],
        learningRates: [1e-6, 0.03],
        validationEpisodes: 4,
      });
      expect(learningRate).toBe(0.03);
      expect(scores[1]!.mean).toBeLessThan(scores[0]!.mean);
    }));

  test('chooses rate and number of steps on validation episodes, not on those that are scored', async () => {
    const misleading: TaskSource = {
      ...source,
      sample(seed, index) {
        const { support, query } = source.sample(seed, index);
        return { support: { ...support, y: support.y.map((value) => -10 * value) }, query }; // the more of it, the worse
      },
    };
    const choices = { learningRates: [0.03], steps: [1, 20], validationEpisodes: 4, episodes: 4 };
    const found = async (validation: TaskSource) => {
      const { best, scores } = await evaluateFromScratch(mlp([1, 8, 1]), source, { ...choices, validation });
      expect(scores).toContain(best);
      return best.steps;
    };
    expect([await found(source), await found(misleading)]).toEqual([20, 1]);
    const { best } = await evaluateFromScratch(mlp([1, 8, 1]), source, { learningRates: [0.01], steps: [3], episodes: 2 });
    expect(best.steps).toBe(3);
  });

  test('a rate that diverges on the validation episodes is not chosen; where all do, it is said', async () => {
    const how = { steps: [3], episodes: 3, validationEpisodes: 3 };
    expect((await evaluateFromScratch(mlp([1, 8, 1]), source, { ...how, learningRates: [1e30, 0.01] })).learningRate).toBe(0.01);
    await expect(evaluateFromScratch(mlp([1, 8, 1]), source, { ...how, learningRates: [1e30, 1e31] })).rejects.toThrow('expected finite outputs');
  });

  test('refuses an empty list of rates', async () => {
    await expect(evaluateFromScratch(mlp([1, 8, 1]), source, { learningRates: [] })).rejects.toThrow('evaluateFromScratch: learningRates');
  });

  test('hands on how it is evaluated: runtime, what is kept and how sure it is', async () => {
    const sure = { ...source, objective: gaussian() };
    const how = { episodes: 3, steps: [1], validationEpisodes: 2, learningRates: [0.01, 0.02], seed: 'how', keep: 'embeddings', uncertainty: { level: 0.8 } } as const;
    const { scores, seed } = await evaluateFromScratch(mlp([1, 4, 2]), sure, how);
    expect(seed).toBe('how');
    expect(scores[0]).toMatchObject({ embeddings: [{}, {}, {}], coverage: { level: 0.8 } });
    expect(scores[0]!.values).toHaveLength(3);
    const missing = evaluateFromScratch(mlp([1, 4, 2]), sure, { ...how, runtime: 'absent' as 'tfjs' });
    await expect(missing).rejects.toThrow('absent');
  });

  test.each<[FromScratchOptions, string]>([
    [{ learningRates: [0.01, -1] }, 'evaluateFromScratch: learningRates: expected a finite number above 0, got -1.'],
    [{ validationEpisodes: 0 }, 'evaluateFromScratch: validationEpisodes: expected a whole number of at least 1, got 0.'],
    [{ episodes: 0 }, 'evaluate: episodes: expected a whole number of at least 1, got 0.'],
    [{ batchSize: 0 }, 'evaluate: batchSize: expected a whole number of at least 1, got 0.'],
    [{ uncertainty: { samples: 2, level: 7 } }, 'evaluate: uncertainty'],
  ])('refuses options out of range, before it tunes: %o', async (options, message) => {
    let drawn = 0;
    const counted = { ...source, sample: (...given: Parameters<typeof source.sample>) => (drawn++, source.sample(...given)) };
    await expect(evaluateFromScratch(mlp([1, 4, 1]), counted, { steps: [1], ...options })).rejects.toThrow(message);
    expect(drawn).toBe(0);
  });
});
