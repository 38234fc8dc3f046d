import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { command, inFolder } from './command';

/** What the commands say, kept as text beside this file: `vitest -u` writes it anew after a change that was meant. */
const commands = ['', 'train', 'adapt', 'predict', 'evaluate', 'export', 'inspect', 'report', 'schema', 'demo'];

test('every --help', async () => {
  const said = await Promise.all(
    commands.map(async (name) => {
      const { code, out, err } = await command(`${name} --help`, { cwd: '.' });
      expect([code, err, out.includes(`npx hypermeta ${name}`)], name).toEqual([0, '', name !== '']);
      return `$ hypermeta ${`${name} --help`.trim()}\n${out}`;
    }),
  );
  await expect(said.join('\n')).toMatchFileSnapshot('golden/help.txt');
});

test('the version', async () => {
  expect(await command('--version', { cwd: '.' })).toEqual({ code: 0, out: '0.0.0\n', err: '' });
});

const config = { data: { kind: 'sinusoids', shots: 3 }, base: { kind: 'mlp', hidden: [5] }, learner: 'maml', train: { steps: 1 }, evaluate: { episodes: 2 } };

const failures = [
  '',
  'trian',
  'train',
  'train --out run --config',
  'train --out run --stepz 3',
  'train --out run --steps three',
  'train --out run',
  'train --config absent.json --out run',
  'train --config wrong.json --out run',
  'train --config cut.json --out run',
  'train --config unfit.json --out run',
  'train --config nodata.json --out run',
  'train --config impatient.json --out run',
  'train --config waves.json --out waves',
  'train --config waves.json --out foreign',
  'train --config waves.json --out theirs',
  'train --config waves.json --out waves.json',
  'train --out waves --resume --config wrong.json',
  'adapt --from absent --support points.csv --out task.json',
  'adapt --from broken --support points.csv --out task.json',
  'adapt --from newer --support points.csv --out task.json',
  'adapt --from untrained --support points.csv --out task.json',
  'adapt --from waves --support absent.csv --out task.json',
  'adapt --from waves --support text.csv --out task.json',
  'adapt --from waves --support shapes.json --out task.json',
  'adapt --from waves --support list.json --out task.json',
  'adapt --from waves --support points.csv --condition 1,x --out task.json',
  'adapt --from waves --support points.csv --rate -1 --out task.json',
  'adapt --from waves --support points.csv --row 1 --out task.json',
  'adapt --from waves --support points.csv --condition 1,2 --out task.json',
  'adapt --from waves --support points.csv --out waves',
  'predict --from waves --task absent.json --input points.csv',
  'predict --from waves --task list.json --input points.csv',
  'predict --from waves --task task.json --input shapes.json',
  'predict --from waves --task task.json --input points.csv --out said.txt',
  'predict --from waves --task task.json --input points.csv --out folder.json',
  'report --from waves --out waves',
  'evaluate --from waves --steps 1,-2',
  'evaluate --from waves extra',
  'export --from waves --task task.json --format onyx --out wave.onnx',
  'export --from waves --task task.json --format onnx --batch 0 --out wave.onnx',
  'export --from waves --task task.json --format javascript --batch 4 --out wave.mjs',
  'export --from waves --task task.json --format safetensors --batch 4 --out wave.safetensors',
  'inspect',
];

test('every failure is a sentence on standard error, with its exit code', () =>
  inFolder(async (cwd) => {
    const files: Readonly<Record<string, string>> = {
      'waves.json': JSON.stringify(config),
      'wrong.json': JSON.stringify({ ...config, learner: { kind: 'mmal' }, train: { steps: 0 }, lerner: 1 }),
      'cut.json': '{ "data": ',
      'unfit.json': JSON.stringify({ ...config, learner: 'protonet' }),
      'nodata.json': JSON.stringify({ ...config, data: { kind: 'csv', file: 'nothing.csv', target: 'y', task: 'x' } }),
      'impatient.json': JSON.stringify({ ...config, train: { steps: 3, patience: 2 } }),
      'points.csv': 'x,y\n-1,0.3\n0,1.2\n',
      'text.csv': 'x,y\n-1,low\n0,1.2\n',
      'shapes.json': '{ "x": [[1, 2]], "y": [[1]] }',
      'list.json': '[1, 2]',
      'broken/run.json': '{ "format": "hypermeta run", "version": 1 }',
      'newer/run.json': '{ "format": "hypermeta run", "version": 2 }',
      'foreign/step-00000003/weights.safetensors': '',
      'theirs/config.json': '{ "of": "another program" }',
    };
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(join(cwd, name, '..'), { recursive: true });
      writeFileSync(join(cwd, name), text);
    }
    for (const line of ['train --config waves.json --out waves', 'adapt --from waves --support points.csv --out task.json'])
      expect((await command(line, { cwd })).code, line).toBe(0);
    mkdirSync(join(cwd, 'folder.json'));
    cpSync(join(cwd, 'waves'), join(cwd, 'untrained'), { recursive: true });
    rmSync(join(cwd, 'untrained/step-00000001'), { recursive: true });
    const said: string[] = [];
    for (const line of failures) {
      const { code, out, err } = await command(line, { cwd });
      expect([out, err.includes('\n    at ')], line).toEqual(['', false]);
      said.push(`$ hypermeta ${line}\n${err.replaceAll(cwd, '')}exit code ${code}\n`);
    }
    await expect(said.join('\n')).toMatchFileSnapshot('golden/failures.txt');
    const { err } = await command('train --config absent.json --out run --verbose', { cwd });
    expect(err).toMatch(/^UsageError: .*absent\.json: expected a config, got nothing there\.\n {4}at /);
  }), 60_000);

test.each(['config.json', 'events.jsonl', 'evaluation.json', 'tensorboard'])('train starts no run where another program has its %s', (name) =>
  inFolder(async (cwd) => {
    writeFileSync(join(cwd, 'waves.json'), JSON.stringify(config));
    writeFileSync(join(cwd, name), 'not of a run');
    const { code, err } = await command('train --config waves.json --out .', { cwd });
    expect([code, err]).toEqual([2, `--out: expected a folder without files of a run's names, got ${cwd} with ${name}; choose another folder, or move that away.\n`]);
    expect(readFileSync(join(cwd, name), 'utf8')).toBe('not of a run');
    expect(readdirSync(cwd).sort()).toEqual([name, 'waves.json'].sort());
  }));

test('train may start a run beside its own config.json, which stays as it is', () =>
  inFolder(async (cwd) => {
    const text = `\uFEFF${JSON.stringify(config)}\r\n`;
    writeFileSync(join(cwd, 'config.json'), text);
    expect(await command('train --config config.json --out . --json', { cwd })).toMatchObject({ code: 0, err: '' });
    expect(readFileSync(join(cwd, 'config.json'), 'utf8')).toBe(text);
  }));

test('a config that train refuses leaves nothing that stands in the way of the corrected one', () =>
  inFolder(async (cwd) => {
    writeFileSync(join(cwd, 'waves.json'), JSON.stringify({ ...config, train: { steps: 3, patience: 2 } }));
    const { code, err } = await command('train --config waves.json --out run', { cwd });
    expect([code, err]).toEqual([2, `${cwd}/waves.json: config.train: train: patience: expected validateEvery beside it, got none.\n`]);
    expect(readdirSync(cwd)).toEqual(['waves.json']);
    writeFileSync(join(cwd, 'waves.json'), JSON.stringify({ ...config, train: { steps: 3, patience: 2, validateEvery: 1, validationEpisodes: 2 } }));
    expect(await command('train --config waves.json --out run --json', { cwd })).toMatchObject({ code: 0, err: '' });
  }));
