import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exampleSets } from '../../examples/browser/example-sets';
import { drawnFrom, fromFragment, keptFile, readFile, toFragment } from '../../examples/browser/keep';
import { trainedNames } from '../../examples/browser/learners';
import { serveFolder, type Served } from '../../examples/browser/serve';
import { prepare, rasterize, type Drawing } from '../../examples/browser/strokes';
import { openWorkbench, type Checkpoints } from '../../examples/browser/workbench';
import { bundlePage } from '../helpers/bundle-page';
import { chromiumPath, launchChromium, watch } from '../helpers/chromium';
import { isFull } from '../helpers/full';

const root = fileURLToPath(new URL('../..', import.meta.url));
const checkpoints = Object.fromEntries(
  trainedNames.map((name) => [name, new Uint8Array(readFileSync(join(root, `examples/browser/checkpoints/${name}.safetensors`)))]),
) as Checkpoints;

const models = { drawings: '0a1b2c3d', curve: '4e5f6071' };
const embedding = Float32Array.from({ length: 48 }, (_, index) => (index - 20) / 16);

describe('what is kept', () => {
  test('a link gives the task back, to float16', () => {
    const task = { embedding, classes: ['a, b & c', 'zwölf'] };
    expect(fromFragment(toFragment(task, models.drawings), models)).toEqual(task);
    const curve = { embedding: Float32Array.of(1, -2, 0.5, 0, 3.25, -0.125) };
    expect(fromFragment(toFragment(curve, models.curve), models)).toEqual(curve);
    expect(toFragment(task, models.drawings).length).toBeLessThan(200);
    expect(fromFragment('#curve', models)).toBeUndefined();
  });

  test('a file gives the drawings of its task back, whatever cards stood empty beside them', () => {
    const spot: Drawing = [[[0.2, 0.3]]];
    const [sun, moon, blank] = [{ name: 'sun', drawings: [spot] }, { name: 'moon', drawings: [[], spot] }, { name: 'class 3', drawings: [[]] }];
    const task = { embedding, classes: ['sun', 'moon'] };
    const { classes } = readFile(JSON.stringify(keptFile({ task, classes: [sun, blank, moon] })));
    expect(drawnFrom(task, classes!)).toEqual([sun, moon]);
    expect(drawnFrom(task, [sun, moon])).toEqual([sun, moon]);
    expect(drawnFrom(task, [moon, sun])).toBeUndefined();
    expect(drawnFrom({ ...task, classes: ['sun', 'moon', 'class 3'] }, [sun, moon, blank])).toBeUndefined();
    expect(drawnFrom({ embedding }, [sun, moon])).toBeUndefined();
  });

  test.each([
    ['of another model', '#task=AAAA&classes=a,b&model=ffffffff', 'The link is of another version of this page: its model is ffffffff, here it is 0a1b2c3d.'],
    ['without a model', '#task=AAAA&classes=a,b', 'its model is not named'],
    ['that is cut', '#task=AAAA&classes=a,b&model=0a1b2c3d', 'The link is damaged: expected 48 values, got none.'],
    ['that is no base64', '#task=%C3&model=4e5f6071', 'The link is damaged: expected 6 values, got none.'],
    ['with one name twice', toFragment({ embedding, classes: ['a', 'a'] }, models.drawings), 'expected 2 to 20 different names'],
  ])('a link %s is refused', (_what, fragment, message) => expect(() => fromFragment(fragment, models)).toThrow(message));

  test.each([
    ['that is empty', '', 'The file is no JSON'],
    ['of ONNX', '\u0008\u0008\u0012', 'The file is no JSON'],
    ['that is a list', '[]', 'The file is no task'],
    ['of something else', '{"format":"other"}', 'The file is no task of this page'],
    ['with classes that are none', JSON.stringify({ ...keptFile({ task: {} }), classes: [{ name: 'a', drawings: [[[[2, 0]]]] }] }), 'The file is damaged: expected 2 to 20 classes'],
    ['with points that are none', JSON.stringify({ ...keptFile({ task: {} }), points: [{ x: 'one' }] }), 'The file is damaged: expected points'],
    ['that is too large', `"${'x'.repeat(4_000_001)}"`, 'The file is too large'],
  ])('a file %s is refused', (_what, text, message) => expect(() => readFile(text)).toThrow(message));
});

test('a line is ink of the width of the pen', () => {
  const { data, width } = rasterize([[[0.25, 0.5], [0.75, 0.5]]], 100);
  const column = Array.from({ length: 100 }, (_, row) => 1 - data[row * width + 50]!);
  expect(column.reduce((sum, ink) => sum + ink, 0)).toBeCloseTo(5, 5);
  expect(data[50 * width + 20]).toBe(1);
  expect(prepare([])).toBeUndefined();
});

test('the committed learners know an example set, and keep a task', async () => {
  const bench = openWorkbench(checkpoints);
  const { classes, query } = exampleSets[0]!;
  const x = new Float32Array(classes.length * 784);
  classes.forEach(({ drawing }, index) => x.set(prepare(drawing)!, index * 784));
  const path = await bench.adapt('hypernetwork', { x, labels: classes.map((_, index) => index), ways: classes.length });
  const rows = await bench.predict('hypernetwork', prepare(query)!);
  expect(classes[rows.at(-1)!.indexOf(Math.max(...rows.at(-1)!))]!.name).toBe('star');
  expect(rows.length).toBe(path.steps + 1);
  const kept = { embedding: path.embeddings.at(-1)!, classes: classes.map(({ name }) => name) };
  const again = await bench.loadTask(JSON.parse(JSON.stringify(await bench.saveTask(kept))));
  expect(again).toEqual(kept);
  await bench.restore(again.embedding, classes.length);
  const [restored] = await bench.predict('hypernetwork', prepare(query)!);
  expect(Array.from(restored!)).toEqual(Array.from(rows.at(-1)!, (probability) => expect.closeTo(probability, 5)));
  const saved = await bench.saveTask(kept);
  await expect(bench.loadTask({ ...saved, classes: ['a', 'b', 'c', 'd', 'e'] })).rejects.toThrow('loadTask: expected the task that was saved, got another; it was altered.');
  await expect(bench.loadTask({ format: 'other' })).rejects.toThrow('loadTask: expected a task that adapted.saveTask() gave');
  await bench.dispose();
});

test.runIf(isFull)('the learner of curves is trained by a command', async () => {
  const out = mkdtempSync(join(tmpdir(), 'hypermeta-train-'));
  const { stdout } = await promisify(execFile)('npx', ['tsx', 'examples/browser/train.ts', '--quick', '--only', 'curve', '--out', out], { cwd: root });
  expect(stdout).toContain('curve: 10 points, 10 steps: mse');
  expect(statSync(join(out, 'examples/browser/checkpoints/curve.safetensors')).size).toBeGreaterThan(100_000);
  rmSync(out, { recursive: true });
}, 300_000);

test('a request for what can be no file is answered, and the server goes on', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'hypermeta-served-'));
  writeFileSync(join(dir, 'index.html'), 'the page');
  const { url, close } = await serveFolder(dir);
  const statusOf = (path: string) =>
    new Promise((resolve, reject) => request(url, { path, agent: false }, (response) => resolve(response.resume().statusCode)).once('error', reject).end());
  const found: Record<string, unknown> = {};
  for (const path of ['/%', '//', '/%00', `/${'x'.repeat(5000)}`, '/index.html/more', '/../index.html', '/%2e%2e/', '/absent', '/']) found[path.slice(0, 20)] = await statusOf(path);
  await close();
  rmSync(dir, { recursive: true });
  expect(found).toEqual({ '/%': 400, '//': 400, '/%00': 400, '/xxxxxxxxxxxxxxxxxxx': 404, '/index.html/more': 404, '/../index.html': 200, '/%2e%2e/': 200, '/absent': 404, '/': 200 });
});

describe.skipIf(!chromiumPath)('the page in a browser', () => {
  const dir = mkdtempSync(join(tmpdir(), 'hypermeta-page-'));
  let served: Served;
  let browser: Browser;

  beforeAll(async () => {
    await bundlePage(dir);
    [served, browser] = await Promise.all([serveFolder(dir), launchChromium()]);
  }, 120_000);

  afterAll(async () => {
    await browser?.close();
    await served?.close();
    rmSync(dir, { recursive: true, force: true });
  });

  test('answers for an example set under a strict policy, and asks no other host', { timeout: 180_000 }, async () => {
    const page = await browser.newPage();
    const faults = watch(page, served.url);
    await page.goto(served.url);
    await page.getByText('Weather').click();
    await page.locator('.top').first().filter({ hasText: 'snow' }).waitFor({ timeout: 150_000 });
    expect(faults).toEqual([]);
    await page.close();
  });
});
