import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const source = join(root, 'src');

/** Who may import whom: a folder imports from itself and from those before it. Those in one list stand side by side. */
const order: readonly (readonly string[])[] = [
  ['core'],
  ['ops'],
  ['graph', 'tasks', 'optim'],
  ['trace', 'onnx'],
  ['engine'],
  ['nn'],
  ['convert', 'hypernets', 'embeddings'],
  ['learners'],
  ['meta'],
  ['evaluation', 'io'],
  ['export'],
  ['trainer'],
  ['ready'],
  ['continual'],
  ['report'],
  ['cli'],
];

const { peerDependenciesMeta } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { peerDependenciesMeta: object };
const optionalPackages = Object.keys(peerDependenciesMeta);

function filesUnder(folder: string): readonly string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? filesUnder(path) : [path];
  });
}

const files = filesUnder(source)
  .filter((path) => path.endsWith('.ts'))
  .map((path) => {
    const text = readFileSync(path, 'utf8');
    const imports = [...text.matchAll(/^(?:import|export)\s(type\s)?[^;]*?from '([^']+)'/gm), ...text.matchAll(/^import (type )?'([^']+)'/gm)];
    return { path, name: relative(source, path), text, imports: imports.map(([, type, from]) => ({ from: from!, isType: Boolean(type) })) };
  });

const rankOf = (folder: string) => order.findIndex((names) => names.includes(folder));

describe('architecture', () => {
  test('there are files to look at', () => expect(files.length).toBeGreaterThan(50));

  test('imports go one way', () => {
    const wrong = files.flatMap(({ path, name, imports }) =>
      imports
        .filter(({ from }) => from.startsWith('.') && name !== 'index.ts')
        .map(({ from }) => relative(source, join(dirname(path), from)))
        .filter((target) => {
          const [here, there] = [name.split('/')[0]!, target.split('/')[0]!];
          return here !== there && (rankOf(there) < 0 || rankOf(there) >= rankOf(here)); // no rank: index.ts, or out of src
        })
        .map((target) => `${name} imports ${target}`),
    );
    expect(wrong).toEqual([]);
  });

  test('commands use the public API alone', () => {
    const commands = files.filter(({ name }) => name.startsWith('cli/'));
    expect(commands.length).toBeGreaterThan(10);
    for (const { name, imports } of commands)
      expect(imports.filter(({ from }) => from.startsWith('.') && !from.startsWith('./')), name).toEqual([]);
  });

  test('every folder has its place, two levels at most', () => {
    for (const { name } of files) {
      const parts = name.split('/');
      expect(parts.length, name).toBeLessThanOrEqual(2);
      if (parts.length === 2) expect(rankOf(parts[0]!), name).toBeGreaterThanOrEqual(0);
    }
  });

  test('files are short, but for the list of public names', () => {
    expect(files.filter(({ name, text }) => name !== 'index.ts' && text.split('\n').length > 251).map(({ name }) => name)).toEqual([]);
  });

  test('Node modules are asked for in *-node.ts files only, inside functions, but for the commands', () => {
    for (const { name, text, imports } of files.filter((file) => !file.name.startsWith('cli/'))) {
      if (!name.endsWith('-node.ts')) expect(text, name).not.toMatch(/['"]node:/);
      expect(imports.filter(({ from, isType }) => from.startsWith('node:') && !isType), name).toEqual([]);
    }
  });

  test('optional packages are never imported at load', () => {
    for (const { name, imports } of files)
      expect(imports.filter(({ from, isType }) => optionalPackages.includes(from) && !isType), name).toEqual([]);
  });
});
