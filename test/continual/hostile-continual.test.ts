import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import type { ContinualTrainer } from '../../src/continual/continual';
import { continualTrainer } from '../../src/continual/continual-trainer';
import { elasticWeights } from '../../src/continual/elastic-weights';
import type { ContinualTrainerOptions } from '../../src/continual/options';
import { outputRegularizer } from '../../src/continual/output-regularizer';
import { replay } from '../../src/continual/replay';
import { synapticIntelligence } from '../../src/continual/synaptic-intelligence';
import { DataError } from '../../src/core/errors';
import { hostFloats, type HostParams } from '../../src/core/host-tensor';
import { filterRecord } from '../../src/core/params';
import { randomEmbedding } from '../../src/embeddings/random-embedding';
import { chunkedHypernetwork } from '../../src/hypernets/chunked-hypernetwork';
import { readSafetensors, writeSafetensors } from '../../src/io/safetensors';
import { anil } from '../../src/learners/anil';
import { cavia } from '../../src/learners/cavia';
import { hyperLearner } from '../../src/learners/hyper-learner';
import { plainLearner } from '../../src/learners/plain-learner';
import { mlp } from '../../src/nn/mlp';
import { regression } from '../../src/tasks/objectives';
import { damaged, damagedJson, expectReadOrRefused, headerOf, hostileRuns, hostileTimeout, jsonText, withHeader } from '../helpers/hostile';

const base = mlp([2, 3, 2]);
const hyper = () => hyperLearner(base, chunkedHypernetwork({ embeddingSize: 2, hidden: [3], chunkSize: 8 }), { start: randomEmbedding({ size: 2 }) });
const rows = { x: [[0, 1], [1, 0], [1, 1]], y: ['up', 'right', 'up'] };
const options: ContinualTrainerOptions = { runtime: 'tfjs', batchSize: 2 };

async function learned(trainer: ContinualTrainer, tasks = 2): Promise<ContinualTrainer> {
  for (let task = 0; task < tasks; task++) for await (const _ of trainer.addTask(rows, { steps: 1 }));
  return trainer;
}

/** The same file with other notes or tensors in it. */
function changed(bytes: Uint8Array, { notes = {}, tensors = (all) => all }: { readonly notes?: Readonly<Record<string, string>>; readonly tensors?: (all: HostParams) => HostParams }): Uint8Array {
  const read = readSafetensors(bytes, 'test');
  return writeSafetensors(tensors(read.tensors), { ...read.metadata, ...notes });
}

const tasksNote = (...tasks: readonly object[]) => ({ notes: { tasks: JSON.stringify(tasks) } });

describe('a saved continual trainer', async () => {
  const trainer = await learned(await continualTrainer(hyper(), { ...options, guard: replay({ capacity: 4 }) }));
  const bytes = trainer.save();
  const whole = { classes: ['right', 'up'], outputs: [0, 1], steps: 1 };
  const without = (part: string) => ({ tensors: (all: HostParams) => filterRecord(all, (name) => !name.startsWith(part)) });
  const other = (name: string, shape: readonly number[]) => ({ tensors: (all: HostParams) => ({ ...all, [name]: hostFloats(new Float32Array(shape.reduce((size, each) => size * each, 1)), shape) }) });

  test.each<[string, Parameters<typeof changed>[1], string]>([
    ['without what tasks have of their own', without('own/'), "load: own: 'embedding': expected shape [2, 2], as this learner has, got none of that name."],
    ['with that of a task less', other('own/embedding', [1, 2]), "load: own: 'embedding': expected shape [2, 2], as this learner has, got [1, 2]."],
    ['with outputs that the network lacks', tasksNote(whole, { ...whole, outputs: [7, 9] }), 'load: task 1: outputs: expected different whole numbers below 2, the outputs of the base network, got [7,9].'],
    ['with an output twice', tasksNote(whole, { ...whole, outputs: [1, 1] }), 'load: task 1: outputs: expected different whole numbers below 2, the outputs of the base network, got [1,1].'],
    ['with fewer outputs than classes', tasksNote({ ...whole, outputs: [0] }, whole), 'load: task 0: outputs: expected 2, one for each class, got 1.'],
    ['without classes', tasksNote({ outputs: [], steps: 1 }, whole), 'load: task 0: classes: expected at least 2, as this trainer learns classes, got none.'],
    ['with no steps written', tasksNote({ ...whole, steps: -1 }, whole), 'load: tasks: expected a list of tasks, got something else.'],
    ['without what the guard remembers', without('memory/'), "load: memory: 'x': expected shape [2, 1, 2], as this learner has, got none of that name."],
    ['with stored examples of another width', other('memory/y', [2, 2, 3]), "load: memory: 'y': expected shape [2, 2, 2], as this learner has, got [2, 2, 3]."],
    ['with stored inputs of no examples', other('memory/x', [2, 0, 2]), "load: memory: 'x': expected shape [2, 1, 2], as this learner has, got [2, 0, 2]."],
  ])('%s is refused before anything changes', (_what, change, message) => {
    expect(() => trainer.load(changed(bytes, change))).toThrow(new DataError(message));
    expect(trainer.save()).toEqual(bytes);
  });

  test('with classes is refused by a trainer of values', async () => {
    const values = await continualTrainer(hyper(), { ...options, guard: replay({ capacity: 4 }), objective: regression });
    expect(() => values.load(bytes)).toThrow(new DataError('load: task 0: classes: expected none, as this trainer learns values, got ["right","up"].'));
    values.dispose();
  });

  test('damaged, is loaded or refused in a sentence; refused, it changes nothing', async () => {
    const header = headerOf(bytes);
    const tasks = damagedJson([whole, whole]).map((found) => changed(bytes, { notes: { tasks: jsonText(found) } }));
    const damage = fc.oneof(damaged(bytes), damagedJson(header).map((found) => withHeader(bytes, found)), tasks);
    await fc.assert(fc.asyncProperty(damage, async (broken) => {
      if ((await expectReadOrRefused(() => trainer.load(broken))) === 'refused') expect(trainer.save()).toEqual(bytes);
      for (const [task, { classes }] of trainer.tasks.entries()) {
        const scores = (await trainer.predict([0.5, 0.5], { task })) as number[]; // two classes
        expect(scores).toHaveLength(2);
        if (!scores.some((score) => Number.isNaN(score))) expect(classes).toContain(await trainer.classify([0.5, 0.5], { task })); // values may be huge
      }
      trainer.load(bytes);
    }), hostileRuns);
  }, hostileTimeout);

  afterAll(() => trainer.dispose());
});

test.each([
  ['nothing', () => plainLearner(base), undefined],
  ['an output regularizer, the weights shared', () => plainLearner(base), outputRegularizer({ beta: 1, importance: 'sensitivity', examples: 2 })],
  ['an output regularizer, some weights shared', () => anil(base), outputRegularizer({ beta: 1 })],
  ['an output regularizer by sensitivity', hyper, outputRegularizer({ beta: 1, importance: 'sensitivity', examples: 2 })],
  ['elastic weights', () => cavia(mlp([4, 3, 2]), { contextSize: 2 }), elasticWeights({ strength: 1, examples: 2 })],
  ['synaptic intelligence', hyper, synapticIntelligence({ strength: 1 })],
  ['replay', () => anil(base), replay({ capacity: 9 })],
])('what a trainer with %s saved is taken over, after no task, one and three, and not with a part of the memory gone', async (_name, learner, guard) => {
  const [one, other] = await Promise.all([0, 1].map(() => continualTrainer(learner(), { ...options, ...(guard ? { guard } : {}) }))) as [ContinualTrainer, ContinualTrainer];
  for (const count of [0, 1, 2]) {
    await learned(one, count);
    const bytes = one.save();
    other.load(bytes);
    expect(other.save()).toEqual(bytes);
  }
  const saved = one.save();
  const memory = Object.keys(readSafetensors(saved, 'test').tensors).filter((name) => name.startsWith('memory/'));
  for (const gone of memory) expect(() => other.load(changed(saved, { tensors: (all) => filterRecord(all, (name) => name !== gone) })), gone).toThrow(/^load: memory: '.*': expected shape .* got none of that name\.$/);
  expect(other.save()).toEqual(saved);
  await learned(other, 1);
  for (const trainer of [one, other]) trainer.dispose();
});
