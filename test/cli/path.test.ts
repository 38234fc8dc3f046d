import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { encode } from 'fast-png';
import * as onnx from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import { parseCsv, readSafetensors, tableTasks } from 'hypermeta';
import { expectNoLeak } from '../helpers/leaks';
import { command, inFolder } from './command';

const base = { kind: 'mlp', hidden: [16] };

/** Runs a command that must end well, and gives its JSON. */
async function done(line: string, cwd: string): Promise<unknown> {
  const { code, out, err } = await command(`${line} --json`, { cwd });
  expect([code, err], line).toEqual([0, '']);
  return JSON.parse(out.trimEnd().split('\n').at(-1)!);
}

/** Prices of shops: each has a price for a unit of size, north costs 3 more. */
function shops(): string {
  const rows = Array.from({ length: 120 }, (_, row) => {
    const [shop, size] = [row % 10, (row * 7) % 12];
    return `shop ${shop},${size},${row % 3 ? 'north' : 'south'},${(shop + 1) * size + (row % 3 ? 3 : 0)}`;
  });
  return ['shop,size,side,price', ...rows].join('\n');
}

/** Pictures of 4 × 4: class k is bright in row k and dark elsewhere, but for one pixel of noise. */
function picture(kind: number, example: number): Uint8Array {
  const data = Uint8Array.from({ length: 16 }, (_, pixel) => (Math.floor(pixel / 4) === kind % 4 ? 200 + 2 * kind : pixel === (5 * example) % 16 ? 60 : 0));
  return encode({ width: 4, height: 4, channels: 1, data });
}

function writePictures(dir: string, kinds: readonly number[], examples: readonly number[]): void {
  for (const kind of kinds) {
    mkdirSync(join(dir, `kind ${kind}`), { recursive: true });
    for (const example of examples) writeFileSync(join(dir, `kind ${kind}`, `${example}.png`), picture(kind, example));
  }
}

/** What onnxruntime makes of an exported model. */
async function runOnnx(file: string, x: readonly number[], shape: readonly number[]): Promise<readonly number[]> {
  const session = await onnx.InferenceSession.create(file);
  const { output0 } = await session.run({ input0: new onnx.Tensor('float32', Float32Array.from(x), shape) });
  await session.release();
  return Array.from(output0!.data as Float32Array);
}

describe('from train to export', () => {
  test('on a table: values come in its units, and the model goes elsewhere', () =>
    inFolder(async (cwd) => {
      const table = { kind: 'csv', file: 'shops.csv', task: 'shop', target: 'price', shots: 4, queryShots: 4 };
      const config = { data: table, base, learner: 'maml', trainer: { metaBatchSize: 4 }, train: { steps: 60, validateEvery: 20 }, evaluate: { episodes: 10 } };
      writeFileSync(join(cwd, 'shops.csv'), shops());
      writeFileSync(join(cwd, 'config.json'), JSON.stringify(config));
      writeFileSync(join(cwd, 'new.csv'), 'size,side,price\n1,north,8\n4,south,20\n8,south,40\n10,north,53\n');
      writeFileSync(join(cwd, 'ask.jsonl'), '{"size": 6, "side": "south"}\n{"size": 2, "side": "north"}\n');

      expect(await done('train --config config.json --out run --tensorboard', cwd)).toMatchObject({ step: 60, metric: 'mse', learner: 'MAML' });
      expect(readdirSync(join(cwd, 'run/tensorboard'))).toEqual([expect.stringMatching(/^events\.out\.tfevents\./)]);
      const events = readFileSync(join(cwd, 'run/events.jsonl'), 'utf8').trimEnd().split('\n').map((line) => JSON.parse(line) as { step: number });
      expect(events.map(({ step }) => step)).toEqual(Array.from({ length: 60 }, (_, step) => step + 1));
      expect(events[19]).toMatchObject({ validation: { metric: 'mse' } });
      expect(JSON.parse(readFileSync(join(cwd, 'run/config.json'), 'utf8'))).toEqual(config);

      const { supportLosses } = (await done('adapt --from run --support new.csv --steps 20 --out task.json', cwd)) as { supportLosses: number[] };
      expect(supportLosses.at(-1)!).toBeLessThan(supportLosses[0]!);
      const predicted = (await done('predict --from run --task task.json --input ask.jsonl --out said.csv', cwd)) as { values: { price: number } }[];
      expect(predicted.map(({ values }) => Object.keys(values))).toEqual([['price'], ['price']]);
      expect(predicted[0]!.values.price).toBeGreaterThan(predicted[1]!.values.price);
      expect(readFileSync(join(cwd, 'said.csv'), 'utf8')).toBe(`input,price\nrow 1,${predicted[0]!.values.price}\nrow 2,${predicted[1]!.values.price}\n`);

      await done('export --from run --task task.json --format onnx --out out/price.onnx', cwd);
      const { encode, decode } = tableTasks(parseCsv(shops()), { task: 'shop', target: 'price', shots: 4, queryShots: 4 }); // the model takes and gives standardized numbers
      for (const [row, x] of encode([{ size: 6, side: 'south' }, { size: 2, side: 'north' }]).entries()) {
        const [price] = decode([await runOnnx(join(cwd, 'out/price.onnx'), [...x], [1, 3])])[0]!;
        expect(price).toBeCloseTo(predicted[row]!.values.price, 3);
      }
      await done('export --from run --task task.json --format safetensors --out out/price.safetensors', cwd);
      expect(Object.keys(readSafetensors(readFileSync(join(cwd, 'out/price.safetensors')), 'price').tensors)).toContain('dense1/kernel');

      writeFileSync(join(cwd, 'shops.csv'), shops().replace('shop 1,7', 'shop 1,9'));
      const { code, err } = await command('evaluate --from run', { cwd });
      expect([code, err]).toEqual([1, expect.stringMatching(/shops\.csv: expected the data that the run was trained on, got other data; restore it, or train anew\.\n$/)]);
    }), 60_000);

  test('on a table whose targets are called input and _input: what was asked about stands in a column of another name', () =>
    inFolder(async (cwd) => {
      const data = { kind: 'csv', file: 'shops.csv', task: 'shop', target: ['input', '_input'], shots: 4, queryShots: 4 };
      writeFileSync(join(cwd, 'shops.csv'), shops().replace('side,price', '_input,input').replaceAll('north', '1').replaceAll('south', '0'));
      writeFileSync(join(cwd, 'config.json'), JSON.stringify({ data, base, learner: { kind: 'maml', head: 'columns' }, train: { steps: 1 }, evaluate: { episodes: 2 } }));
      writeFileSync(join(cwd, 'new.csv'), 'size,input,_input\n1,8,0\n4,20,1\n');
      await done('train --config config.json --out run', cwd);
      await done('adapt --from run --support new.csv --out task.json', cwd);
      await done('predict --from run --task task.json --input new.csv --out said.csv', cwd);
      expect(readFileSync(join(cwd, 'said.csv'), 'utf8')).toMatch(/^__input,input,_input\nrow 1,\S+,\S+\nrow 2,\S+,\S+\n$/);
    }));

  test('on folders of pictures: labels with probabilities, any classes, and no need of the old pictures', () =>
    inFolder(async (cwd) => {
      const data = { kind: 'images', dir: 'pictures', size: 4, colour: 'grey', ways: 2, shots: 2, queryShots: 2, split: { train: 6, validation: 2, test: 2 } };
      const config = { data, base, learner: 'protonet', trainer: { metaBatchSize: 4, innerSteps: 0 }, train: { steps: 30 }, evaluate: { episodes: 10, steps: [0] } };
      writePictures(join(cwd, 'pictures'), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], [0, 1, 2, 3, 4]);
      writePictures(join(cwd, 'new'), [10, 11, 12], [0, 1]);
      mkdirSync(join(cwd, 'ask'));
      [10, 11, 12].forEach((kind) => writeFileSync(join(cwd, 'ask', `${kind}.png`), picture(kind, 7)));
      writeFileSync(join(cwd, 'config.json'), JSON.stringify(config));
      const trained = (await done('train --config config.json --out run', cwd)) as { scores: { mean: number }[] };
      expect(trained.scores[0]!.mean).toBeGreaterThan(0.8);
      const moved = join(cwd, 'elsewhere');
      ['run', 'new', 'ask'].forEach((name) => cpSync(join(cwd, name), join(moved, name), { recursive: true }));

      expect(await done('adapt --from run --support new --out task.json', moved)).toMatchObject({ examples: 6, classes: ['kind 10', 'kind 11', 'kind 12'] });
      type Said = readonly { readonly input: string; readonly label: string; readonly probabilities: Readonly<Record<string, number>> }[];
      const said = (await done('predict --from run --task task.json --input ask', moved)) as Said;
      expect(said.map(({ input, label }) => [input, label])).toEqual([10, 11, 12].map((kind) => [`${kind}.png`, `kind ${kind}`]));
      const one = (await done('predict --from run --task task.json --input ask/11.png', moved)) as Said;
      expect(one).toEqual([said[1]]);
      writeFileSync(join(moved, 'far.json'), JSON.stringify([Array(16).fill(0), Array(16).fill(3e38)]));
      const { code, err } = await command('predict --from run --task task.json --input far.json --json', { cwd: moved });
      expect([code, err]).toEqual([1, 'sample 2: expected finite probabilities, got NaN: the sample is far from those that the network was made for, or its training went astray.\n']);

      await done('export --from run --task task.json --format onnx --out kinds.onnx', moved);
      const levels = Array.from({ length: 16 }, (_, pixel) => (Math.floor(pixel / 4) === 2 ? 220 : pixel === 3 ? 60 : 0)); // kind 10
      const sample = levels.map((level) => level / 255);
      const outputs = await runOnnx(join(moved, 'kinds.onnx'), sample, [1, 16]);
      Object.values(said[0]!.probabilities).forEach((probability, index) => expect(outputs[index]).toBeCloseTo(probability, 5));
      await done('export --from run --task task.json --format javascript --out kinds.mjs', moved);
      const module = (await import(join(moved, 'kinds.mjs'))) as { classify(x: readonly number[]): string };
      expect(module.classify(sample)).toBe('kind 10');
      expect(await done('export --from run --task task.json --format tfjs --out kinds', moved)).toMatchObject({ note: 'A layers model, for tf.loadLayersModel.' });
      expect(readdirSync(join(moved, 'kinds')).sort()).toEqual(['model.json', 'weights.bin']);
      expect(existsSync(join(moved, 'pictures'))).toBe(false);
    }), 60_000);

  test("as text for a person, with the README's own first run in a few steps, and without leaving tensors behind", () =>
    inFolder(async (cwd) => {
      const { config, points, lines } = firstRun();
      expect(config).toContain('"steps": 600, "validateEvery": 100');
      writeFileSync(join(cwd, 'waves.json'), config.replace('"steps": 600, "validateEvery": 100', '"steps": 20, "validateEvery": 10 }, "evaluate": { "episodes": 5'));
      writeFileSync(join(cwd, 'points.csv'), points);
      const said: string[] = [];
      let page = '';
      await expectNoLeak(async () => {
        for (const line of [...lines, 'evaluate --from waves --episodes 3 --steps 0,2', 'inspect --from waves', 'demo --steps 2', 'report --from waves']) {
          const { code, out } = await command(line, { cwd });
          expect(code, line).toBe(0);
          said.push(out.replaceAll(cwd, '').replaceAll(/\d+\.\d+/g, '#'));
        }
        page = readFileSync(join(cwd, 'waves/report.html'), 'utf8');
      });
      const [trained, adapted, predicted, exported, evaluated, inspected, demo, reported] = said;
      expect(trained).toMatch(/^hypernetwork: mse on 5 unseen episodes, ± 95 %\n┌[^]+Run: waves\. Next: npx hypermeta adapt --from waves/);
      expect(adapted).toMatch(/^task\.json: 3 examples; support loss \S+( → \S+){5}\n$/);
      expect(predicted).toMatch(/│ x = 2 +│\s+-?# │/);
      expect(exported).toMatch(/^\/wave\.onnx: \d+ bytes\.\n$/);
      expect(evaluated).toMatch(/on 3 unseen episodes[^]+│ +0 │[^]+│ +2 │/);
      expect(inspected).toMatch(/^\/waves: hypernetwork learner, step 20 of 20\n[^]+│ base network +│ +1761 │[^]+query loss, on a logarithmic scale\n[^]+validation mse\n/);
      expect(reported).toBe('Report: waves/report.html\n');
      expect(page).toMatch(/<!doctype html>[^]+validation episodes after 3 inner steps/i);
      expect(demo).toMatch(/^An unseen wave [^]+█[^]+on 100 unseen episodes/);
    }), 60_000);
});

/** What the README's section on commands has a stranger paste. */
function firstRun() {
  const readme = readFileSync(fileURLToPath(new URL('../../README.md', import.meta.url)), 'utf8');
  const [, block = ''] = /^## Commands[^]*?```sh\n([^]*?)```/m.exec(readme) ?? [];
  const [, config = ''] = /<<'END'\n([^]*?)END\n/.exec(block) ?? [];
  const [, points = ''] = /printf '([^']+)'/.exec(block) ?? [];
  return { config, points: points.replaceAll('\\n', '\n'), lines: [...block.matchAll(/^npx hypermeta (.+)$/gm)].map(([, line]) => line!) };
}
