import { describe, expect, test } from 'vitest';
import type { Learner } from '../../src/core/learner';
import { disposeParams, initParams } from '../../src/core/params';
import { createRng } from '../../src/core/rng';
import type { TaskSource } from '../../src/core/task';
import { setEncoder } from '../../src/embeddings/set-encoder';
import { learnerFacts } from '../../src/evaluation/learner-facts';
import { fullHypernetwork } from '../../src/hypernets/full-hypernetwork';
import { anil } from '../../src/learners/anil';
import { cavia } from '../../src/learners/cavia';
import { hyperLearner } from '../../src/learners/hyper-learner';
import { maml } from '../../src/learners/maml';
import { protonet } from '../../src/learners/protonet';
import { mlp } from '../../src/nn/mlp';
import { sgd } from '../../src/optim/sgd';
import { fewShot } from '../../src/tasks/few-shot';
import { labelledSet } from '../../src/tasks/labelled-set';
import { sinusoids } from '../../src/tasks/sinusoids';
import { expectNoLeak } from '../helpers/leaks';

const waves = sinusoids({ shots: 3 });
const base = mlp([1, 4, 1]); // 4 + 4 + 4 + 1 = 13 weights
const family = fullHypernetwork({ embeddingSize: 2, hidden: [3] });
const encoded = setEncoder({ size: 2, inputShape: [1], targetShape: [1], hidden: [3] });

const dots = labelledSet({
  x: Array.from({ length: 40 }, (_, index) => [Math.sin(index), Math.cos(3 * index), index % 5]),
  y: Array.from({ length: 40 }, (_, index) => Math.floor(index / 8)),
});
const classes = fewShot(dots, { ways: 2, shots: 2, queryShots: 2 });

async function factsOf(learner: Learner, source: TaskSource, steps: number) {
  const meta = initParams(learner.specs, createRng('facts'));
  const inner = { steps, learningRate: 0.1, optimizer: sgd(), order: 'second', loss: source.objective.loss } as const;
  try {
    return await learnerFacts(learner, meta, source, inner);
  } finally {
    disposeParams(meta);
  }
}

describe('learnerFacts', () => {
  test.each([
    ['MAML: all weights', maml(base), waves, 1, { metaParameters: 13, adaptedValues: 13, bytesPerTask: 4 * 13 }],
    ['MAML without steps: nothing', maml(base), waves, 0, { adaptedValues: 0, bytesPerTask: 0 }],
    ['ANIL: the head', anil(base), waves, 1, { metaParameters: 13, adaptedValues: 5, bytesPerTask: 4 * 5 }],
    ['CAVIA: the context', cavia(mlp([1 + 2, 4, 1]), { contextSize: 2 }), waves, 1, { adaptedValues: 2, bytesPerTask: 4 * 2 }],
    ['an adapted embedding', hyperLearner(base, family), waves, 2, { adaptedValues: 2, bytesPerTask: 4 * 2 }],
    ['an encoded one: kept, but not adapted', hyperLearner(base, family, { start: encoded, adapt: 'nothing' }), waves, 0, { adaptedValues: 0, bytesPerTask: 4 * 2 }],
    ['both: no more than the weights are kept', hyperLearner(base, family, { adapt: 'both' }), waves, 2, { adaptedValues: 2 + 13, bytesPerTask: 4 * 13 }],
    ['ProtoNet: the head, in closed form', protonet(mlp([3, 4, 2])), classes, 0, { metaParameters: 16, adaptedValues: 0, bytesPerTask: 4 * (4 * 2 + 2) }],
    // a mean and a variance for each of 4 features, measured on the support set
    ['batch norm: its statistics too', protonet(mlp([3, 4, 2], { norm: 'batch' })), classes, 0, { bytesPerTask: 4 * (4 * 2 + 2 + 2 * 4) }],
    ['batch norm averaged over meta-training: nothing more', protonet(mlp([3, 4, 2], { norm: 'batch', statistics: 'running' })), classes, 0, { bytesPerTask: 4 * 10 }],
  ] as const)('%s', async (_name, learner, source, steps, expected) => {
    const facts = await factsOf(learner, source, steps);
    expect(facts).toMatchObject(expected);
    expect(facts.adaptMs).toBeGreaterThan(0);
  });

  test('leaks nothing', () => expectNoLeak(() => factsOf(maml(base), waves, 1)));
});
