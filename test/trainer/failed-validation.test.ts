import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { DivergenceError } from '../../src/core/errors';
import { maml } from '../../src/learners/maml';
import { mlp } from '../../src/nn/mlp';
import { sinusoids } from '../../src/tasks/sinusoids';
import { metaTrainer } from '../../src/trainer/meta-trainer';
import type { MetaTrainer } from '../../src/trainer/trainer';
import type { TrainOptions } from '../../src/trainer/train';

const folder = mkdtempSync(join(tmpdir(), 'hypermeta-failed-validation-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const waves = sinusoids({ shots: 4 });
const often = { validateEvery: 2, validationEpisodes: 3 };

/** A trainer whose validation throws once, when it has taken so many steps. */
async function failingAt(failing: number, error: Error): Promise<MetaTrainer> {
  let isFailed = false;
  let trainer: MetaTrainer | undefined;
  const sample = (seed: string, index: number) => {
    if (isFailed || trainer?.step !== failing) return waves.sample(seed, index);
    isFailed = true;
    throw error;
  };
  const tasks = { train: waves, validation: { ...waves, sample }, test: waves };
  trainer = await metaTrainer(maml(mlp([1, 4, 1])), tasks, { metaBatchSize: 2, outerLearningRate: 0.1, seed: 'one', runtime: 'tfjs' });
  return trainer;
}

/** Every event as text, and what is scored at the end. */
async function record(trainer: MetaTrainer, options: TrainOptions, into: string[] = []): Promise<readonly string[]> {
  for await (const event of trainer.train(options)) into.push(JSON.stringify(event));
  return into;
}

const scoreOf = async (trainer: MetaTrainer) => (await trainer.evaluate({ episodes: 4, steps: [1] })).scores[0]!.values;
const never = Infinity;
const hiccup = () => new Error('disk hiccup');

async function unbroken() {
  const trainer = await failingAt(never, hiccup());
  const whole = { events: await record(trainer, { steps: 8, ...often }), scores: await scoreOf(trainer) };
  trainer.dispose();
  return whole;
}

test('a step whose validation failed is in no checkpoint: a run that is taken up repeats both, and ends with the same numbers', async () => {
  const dir = join(folder, 'taken up');
  const first = await failingAt(4, hiccup());
  const events: string[] = [];
  await expect(record(first, { steps: 8, ...often, save: { dir, every: 1 } }, events)).rejects.toThrow(/^train: validation at step 4: disk hiccup$/);
  expect(first.step).toBe(4);
  await expect(first.save(dir)).rejects.toThrow('got one inside a step, or after a validation that failed');
  first.dispose();
  expect(readdirSync(dir).sort().at(-1)).toBe('step-00000003');

  const second = await failingAt(never, hiccup());
  await second.resume(dir);
  await record(second, { steps: 8 - second.step, ...often, save: { dir } }, events);
  expect({ events, scores: await scoreOf(second) }).toEqual(await unbroken());
  second.dispose();
});

test('a loop that goes on after it begins with the validation that is missing', async () => {
  const dir = join(folder, 'goes on');
  const trainer = await failingAt(8, hiccup());
  const events: string[] = [];
  await expect(record(trainer, { steps: 8, ...often, save: { dir } }, events)).rejects.toThrow('disk hiccup');
  expect(existsSync(dir)).toBe(false);
  await record(trainer, { steps: 0, ...often, save: { dir } }, events);
  expect({ events, scores: await scoreOf(trainer) }).toEqual(await unbroken());
  expect(readdirSync(dir)).toEqual(['step-00000008']);
  trainer.dispose();
});

test('its error keeps its class', async () => {
  class Foreign extends Error {}
  for (const [error, message] of [[new DivergenceError('too far'), 'train: validation at step 2: too far'], [new Foreign('of its own'), 'of its own']] as const) {
    const trainer = await failingAt(2, error);
    const failed: unknown = await record(trainer, { steps: 2, ...often }).catch((cause: unknown) => cause);
    expect(failed).toBeInstanceOf(error.constructor);
    expect((failed as Error).message).toBe(message);
    trainer.dispose();
  }
});
