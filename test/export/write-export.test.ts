import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import { hostFloats } from '../../src/core/host-tensor';
import type { ExportedFiles } from '../../src/export/exported-files';
import { firstLine } from '../../src/export/javascript';
import { writeExport } from '../../src/export/write-export-node';
import { readSafetensors, writeSafetensors } from '../../src/io/safetensors';
import { mlp } from '../../src/nn/mlp';
import { sinusoids } from '../../src/tasks/sinusoids';
import { networkToSafetensors } from '../../src/trainer/export-adapted';

const folder = mkdtempSync(join(tmpdir(), 'written-'));
const bytes = (text: string) => new TextEncoder().encode(text);
const script = (text: string): ExportedFiles => ({ format: 'javascript', files: { 'model.mjs': bytes(`${firstLine}\n${text}`) } });
const model = (text: string): ExportedFiles => ({ format: 'tfjs', files: { 'model.json': bytes(`{"format":"layers-model",${text}}`), 'weights.bin': bytes('1234') } });

afterEach(() => vi.restoreAllMocks());
afterAll(() => rmSync(folder, { recursive: true }));

test('a file and a folder are written, and replaced by later ones', () => {
  const [file, dir] = [join(folder, 'new', 'net.mjs'), join(folder, 'new', 'net')];
  for (const text of ['first', 'second']) {
    writeExport(file, script(text));
    writeExport(dir, model(`"x":"${text}"`));
    expect(readFileSync(file, 'utf8')).toBe(`${firstLine}\n${text}`);
    expect(readFileSync(join(dir, 'model.json'), 'utf8')).toContain(text);
  }
  expect(readdirSync(join(folder, 'new')).sort()).toEqual(['net', 'net.mjs']);
  expect(readdirSync(dir).sort()).toEqual(['model.json', 'weights.bin']);
});

test.each<[string, (text: string) => ExportedFiles, string]>([
  ['a folder', (text) => model(`"x":"${text}"`), 'model.json'],
  ['a file', script, ''],
])('%s that cannot be moved to its place leaves what was there before, and nothing beside it', (what, make, name) => {
  const place = join(folder, `kept ${what}`);
  const target = join(place, 'net');
  const fs = process.getBuiltinModule('node:fs');
  const rename = fs.renameSync;
  const fail = () =>
    vi.spyOn(fs, 'renameSync').mockImplementation((from, to) => {
      if (String(from).includes('.partial-')) throw new Error('EPERM: in use');
      rename(from, to);
    });
  const first = fail();
  expect(() => writeExport(target, make('new'))).toThrow('EPERM: in use');
  expect(readdirSync(place)).toEqual([]);
  first.mockRestore();
  writeExport(target, make('old'));
  fail();
  expect(() => writeExport(target, make('new'))).toThrow('EPERM: in use');
  expect(readdirSync(place)).toEqual(['net']);
  expect(readFileSync(join(target, name), 'utf8')).toContain('old');
});

test('what is no such export is kept', () => {
  const [notes, photos, half] = ['notes.mjs', 'photos', 'half'].map((name) => join(folder, name)) as [string, string, string];
  writeFileSync(notes, 'export const mine = 1;');
  mkdirSync(photos);
  writeFileSync(join(photos, 'cat.png'), 'meow');
  mkdirSync(half);
  writeFileSync(join(half, 'model.json'), '{"mine":true}');
  expect(() => writeExport(notes, script(''))).toThrow(`${notes}: expected a new file, or an export as javascript to replace, got another file; choose another path.`);
  expect(() => writeExport(photos, script(''))).toThrow('got a folder; choose another path.');
  expect(() => writeExport(photos, model(''))).toThrow('got a folder with cat.png; choose another path.');
  expect(() => writeExport(half, model(''))).toThrow('got a folder without such a model.json; choose another path.');
  expect(() => writeExport(notes, model(''))).toThrow('got a file; choose another path.');
  expect(readFileSync(notes, 'utf8')).toBe('export const mine = 1;');
  expect(existsSync(join(photos, 'cat.png'))).toBe(true);
});

test.each([[undefined], [['a', 'b']]])('a safetensors file of this library is replaced, with classes %j, and one of another is kept', (classes) => {
  const [own, foreign] = ['own', 'foreign'].map((name) => join(folder, `${name}-${classes?.length ?? 0}.safetensors`)) as [string, string];
  const weights = (value: number): ExportedFiles => {
    const network = { base: mlp([1, 1]), source: sinusoids(), weights: {}, hostWeights: { kernel: hostFloats(Float32Array.of(value), [1, 1, 1]) }, ...(classes ? { classes } : {}) };
    return { format: 'safetensors', files: { 'weights.safetensors': networkToSafetensors(network) } };
  };
  for (const value of [1, 2]) writeExport(own, weights(value));
  const { tensors, metadata } = readSafetensors(readFileSync(own), own);
  expect([...tensors['kernel']!.values]).toEqual([2]);
  expect(metadata).toEqual({ generatedBy: 'hypermeta', ...(classes ? { classes: '["a","b"]' } : {}) });
  const theirs = writeSafetensors({ kernel: hostFloats(Float32Array.of(3), [1]) }, { format: 'pt' });
  writeFileSync(foreign, theirs);
  expect(() => writeExport(foreign, weights(1))).toThrow(`${foreign}: expected a new file, or an export as safetensors to replace, got another file; choose another path.`);
  expect(new Uint8Array(readFileSync(foreign))).toEqual(theirs);
});
