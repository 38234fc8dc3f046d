import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { checkpointFiles, type CheckpointFile } from '../../src/io/checkpoint';
import { sha256, sha256OfJson } from '../../src/io/sha256';
import type { Learner } from '../../src/core/learner';
import { fullHypernetwork } from '../../src/hypernets/full-hypernetwork';
import { hyperLearner } from '../../src/learners/hyper-learner';
import { maml } from '../../src/learners/maml';
import { protonet } from '../../src/learners/protonet';
import { mlp } from '../../src/nn/mlp';
import { fewShot } from '../../src/tasks/few-shot';
import { labelledSet } from '../../src/tasks/labelled-set';
import { sinusoids } from '../../src/tasks/sinusoids';
import { metaTrainer } from '../../src/trainer/meta-trainer';
import type { MetaTrainer } from '../../src/trainer/trainer';
import type { SavedTask } from '../../src/trainer/saved-task';
import { damaged, damagedJson, expectReadOrRefused, headerOf, jsonText, hostileRuns, hostileTimeout, withHeader } from '../helpers/hostile';

const folder = mkdtempSync(join(tmpdir(), 'hypermeta-hostile-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const waves = sinusoids({ shots: 4 });
const points = { x: [[-1], [0], [2], [3]], y: [[0.3], [1.2], [-0.4], [-1]] };

/** A trainer's predictions for one task: the same numbers as long as it is the same. */
async function numbersOf(trainer: MetaTrainer): Promise<string> {
  const adapted = await trainer.adapt(points);
  const numbers = `${trainer.step} ${JSON.stringify(adapted.predict([[0.5], [-2]]))}`;
  adapted.dispose();
  return numbers;
}

/** A change of a folder's files, as a function of what they were. */
type Forgery = (files: Readonly<Record<CheckpointFile, Uint8Array>>) => Readonly<Record<string, Uint8Array>> | Promise<Readonly<Record<string, Uint8Array>>>;

const utf8 = (text: string) => new TextEncoder().encode(text);

/** A description of the files as they are now, with a right checksum: as from somebody who has read the source. */
async function signed(description: unknown, files: Readonly<Record<string, Uint8Array>> = {}): Promise<Uint8Array> {
  const { sha256: _, ...rest } = { ...(description as Record<string, unknown>) };
  const sums = { ...(rest['files'] as Record<string, unknown>) };
  for (const [name, bytes] of Object.entries(files)) sums[name] = { bytes: bytes.length, sha256: await sha256(bytes) };
  const whole = Object.keys(files).length > 0 ? { ...rest, files: sums } : rest;
  return utf8(jsonText({ ...whole, sha256: await sha256OfJson(whole, 1) }));
}

const parse = (bytes: Uint8Array): unknown => JSON.parse(new TextDecoder().decode(bytes));

describe('a checkpoint', async () => {
  const good = join(folder, 'good/step-00000002');
  const make = () => metaTrainer(maml(mlp([1, 4, 1])), { train: waves, validation: waves, test: waves }, { metaBatchSize: 2, seed: 'one' });
  const saver = await make();
  for await (const _ of saver.train({ steps: 2, validateEvery: 1, validationEpisodes: 2 }));
  await saver.save(join(folder, 'good'));
  const original = Object.fromEntries(checkpointFiles.map((name) => [name, new Uint8Array(readFileSync(join(good, name)))])) as Record<CheckpointFile, Uint8Array>;
  const described = parse(original['checkpoint.json']);
  const saved = await numbersOf(saver);

  const file = fc.constantFrom(...checkpointFiles);
  const tensors = fc.constantFrom('weights.safetensors' as const, 'training.safetensors' as const);
  const raw = file.chain((name) => damaged(original[name]).map((bytes): Forgery => () => ({ [name]: bytes })));
  const forgedDescription = damagedJson(described).map((changed): Forgery => async () => ({ 'checkpoint.json': await signed(changed) }));
  const forgedTensors = tensors.chain((name) => fc.oneof(damaged(original[name]), damagedJson(headerOf(original[name])).map((header) => withHeader(original[name], header))).map((bytes): Forgery => async () => ({ [name]: bytes, 'checkpoint.json': await signed(described, { [name]: bytes }) })));

  test('damaged, or forged with right checksums, is loaded or refused in a sentence; refused, it changes nothing', async () => {
    const trainer = await make();
    const dir = join(folder, 'bad/step-00000002');
    cpSync(good, dir, { recursive: true });
    let before = await numbersOf(trainer);
    await fc.assert(fc.asyncProperty(fc.oneof(raw, forgedDescription, forgedTensors), async (forge) => {
      for (const [name, bytes] of Object.entries({ ...original, ...(await forge(original)) })) writeFileSync(join(dir, name), bytes);
      if ((await expectReadOrRefused(() => trainer.load(dir))) === 'read') {
        await trainer.load(good);
        before = saved;
      }
      expect(await numbersOf(trainer)).toBe(before);
    }), hostileRuns);
    trainer.dispose();
  }, hostileTimeout);
  afterAll(() => saver.dispose());
});

const letters = labelledSet({ x: Array.from({ length: 40 }, (_, index) => [Math.floor(index / 5), index % 5]), y: Array.from({ length: 40 }, (_, index) => `class ${Math.floor(index / 5)}`) });
const classes = fewShot(letters, { ways: 3, shots: 2, queryShots: 2 });
const some = { x: [[0, 1], [0, 2], [3, 1], [5, 0]], y: ['cat', 'cat', 'dog', 'owl'] };

test.each<[string, () => Learner, typeof waves, Parameters<MetaTrainer['adapt']>[0], number[][]]>([
  ['an embedding', () => hyperLearner(mlp([1, 4, 1]), fullHypernetwork({ embeddingSize: 3 })), waves, points, [[0.5]]],
  ['classes and statistics', () => protonet(mlp([2, 4, 3], { norm: 'batch' })), classes, some, [[0, 1]]],
])('a saved task of %s, damaged and signed anew, is loaded or refused in a sentence', async (_what, learner, tasks, support, x) => {
  const trainer = await metaTrainer(learner(), tasks, { metaBatchSize: 2 });
  const adapted = await trainer.adapt(support);
  const saved = JSON.parse(JSON.stringify(await adapted.saveTask())) as SavedTask;
  const expected = adapted.predict(x);
  await fc.assert(fc.asyncProperty(damagedJson(saved), fc.boolean(), async (broken, again) => {
    const { sha256: _, ...rest } = Object(broken) as Record<string, unknown>;
    const forged = again ? { ...rest, sha256: await sha256OfJson(rest) } : broken;
    await expectReadOrRefused(async () => {
      const loaded = await trainer.loadTask(forged);
      expect(JSON.stringify(loaded.predict(x)).length).toBeGreaterThan(0);
      loaded.dispose();
    });
  }), hostileRuns);
  const loaded = await trainer.loadTask(saved);
  expect((loaded.predict(x) as number[][]).flat()[0]).toBeCloseTo((expected as number[][]).flat()[0]!, 5);
  for (const each of [adapted, loaded, trainer]) each.dispose();
}, hostileTimeout);
