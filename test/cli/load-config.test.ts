import * as hypermeta from 'hypermeta';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isNetwork } from '../../src/cli/config';
import { loadConfig } from '../../src/cli/load-config';
import { command, inFolder } from './command';

const typed = `
  import { defineConfig, mlp, type RunConfig } from 'hypermeta';
  const base = mlp([1, 5, 1]);
  const config: RunConfig = defineConfig({ data: { kind: 'sinusoids', shots: 3 }, base, learner: 'maml', train: { steps: 2 }, evaluate: { episodes: 2 } });
  export default config;
  (globalThis as { copies?: unknown[] }).copies = [mlp];
`;

test('a config in TypeScript shares this copy of hypermeta', () =>
  inFolder(async (cwd) => {
    writeFileSync(join(cwd, 'hypermeta.config.ts'), typed);
    const { config } = await loadConfig(join(cwd, 'hypermeta.config.ts'));
    expect(isNetwork(config.base)).toBe(true);
    expect((globalThis as { copies?: unknown[] }).copies).toEqual([hypermeta.mlp]);
  }));

test('a run with a module needs that module as it was', () =>
  inFolder(async (cwd) => {
    writeFileSync(join(cwd, 'hypermeta.config.ts'), typed);
    expect(await command('train --config hypermeta.config.ts --out run --json', { cwd })).toMatchObject({ code: 0, err: '' });
    expect(await command('inspect --from run --json', { cwd })).toMatchObject({ code: 0, err: '' });
    writeFileSync(join(cwd, 'hypermeta.config.ts'), `${typed}\n// changed`);
    const { code, err } = await command('inspect --from run', { cwd });
    expect([code, err.replaceAll(cwd, '')]).toEqual([2, '/hypermeta.config.ts: expected the module that the run in /run was started with, got another; its text is in /run/config.ts.\n']);
  }));

test('what is no config is refused', () =>
  inFolder(async (cwd) => {
    const said = async (name: string, text: string) => {
      writeFileSync(join(cwd, name), text);
      return loadConfig(join(cwd, name)).then(
        () => 'nothing',
        (error: Error) => error.message.replaceAll(cwd, ''),
      );
    };
    expect(await said('a.json', '{ "data": ')).toMatch(/^\/a\.json: expected JSON, got ".+"\.$/);
    expect(await said('a.yaml', '')).toBe('/a.yaml: expected a config .json, .ts, .mts, .cts, .js, .mjs or .cjs, got .yaml.');
    expect(await said('a.mjs', 'export const config = {};')).toBe('/a.mjs: expected the config as the default export, got config.');
    expect(await said('b.mjs', 'throw new Error("no data here")')).toBe('/b.mjs: expected a module that can be loaded, got "no data here".');
    expect(await said('c.mjs', 'export default 3;')).toBe('/c.mjs: expected an object with data, base, learner and train, got 3.');
    await expect(loadConfig(join(cwd, 'absent.json'))).rejects.toThrow('absent.json: expected a config, got nothing there.');
  }));
