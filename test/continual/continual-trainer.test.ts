import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { continualTrainer } from '../../src/continual/continual-trainer';
import type { ContinualTrainer } from '../../src/continual/continual';
import { elasticWeights } from '../../src/continual/elastic-weights';
import type { Guard } from '../../src/continual/guard';
import type { ContinualTrainerOptions } from '../../src/continual/options';
import { outputRegularizer } from '../../src/continual/output-regularizer';
import { replay } from '../../src/continual/replay';
import { synapticIntelligence } from '../../src/continual/synaptic-intelligence';
import { DataError, DivergenceError } from '../../src/core/errors';
import { hostFloats } from '../../src/core/host-tensor';
import { constantInit } from '../../src/core/initializers';
import { mapRecord } from '../../src/core/params';
import { createRng } from '../../src/core/rng';
import { sizeOf } from '../../src/core/shape';
import { embeddingTable } from '../../src/embeddings/embedding-table';
import { randomEmbedding } from '../../src/embeddings/random-embedding';
import { chunkedHypernetwork } from '../../src/hypernets/chunked-hypernetwork';
import { cavia } from '../../src/learners/cavia';
import { hyperLearner } from '../../src/learners/hyper-learner';
import { plainLearner } from '../../src/learners/plain-learner';
import { protonet } from '../../src/learners/protonet';
import { mlp } from '../../src/nn/mlp';
import { batchNorm } from '../../src/nn/batch-norm';
import { dense } from '../../src/nn/dense';
import { dropout } from '../../src/nn/dropout';
import { sequential } from '../../src/nn/sequential';
import type { UserExamples } from '../../src/tasks/examples';
import { gaussian } from '../../src/tasks/gaussian';
import { regression } from '../../src/tasks/objectives';
import { expectNoLeak } from '../helpers/leaks';

const base = mlp([2, 8, 2]);
const hyper = () => hyperLearner(base, chunkedHypernetwork({ embeddingSize: 4, hidden: [16], chunkSize: 16 }), { start: randomEmbedding({ size: 4 }), ownParameters: ['chunks'] });

/** Task k: whether a point lies on one side of a line, turned by k right angles; so the tasks contradict one another. */
function sides(turn: number, count = 40): UserExamples {
  const rng = createRng(`sides ${turn}`);
  const x = Array.from({ length: count }, () => [rng.normal(), rng.normal()]);
  const sign = [([a]: number[]) => a! > 0, ([, b]: number[]) => b! > 0, ([a]: number[]) => a! <= 0][turn]!;
  return { x, y: x.map((point) => (sign(point) ? 'in' : 'out')) };
}

async function learn(trainer: ContinualTrainer, turns: readonly number[], steps = 150): Promise<void> {
  for (const turn of turns) for await (const { loss } of trainer.addTask(sides(turn), { steps })) expect(Number.isFinite(loss)).toBe(true);
}

const accuracy = async (trainer: ContinualTrainer, task: number, turn = task) => (await trainer.evaluate(sides(turn), { task })).mean;
const rates: ContinualTrainerOptions = { learningRate: 0.02, seed: 'one' };

describe('a continual trainer', () => {
  test('keeps a finished task where a plain network forgets it', async () => {
    const held = await continualTrainer(hyper(), { ...rates, guard: outputRegularizer({ beta: 0.1 }) });
    const loose = await continualTrainer(plainLearner(base), rates);
    for (const trainer of [held, loose]) await learn(trainer, [0, 2]); // the second says the opposite of the first
    expect(await accuracy(held, 0)).toBeGreaterThan(0.9);
    expect(await accuracy(held, 1, 2)).toBeGreaterThan(0.9);
    expect(await accuracy(loose, 0)).toBeLessThan(0.3);
    held.dispose();
    loose.dispose();
  });

  test('adds a task to trained parameters without a change to any other', async () => {
    const trained = await continualTrainer(hyper(), { ...rates, guard: outputRegularizer({ beta: 0.1 }) });
    await learn(trained, [0], 30);
    const x = [[0.4, -1], [2, 0.1]];
    const before = await trained.predict(x, { task: 0 });
    for await (const _ of trained.addTask(sides(1, 8), { steps: 20, moves: 'own' }));
    expect(await trained.predict(x, { task: 0 })).toEqual(before);
    expect(trained.tasks).toHaveLength(2);
    const next = await continualTrainer(hyper(), { ...rates, meta: trained.shared }); // a trained model gains a task
    for await (const _ of next.addTask(sides(1, 8), { steps: 5, moves: 'own' }));
    expect(next.shared).toEqual(trained.shared);
    trained.dispose();
    next.dispose();
  });

  test.each([
    ['output regularizer', hyper, outputRegularizer({ beta: 0.5 })],
    ['output regularizer by sensitivity', hyper, outputRegularizer({ beta: 0.5, importance: 'sensitivity', examples: 20 })],
    ['elastic weights', () => plainLearner(base), elasticWeights({ strength: 10, examples: 5 })],
    ['synaptic intelligence', () => plainLearner(base), synapticIntelligence({ strength: 1 })],
    ['replay', hyper, replay({ capacity: 8 })],
  ])('learns the same compiled and uncompiled: %s', async (_name, learner, guard) => {
    const results: number[][][] = [];
    for (const runtime of ['onnxruntime-node', 'tfjs'] as const) {
      const trainer = await continualTrainer(learner(), { ...rates, guard, runtime, clip: { by: 'norm', limit: 1 } });
      await learn(trainer, [0, 1], 4);
      results.push((await trainer.predict([[0.5, -0.5], [1, 2]], { task: 1 })) as number[][]);
      trainer.dispose();
    }
    const [compiled, eager] = results.map((rows) => rows.flat()) as [number[], number[]];
    compiled.forEach((value, index) => expect(value).toBeCloseTo(eager[index]!, 4));
  });

  test('adds a task that moves its context alone, and refuses one that needs a row', async () => {
    const trainer = await continualTrainer(cavia(mlp([2 + 3, 8, 2]), { contextSize: 3 }), rates);
    await learn(trainer, [0], 60);
    expect(await accuracy(trainer, 0)).toBeGreaterThan(0.8);
    const before = await trainer.predict([0.3, 0.4], { task: 0 });
    for await (const _ of trainer.addTask(sides(2), { steps: 5, moves: 'own' }));
    expect(await trainer.predict([0.3, 0.4], { task: 0 })).toEqual(before);
    expect(trainer.ownOf(1)['embedding']!.shape).toEqual([1, 3]);
    trainer.dispose();
    const numbered = hyperLearner(base, chunkedHypernetwork({ embeddingSize: 4 }), { start: embeddingTable({ rows: 3, size: 4 }) });
    await expect(continualTrainer(numbered)).rejects.toThrow(DataError);
  });

  test('infers the task whose prediction is surest', async () => {
    const wide = await continualTrainer(plainLearner(mlp([1, 8, 4])), rates);
    for await (const _ of wide.addTask({ x: [[1], [-1]], y: ['a', 'b'] }, { steps: 100, outputs: [0, 1] }));
    for await (const _ of wide.addTask({ x: [[1], [-1]], y: ['c', 'd'] }, { steps: 0, outputs: [2, 3] }));
    expect(await wide.inferTask([[1], [-1]])).toEqual([0, 0]); // the second learned nothing
    expect(await wide.classify([1])).toBe('a');
    const { mean, recognized } = await wide.evaluate({ x: [[1], [-1]], y: ['a', 'b'] }, { task: 0, identity: 'inferred' });
    expect([mean, recognized]).toEqual([1, 1]);
    const own = wide.addTask({ x: [[1], [-1]], y: ['e', 'f'] }, { steps: 1, moves: 'own' });
    await expect(own.next()).rejects.toThrow("addTask: moves: expected 'all' for the plain learner, whose tasks have nothing of their own to move, got 'own'.");
    wide.dispose();
  });

  test('goes on from what it saved', async () => {
    const make = () => continualTrainer(hyper(), { ...rates, guard: outputRegularizer({ beta: 0.5, importance: 'sensitivity' }) });
    const one = await make();
    await learn(one, [0], 5);
    const other = await make();
    other.load(one.save());
    for (const trainer of [one, other]) await learn(trainer, [1], 5);
    expect(await other.predict([0.3, 0.4], { task: 0 })).toEqual(await one.predict([0.3, 0.4], { task: 0 }));
    expect(other.shared).toEqual(one.shared);
    const foreign = await continualTrainer(hyper(), rates);
    expect(() => foreign.load(one.save())).toThrow("load: expected tasks of a trainer with guard 'none', got 'output regularizer by sensitivity'.");
    for (const trainer of [one, other, foreign]) trainer.dispose();
  });

  test('keeps a task whose loop is left, and refuses what does not fit', async () => {
    const trainer = await continualTrainer(hyper(), rates);
    for await (const { step } of trainer.addTask(sides(0), { steps: 100 })) if (step === 3) break;
    expect(trainer.tasks).toEqual([{ classes: ['in', 'out'], outputs: [0, 1], steps: 3 }]);
    const add = (outputs: readonly number[]) => trainer.addTask(sides(0), { steps: 1, outputs }).next();
    await expect(add([0, 2])).rejects.toThrow('addTask: outputs: expected different whole numbers below 2, the outputs of the base network, got 0, 2.');
    const three = { x: [[0, 0], [1, 0], [0, 1]], y: ['a', 'b', 'c'] };
    await expect(trainer.addTask(three, { steps: 1 }).next()).rejects.toThrow('addTask.y: expected at most 2 classes, as many as the base network has outputs, got 3.');
    await expect(trainer.predict([0, 0], { task: 1 })).rejects.toThrow('predict: task: expected the number of one of 1 tasks, got 1.');
    expect(() => trainer.ownOf(1)).toThrow('ownOf: task: expected the number of one of 1 tasks, got 1.');
    await expect(trainer.addTask(sides(1), { steps: 9, learningRate: 1e38 }).next()).resolves.toBeDefined();
    trainer.dispose();
    await expect(trainer.classify([0, 0])).rejects.toThrow('classify: expected a continual trainer that is in use, got one after dispose().');
    const normed = sequential([2], [dense(4), batchNorm(), dense(2)]);
    await expect(continualTrainer(plainLearner(normed))).rejects.toThrow('got one with batch norm; use layerNorm().');
    const together = mlp([2, 4, 2], { norm: 'batch', statistics: 'batch' });
    await expect(continualTrainer(plainLearner(together))).rejects.toThrow('got one with batch norm; use layerNorm().');
  });

  test.each(['onnxruntime-node', 'tfjs'] as const)('drops values in its steps, by its seed, and none where it predicts: %s', async (runtime) => {
    const dropped = (rate: number, seed: string) => {
      const network = sequential([2], [dense(8, { init: () => constantInit(1) }), dropout(rate), dense(2, { init: () => constantInit(0) })]);
      return continualTrainer(plainLearner(network), { seed, runtime, learningRate: 0.1, objective: regression });
    };
    const learned = async (rate: number, seed: string) => {
      const trainer = await dropped(rate, seed);
      for await (const event of trainer.addTask({ x: [[1, 0], [0, 1]], y: [[1, 2], [-1, 0]] }, { steps: 2 })) void event;
      const found = [await trainer.predict([1, 1], { task: 0 }), await trainer.predict([1, 1], { task: 0 })].map((each) => JSON.stringify(each));
      trainer.dispose();
      expect(found[0]).toBe(found[1]);
      return found[0];
    };
    expect(await learned(0.5, 'one')).toBe(await learned(0.5, 'one'));
    expect(await learned(0.5, 'one')).not.toBe(await learned(0, 'one'));
  });

  test('a task starts from examples of all its classes, however small a batch is', async () => {
    const rng = createRng('six');
    const x = Array.from({ length: 60 }, (_, index) => [3 * Math.cos(index % 6) + 0.1 * rng.normal(), 3 * Math.sin(index % 6) + 0.1 * rng.normal()]);
    const trainer = await continualTrainer(protonet(mlp([2, 16, 8, 6])), { batchSize: 4, learningRate: 0.01, seed: 'six' });
    for await (const { loss } of trainer.addTask({ x, y: x.map((_, index) => index % 6) }, { steps: 40 })) expect(loss).toBeLessThan(100); // 1e9 for a class that was not shown
    expect((await trainer.evaluate({ x, y: x.map((_, index) => index % 6) }, { task: 0 })).mean).toBeGreaterThan(0.95);
    trainer.dispose();
  });

  test('refuses an objective whose targets are not as wide as the outputs', () =>
    expect(continualTrainer(plainLearner(base), { objective: gaussian() })).rejects.toThrow(RangeError('continualTrainer: objective: expected one whose targets have the shape of an output, got one with outputs of a shape of their own, as gaussian() has; use regression.')));

  test.each<[keyof ContinualTrainerOptions, string, string]>([
    ['guard', 'ewc', 'a guard, such as replay({ capacity: 200 })'],
    ['optimizer', 'adam', 'an optimizer, such as adam()'],
  ])('refuses a name in place of %s', (option, name, expected) =>
    expect(continualTrainer(plainLearner(base), { [option]: name })).rejects.toThrow(RangeError(`continualTrainer: ${option}: expected ${expected}, got ${name}.`)));

  test('says so where scores are no numbers', async () => {
    const plain = plainLearner(base);
    const meta = mapRecord(plain.specs, ({ shape }) => hostFloats(new Float32Array(sizeOf(shape)).map((_, index) => (index % 2 ? 3e38 : -3e38)), [1, ...shape]));
    const trainer = await continualTrainer(plain, { meta, runtime: 'onnxruntime-node' });
    for await (const _ of trainer.addTask(sides(0), { steps: 0 }));
    const x = [[100, -100]];
    const nan = 'sample 0: expected finite probabilities, got NaN from task 0: its training went astray, or the sample is far from those it was learned on.';
    await expect(trainer.classify(x, { task: 0 })).rejects.toThrow(new DivergenceError(`classify: ${nan}`));
    await expect(trainer.classify(x)).rejects.toThrow(new DivergenceError(`classify: ${nan}`));
    await expect(trainer.inferTask(x)).rejects.toThrow(new DivergenceError(`inferTask: ${nan}`));
    await expect(trainer.evaluate({ x: [[100, -100], [1, 1]], y: ['in', 'out'] }, { task: 0, identity: 'inferred' })).rejects.toThrow(DivergenceError);
    await expect(trainer.evaluate({ x: [[100, -100], [1, 1]], y: ['in', 'out'] }, { task: 0 })).rejects.toThrow(/^evaluate: sample 0: expected finite outputs, got .* from task 0: its training went astray, or/);
    trainer.dispose();
  });

  test('refuses a rate that would break the tasks before', async () => {
    const rated = await continualTrainer(hyper(), { learningRate: (step) => (step === 1 ? NaN : 0.01) });
    for (const learningRate of [NaN, -0.1, 0])
      await expect(rated.addTask(sides(0), { steps: 1, learningRate }).next()).rejects.toThrow('addTask: learningRate: expected a finite number above 0');
    const before = rated.shared;
    const adding = rated.addTask(sides(0), { steps: 2 });
    await adding.next();
    await expect(adding.next()).rejects.toThrow('addTask: step 2: learningRate: expected a finite number from the schedule, got NaN.');
    expect([rated.tasks, rated.shared]).toEqual([[], before]);
    rated.dispose();
  });

  test('a guard that fails at the end of a task leaves all as it was before, and the trainer in use', async () => {
    let isBroken = true;
    const whole = elasticWeights({ strength: 1 });
    const guard = { ...whole, finish: (...how: Parameters<typeof whole.finish>) => (isBroken ? Promise.reject(new Error('no memory left')) : whole.finish(...how)) };
    const trainer = await continualTrainer(plainLearner(base), { ...rates, guard });
    const before = trainer.shared;
    await expect(learn(trainer, [0], 3)).rejects.toThrow('no memory left');
    expect([trainer.tasks, trainer.shared]).toEqual([[], before]);
    isBroken = false;
    await learn(trainer, [0], 3);
    expect(trainer.tasks).toHaveLength(1);
    trainer.dispose();
  });

  test.each([['steps on its own parameters', { steps: 2, moves: 'own' }], ['no steps', { steps: 0 }]] as const)('a task of %s, too many for replay, leaves all as it was before', async (_what, how) => {
    const trainer = await continualTrainer(hyper(), { ...rates, guard: replay({ capacity: 1 }) });
    await learn(trainer, [0], 2);
    const before = trainer.save();
    const add = async () => {
      for await (const _ of trainer.addTask(sides(1), how));
    };
    await expect(add()).rejects.toThrow('replay: capacity: expected at least 2, an example of each task, got 1');
    expect(trainer.save()).toEqual(before);
    trainer.dispose();
  });

  test('replays as many examples as a step has new ones, where a task has fewer than batchSize too', async () => {
    const asked: number[] = [];
    const whole = replay({ capacity: 80 });
    const guard: Guard = { ...whole, remind: (memory, step) => (asked.push(step.batchSize), whole.remind(memory, step)) };
    const trainer = await continualTrainer(hyper(), { ...rates, guard, batchSize: 16 });
    for (const count of [40, 4]) for await (const _ of trainer.addTask(sides(0, count), { steps: 1 }));
    expect(asked).toEqual([16, 4]);
    trainer.dispose();
  });

  test('leaks nothing', async () => {
    await tf.ready();
    await expectNoLeak(async () => {
      const trainer = await continualTrainer(hyper(), { ...rates, guard: outputRegularizer({ beta: 0.5, importance: 'sensitivity' }) });
      await learn(trainer, [0, 1], 2);
      await trainer.evaluate(sides(0), { task: 0, identity: 'inferred' });
      trainer.dispose();
    });
  });
});
