import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContext, CDPSession, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { environment } from '../../examples/environment';
import { buildPage } from '../../examples/browser/build';
import { trainedNames } from '../../examples/browser/learners';
import { serveFolder, type Served } from '../../examples/browser/serve';
import { prepare, type Drawing } from '../../examples/browser/strokes';
import { openWorkbench, type Checkpoints } from '../../examples/browser/workbench';
import { meanInterval } from '../../src/index';
import { chromiumPath, draw, launchChromium, residentBytes, watch } from '../helpers/chromium';
import { drawnEpisodes } from '../helpers/drawn-episodes';
import { isFull } from '../helpers/full';

/** `npm run test:web` runs all of it and writes down what it measured; the full suite takes a few episodes. */
const isWeb = process.env['HYPERMETA_WEB'] === '1';
const episodeCount = isWeb ? 30 : 3;
/** Of those, the ones that are drawn by the mouse, which takes longest. */
const drawnCount = isWeb ? 10 : 1;
/** Where the page was built already, by `npm run web -- --build DIR`. */
const builtDir = process.env['HYPERMETA_PAGE'];
const patience = 3_600_000;
/** WebGPU and WebGL without a graphics card. */
const softwareGraphics = ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader', '--enable-features=Vulkan', '--use-vulkan=swiftshader', '--disable-vulkan-surface', '--ignore-gpu-blocklist', '--use-angle=swiftshader', '--enable-unsafe-swiftshader'];
const learners = ['hypernetwork', 'protonet', 'maml'] as const;

const root = join(import.meta.dirname, '../..');
const data = join(root, '../shared/data/omniglot');

/** A page and what it did wrong so far. */
interface Visit {
  readonly page: Page;
  readonly input: CDPSession;
  readonly faults: readonly string[];
}

/** As Node predicts, but for two predictions at most, and the best learner right nine times out of ten. */
function expectRight(found: Readonly<Record<string, { readonly right: readonly number[]; readonly different: number }>>): void {
  for (const name of learners) expect(found[name]!.different, name).toBeLessThanOrEqual(2);
  expect(Math.max(...learners.map((name) => meanInterval(found[name]!.right).mean))).toBeGreaterThanOrEqual(0.9);
}

describe.skipIf(!chromiumPath || !(isWeb || isFull))('the page as it is built', { timeout: patience }, () => {
  const dir = builtDir ?? mkdtempSync(join(tmpdir(), 'hypermeta-built-'));
  const figures: Record<string, unknown> = {};
  const engines: Record<string, unknown> = {};
  let served: Served;
  let browser: Browser;

  beforeAll(async () => {
    if (!builtDir) await buildPage(dir);
    [served, browser] = await Promise.all([serveFolder(dir), launchChromium(['--js-flags=--expose-gc'])]);
  }, patience);

  afterAll(async () => {
    await browser?.close();
    await served?.close();
    if (!builtDir) rmSync(dir, { recursive: true, force: true });
    if (isWeb) saveFigures(figures);
  });

  async function visit(context: BrowserContext | Browser = browser, address = ''): Promise<Visit> {
    const page = await context.newPage();
    await page.setViewportSize({ width: 1280, height: 1300 });
    page.setDefaultTimeout(patience / 12);
    const faults = watch(page, served.url);
    await page.goto(served.url + address);
    return { page, input: await page.context().newCDPSession(page), faults };
  }

  /** For README, and to be looked at. */
  async function picture(page: Page, name: string): Promise<void> {
    await page.setViewportSize({ width: 1180, height: 860 });
    if (isWeb) await page.screenshot({ path: join(root, `results/browser/${name}.png`) });
  }

  const idle = (page: Page) => page.locator('#draw:not([aria-busy])').waitFor();
  const answered = (page: Page) => page.locator('.top').first().filter({ hasText: /^(?!–)/ }).waitFor();

  test('is small, and there to draw on in three seconds', async () => {
    const sizes = readdirSync(dir, { recursive: true, encoding: 'utf8' }).map((name) => [name, statSync(join(dir, name))] as const);
    const bytes = sizes.filter(([name, file]) => file.isFile() && !/webgpu|asyncify|^engines|\.wasm$/.test(name)).reduce((sum, [, { size }]) => sum + size, 0);
    expect(bytes).toBeLessThan(3_000_000);
    expect(trainedNames.reduce((sum, name) => sum + statSync(join(dir, `checkpoints/${name}.safetensors`)).size, 0)).toBeLessThan(1_000_000);
    const { page, faults } = await visit(await browser.newContext());
    await page.locator('.asked .pad').waitFor();
    const shown = await page.evaluate(() => performance.getEntriesByType('paint').at(-1)!.startTime);
    await page.locator('.top').filter({ hasText: /^(?!–)/ }).first().waitFor(); // of whichever learner
    const first = await page.evaluate(() => performance.now());
    await answered(page);
    figures['firstLoad'] = { bytesBesideWasm: bytes, millisecondsToDrawable: Math.round(shown), millisecondsToFirstAnswer: Math.round(first) };
    await idle(page);
    await picture(page, 'draw');
    expect(faults).toEqual([]);
    await page.close();
  });

  test('adapts to characters that are drawn into it, and predicts what Node predicts', async (context) => {
    if (!existsSync(data)) return context.skip('../shared/data/omniglot is not there');
    const { page, input, faults } = await visit();
    const bench = openWorkbench(readCheckpoints());
    const found = Object.fromEntries(learners.map((name) => [name, { right: [] as number[], different: 0, times: [] as number[] }]));
    for (const { support, queries } of await drawnEpisodes(data, drawnCount)) {
      await page.getByText('an empty page').click();
      for (let more = 3; more < support.length; more++) await page.getByText('+ Add a class').click();
      for (const [index, drawing] of support.entries()) await draw(page, input, `.card:nth-child(${index + 1}) .pad`, drawing);
      await idle(page);
      const shown = await page.locator('.time').allTextContents();
      learners.forEach((name, index) => found[name]!.times.push(Number.parseFloat(shown[index]!)));
      const stored = await storedDrawings(page);
      for (const name of learners) await bench.adapt(name, drawingsOf(stored.classes.map(({ drawings }) => drawings[0]!)));
      for (const { label, drawing } of queries) {
        await page.locator('.aside').getByText('Clear').click();
        await draw(page, input, '.asked .pad', drawing);
        await idle(page);
        const tops = await page.locator('.top').allTextContents();
        const asked = prepare((await storedDrawings(page)).query)!;
        for (const [index, name] of learners.entries()) {
          const last = (await bench.predict(name, asked)).at(-1)!;
          const inNode = stored.classes[last.indexOf(Math.max(...last))]!.name;
          if (inNode !== tops[index]) found[name]!.different++;
          found[name]!.right.push(tops[index] === stored.classes[label]!.name ? 1 : 0);
        }
      }
      figures['drawn'] = Object.fromEntries(learners.map((name) => [name, figuresOf(found[name]!)]));
      if (isWeb) saveFigures(figures); // it takes a while: nothing is lost
    }
    await bench.dispose();
    expect(faults).toEqual([]);
    expectRight(found);
    await page.close();
  });

  test('predicts in its worker what Node predicts', async (context) => {
    if (!existsSync(data)) return context.skip('../shared/data/omniglot is not there');
    const { page, faults } = await visit(await browser.newContext());
    await answered(page);
    const worker = readdirSync(join(dir, 'assets')).find((name) => /^worker-.*\.js$/.test(name))!;
    await page.evaluate(openBench, `assets/${worker}`);
    const bench = openWorkbench(readCheckpoints());
    const found = Object.fromEntries(learners.map((name) => [name, { right: [] as number[], different: 0, times: [] as number[] }]));
    for (const { support, queries } of await drawnEpisodes(data, episodeCount)) {
      const task = drawingsOf(support);
      const asked = queries.map(({ drawing }) => prepare(drawing)!);
      for (const name of learners) {
        const { right, times } = found[name]!;
        const there = await page.evaluate(askBench, { name, task: { ...task, x: Array.from(task.x) }, asked: asked.map((x) => Array.from(x)) });
        times.push(there.milliseconds);
        await bench.adapt(name, task);
        for (const [index, x] of asked.entries()) {
          const last = (await bench.predict(name, x)).at(-1)!;
          if (last.indexOf(Math.max(...last)) !== there.predicted[index]) found[name]!.different++;
          right.push(there.predicted[index] === queries[index]!.label ? 1 : 0);
        }
      }
      figures['episodes'] = Object.fromEntries(learners.map((name) => [name, figuresOf(found[name]!)]));
      if (isWeb) saveFigures(figures); // it takes a while: nothing is lost
    }
    await bench.dispose();
    expect(faults).toEqual([]);
    expectRight(found);
    await page.close();
  });

  test('keeps drawings over a reload, and a task in a link and in a file', async () => {
    const context = await browser.newContext({ acceptDownloads: true });
    const { page, faults } = await visit(context);
    await answered(page);
    await page.getByText('Runes').click();
    await page.locator('.top').first().filter({ hasText: 'hagalaz' }).waitFor();
    const probabilities = () => page.locator('tbody tr td:nth-of-type(3)').allTextContents();
    const before = await probabilities();
    await page.reload();
    await page.locator('.top').first().filter({ hasText: 'hagalaz' }).waitFor();
    await idle(page);
    expect(await probabilities()).toEqual(before);

    await page.getByText('Copy link').click();
    await page.locator('.link').waitFor();
    const link = await page.locator('.link').inputValue();
    expect(link.length).toBeLessThan(600);
    const other = await visit(await browser.newContext(), link.slice(served.url.length));
    await other.page.locator('.time').first().filter({ hasText: 'restored' }).waitFor();
    expect(await other.page.locator('.name').evaluateAll((fields) => fields.map((field) => (field as HTMLInputElement).value))).toEqual(['fehu', 'raido', 'gebo', 'hagalaz', 'othala']);
    await other.page.reload();
    await other.page.locator('.time').first().filter({ hasText: 'restored' }).waitFor();
    expect(other.faults).toEqual([]);
    await other.page.close();

    const save = async (name: string) => {
      const [download] = await Promise.all([page.waitForEvent('download'), page.getByText(name).click()]);
      return readFileSync(await download.path());
    };
    const json = await save('Save as JSON');
    const onnx = await save('Save as ONNX');
    expect(onnx.length).toBeGreaterThan(100_000);
    await page.getByText('Digits').click();
    await page.locator('#open-file').setInputFiles({ name: 'runes.json', mimeType: 'application/json', buffer: json });
    await page.locator('.message').filter({ hasText: 'Opened runes.json.' }).waitFor();
    await page.locator('.time').first().filter({ hasText: 'restored' }).waitFor();
    const altered = JSON.parse(json.toString()) as { task: { values: { classes: { values: number[] } } } };
    altered.task.values.classes.values[0]! += 1;
    for (const [content, sentence] of [[onnx, 'The file is no JSON'], [Buffer.from(JSON.stringify(altered)), 'loadTask: expected the task that was saved, got another']] as const) {
      await page.locator('#open-file').setInputFiles({ name: 'bad.json', mimeType: 'application/json', buffer: content });
      await page.locator('.message').filter({ hasText: sentence }).waitFor();
    }
    expect(faults).toEqual([]);
    await page.close();
  });

  test('fits a curve to points that are clicked, and moves through embeddings', async () => {
    const { page, faults } = await visit(await browser.newContext());
    await page.getByRole('button', { name: 'Function playground' }).click();
    const line = () => page.locator('.line').getAttribute('points');
    await page.locator('.line[points]').waitFor({ state: 'attached' });
    const before = await line();
    const box = (await page.locator('.chart').boundingBox())!;
    for (const [x, y] of [[0.2, 0.3], [0.5, 0.6], [0.8, 0.4]] as const) await page.mouse.click(box.x + x * box.width, box.y + y * box.height);
    await page.locator('.dots circle').nth(2).waitFor();
    await page.waitForFunction((old) => document.querySelector('.line')!.getAttribute('points') !== old, before);
    await picture(page, 'curve');
    await page.locator('#embedding-0').fill('2');
    await page.getByText('An embedding by hand').waitFor();
    await page.locator('.chart').focus();
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('Enter');
    await page.locator('.dots circle').nth(3).waitFor();
    expect(faults).toEqual([]);
    await page.close();
  });

  test('can be used from the keyboard, and has no serious fault of access, light and dark, wide and narrow', async () => {
    const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
    for (const [colorScheme, width] of [['light', 1280], ['dark', 1280], ['light', 360]] as const) {
      const context = await browser.newContext({ colorScheme, bypassCSP: true }); // axe is put into the page
      const { page } = await visit(context);
      await page.setViewportSize({ width, height: 900 });
      await answered(page);
      await idle(page);
      expect(await page.evaluate(() => document.documentElement.scrollWidth), 'no scrolling sideways').toBeLessThanOrEqual(width);
      for (const view of ['Draw and adapt', 'Function playground']) {
        await page.getByRole('button', { name: view }).click();
        await page.evaluate(axe);
        const found = await page.evaluate(async () => {
          const { violations } = await (globalThis as unknown as { axe: { run(): Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }> } }).axe.run();
          return violations.map(({ id, impact, nodes }) => `${impact} ${id}: ${nodes[0]!.html}`);
        });
        expect(found, `${colorScheme} ${width} ${view}`).toEqual([]);
      }
      await context.close();
    }
    const { page, faults } = await visit(await browser.newContext());
    await page.getByText('an empty page').click();
    for (const [index, keys] of [['ArrowRight', 'ArrowRight', 'ArrowRight'], ['ArrowDown', 'ArrowDown', 'ArrowDown']].entries()) {
      await page.locator('.pad').nth(index).focus();
      for (const key of [' ', ...keys, ' ']) await page.keyboard.press(key);
    }
    await page.locator('.asked .pad').focus();
    for (const key of [' ', 'ArrowUp', 'ArrowUp', ' ']) await page.keyboard.press(key);
    await page.locator('.top').first().filter({ hasText: 'class 2' }).waitFor();
    expect(faults).toEqual([]);
    await page.close();
  });

  test('works offline after the first load', async () => {
    const context = await browser.newContext();
    const { page, faults } = await visit(context);
    await answered(page);
    await page.evaluate(async () => {
      await navigator.serviceWorker.ready;
      if (!navigator.serviceWorker.controller) await new Promise((resolve) => navigator.serviceWorker.addEventListener('controllerchange', resolve));
    });
    await context.setOffline(true);
    await page.reload();
    await answered(page);
    expect(faults).toEqual([]);
    await context.close();
  });

  test('computes with TensorFlow.js as well', async () => {
    const { page, faults } = await visit(await browser.newContext());
    await page.locator('#engine').selectOption('tfjs-wasm');
    await page.getByText(/TensorFlow.js [\d.]+, wasm, not compiled/).waitFor();
    await page.locator('.top').first().filter({ hasText: 'star' }).waitFor();
    await idle(page);
    expect(faults).toEqual([]);
    await page.close();
  });

  test('goes on with the first engine that works where the chosen one does not start', async () => {
    const { page, faults } = await visit(await browser.newContext());
    await answered(page);
    await page.evaluate(() => document.querySelectorAll('option').forEach((option) => (option.disabled = false)));
    await page.locator('#engine').selectOption('onnxruntime-webgpu');
    await page.locator('.message').filter({ hasText: /^onnxruntime, WebGPU stopped: .*expected a browser with WebGPU, got one without.*goes on with the first engine that works\.$/ }).waitFor();
    await page.getByText(/onnxruntime-web [\d.]+, wasm/).waitFor();
    await page.locator('.top').first().filter({ hasText: 'star' }).waitFor();
    expect(await page.locator('#engine').inputValue()).toBe('automatic');
    expect(faults).toEqual([]);
    await page.close();
  });

  test.runIf(isWeb)('computes with WebGPU and WebGL, here drawn by the processor, or says which stopped', async () => {
    const graphics = await launchChromium(softwareGraphics);
    const { page } = await visit(graphics);
    await answered(page);
    await idle(page);
    const shown = async () => (await page.locator('.answers tbody tr').first().innerText()).split('\t').slice(0, 5); // hypernetwork and ProtoNet
    const before = await shown();
    for (const engine of ['onnxruntime-webgpu', 'tfjs-webgl']) {
      await page.locator('#engine').selectOption(engine);
      await page.locator('.time').nth(1).filter({ hasText: /ms/ }).waitFor();
      await page.locator('.time').first().filter({ hasText: /ms/ }).waitFor();
      await page.waitForFunction((before) => document.querySelector('.answers tbody tr td:nth-child(4)')!.textContent === before, before[3]!);
      expect(await shown(), engine).toEqual(before);
      await idle(page);
      engines[engine] = { milliseconds: await page.locator('.time').allInnerTexts(), inUse: await page.locator('#engine ~ .note').innerText() };
    }
    figures['engines'] = engines;
    await graphics.close();
  });

  test('takes no more memory with 200 adaptations', async () => {
    const { page, input, faults } = await visit(await browser.newContext());
    await answered(page);
    const adapt = async (times: number) => {
      for (let time = 0; time < times; time++) {
        await draw(page, input, '.card:nth-child(1) .pad', [[[0.1 + (time % 7) / 10, 0.9], [0.2, 0.9]]]);
        await idle(page);
        await page.locator('.card').first().getByText('Undo').click();
        await idle(page);
      }
      for (const worker of page.workers()) await worker.evaluate(() => (globalThis as unknown as { gc(): void }).gc());
      return residentBytes(page);
    };
    const before = await adapt(25);
    const after = await adapt(isWeb ? 100 : 20);
    figures['memory'] = { adaptations: isWeb ? 200 : 40, before, after };
    expect(after - before).toBeLessThan(0.1 * before);
    expect(faults).toEqual([]);
    await page.close();
  });
});

/** Beside those of tests that did not run this time. */
function saveFigures(figures: Readonly<Record<string, unknown>>): void {
  const file = join(root, 'results/browser/page.json');
  const before = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as { readonly figures: object }).figures : {};
  writeFileSync(file, `${JSON.stringify({ table: 'page in headless Chromium', env: { ...environment(), load: loadavg()[1] }, figures: { ...before, ...figures } }, null, 1)}\n`);
}

function readCheckpoints(): Checkpoints {
  return Object.fromEntries(trainedNames.map((name) => [name, new Uint8Array(readFileSync(join(root, `examples/browser/checkpoints/${name}.safetensors`)))])) as Checkpoints;
}

/** What the page has in store. */
async function storedDrawings(page: Page): Promise<{ readonly classes: readonly { readonly name: string; readonly drawings: readonly Drawing[] }[]; readonly query: Drawing }> {
  return JSON.parse((await page.evaluate(() => localStorage.getItem('hypermeta-page')))!);
}

function drawingsOf(drawings: readonly Drawing[]) {
  const x = new Float32Array(drawings.length * 784);
  drawings.forEach((drawing, index) => x.set(prepare(drawing)!, index * 784));
  return { x, labels: drawings.map((_, index) => index), ways: drawings.length };
}

function perEpisode(right: readonly number[]): readonly number[] {
  return Array.from({ length: right.length / 25 }, (_, episode) => right.slice(episode * 25, (episode + 1) * 25).reduce((sum, value) => sum + value, 0) / 25);
}

/** What was found of one learner. */
function figuresOf({ right, different, times }: { readonly right: readonly number[]; readonly different: number; readonly times: readonly number[] }) {
  const { mean, interval, count } = meanInterval(perEpisode(right));
  return { accuracy: mean, interval, episodes: count, predictions: right.length, differentInNode: different, medianMilliseconds: Math.round(10 * median(times)) / 10 };
}

/** In the page: a second worker of its own code. */
function openBench(address: string): Promise<unknown> {
  const worker = new Worker(address, { type: 'module' });
  let id = 0;
  const ask = (method: string, ...args: readonly unknown[]) =>
    new Promise((resolve, reject) => {
      worker.addEventListener('message', ({ data }) => ('error' in data ? reject(new Error(data.error)) : resolve(data.value)), { once: true });
      worker.postMessage({ id: id++, method, args });
    });
  Object.assign(globalThis, { ask });
  return ask('start', 'automatic', document.baseURI);
}

/** In the page: adapts twice, the second time without compiling, and predicts. */
async function askBench({ name, task, asked }: { name: string; task: { x: number[]; labels: readonly number[]; ways: number }; asked: number[][] }): Promise<{ milliseconds: number; predicted: number[] }> {
  const { ask } = globalThis as unknown as { ask(method: string, ...args: readonly unknown[]): Promise<unknown> };
  const drawings = { ...task, x: Float32Array.from(task.x) };
  await ask('adapt', name, drawings);
  const { milliseconds } = (await ask('adapt', name, drawings)) as { milliseconds: number };
  const predicted: number[] = [];
  for (const x of asked) {
    const last = ((await ask('predict', name, Float32Array.from(x))) as readonly Float32Array[]).at(-1)!;
    predicted.push(last.indexOf(Math.max(...last)));
  }
  return { milliseconds, predicted };
}

function median(values: readonly number[]): number {
  return [...values].sort((one, other) => one - other)[values.length >> 1]!;
}
