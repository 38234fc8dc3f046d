import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ShapeError } from '../../src/core/errors';
import { cavia } from '../../src/learners/cavia';
import { maml } from '../../src/learners/maml';
import { mlp } from '../../src/nn/mlp';
import { sinusoids } from '../../src/tasks/sinusoids';
import { compare, type CompareEntry, type CompareEvent, type CompareOptions } from '../../src/trainer/compare';
import { expectNoLeak } from '../helpers/leaks';

const waves = sinusoids({ shots: 4 });
const how = { options: { metaBatchSize: 3, innerLearningRate: 0.01 }, train: { steps: 3 } };
const small: CompareEntry = { name: 'MAML', learner: () => maml(mlp([1, 4, 1])), ...how };
const context: CompareEntry = { name: 'CAVIA', learner: cavia(mlp([1 + 2, 4, 1]), { contextSize: 2 }), ...how };

async function collect(entries: readonly CompareEntry[], options: CompareOptions = {}, tasks: Parameters<typeof compare>[1] = waves) {
  const events: CompareEvent[] = [];
  for await (const event of compare(entries, tasks, { episodes: 6, ...options })) events.push(event);
  const last = events.at(-1)!;
  if (last.kind !== 'comparison') throw new Error('expected the comparison at the end');
  return { events, comparison: last.comparison };
}

describe('compare', () => {
  test('the same learner twice differs by exactly 0, on the same episodes', async () => {
    const { comparison } = await collect([small, { ...small, name: 'again' }], { seeds: ['1', '2'] });
    for (const { mean, interval, overEpisodes } of comparison.differences) expect([mean, interval, overEpisodes.interval]).toEqual([0, 0, 0]);
    expect(comparison.entries[0]!.mean).toBe(comparison.entries[1]!.mean);
  });

  test('two learners and two seeds: every event, and figures that differ', async () => {
    const { events, comparison } = await collect([small, context], { seeds: ['1', '2'] });
    const runs = events.flatMap((event) => (event.kind === 'run' ? [event.run] : []));
    expect(runs.map(({ name, seed }) => `${name} ${seed}`)).toEqual(['MAML 1', 'CAVIA 1', 'MAML 2', 'CAVIA 2']);
    expect(events.filter(({ kind }) => kind === 'step')).toHaveLength(4 * 3);
    expect(events[0]).toMatchObject({ kind: 'step', name: 'MAML', seed: '1', step: 1, queryLoss: expect.any(Number) });
    expect(runs[0]!.values).not.toEqual(runs[2]!.values); // another seed
    expect(comparison).toMatchObject({ metric: 'mse', better: 'lower', seeds: ['1', '2'], episodes: 6 });
    expect(comparison.entries.map(({ name, steps, over }) => [name, steps, over])).toEqual([['MAML', 1, 'seeds'], ['CAVIA', 1, 'seeds']]);
    expect(comparison.entries[0]!.facts).toMatchObject({ metaParameters: 13, adaptedValues: 13 });
    const [one, other] = comparison.entries.map(({ mean }) => mean) as [number, number];
    expect(comparison.differences[0]!.mean).toBeCloseTo(one - other, 10);
  });

  test('more inner steps at the test than in training', async () => {
    const { comparison } = await collect([small, { ...small, name: 'five', testSteps: 5 }]);
    expect(comparison.entries.map(({ steps }) => steps)).toEqual([1, 5]);
    expect(comparison.differences[0]!.mean).not.toBe(0);
  });

  test('validates where that is asked for, and scores the test split', async () => {
    const tasks = { train: waves, validation: waves, test: sinusoids({ shots: 4, amplitude: [0, 0] }) };
    const validated = { ...small, train: { steps: 2, validateEvery: 1, validationEpisodes: 3 } };
    const { events, comparison } = await collect([validated], {}, tasks);
    expect(events.filter((event) => event.kind === 'step' && event.validation)).toHaveLength(2);
    const unseen = await collect([validated], {}, { ...tasks, test: waves });
    expect(comparison.entries[0]!.mean).not.toBe(unseen.comparison.entries[0]!.mean);
  });

  test('scores one meta-training on several tests, each with a comparison of its own', async () => {
    const tests = { five: sinusoids({ shots: 5 }), flat: sinusoids({ shots: 4, amplitude: [0, 0] }) };
    const { events } = await collect([small, context], { tests });
    const [runs, comparisons] = (['run', 'comparison'] as const).map((kind) => events.filter((event) => event.kind === kind));
    expect(runs!.map((event) => event.kind === 'run' && `${event.test} ${event.run.name}`)).toEqual(['five MAML', 'flat MAML', 'five CAVIA', 'flat CAVIA']);
    expect(events.filter(({ kind }) => kind === 'step')).toHaveLength(2 * 3); // trained once each
    const flat = await collect([small], {}, { train: waves, validation: waves, test: tests.flat });
    const scored = comparisons!.map((event) => (event.kind === 'comparison' ? [event.test, event.comparison.entries[0]!.mean] : []));
    expect(scored.map(([test]) => test)).toEqual(['five', 'flat']);
    expect(scored[1]![1]).toBe(flat.comparison.entries[0]!.mean);
    await expect(collect([small], { tests: {} })).rejects.toThrow('compare: number of tests: expected a whole number of at least 1, got 0.');
  });

  test('hands over each trained learner once, when it was scored', async () => {
    const seen: string[] = [];
    const { events } = await collect([small], {
      seeds: ['1', '2'],
      trained: async (trainer, { name, seed }) => {
        const adapted = await trainer.adapt({ x: [[0], [1]], y: [[0], [1]] });
        seen.push(`${name} ${seed} after ${trainer.step}: ${(adapted.predict([[1]]) as number[][]).length}`);
        adapted.dispose();
      },
    });
    expect(seen).toEqual(['MAML 1 after 3: 1', 'MAML 2 after 3: 1']);
    expect(events.filter(({ kind }) => kind === 'run')).toHaveLength(2);
  });

  test('leaks nothing, also when the loop is left early', () =>
    expectNoLeak(async () => {
      await collect([small]);
      for await (const event of compare([small], waves)) if (event.kind === 'step') break;
    }));

  test('refuses what cannot be compared, and names the entry that diverges', async () => {
    await expect(collect([])).rejects.toThrow('compare: number of entries: expected a whole number of at least 1, got 0.');
    await expect(collect([small, small])).rejects.toThrow("compare: expected entries of different names, got 'MAML' twice.");
    await expect(collect([small], { seeds: ['1', '1'] })).rejects.toThrow("compare: expected different seeds, got '1' twice.");
    const wild = { ...small, name: 'wild', options: { ...how.options, innerLearningRate: 1e30 } };
    await expect(collect([wild])).rejects.toThrow(/^compare: wild, seed 0: train: step 1: expected a finite query loss/);
  });

  const fits = { ...small, name: 'fits' };
  const pairs = { ...waves, inputShape: [2] };
  test.each<[string, CompareEntry, CompareOptions, string]>([
    ['no episodes', small, { episodes: 0 }, 'compare: episodes: expected a whole number of at least 1, got 0.'],
    ['fewer than no steps', { ...small, testSteps: -1 }, {}, 'compare: MAML: testSteps: expected a whole number of at least 0, got -1.'],
    ['a test that does not fit', small, { tests: { waves, pairs } }, 'compare: fits: tests: pairs: base network: expected input shape [2], as the tasks have, got [1].'],
    ['options of the trainer', { ...small, options: { metaBatchSize: 0 } }, {}, 'compare: MAML: metaTrainer: metaBatchSize: expected a whole number of at least 1, got 0.'],
    ['options of training', { ...small, train: { steps: 3, patience: 2 } }, {}, 'compare: MAML: train: patience: expected validateEvery beside it, got none.'],
    ['a learner that does not fit', { ...small, learner: maml(mlp([2, 4, 1])) }, {}, 'compare: MAML: metaTrainer: base network: expected input shape [1], as the tasks have, got [2].'],
    ['a folder that is none', { ...small, train: { steps: 3, save: {} as { dir: string } } }, {}, 'compare: MAML: train: save.dir: expected the path of a folder, got undefined.'],
    ['a folder of two trainings', { ...small, train: { steps: 3, save: { dir: 'one' } } }, { seeds: ['1', '2'] }, `compare: expected a folder for each training that saves, got '${resolve('one')}' twice.`],
  ])('refuses before the first training, also for a later entry: %s', async (_name, entry, options, message) => {
    const first = compare([fits, entry], waves, options).next();
    await expect(first).rejects.toThrow(message);
  });

  test('refuses a folder that two entries write in two ways, before the first training', () =>
    expect(compare(['cmp', './cmp'].map((dir) => ({ ...small, name: dir, train: { steps: 1, save: { dir } } })), waves).next()).rejects.toThrow(
      `compare: expected a folder for each training that saves, got '${resolve('cmp')}' twice.`,
    ));

  test('says of what kind a refusal is', () =>
    expect(compare([{ ...small, learner: maml(mlp([2, 4, 1])) }], waves).next()).rejects.toThrow(ShapeError));
});
