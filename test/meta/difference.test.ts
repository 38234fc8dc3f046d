import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import type { Learner } from '../../src/core/learner';
import { seededNoise } from '../../src/core/noise';
import { filterRecord, initParams, mapParams, unscopeRecord, type Params } from '../../src/core/params';
import { createRng } from '../../src/core/rng';
import type { EpisodeBatch, TaskSource } from '../../src/core/task';
import { fullHypernetwork } from '../../src/hypernets/full-hypernetwork';
import { anil } from '../../src/learners/anil';
import { cavia } from '../../src/learners/cavia';
import { hyperLearner } from '../../src/learners/hyper-learner';
import { learnedRates } from '../../src/learners/learned-rates';
import { maml } from '../../src/learners/maml';
import { protonet } from '../../src/learners/protonet';
import { difference, type DifferenceOptions } from '../../src/meta/difference';
import { innerLoop, type InnerOptions } from '../../src/meta/inner-loop';
import { activation } from '../../src/nn/activation';
import { dense } from '../../src/nn/dense';
import { mlp } from '../../src/nn/mlp';
import { residual } from '../../src/nn/residual';
import { sequential } from '../../src/nn/sequential';
import { sgd } from '../../src/optim/sgd';
import { classification, regression } from '../../src/tasks/objectives';
import { sinusoids } from '../../src/tasks/sinusoids';
import { sampleBatch } from '../../src/tasks/stack-episodes';
import { metaTrainer } from '../../src/trainer/meta-trainer';
import { clusters } from '../conformance/combinations';
import { expectAlike } from '../helpers/close';
import { line, lineTasks, type LineTask } from '../helpers/line';

const noise = () => seededNoise(createRng('noise'));
const inner: InnerOptions = { steps: 1, learningRate: 0.1, optimizer: sgd(), order: 'second', loss: regression.loss };
const numbers = (value: tf.Tensor) => Array.from(value.dataSync());
const family = () => fullHypernetwork({ embeddingSize: 3, hidden: [4] });
const waves = sinusoids({ shots: 4 });

describe('Reptile by hand: a line through 2 · x', () => {
  const gradientOf = (steps: number, ...tasks: readonly LineTask[]) => followed({}, steps, tasks);
  const followed = (options: DifferenceOptions, steps: number, tasks: readonly LineTask[]) =>
    tf.tidy(() => {
      const learner = maml(line([2]));
      const { loss, gradients } = difference(options)(learner, initParams(learner.specs, createRng('line')), lineTasks(...tasks), noise(), { ...inner, steps });
      return [...numbers(gradients['base/weight']!), ...numbers(loss)];
    });
  const flat: LineTask = { support: [[[1], 0]], query: [[[1], 0]] };
  const steep: LineTask = { support: [[[1], 1]], query: [[[1], 1]] };
  const split: LineTask = { support: [[[1], 0]], query: [[[1], 2]] };

  test('is start minus adapted: 2 − 0.8² · 2, and the loss is after adaptation', () =>
    expect(gradientOf(2, flat)).toEqual([expect.closeTo(2 - 1.28), expect.closeTo(1.28 ** 2)]));

  test('is the mean over tasks', () => expect(gradientOf(1, flat, steep)[0]).toBeCloseTo((0.4 + 0.2) / 2));

  test('adapts on support and query together: the mean of slopes 4 and 0', () =>
    expect(gradientOf(1, split)).toEqual([expect.closeTo(0.2), expect.closeTo(0.2 ** 2)]));

  test('takes minibatches in turn: support, query, support moves 2 to 1.6, 1.68, 1.344', () =>
    expect(followed({ minibatches: 2 }, 3, [split])).toEqual([expect.closeTo(2 - 1.344), expect.closeTo(0.656 ** 2)]));

  test('deals support forwards and query backwards: halves of slopes 2 (w − 1), 2 (w − 2)', () => {
    const task: LineTask = { support: [[[1], 1], [[1], 2]], query: [[[1], 2], [[1], 1]] };
    expect(followed({ minibatches: 2 }, 1, [task])[0]).toBeCloseTo(0.1 * 2 * (2 - 1)); // the first of support, the last of query
    expect(followed({ minibatches: 2 }, 2, [task])[0]).toBeCloseTo(2 - (1.8 + 0.1 * 2 * (2 - 1.8)));
  });
});

/** Meta-parameters, a batch, and where the inner loop on all examples ends. */
function endsOf(learner: Learner, source: TaskSource, options: InnerOptions) {
  const meta = initParams(learner.specs, createRng('meta'));
  const batch = sampleBatch(source, 'difference', 0, 3);
  const task = { ...batch, support: everything(batch), noise: noise() };
  const path = innerLoop(learner, meta, task, options);
  const { gradients } = difference()(learner, meta, batch, noise(), options);
  return { meta, task, gradients, start: path[0]!.state, adapted: path.at(-1)!.state };
}

function everything({ support, query }: EpisodeBatch): EpisodeBatch['support'] {
  return {
    x: tf.concat([support.x, query.x], 1),
    y: tf.concat([support.y, query.y], 1),
    weight: tf.concat([support.weight, query.weight], 1),
  };
}

const moved = ({ start, adapted }: { readonly start: Params; readonly adapted: Params }) =>
  mapParams(start, (value, name) => tf.mean(tf.sub(value, adapted[name]!), 0, true));

describe('what follows the difference', () => {
  test('a head of any ways: the mean over its columns', () =>
    tf.tidy(() => {
      const options = { ...inner, steps: 3, loss: classification.loss };
      const ends = endsOf(maml(mlp([2, 4, 3])), clusters([2]), options);
      for (const [name, mean] of Object.entries(moved(ends))) {
        const expected = name.startsWith('dense2/') ? tf.mean(mean, -1, true) : mean;
        expect(ends.gradients[`base/${name}`]!.shape).toEqual(expected.shape);
        expectAlike(numbers(ends.gradients[`base/${name}`]!), numbers(expected), name);
      }
    }));

  test('all of a layer inside another that is called as the head is', () =>
    tf.tidy(() => {
      const base = sequential([2], [residual([dense(2)]), activation('tanh'), dense(3)]); // residual1/dense1 and dense1
      const ends = endsOf(maml(base), clusters([2]), { ...inner, loss: classification.loss });
      const name = 'residual1/dense1/kernel';
      expectAlike(numbers(ends.gradients[`base/${name}`]!), numbers(moved(ends)[name]!), name);
    }));

  test('a hypernetwork that is adapted itself', () =>
    tf.tidy(() => {
      const ends = endsOf(hyperLearner(mlp([1, 4, 1]), family(), { adapt: 'hypernetwork' }), waves, { ...inner, steps: 3, learningRate: 0.001 });
      const hyper = filterRecord(ends.gradients, (name) => name.startsWith('hyper/'));
      for (const [name, expected] of Object.entries(unscopeRecord(moved(ends), 'meta'))) expectAlike(numbers(hyper[name]!), numbers(expected), name);
      expect(numbers(ends.gradients['start/embedding']!)).toEqual([0, 0, 0]); // no step moves it
    }));

  test('generators, where what is adapted was generated: they lower ½‖start − adapted‖²', () =>
    tf.tidy(() => {
      const learner = hyperLearner(mlp([1, 4, 1], { activation: 'tanh' }), family(), { adapt: 'weights' });
      const { meta, task, gradients, adapted } = endsOf(learner, waves, { ...inner, steps: 3 });
      const rng = createRng('direction');
      const along = mapParams(meta, ({ shape, size }) => tf.tensor(Float32Array.from({ length: size }, () => rng.normal()), shape));
      const distance = (by: number) => {
        const start = learner.start(mapParams(meta, (value, name) => tf.add(value, tf.mul(along[name]!, by))), task);
        const squares = Object.entries(start).map(([name, value]) => tf.sum(tf.square(tf.sub(value, adapted[name]!))));
        return numbers(tf.addN(squares))[0]! / 2 / 3; // tasks
      };
      const differenceAt = (step: number) => (distance(step) - distance(-step)) / (2 * step);
      const expected = (4 * differenceAt(5e-3) - differenceAt(1e-2)) / 3; // the error of step² cancels
      const slope = Object.entries(gradients).reduce((sum, [name, value]) => sum + numbers(tf.sum(tf.mul(value, along[name]!)))[0]!, 0);
      expect(Math.abs(slope)).toBeGreaterThan(0.01);
      expect(slope / expected).toBeCloseTo(1, 2);
    }));
});

describe('refusals', () => {
  const refusal = (learner: Learner, source: TaskSource, steps = 1) => () =>
    tf.tidy(() => {
      const options = { ...inner, steps, loss: source.objective.loss };
      return { ...difference()(learner, initParams(learner.specs, createRng('meta')), sampleBatch(source, 'refusals', 0, 2), noise(), options).gradients };
    });
  const base = () => mlp([1, 4, 1]);

  test.each([
    ['CAVIA', () => cavia(mlp([1 + 2, 4, 1]), { contextSize: 2 }), 'base/dense1/kernel'],
    ['ANIL', () => anil(base()), 'base/dense1/kernel'],
    ['MAML with learned rates', () => learnedRates(maml(base()), { steps: 1 }), 'rate/step'],
    ['a hypernetwork whose embedding is adapted', () => hyperLearner(base(), family()), 'hyper/'],
    ['a hypernetwork with zero deltas', () => hyperLearner(base(), family(), { adapt: 'both' }), 'hyper/'],
  ])('%s: a meta-parameter that would never move is named', (_name, learner, missing) =>
    expect(refusal(learner(), waves)).toThrow(new RegExp(`^difference: expected .* such as maml\\(base\\), got the .* learner, whose meta-parameter '${missing}.*' would never be trained; use unrolled\\(\\)\\.$`)));

  test('minibatches that are no count, or more than examples', () => {
    expect(() => difference({ minibatches: 0 })).toThrow('difference: minibatches: expected a whole number of at least 1, got 0.');
    const options = { ...inner, loss: regression.loss };
    const learner = maml(base());
    const tooMany = () => difference({ minibatches: 9 })(learner, initParams(learner.specs, createRng('meta')), sampleBatch(waves, 'refusals', 0, 2), noise(), options);
    expect(() => tf.tidy(() => tooMany().gradients as tf.NamedTensorMap)).toThrow('difference: minibatches: expected at most 8, one for each example of a task, got 9.');
  });

  test('no step, none that adapts, a penalty', () => {
    expect(refusal(maml(base()), waves, 0)).toThrow('difference: innerSteps: expected a whole number of at least 1, got 0.');
    expect(refusal(protonet(mlp([2, 4, 3])), clusters([2]))).toThrow('difference: expected a learner that gradient steps adapt, got the ProtoNet learner');
    const penalized = { ...maml(base()), penalty: () => tf.scalar(0) };
    expect(refusal(penalized, waves)).toThrow('difference: expected a learner without a penalty on the way, got the MAML learner; train it with unrolled().');
  });

  test('come before a compiled step too, and leave the trainer as it was', async () => {
    const trainer = await metaTrainer(cavia(mlp([1 + 2, 4, 1]), { contextSize: 2 }), waves, { metaGradient: difference() });
    await expect(trainer.train({ steps: 1 }).next()).rejects.toThrow('difference: expected a learner whose meta-parameters all have a part');
    expect(trainer.step).toBe(0);
    trainer.dispose();
  });
});

test('sine waves are learned, compiled', async () => {
  const trainer = await metaTrainer(maml(mlp([1, 40, 40, 1])), sinusoids({ shots: 10 }), {
    metaGradient: difference(),
    innerSteps: 8,
    innerLearningRate: 0.005,
    outerLearningRate: 0.002,
    runtime: 'onnxruntime-node',
    seed: 'reptile',
  });
  const mse = async () => (await trainer.evaluate({ episodes: 100, steps: [8] })).scores[0]!.mean;
  const before = await mse();
  for await (const { gradientNorm } of trainer.train({ steps: 600 })) expect(gradientNorm).toBeGreaterThan(0);
  const after = await mse();
  expect(after).toBeLessThan(before / 3);
  trainer.dispose();
});
