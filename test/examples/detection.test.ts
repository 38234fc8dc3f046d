import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { bloodEpisodes, labelledBlood } from '../../examples/detection/blood-episodes';
import { withOtherScenes } from '../../examples/detection/joint-scenes';
import { manyCharacters } from '../../examples/detection/many-characters';
import { detectionSection } from '../../examples/detection/report';
import { keptBlood, keptScenes, readBloodResults, writeBloodResults, writeSceneResults, type BloodRun, type SceneRun } from '../../examples/detection/results';
import { bloodSettings, fullSettings, quickSettings } from '../../examples/detection/settings';
import { trainModels } from '../../examples/detection/train-models';
import { decodeBoxes, gridOn } from '../../src/tasks/box-targets';
import { characterScenes, labelledScenes } from '../../src/tasks/character-scenes';
import { runExample } from '../helpers/examples';
import { isFull } from '../helpers/full';

const root = fileURLToPath(new URL('../..', import.meta.url));
const data = join(root, '../shared/data');
const out = mkdtempSync(join(tmpdir(), 'hypermeta-detection-'));
afterAll(() => rmSync(out, { recursive: true, force: true }));

const run = (...words: string[]) => runExample('detection/detection', ...words);

describe('npm run detection', () => {
  test.skipIf(!existsSync(join(data, 'omniglot')))('its quick form goes the whole way (skipped without the data beside the checkout)', () => {
    const printed = run('--quick', '--data', data, '--out', out, ...(isFull ? [] : ['--only', 'generated', '--only', 'joint']));
    expect(printed).toMatch(/joint training, seed 1: 64 px, K 1: [\d.]+/);
    for (const file of ['results/detection/scenes.json', 'results/detection/scenes.png', 'results/detection/episodes.png', 'demo-output/detection/generated-1.safetensors'])
      expect(existsSync(join(out, file)), file).toBe(true);
    expect(readFileSync(join(out, 'RESULTS.md'), 'utf8')).toContain('## Few-shot detection: characters in scenes');
  }, 240_000);

  test.skipIf(!isFull || !existsSync(join(data, 'bccd')))('so does that of blood cells (skipped without the data beside the checkout)', () => {
    const printed = run('--quick', '--blood', '--data', data, '--out', out);
    expect(printed).toMatch(/Platelets, seed 1: generated head [\d.]+, fine-tuning [\d.]+; difference/);
    for (const file of ['blood-cells.json', 'blood-WBC.png', 'blood-Platelets.png']) expect(existsSync(join(out, 'results/detection', file)), file).toBe(true);
    expect(readFileSync(join(out, 'RESULTS.md'), 'utf8')).toContain('## Few-shot detection: blood cells');
  }, 240_000);

  test.each(isFull ? ['--train', '--only=head'] : ['--train'])('refuses %s with --blood', (word) =>
    expect(() => run('--blood', word)).toThrow(`detection: --blood: expected neither --train nor --only, since its runs compare both methods, got ${word.split('=')[0]!}; leave it out.`), 60_000);

  test.runIf(isFull)('says what is missing', () => expect(run('--quick', '--data', '/nowhere')).toContain('detection: skipped, because /nowhere/omniglot/images_background.zip is not there'), 60_000);
});

test('joint training has scenes more, on which everything is background', () => {
  const set = { inputShape: [8, 8, 1], classes: ['a', 'b'].map((name) => ({ name, examples: new Uint8Array(128).fill(255) })) };
  const plain = characterScenes(set, { shots: 2 });
  const { support, query } = withOtherScenes({ ...plain }, { ...set, inputShape: [28, 28, 1], classes: [{ name: 'c', examples: new Uint8Array(784).fill(255) }] }, 3).sample('joint', 4);
  const own = plain.sample('joint', 4);
  expect(support.count).toBe(5);
  expect(query).toEqual(own.query);
  expect(support.x.subarray(0, own.support.x.length)).toEqual(own.support.x);
  const more = support.y.subarray(own.support.y.length);
  for (let scene = 0; scene < 3; scene++) expect(decodeBoxes(gridOn([64, 64, 1], 4), more.subarray(scene * 1536, (scene + 1) * 1536))).toEqual([]);
  expect(more.every((value, at) => value === (at % 6 === 1 ? 1 : 0))).toBe(true);
  expect(support.x.subarray(own.support.x.length).some((value) => value > 0)).toBe(true);
});

const bars = { inputShape: [28, 28, 1], classes: ['a', 'b', 'c', 'd'].map((name) => ({ name, examples: new Uint8Array(784).fill(255) })) };
const boxesOf = (y: Float32Array, count: number, size: number) =>
  Array.from({ length: count }, (_, at) => decodeBoxes(gridOn([size, size, 1], 4), y.subarray((at * y.length) / count, ((at + 1) * y.length) / count)));

test('an episode of several characters annotates each as often as asked, in classes of its own', () => {
  const source = manyCharacters(bars, { ways: 3, shots: [2, 2], queryScenes: 4 });
  for (const index of [0, 1, 2]) {
    const { support, query } = source.sample('many', index);
    const labels = boxesOf(support.y, support.count, 64).flat().map(({ label }) => label).sort();
    expect(labels).toEqual([0, 0, 1, 1, 2, 2]);
    expect(query.count).toBe(4);
    expect(boxesOf(query.y, 4, 64).flat().every(({ label }) => label < 3)).toBe(true);
  }
});

test('episodes of blood cells hold crops in which the new class is never said anything of', () => {
  // Every image: a red cell left, a white cell right.
  const image = { pixels: Uint8Array.from({ length: 120 * 160 * 3 }, (_, at) => at % 256), boxes: [{ box: [20, 40, 50, 70], label: 'RBC' }, { box: [80, 30, 130, 90], label: 'WBC' }] as const };
  const cells = { inputShape: [120, 160, 3], images: Array.from({ length: 12 }, () => image) };
  const common = { size: 64, labels: ['RBC'], novel: 'WBC' };
  const episodes = bloodEpisodes(cells, bars, { ...common, shots: [1, 2], queries: 3 });
  let ofCells = 0;
  for (let index = 0; index < 12; index++) {
    const { support, query, about } = episodes.sample('blood', index);
    expect([...support.x, ...query.x].every((level) => level >= 0 && level <= 1)).toBe(true);
    if (about?.class !== 'RBC') continue;
    ofCells++;
    expect(boxesOf(support.y, support.count, 64).map((boxes) => boxes.length)).toEqual(new Array(support.count).fill(1));
    for (const { box } of boxesOf(query.y, query.count, 64).flat()) {
      expect(box[2] - box[0]).toBeLessThanOrEqual(48 + 1e-3); // a part of 40 to 180 pixels is brought to 64
      expect(Math.min(...box)).toBeGreaterThanOrEqual(-1e-3);
      expect(Math.max(...box)).toBeLessThanOrEqual(64 + 1e-3);
    }
  }
  expect(ofCells).toBeGreaterThan(2);
  const { query } = labelledBlood(cells, bars, { ...common, queries: 4 }).sample('blood', 0);
  expect(query.count).toBe(4);
  expect(boxesOf(query.y, 4, 64).map((boxes) => [...new Set(boxes.map(({ label }) => label))])).toEqual([[1], [1], expect.anything(), expect.anything()]);
  for (const boxes of boxesOf(query.y, 4, 64).slice(2)) for (const { label } of boxes) expect(label).toBe(0);
});

const choice = { changes: 'head', learningRate: 0.1, steps: 3 };
const made = (method: string, values: readonly (number | null)[], seed = '1'): SceneRun => ({
  ...{ method, seed, tuning: [], adaptMs: 1, imageMs: 2, env: { commit: 'abc' } },
  scores: [{ size: 64, shots: 1, choice, values }],
});

describe('of recorded runs', () => {
  const path = join(out, 'seeds/detection/scenes.json');
  const trainingSeconds = { generated: 20, pretrained: 30 };
  const runs = [made('generated head', [0.5]), made('fine-tuning', [0.2]), made('generated head', [0.6], '2')];
  const kept = (seeds: readonly string[], methods: readonly string[], resume = false, settings = fullSettings) => keptScenes(path, settings, { seeds, methods, resume });
  const names = (...words: Parameters<typeof kept>) => kept(...words).runs.map((run) => `${run.method} ${run.seed}`);

  test('there are none without a file', () => expect(keptScenes('/nowhere', fullSettings, { seeds: ['1'], methods: [], resume: true })).toEqual({ runs: [] }));

  test('those that are not asked for stay', () => {
    writeSceneResults(path, { settings: fullSettings, parameters: { detector: 1000, generated: 2000 }, trainingSeconds, runs });
    expect(kept(['1'], ['generated head', 'fine-tuning'], true)).toEqual({ runs, trainingSeconds });
    expect(names(['1'], ['generated head', 'fine-tuning'])).toEqual(['generated head 2']);
    expect(names(['3'], ['generated head', 'fine-tuning'])).toEqual(['generated head 1', 'fine-tuning 1', 'generated head 2']);
    expect(names(['1', '2'], ['generated head'])).toEqual(['fine-tuning 1']);
  });

  test('those of other settings are refused with --resume, and dropped with a word without', () => {
    expect(() => kept(['1'], ['fine-tuning'], true, { ...fullSettings, steps: 5 })).toThrow('scenes.json: --resume: expected runs with the settings asked for, got generated head, seed 1; fine-tuning, seed 1; generated head, seed 2 (steps 13000, not 5)');
    const log = vi.spyOn(console, 'log').mockImplementation(() => undefined);
    expect(kept(['1'], ['fine-tuning'], false, { ...fullSettings, steps: 5 })).toEqual({ runs: [] });
    expect(log.mock.calls.flat().join()).toContain('dropped, 3 of 3: generated head, seed 1; ');
    log.mockRestore();
  });

  test('those of blood cells, too', () => {
    const cells = join(out, 'seeds/detection/blood-cells.json');
    const found = ['WBC 1', 'Platelets 1', 'WBC 2'].map((name) => ({ novel: name.split(' ')[0], seed: name.split(' ')[1] }) as BloodRun); // what is looked at
    writeBloodResults(cells, { settings: bloodSettings, runs: found });
    expect(keptBlood(cells, bloodSettings, { seeds: ['2'], resume: false })).toEqual(found.slice(0, 2));
    expect(keptBlood(cells, bloodSettings, { seeds: ['2'], resume: true })).toEqual(found);
    expect(() => keptBlood(cells, { ...bloodSettings, draws: 2 }, { seeds: ['2'], resume: true })).toThrow('got WBC, seed 1; Platelets, seed 1; WBC, seed 2 (draws 30, not 2)');
  });

  test('the recorded runs on blood cells are gone on from: they do not depend on the test on scenes', () => {
    const path = join(root, 'results/detection/blood-cells.json');
    expect(keptBlood(path, bloodSettings, { seeds: ['2'], resume: true })).toEqual(readBloodResults(path)!.runs);
  });
});

test('the section pairs episodes, and leaves out those without anything to find', async () => {
  const settings = { ...fullSettings, shots: [1], sizes: [64] };
  const runs = [made('generated head', [0.5, null, 0.7]), made('fine-tuning', [0.2, null, 0.4])];
  writeSceneResults(join(out, 'own/detection/scenes.json'), { settings, parameters: { detector: 1000, generated: 2000 }, trainingSeconds: { generated: 20, pretrained: 30 }, runs });
  const section = await detectionSection(join(out, 'own'));
  expect(section).toMatch(/generated head \| 0\.600 ± 0\.196/);
  expect(section).toContain('Paired difference of the generated head to fine-tuning, in points of AP50: 64 px, K = 1: 30.0 ± 0.0.');
  expect(section).toMatch(/fine-tuning .*\| +30 \|\n/);
  expect(section).toContain('mean over 2 episodes');
  expect(await detectionSection(join(out, 'nothing'))).toBeUndefined();
  const again = [...runs, made('fine-tuning', [0.3, null, 0.5], '2'), made('generated head', [0.8, null, 0.8], '2')];
  writeSceneResults(join(out, 'two/detection/scenes.json'), { settings, parameters: { detector: 1000, generated: 2000 }, trainingSeconds: { generated: 20, pretrained: 30 }, runs: again });
  expect(await detectionSection(join(out, 'two'))).toContain('K = 1: 35.0 ± 9.8 (by seed 30.0, 40.0).');
  writeSceneResults(join(out, 'apart/detection/scenes.json'), { settings, parameters: { detector: 1000, generated: 2000 }, trainingSeconds: { generated: 20, pretrained: 30 }, runs: [...again, made('generated head', [1, null, 1], '3'), made('joint training', [1, null, 1], '4')] });
  const apart = await detectionSection(join(out, 'apart'));
  expect(apart).toContain('K = 1: 35.0 ± 9.8 (by seed 30.0, 40.0).'); // on the seeds that both have
  expect(apart).not.toContain('to joint training');
});

test.runIf(isFull)('trained models are taken up where their settings are the same', async () => {
  const episodes = manyCharacters(bars, { ways: 2, shots: [1, 1], queryScenes: 1 });
  const tasks = { episodes, ways: 2, scenes: labelledScenes(bars, { queryScenes: 1 }), classes: 4 };
  const train = async (learningRate: number) => (await trainModels({ ...quickSettings, learningRate }, tasks, { seed: '1', folder: join(out, 'models'), resume: true })).pretrained;
  const [first, again, other] = [await train(0.003), await train(0.003), await train(0.001)];
  expect(again).toEqual(first);
  expect(other.meta).not.toEqual(first.meta);
}, 60_000);
