import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { continualGradients, type ContinualStepOptions } from '../../src/continual/continual-step';
import { elasticWeights } from '../../src/continual/elastic-weights';
import type { FinishedTask, Guard } from '../../src/continual/guard';
import { outputRegularizer } from '../../src/continual/output-regularizer';
import { replay } from '../../src/continual/replay';
import { synapticIntelligence } from '../../src/continual/synaptic-intelligence';
import { hostFloats, toTensor, type HostParams } from '../../src/core/host-tensor';
import { initParams, mapRecord, type Params } from '../../src/core/params';
import { createRng } from '../../src/core/rng';
import { randomEmbedding } from '../../src/embeddings/random-embedding';
import { chunkedHypernetwork } from '../../src/hypernets/chunked-hypernetwork';
import { hyperLearner } from '../../src/learners/hyper-learner';
import { plainLearner } from '../../src/learners/plain-learner';
import { mlp } from '../../src/nn/mlp';
import { sgd } from '../../src/optim/sgd';
import { classification, regression } from '../../src/tasks/objectives';

const floats = (...values: number[]): HostParams => ({ w: hostFloats(Float32Array.from(values), [1, values.length]) });
const values = (params: HostParams, name: string) => [...params[name]!.values];
const close = (found: readonly number[], expected: readonly number[]) => found.forEach((value, index) => expect(value).toBeCloseTo(expected[index]!, 4));

/** A finished task with what a guard under test does not look at left out. */
const finished = (rest: Partial<FinishedTask>): FinishedTask => ({
  shared: floats(1, 2),
  own: {},
  heads: new Float32Array(1),
  tasks: 1,
  examples: { x: Float32Array.of(1, 2), y: Float32Array.of(0, 0), count: 2 },
  rng: createRng('finished'),
  weights: () => Promise.resolve({}),
  gradient: () => Promise.resolve({}),
  sensitivity: () => Promise.resolve({}),
  ...rest,
});

const tensorsOf = (params: HostParams): Params => mapRecord(params, (value) => toTensor(value));

describe('the output regularizer', () => {
  // y = k x + b with k = 2, b = 0 on x = 1, y = 1: loss 1, its gradient 2 for both; a step of rate 0.1 leads to 1.8 and −0.2.
  const line = plainLearner(mlp([1, 1]));
  const step = (at: 'here' | 'ahead') => {
    const shared = { 'base/dense1/kernel': tf.tensor([2], [1, 1, 1]), 'base/dense1/bias': tf.tensor([0], [1, 1]) };
    const reminder = { 'weights/dense1/kernel': tf.tensor([2], [1, 1, 1]), 'weights/dense1/bias': tf.tensor([0], [1, 1]) };
    const options: ContinualStepOptions = { learner: line, objective: regression, guard: outputRegularizer({ beta: 1, at }), optimizer: sgd(), moves: 'all' };
    const batch = { x: tf.ones([1, 1, 1]), y: tf.ones([1, 1, 1]) };
    return continualGradients(options, { shared, own: {}, batch, guarded: { reminder, moments: {}, learningRate: tf.scalar(0.1) } });
  };

  test('looks ahead by one step of the optimizer', () => {
    const { loss, penalty, gradients } = step('ahead');
    expect(loss.dataSync()[0]).toBeCloseTo(1);
    expect(penalty!.dataSync()[0]).toBeCloseTo(0.08); // 0.2² twice
    for (const gradient of Object.values(gradients)) expect(gradient.dataSync()[0]).toBeCloseTo(1.6); // 2 − 2 · 0.2
  });

  test('sees nothing where nothing has moved', () => {
    const { penalty, gradients } = step('here');
    expect(penalty!.dataSync()[0]).toBe(0);
    for (const gradient of Object.values(gradients)) expect(gradient.dataSync()[0]).toBeCloseTo(2);
  });

  test('has the gradient that finite differences give, the look-ahead a constant', () => {
    const base = mlp([2, 3, 2], { activation: 'tanh' });
    const learner = hyperLearner(base, chunkedHypernetwork({ embeddingSize: 2, hidden: [3], chunkSize: 4, activation: 'tanh' }), { start: randomEmbedding({ size: 2 }), ownParameters: ['chunks'] });
    const shared = initParams(learner.specs, createRng('shared'));
    const chunks = (tasks: number) => tf.randomNormal([tasks, ...shared['hyper/chunks']!.shape.slice(1)], 0, 1, 'float32', 1);
    const own = { embedding: tf.tensor([[0.3, -0.2]]), 'own/chunks': chunks(1) };
    const old = { embedding: tf.tensor([[1, 0], [0.5, -1]]), 'own/chunks': chunks(2) };
    const elsewhere = initParams(learner.specs, createRng('elsewhere'));
    const targets = learner.weights(elsewhere, old);
    const scoped = (params: Params, scope: string) => Object.fromEntries(Object.entries(params).map(([name, value]) => [`${scope}/${name}`, value]));
    const reminder = { ...scoped(old, 'own'), ...scoped(targets, 'weights') };
    const batch = { x: tf.tensor([[[1, 0], [0, 1], [1, 1]]]), y: tf.tensor([[[1, 0], [0, 1], [1, 0]]]), head: tf.zeros([1, 1, 2]) };
    const guard = outputRegularizer({ beta: 0.1 });
    const options: ContinualStepOptions = { learner, objective: classification, guard, optimizer: sgd(), moves: 'all' };
    const guarded = { reminder, moments: {}, learningRate: tf.scalar(0.05) };
    const { gradients, unguarded } = continualGradients({ ...options, guard: { ...guard, follow: () => undefined } }, { shared, own, batch, guarded });
    const moves = mapRecord(shared, (value, name) => (unguarded?.[name] ? tf.mul(unguarded[name], -0.05) : tf.zerosLike(value)));
    const total = (at: Params) => {
      const { loss } = continualGradients({ learner, objective: classification, optimizer: sgd(), moves: 'all' }, { shared: at, own, batch });
      const penalty = guard.penalty(options, mapRecord(at, (value, name) => tf.add(value, moves[name]!)), reminder);
      return loss.dataSync()[0]! + penalty.dataSync()[0]!;
    };
    for (const name of ['hyper/chunk/heads/chunk/kernel', 'hyper/chunk/trunk/dense1/bias']) {
      const direction = tf.randomNormal(shared[name]!.shape, 0, 1, 'float32', 2);
      const along = (size: number) => total({ ...shared, [name]: tf.add(shared[name]!, tf.mul(direction, size)) });
      const slope = tf.sum(tf.mul(gradients[`shared/${name}`]!, direction)).dataSync()[0]!;
      expect((along(0.01) - along(-0.01)) / 0.02 / slope).toBeCloseTo(1, 2);
    }
  });

  test('counts distances by the sensitivity of each finished task, which it keeps', async () => {
    const guard = outputRegularizer({ beta: 2, importance: 'sensitivity', examples: 7 });
    const rows = (...values: number[]) => ({ w: hostFloats(Float32Array.from(values), [values.length / 2, 2]) });
    const counts: number[] = [];
    const finish = (memory: HostParams, at: HostParams, sensitivity: HostParams) =>
      guard.finish(memory, finished({ weights: () => Promise.resolve(at), sensitivity: (count) => (counts.push(count), Promise.resolve(sensitivity)) }));
    const memory = await finish(await finish({}, rows(0, 0), floats(1, 10)), rows(0, 0, 1, 1), floats(0, 5));
    expect(values(memory, 'sensitivity/w')).toEqual([1, 10, 0, 5]);
    expect(counts).toEqual([7, 7]);
    const line = { ...plainLearner(mlp([1, 1])), weights: () => tensorsOf(rows(1, 1, 3, 3)) };
    const penalty = guard.penalty({ learner: line, objective: regression }, {}, tensorsOf(guard.remind(memory, { batchSize: 1, rng: createRng('step') })!));
    expect(penalty.dataSync()[0]).toBeCloseTo((2 * (1 + 10 + 0 + 5 * 2 ** 2)) / 2, 4);
  });

  test('refuses a negative beta', () =>
    expect(() => outputRegularizer({ beta: -1 })).toThrow('outputRegularizer: beta: expected a finite number of at least 0, got -1.'));
});

const pull = (guard: Guard, memory: HostParams, shared: HostParams) =>
  guard.penalty({ learner: plainLearner(mlp([1, 1])), objective: regression }, tensorsOf(shared), tensorsOf(guard.remind(memory, { batchSize: 1, rng: createRng('step') })!)).dataSync()[0];

describe('elastic weights', () => {
  const gradient = (rows: readonly number[]) => Promise.resolve(rows[0] === 0 ? floats(1, 0) : floats(3, 2));

  test('weigh by the mean square of single gradients, and add up over tasks', async () => {
    const guard = elasticWeights({ strength: 4, decay: 0.5 });
    const first = await guard.finish({}, finished({ gradient }));
    close(values(first, 'importance/w'), [5, 2]); // (1 + 9) / 2, (0 + 4) / 2
    close(values(first, 'anchor/w'), [1, 2]);
    expect(pull(guard, first, floats(2, 4))).toBeCloseTo(26); // 4 / 2 · (5 · 1² + 2 · 2²)
    close(values(await guard.finish(first, finished({ gradient })), 'importance/w'), [7.5, 3]);
  });

  test('refuse a decay above 1', () =>
    expect(() => elasticWeights({ strength: 1, decay: 2 })).toThrow('elasticWeights: decay: expected a number in [0, 1], got 2.'));
});

test('synaptic intelligence weighs by what the way of a parameter gained', async () => {
  const guard = synapticIntelligence({ strength: 3, damping: 0.5 });
  const memory = guard.begin!(floats(0, 0));
  expect(guard.remind(memory, { batchSize: 1, rng: createRng('step') })).toBeUndefined();
  guard.follow!(memory, { gradients: floats(-2, 1), before: floats(0, 0), after: floats(0.5, 1) });
  guard.follow!(memory, { gradients: floats(-1, 0), before: floats(0.5, 1), after: floats(1, 2) });
  close(values(memory, 'path/w'), [1.5, -1]);
  const after = await guard.finish(memory, finished({}));
  close(values(after, 'importance/w'), [1, 0]); // 1.5 / (1² + 0.5); what went uphill does not count
  close(values(after, 'path/w'), [0, 0]);
  expect(pull(guard, after, floats(3, 9))).toBeCloseTo(12); // 3 · 1 · 2²
});

describe('replay', () => {
  const examples = (label: number) => ({ x: new Float32Array(10).fill(label), y: new Float32Array(10).fill(label), count: 10 });

  test('shares its capacity evenly among the tasks', async () => {
    const guard = replay({ capacity: 6 });
    const one = await guard.finish({}, finished({ examples: examples(1) }));
    expect(one['x']!.shape).toEqual([1, 6, 1]);
    const two = await guard.finish(one, finished({ examples: examples(2), tasks: 2, heads: new Float32Array(2) }));
    expect([...two['x']!.values]).toEqual([1, 1, 1, 2, 2, 2]);
    expect(guard.remind(two, { batchSize: 5, rng: createRng('step') })!['y']!.shape).toEqual([2, 3, 1]);
  });

  test('refuses a new task that it has no room for', async () => {
    const guard = replay({ capacity: 1 });
    const memory = await guard.finish({}, finished({ examples: examples(1) }));
    expect(() => guard.remind(memory, { batchSize: 5, rng: createRng('step') })).toThrow('replay: capacity: expected more than 1, an example of each task and the new one, got 1.');
  });

  test('refuses to end a task that it has no room for, whatever the task moved', async () => {
    const guard = replay({ capacity: 1 });
    const memory = await guard.finish({}, finished({ examples: examples(1) }));
    const end = async () => guard.finish(memory, finished({ examples: examples(2), tasks: 2, heads: new Float32Array(2) }));
    await expect(end()).rejects.toThrow('replay: capacity: expected at least 2, an example of each task, got 1; the last one is not added.');
  });
});
