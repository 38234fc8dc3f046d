import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { fullHypernetwork } from '../../src/hypernets/full-hypernetwork';
import { hyperClassifier } from '../../src/learners/hyper-classifier';
import { hyperLearner } from '../../src/learners/hyper-learner';
import { maml } from '../../src/learners/maml';
import { mlp } from '../../src/nn/mlp';
import { darkColors } from '../../src/report/report-style';
import { runReport } from '../../src/report/run-report';
import { saveReport } from '../../src/report/save-report-node';
import { withTime, type TimedEvent } from '../../src/report/timed-events';
import type { RunReportOptions } from '../../src/report/reported-run';
import { fewShotSplits } from '../../src/tasks/few-shot';
import { sinusoids } from '../../src/tasks/sinusoids';
import { flattenInputs } from '../../src/tasks/labelled-set';
import { splitClasses } from '../../src/tasks/split-classes';
import { metaTrainer } from '../../src/trainer/meta-trainer';
import type { MetaTrainer } from '../../src/trainer/trainer';
import { createRng } from '../../src/core/rng';
import type { TaskSource } from '../../src/core/task';
import { unrolled } from '../../src/meta/unrolled';
import { expectNoLeak } from '../helpers/leaks';
import { expectWellFormed, withoutCost, wordsOfPage } from './page';

const out = mkdtempSync(join(tmpdir(), 'hypermeta-report-'));
afterAll(() => rmSync(out, { recursive: true, force: true }));

const headings = ['Before and after adaptation', 'Learning curves', 'Map of the embeddings', 'Worst and best episodes', 'Settings', 'Time and memory'];
const hostile = '<img src=x onerror="alert(1)"> & </title><script>\'"';

/** Meta-trains a little, scores a few episodes and makes the report of it. */
async function report(trainer: MetaTrainer, options: RunReportOptions = {}): Promise<string> {
  const events: TimedEvent[] = [];
  for await (const event of withTime(trainer.train({ steps: 4, ...('train' in trainer.tasks ? { validateEvery: 2, validationEpisodes: 4 } : {}) }))) events.push(event);
  const evaluation = await trainer.evaluate({ episodes: 12, keep: 'embeddings' });
  const page = await runReport(trainer, { events, evaluation, ...options });
  trainer.dispose();
  return page;
}

async function waves(): Promise<MetaTrainer> {
  const learner = hyperLearner(mlp([1, 8, 1]), fullHypernetwork({ embeddingSize: 3, hidden: [] }));
  const tasks = sinusoids({ shots: 4 });
  return metaTrainer(learner, tasks, { innerSteps: 2, metaBatchSize: 2, seed: 'waves' });
}

/** Pictures of 6 × 6 with a bright spot whose place is the class's own, of two alphabets with a hostile name. */
async function pictures(): Promise<MetaTrainer> {
  const classes = Array.from({ length: 12 }, (_, index) => {
    const rng = createRng(`picture ${index}`);
    const examples = Uint8Array.from({ length: 5 * 36 }, (_, pixel) => (pixel % 36 === 3 * index ? 255 : rng.integer(90)));
    return { name: `${index % 2 ? 'odd <i>' : 'even'}/character${index}`, examples };
  });
  const sets = splitClasses({ inputShape: [6, 6, 1], classes }, { train: 4, validation: 4, test: 4 }, 'split');
  const { train, validation, test: unseen } = fewShotSplits(sets, { ways: 3, shots: 1, queryShots: 4 });
  const flat = { train: flattenInputs(train), validation: flattenInputs(validation), test: flattenInputs(unseen) };
  const learner = hyperClassifier(mlp([36, 8, 3]), { head: fullHypernetwork({ embeddingSize: 8, hidden: [] }) });
  return metaTrainer(learner, flat, { innerSteps: 1, metaBatchSize: 2, seed: 'pictures' });
}

/** What holds for every report. */
function expectReport(page: string): void {
  expectWellFormed(page);
  const words = wordsOfPage(page);
  for (const heading of headings) expect(words).toContain(heading);
  expect(page).not.toMatch(/https?:|<(?:script|link|iframe|object|img)|<[^>]* (?:src|on\w+)=/);
  expect(page).not.toMatch(/undefined|NaN|\[object/);
  expect(page.length).toBeLessThan(400_000);
  for (const [figure] of page.matchAll(/<figure>[^]*?<\/figure>/g)) expect(figure).toMatch(/<svg [^>]*role="img" aria-labelledby="[\w-]+-caption"/);
  const light = new Set([...page.matchAll(/ (?:fill|stroke)="(#[^"]+)"/g)].map(([, color]) => color!));
  expect([...light].filter((color) => !(color in darkColors))).toEqual([]);
}

describe('runReport', () => {
  test('of episodes that say more of a task than their source asks for, with a meta-gradient that has settings', async () => {
    const tasks = sinusoids({ shots: 4 });
    const more: TaskSource = { ...tasks, sample: (seed, index) => ({ ...tasks.sample(seed, index), row: 1, condition: Float32Array.of(1) }) };
    const learner = hyperLearner(mlp([1, 8, 1]), fullHypernetwork({ embeddingSize: 3, hidden: [] }));
    const metaGradient = unrolled({ losses: { annealedOver: 5 } });
    const page = await report(await metaTrainer(learner, more, { innerSteps: 2, metaBatchSize: 2, metaGradient }));
    expectReport(page);
    expect(wordsOfPage(page)).toContain('name unrolled, losses annealedOver 5, penalty whole');
  });

  test('of sine waves: curves, scores, maps by amplitude and phase, fits; the same run gives the same page but for its cost', async () => {
    const page = await report(await waves());
    expectReport(page);
    const words = wordsOfPage(page);
    for (const expected of ['Query loss', 'Embeddings, by amplitude', 'Embeddings, by phase', 'worst, episode', 'second best, episode', 'before adaptation', 'query examples'])
      expect(words).toContain(expected);
    expect(words).toMatch(/mse on 12 unseen episodes: [\d.]+ ± [\d.]+ after 2 steps, [\d.]+ ± [\d.]+ without a gradient step\. 4 outer steps/);
    expect(words).toContain('parameters in all 100 weights generated 25'); // 3 to 25, with biases
    expect(words).toContain('seed waves');
    expect(words).toMatch(/outer step, median of 3 [\d.e-]+ s first step, which compiles/);
    expect(words).toMatch(/adaptation to one task, after 2 steps [\d.e-]+ ms/);
    expect(withoutCost(await report(await waves()))).toBe(withoutCost(page));
  }, 60_000);

  test('of images: validation, a map of the classes by alphabet, episodes with what was predicted; names are escaped', async () => {
    const page = await report(await pictures(), { title: hostile, imageShape: [6, 6, 1] });
    expectReport(page);
    const words = wordsOfPage(page);
    expect(words).toContain(hostile);
    for (const expected of ['Validation', 'Embeddings, by group', 'Worst, episode', 'right', 'accuracy', 'odd <i>', 'head column']) expect(words).toContain(expected);
    expect(page.match(/data:image\/png;base64,/g)).toHaveLength(4 * 3 * (1 + 3)); // episodes, classes, support and queries
    expect(words).toContain('on all 12 query images, of which the first 3 of each class are drawn.');
  });

  test('says whose weights are scored: the best by validation, or the latest where steps without validation came after it', async () => {
    const source = sinusoids({ shots: 4 });
    const tasks = { train: source, validation: source, test: source };
    const trainer = await metaTrainer(maml(mlp([1, 4, 1])), tasks, { metaBatchSize: 2, outerLearningRate: 1e-12, runtime: 'tfjs' }); // the first stays the best
    const events: TimedEvent[] = [];
    const words = async () => wordsOfPage(await runReport(trainer, { events, evaluation: await trainer.evaluate({ episodes: 20 }) }));
    for await (const event of withTime(trainer.train({ steps: 3, validateEvery: 1, validationEpisodes: 2 }))) events.push(event);
    expect(trainer.bestStep).toBe(1);
    expect(await words()).toMatch(/ 3 outer steps of meta-training, scored with the weights of step 1, the best by validation\. .* The best is \S+ ± \S+ at step 1, which was kept\./s);
    for await (const event of withTime(trainer.train({ steps: 1 }))) events.push(event);
    expect(trainer.bestStep).toBe(4);
    expect(await words()).toMatch(/ 4 outer steps of meta-training\. .* at step 1; scored are the weights of step 4\./s);
    trainer.dispose();
  });

  test('a score too small for three digits is no zero', async () => {
    const trainer = await metaTrainer(maml(mlp([1, 4, 1])), sinusoids({ shots: 4 }), { runtime: 'tfjs' });
    const evaluation = await trainer.evaluate({ episodes: 4 });
    const scores = evaluation.scores.map((score) => ({ ...score, mean: 0.0021, interval: 0.00018 }));
    expect(wordsOfPage(await runReport(trainer, { evaluation: { ...evaluation, scores } }))).toContain('mse on 4 unseen episodes: 0.002 ± 1.8e-4 after 1 step');
    trainer.dispose();
  });

  test('of a learner without embeddings, without events, scored at once: says what is not there', async () => {
    const trainer = await metaTrainer(maml(mlp([2, 4, 1])), { ...sinusoids({ shots: 2 }), inputShape: [2], sample: twoInputs }, { innerSteps: 1 });
    const evaluation = await trainer.evaluate({ episodes: 1, steps: [1] });
    const words = wordsOfPage(await runReport(trainer, { evaluation }));
    expect(words).toContain('No events of meta-training were given to this report.');
    expect(words).toContain("The evaluation kept no embeddings; run it with keep: 'embeddings'.");
    expect(words).toContain('Drawn are tasks from one number to one');
    const kept = await trainer.evaluate({ episodes: 2, steps: [1], keep: 'embeddings' });
    expect(wordsOfPage(await runReport(trainer, { evaluation: kept }))).toContain('The MAML learner has no embeddings.');
    const once = wordsOfPage(await runReport(trainer, { events: [{ step: 1, queryLoss: 1, ms: 20 }] }));
    expect(once).toContain('first step, which compiles 0.02 s');
    expect(once).not.toContain('median of');
    trainer.dispose();
  });

  test('leaks nothing, and a file holds what it gives', () =>
    expectNoLeak(async () => {
      const trainer = await waves();
      const evaluation = await trainer.evaluate({ episodes: 3, keep: 'embeddings' });
      const options = { evaluation, title: 'A run' };
      await saveReport(join(out, 'deeper/report.html'), trainer, options);
      const page = readFileSync(join(out, 'deeper/report.html'), 'utf8');
      expectWellFormed(page);
      expect(page).toContain('<title>A run</title>');
      expect(withoutCost(page)).toBe(withoutCost(await runReport(trainer, options)));
      trainer.dispose();
    }));

  test('refuses what does not fit', async () => {
    const trainer = await waves();
    const evaluation = await trainer.evaluate({ episodes: 3, keep: 'embeddings' });
    await expect(runReport(trainer, { imageShape: [28, 28, 1] })).rejects.toThrow('runReport: imageShape: expected as many values as inputs of [1] have, got [28, 28, 1].');
    await expect(runReport(trainer, { evaluation, markBy: ['slope'] })).rejects.toThrow(
      "runReport: markBy: expected a number or a word of every task's about, got 'slope'; there are amplitude, phase.",
    );
    trainer.dispose();
    await expect(runReport(trainer)).rejects.toThrow('evaluate: expected a meta-trainer that is in use, got one after dispose().');
  });
});

/** Tasks of two inputs, of which there is no picture. */
function twoInputs() {
  const part = { x: Float32Array.of(0, 1, 2, 3), y: Float32Array.of(1, 2), count: 2 };
  return { support: part, query: part };
}

describe('withTime', () => {
  test('passes events through, each with its time', async () => {
    async function* events() {
      yield { step: 1, queryLoss: 1, gradientNorm: 1, extra: 'kept' };
    }
    for await (const { ms, ...event } of withTime(events())) {
      expect(event).toEqual({ step: 1, queryLoss: 1, gradientNorm: 1, extra: 'kept' });
      expect(ms).toBeGreaterThanOrEqual(0);
    }
  });
});
