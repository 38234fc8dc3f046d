import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { copyToHost } from '../../src/core/host-tensor';
import type { Learner } from '../../src/core/learner';
import { disposeParams, initParams } from '../../src/core/params';
import { createRng } from '../../src/core/rng';
import { gaussianEmbedding } from '../../src/embeddings/gaussian-embedding';
import { setEncoder } from '../../src/embeddings/set-encoder';
import { fullHypernetwork } from '../../src/hypernets/full-hypernetwork';
import { cavia } from '../../src/learners/cavia';
import { hyperClassifier } from '../../src/learners/hyper-classifier';
import { hyperLearner } from '../../src/learners/hyper-learner';
import { leo } from '../../src/learners/leo';
import { maml } from '../../src/learners/maml';
import { protonet } from '../../src/learners/protonet';
import { r2d2 } from '../../src/learners/r2d2';
import { adapter } from '../../src/meta/adapter';
import { mlp } from '../../src/nn/mlp';
import { sgd } from '../../src/optim/sgd';
import { fewShot } from '../../src/tasks/few-shot';
import { labelledSet } from '../../src/tasks/labelled-set';
import { sha256OfJson } from '../../src/io/sha256';
import { sinusoids } from '../../src/tasks/sinusoids';
import { sampleOnHost } from '../../src/tasks/stack-episodes';
import type { Adapted } from '../../src/trainer/adapted';
import { metaTrainer } from '../../src/trainer/meta-trainer';
import type { MetaTrainer } from '../../src/trainer/trainer';
import type { SavedTask } from '../../src/trainer/saved-task';
import { expectNoLeak } from '../helpers/leaks';

const folder = mkdtempSync(join(tmpdir(), 'hypermeta-tasks-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const waves = sinusoids({ shots: 5 });
const base = mlp([1, 6, 1]);
const family = fullHypernetwork({ embeddingSize: 3 });
const points = { x: [[-1], [0], [2], [3]], y: [[0.3], [1.2], [-0.4], [-1]] };

const letters = labelledSet({
  x: Array.from({ length: 40 }, (_, index) => [Math.floor(index / 5), index % 5]),
  y: Array.from({ length: 40 }, (_, index) => `class ${Math.floor(index / 5)}`),
});
const classes = fewShot(letters, { ways: 3, shots: 2, queryShots: 2 });
const some = { x: [[0, 1], [0, 2], [3, 1], [5, 0]], y: ['cat', 'cat', 'dog', 'owl'] };
const body = mlp([2, 6, 3]);
const normed = mlp([2, 6, 3], { norm: 'batch' });

interface Case {
  readonly learner: () => Learner;
  readonly of: SavedTask['of'];
  readonly samples?: number;
  /** Values of the embedding, where that is all. */
  readonly values?: number;
}

const regressors: Readonly<Record<string, Case>> = {
  'MAML': { learner: () => maml(base), of: 'state' },
  'CAVIA': { learner: () => cavia(mlp([1 + 2, 6, 1]), { contextSize: 2 }), of: 'state' },
  'a generated network, embedding': { learner: () => hyperLearner(base, family), of: 'state', values: 3 },
  'a generated network, weights': { learner: () => hyperLearner(base, family, { adapt: 'weights' }), of: 'weights' },
  'a generated network, the hypernetwork': { learner: () => hyperLearner(base, family, { adapt: 'hypernetwork' }), of: 'weights' },
  'a Gaussian embedding, three samples': { learner: () => hyperLearner(base, family, { start: gaussianEmbedding(setEncoder({ size: 3, inputShape: [1], targetShape: [1] })) }), of: 'state', samples: 3 },
};

const classifiers: Readonly<Record<string, Case>> = {
  'ProtoNet': { learner: () => protonet(body), of: 'state' },
  'ProtoNet with batch norm by the support set': { learner: () => protonet(normed), of: 'state' },
  'R2-D2': { learner: () => r2d2(body), of: 'state' },
  'a generated head': { learner: () => hyperClassifier(normed, { head: fullHypernetwork({ embeddingSize: 6, hidden: [4] }) }), of: 'state' },
  'LEO': { learner: () => leo(body), of: 'weights' },
};

const predictions = (adapted: Adapted, x: number[][]) => (adapted.predict(x) as number[][]).flat();

function roundTrips(cases: Readonly<Record<string, Case>>, tasks: typeof waves, support: Parameters<MetaTrainer['adapt']>[0], x: number[][]): void {
  test.each(Object.entries(cases))('%s comes back from its JSON', async (_name, { learner, of, samples, values }) => {
    const trainer = await metaTrainer(learner(), tasks, { metaBatchSize: 2, innerSteps: 2, innerLearningRate: 0.01 });
    for await (const _ of trainer.train({ steps: 2 }));
    const adapted = await trainer.adapt(support, { steps: 3, ...(samples ? { samples } : {}) });
    const saved = JSON.parse(JSON.stringify(await adapted.saveTask())) as SavedTask;
    expect(saved.of).toBe(of);
    if (values) expect(Object.values(saved.values).map((value) => value.values.length)).toEqual([values]);
    const loaded = await trainer.loadTask(saved);
    expect([loaded.classes, loaded.supportLosses]).toEqual([adapted.classes, []]);
    predictions(loaded, x).forEach((value, index) => expect(value).toBeCloseTo(predictions(adapted, x)[index]!, 5));
    expect(loaded.embedding === undefined).toBe(of === 'weights' || adapted.embedding === undefined);
    if (adapted.embedding) loaded.embedding?.forEach((value, index) => expect(value).toBeCloseTo(adapted.embedding![index]!, 5));
    expect(await loaded.saveTask()).toEqual(saved); // nothing is lost on the second way
    const fresh = await trainer.adapt(support, { steps: 0, ...(samples ? { samples } : {}) });
    if (trainer.learner.adapts?.(0).length !== 0) expect(predictions(fresh, x)).not.toEqual(predictions(loaded, x));
    for (const each of [adapted, loaded, fresh]) each.dispose();
    trainer.dispose();
  });
}

describe('an adapted task', () => {
  roundTrips(regressors, waves, points, [[0.5], [-2]]);
  roundTrips(classifiers, classes, some, [[0, 1], [4, 2]]);

  test('serves any copy of the meta-model, and no other', async () => {
    const make = (seed: string) => metaTrainer(hyperLearner(base, family), waves, { seed });
    const [one, copy, other] = [await make('one'), await make('one'), await make('two')];
    for await (const _ of one.train({ steps: 2 }));
    const adapted = await one.adapt(points);
    const saved = await adapted.saveTask();
    await expect(copy.loadTask(saved)).rejects.toThrow('loadTask: expected a task that was adapted from these meta-parameters, got one of others; load the checkpoint');
    await copy.load(await one.save(folder));
    const loaded = await copy.loadTask(saved);
    predictions(loaded, [[1]]).forEach((value, index) => expect(value).toBeCloseTo(predictions(adapted, [[1]])[index]!, 5));
    await expect(other.loadTask(saved)).rejects.toThrow('got one of others');
    const stranger = await metaTrainer(maml(base), waves);
    await expect(stranger.loadTask(saved)).rejects.toThrow('loadTask: expected a task of a MAML learner, got one of hypernetwork.');
    for (const each of [null, 'task', {}, [saved]]) await expect(copy.loadTask(each)).rejects.toThrow('loadTask: expected a task that adapted.saveTask() gave, got something else.');
    await expect(copy.loadTask({ ...saved, version: 2 })).rejects.toThrow('expected version 1 at most, got 2; it was saved by a newer hypermeta');
    const [[name, value]] = Object.entries(saved.values) as [[string, SavedTask['values'][string]]];
    const altered = { ...saved, values: { [name]: { ...value, values: value.values.map((number) => number + 1) } } };
    await expect(copy.loadTask(altered)).rejects.toThrow('loadTask: expected the task that was saved, got another; it was altered.');
    const forge = async (changes: Partial<SavedTask>) => {
      const { sha256: _, ...task } = { ...saved, ...changes };
      return copy.loadTask({ ...task, sha256: await sha256OfJson(task) });
    };
    await expect(forge({ values: { [name]: { shape: [1, 2], values: [1, 2] } } })).rejects.toThrow(`loadTask: values: '${name}': expected shape [1, 3], as this learner has, got [1, 2].`);
    await expect(forge({ values: { other: value } })).rejects.toThrow(`loadTask: values: '${name}': expected shape [1, 3], as this learner has, got none of that name.`);
    await expect(forge({ values: { [name]: value, constructor: value } })).rejects.toThrow("loadTask: values: expected the values of this learner, got 'constructor' as well.");
    await expect(forge({ values: { [name]: { shape: [1, 3], values: [1, 2] } } })).rejects.toThrow(`loadTask: values: '${name}': expected a shape and as many finite numbers, got {"shape":[1,3],"values":[1,2]}.`);
    await expect(forge({ of: 'weights' })).rejects.toThrow("loadTask: values: 'dense1/kernel': expected shape [1, 1, 6], as this learner has, got none of that name.");
    await expect(forge({ classes: ['a', 'b'] })).rejects.toThrow('loadTask: expected a task without classes, got one with them.');
    await expect(forge({ values: { [name]: { shape: [20_000, 3], values: Array.from({ length: 60_000 }, () => 0) } } })).rejects.toThrow('loadTask: expected at most 10000 samples, got 20000.');
    adapted.dispose();
    expect(() => adapted.saveTask()).toThrow('saveTask: expected an adapted network that is in use, got one after dispose().');
    loaded.dispose();
    for (const each of [one, copy, other, stranger]) each.dispose();
  });

  test.each<[string, () => Learner, typeof waves, Parameters<MetaTrainer['adapt']>[0], number[][], number]>([
    ['an embedding', () => hyperLearner(base, family), waves, points, [[1]], 1],
    ['an embedding, many steps', () => hyperLearner(base, family), waves, points, [[1]], 12],
    ['all weights', () => maml(base), waves, points, [[1]], 1],
    ['all weights, many steps', () => maml(base), waves, points, [[1]], 12],
    ['weights that are fewer than the state', () => hyperLearner(base, family, { adapt: 'weights' }), waves, points, [[1]], 1],
    ['statistics', () => protonet(normed), classes, some, [[0, 1]], 0],
  ])('outlives its trainer, and is saved whole where it is disposed at once: %s', async (_name, learner, tasks, support, x, steps) => {
    const trainer = await metaTrainer(learner(), tasks);
    const [adapted, other] = [await trainer.adapt(support, { steps }), await trainer.adapt(support, { steps })];
    const saved = await adapted.saveTask();
    const pending = other.saveTask();
    other.dispose();
    for (let turn = 0; turn < 3; turn++) await trainer.adapt(support, { steps: steps + turn }); // takes the arrays that were given back
    expect(await pending).toEqual(saved);
    trainer.dispose();
    expect(await adapted.saveTask()).toEqual(saved);
    const later = await metaTrainer(learner(), tasks);
    const loaded = await later.loadTask(saved);
    predictions(loaded, x).forEach((value, index) => expect(value).toBeCloseTo(predictions(adapted, x)[index]!, 5));
    for (const each of [adapted, loaded, later]) each.dispose();
  });

  test('the state of an adaptation is its weights themselves where they are the same, and left out where it is larger', async () => {
    const options = { steps: 1, learningRate: 0.01, optimizer: sgd(), order: 'second', loss: waves.objective.loss } as const;
    const adapt = async (learner: Learner) => {
      const [meta, { query: _query, ...task }] = [initParams(learner.specs, createRng('state')), sampleOnHost(waves, 'state', 0, 2)];
      const adapting = adapter(learner, waves.objective, options);
      const made = await adapting.adapt(copyToHost(meta), task, options, createRng('noise'));
      await adapting.dispose();
      disposeParams(meta);
      return made;
    };
    const { state, weights } = await adapt(maml(base));
    expect(Object.keys(state!).sort()).toEqual(Object.keys(weights).sort());
    for (const [name, value] of Object.entries(state!)) expect(value).toBe(weights[name]);
    expect(Object.keys((await adapt(hyperLearner(base, family))).state!)).toEqual(['embedding']);
    expect((await adapt(hyperLearner(base, family, { adapt: 'weights' }))).state).toBeUndefined();
  });

  test('leaks nothing', async () => {
    const trainer = await metaTrainer(hyperLearner(base, family), waves);
    await expectNoLeak(async () => {
      const adapted = await trainer.adapt(points);
      const loaded = await trainer.loadTask(await adapted.saveTask());
      predictions(loaded, [[1]]);
      adapted.dispose();
      loaded.dispose();
    });
    trainer.dispose();
  });
});
