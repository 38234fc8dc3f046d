import { describe, expect, test } from 'vitest';
import type { EmbeddingStart } from '../../src/embeddings/embedding';
import { conditionEmbedding } from '../../src/embeddings/condition-embedding';
import { embeddingTable } from '../../src/embeddings/embedding-table';
import { learnedEmbedding } from '../../src/embeddings/learned-embedding';
import { setEncoder } from '../../src/embeddings/set-encoder';
import type { HypernetworkFamily } from '../../src/core/hypernetwork';
import { createRng } from '../../src/core/rng';
import type { TaskSource } from '../../src/core/task';
import { chunkedHypernetwork } from '../../src/hypernets/chunked-hypernetwork';
import { fullHypernetwork } from '../../src/hypernets/full-hypernetwork';
import { lowRankHypernetwork } from '../../src/hypernets/low-rank-hypernetwork';
import { modulationHypernetwork } from '../../src/hypernets/modulation-hypernetwork';
import { residualHypernetwork } from '../../src/hypernets/residual-hypernetwork';
import { hyperLearner } from '../../src/learners/hyper-learner';
import { learnedRates } from '../../src/learners/learned-rates';
import { maml } from '../../src/learners/maml';
import { unrolled } from '../../src/meta/unrolled';
import { mlp } from '../../src/nn/mlp';
import { siren } from '../../src/nn/siren';
import { adam } from '../../src/optim/adam';
import { momentum } from '../../src/optim/momentum';
import { warmup } from '../../src/optim/schedule';
import { sinusoids } from '../../src/tasks/sinusoids';
import { metaTrainer } from '../../src/trainer/meta-trainer';
import type { MetaTrainerOptions } from '../../src/trainer/options';
import type { AdaptOptions } from '../../src/trainer/adapt-task';
import { expectAlike } from '../helpers/close';
import { isFull } from '../helpers/full';
import { expectNoLeak } from '../helpers/leaks';

const size = 3;
const small = { embeddingSize: size, hidden: [4] };

/** Sine waves that are also known by number and described by two values. */
const waves: TaskSource = {
  ...sinusoids({ shots: 4 }),
  rows: 5,
  conditionSize: 2,
  sample: (seed, index) => ({ ...sinusoids({ shots: 4 }).sample(seed, index), row: index % 5, condition: Float32Array.of(index % 5, 1) }),
};
const adaptOptions: AdaptOptions = { steps: 2, row: 1, condition: [1, 1] };

const families: Readonly<Record<string, () => HypernetworkFamily>> = {
  full: () => fullHypernetwork(small),
  chunked: () => chunkedHypernetwork({ ...small, chunkSize: 10 }),
  'low-rank': () => lowRankHypernetwork({ ...small, rank: 1 }),
  modulation: () => modulationHypernetwork(small),
  'residual of chunked': () => residualHypernetwork(chunkedHypernetwork({ ...small, chunkSize: 10 })),
};
const starts: Readonly<Record<string, () => EmbeddingStart>> = {
  learned: () => learnedEmbedding({ size }),
  table: () => embeddingTable({ rows: 5, size }),
  condition: () => conditionEmbedding({ conditionSize: 2, size }),
  encoder: () => setEncoder({ size, inputShape: [1], targetShape: [1], hidden: [4] }),
};
const adapts = ['embedding', 'weights', 'both', 'all', 'hypernetwork', 'nothing'] as const;
const loops: Readonly<Record<string, MetaTrainerOptions>> = {
  plain: {},
  'first order, momentum inside': { order: 'first', innerOptimizer: momentum() },
  'Adam inside, clipped twice': { innerOptimizer: adam(), innerClip: { by: 'norm', limit: 1 }, outerClip: { by: 'norm', limit: 1 } },
  'loss at every step, momentum outside, warm-up': {
    metaGradient: unrolled({ losses: 'every' }),
    outerOptimizer: momentum(),
    outerLearningRate: warmup(1e-4, 2),
    innerClip: { by: 'value', limit: 1 },
  },
};

/** Trains two steps, adapts, predicts and evaluates: everything finite, nothing left behind. */
function tryOut(learner: ReturnType<typeof hyperLearner>, options: MetaTrainerOptions = {}) {
  return expectNoLeak(async () => {
    const trainer = await metaTrainer(learner, waves, { metaBatchSize: 3, innerSteps: 2, innerLearningRate: 1e-3, ...options });
    for await (const { queryLoss } of trainer.train({ steps: 2 })) expect(queryLoss).toBeGreaterThan(0);
    const adapted = await trainer.adapt({ x: [[-1], [0], [1]], y: [[0], [1], [0]] }, adaptOptions);
    const [[value]] = adapted.predict([[0.5]]) as [[number]];
    expect(Number.isFinite(value)).toBe(true);
    expect(adapted.embedding).toHaveLength(size);
    adapted.dispose();
    const { scores } = await trainer.evaluate({ episodes: 3, steps: [0, 3] });
    for (const { mean } of scores) expect(Number.isFinite(mean)).toBe(true);
    trainer.dispose();
  });
}

describe('any combination runs', () => {
  const grid = Object.keys(families).flatMap((family) => Object.keys(starts).flatMap((start) => adapts.map((adapt) => [family, start, adapt] as const)));
  const chosen = isFull ? grid : createRng('slice').shuffle(grid).slice(0, 25);

  test.each(chosen)('%s hypernetwork, %s embedding, adapting %s', (family, start, adapt) =>
    tryOut(hyperLearner(mlp([1, 4, 1]), families[family]!(), { start: starts[start]!(), adapt })));

  for (const [name, options] of Object.entries(loops))
    test.each(['embedding', 'both'] as const)(`${name}, adapting %s at learned rates`, (adapt) =>
      tryOut(learnedRates(hyperLearner(mlp([1, 4, 1]), fullHypernetwork(small), { adapt }), { steps: 2 }), options));

  test('a generated SIREN', () => tryOut(hyperLearner(siren([1, 4, 1]), fullHypernetwork(small))));
});

test('a table without the row says so', async () => {
  const learner = hyperLearner(mlp([1, 4, 1]), fullHypernetwork(small), { start: embeddingTable({ rows: 5, size }) });
  await expect(
    metaTrainer(learner, sinusoids({ shots: 4 }), { metaBatchSize: 2 }).then((trainer) => trainer.train({ steps: 1 }).next()),
  ).rejects.toThrow(/row/);
  const trainer = await metaTrainer(learner, waves, { metaBatchSize: 2 });
  await expect(trainer.adapt({ x: [[0]], y: [[0]] })).rejects.toThrow(/row/);
  await expect(trainer.adapt({ x: [[0]], y: [[0]] }, { row: 9 })).rejects.toThrow('adapt: row: expected the number of a known task, from 0 to 4, got 9.');
  trainer.dispose();
});

describe('what adapt is told of a task', () => {
  const points = { x: [[0], [1]], y: [[0], [1]] };
  const plain = sinusoids({ shots: 4 });
  const { rows: _rows, ...described } = waves;
  const { conditionSize: _size, ...numbered } = waves;

  test.each<[string, TaskSource, AdaptOptions, string]>([
    ['no number', numbered, {}, 'adapt: row: expected the number of a known task, from 0 to 4, got none.'],
    ['half a number', numbered, { row: 0.5 }, 'adapt: row: expected the number of a known task, from 0 to 4, got 0.5.'],
    ['a number of tasks that have none', plain, { row: 5 }, 'adapt: row: expected none for tasks that are not known by number, got 5; leave it out.'],
    ['no description', described, {}, 'adapt: condition: expected 2 numbers, got none.'],
    ['a longer description', described, { condition: [1, 2, 3] }, 'adapt: condition: expected 2 numbers, got 3.'],
    ['a description that is not finite', described, { condition: [1, NaN] }, 'adapt: condition: expected finite numbers, got NaN at 1.'],
    ['one that float32 cannot hold', described, { condition: [1e39, 0] }, 'adapt: condition: expected finite numbers, got 1e+39 at 0.'],
    ['a description of tasks that have none', plain, { condition: [1] }, 'adapt: condition: expected none for tasks without descriptions, got 1 numbers; leave it out.'],
  ])('%s is refused in its own words', async (_name, source, options, message) => {
    const trainer = await metaTrainer(maml(mlp([1, 4, 1])), source);
    await expect(trainer.adapt(points, options)).rejects.toThrow(message);
    trainer.dispose();
  });

  test('each of several samples is told the same', async () => {
    const learner = hyperLearner(mlp([1, 4, 1]), fullHypernetwork({ embeddingSize: 2, hidden: [4] }), { start: conditionEmbedding({ conditionSize: 2 }) });
    const trainer = await metaTrainer(learner, waves);
    const [one, two] = [await trainer.adapt(points, adaptOptions), await trainer.adapt(points, { ...adaptOptions, samples: 2 })];
    const [first, second] = (two.predict([[1], [2]], { samples: 'each' }) as number[][][]).map((values) => values.flat());
    expect(first).toEqual(second);
    expectAlike(first!, (one.predict([[1], [2]]) as number[][]).flat());
    for (const each of [one, two, trainer]) each.dispose();
  });
});
