import { spawn } from 'node:child_process';
import { once, type EventEmitter } from 'node:events';
import { existsSync, linkSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test, vi } from 'vitest';
import { isFull } from '../helpers/full';
import { command, inFolder } from './command';

const root = fileURLToPath(new URL('../..', import.meta.url));
const config = {
  data: { kind: 'sinusoids', shots: 3 },
  base: { kind: 'mlp', hidden: [6] },
  learner: { kind: 'hypernetwork', embeddingSize: 3, family: { kind: 'full', hidden: [4] } },
  trainer: { metaBatchSize: 3, seed: 'interrupted', runtime: 'tfjs' },
  train: { steps: 12, validateEvery: 3, validationEpisodes: 4, save: { every: 5 } },
  evaluate: { episodes: 4 },
};
const kept = (cwd: string, run: string) => ['events.jsonl', 'evaluation.json', 'step-00000012/weights.safetensors'].map((name) => readFileSync(join(cwd, run, name)));

test('a run that was interrupted and taken up again is the one that was not, bit for bit', () =>
  inFolder(async (cwd) => {
    writeFileSync(join(cwd, 'waves.json'), JSON.stringify(config));
    expect(await command('train --config waves.json --out whole --json', { cwd })).toMatchObject({ code: 0, err: '' });
    let steps = 0;
    let listening = 2;
    const interrupted = await command('train --config waves.json --out broken --json', {
      cwd,
      onOut(_words, signals) {
        if (++steps !== 4) return;
        signals.emit('SIGINT');
        listening = signals.listenerCount('SIGINT') + signals.listenerCount('SIGTERM');
      },
    });
    expect(interrupted.code).toBe(130);
    expect(interrupted.err).toBe(
      '\nFinishing this step, then saving; once more to end at once.\n' +
        'Interrupted at step 4 of 12 and saved; go on with: npx hypermeta train --out broken --resume\n',
    );
    expect(listening).toBe(0); // so that a second signal ends the process
    expect(existsSync(join(cwd, 'broken/evaluation.json'))).toBe(false);
    writeFileSync(join(cwd, 'broken/events.jsonl'), '{"step":5,"quer', { flag: 'a' }); // as a process that died would leave it
    expect(await command('train --out broken --resume --json', { cwd })).toMatchObject({ code: 0, err: '' });
    expect(kept(cwd, 'broken')).toEqual(kept(cwd, 'whole'));
  }), 60_000);

test('whenever a process may die, the events of its newest checkpoint are in the log, validations too', () =>
  inFolder(async (cwd) => {
    writeFileSync(join(cwd, 'waves.json'), JSON.stringify({ ...config, train: { ...config.train, steps: 4, save: { every: 1 } } }));
    const fs = process.getBuiltinModule('node:fs');
    const { renameSync } = fs;
    const found: string[] = [];
    const renaming = vi.spyOn(fs, 'renameSync').mockImplementation((from, to) => {
      renameSync(from, to);
      const checkpoint = /[\\/]step-(\d+)$/.exec(String(to));
      const events = readFileSync(join(cwd, 'run/events.jsonl'), 'utf8').trimEnd().split('\n').filter((line) => line !== '');
      if (checkpoint) found.push(`${Number(checkpoint[1])}: ${events.length} events, ${events.filter((line) => line.includes('validation')).length} validations`);
    });
    try {
      expect(await command('train --config waves.json --out run', { cwd })).toMatchObject({ code: 0 });
    } finally {
      renaming.mockRestore();
    }
    expect(found).toEqual(['1: 1 events, 0 validations', '2: 2 events, 0 validations', '3: 3 events, 1 validations', '4: 4 events, 2 validations']);
  }), 60_000);

describe('--resume', () => {
  test('starts where there is no run yet, goes on beyond the end, and evaluates again what is complete', () =>
    inFolder(async (cwd) => {
      writeFileSync(join(cwd, 'waves.json'), JSON.stringify(config));
      const { out } = await command('train --config waves.json --out run --resume --steps 2 --json', { cwd });
      expect(out.trimEnd().split('\n').map((line) => (JSON.parse(line) as { step: number }).step)).toEqual([1, 2, 2]);
      const more = await command('train --config waves.json --out run --resume --steps 3 --json', { cwd });
      expect(more.out.trimEnd().split('\n').map((line) => (JSON.parse(line) as { step: number }).step)).toEqual([3, 3]);
      const again = await command('train --out run --resume --json', { cwd });
      expect(again.out.trimEnd()).toBe(more.out.trimEnd().split('\n').at(-1));
    }));

  test('refuses another config and fewer steps', () =>
    inFolder(async (cwd) => {
      writeFileSync(join(cwd, 'waves.json'), JSON.stringify(config));
      writeFileSync(join(cwd, 'other.json'), JSON.stringify({ ...config, base: { kind: 'mlp', hidden: [5] } }));
      await command('train --config waves.json --out run --steps 2', { cwd });
      const said = async (line: string) => (await command(line, { cwd })).err.replaceAll(cwd, '');
      expect(await said('train --config other.json --out run --resume')).toBe(
        '--config: expected the config that the run in /run was started with, got another; leave --config out, or choose another folder.\n',
      );
      expect(await said('train --out run --resume --steps 1')).toBe('--steps: expected at least the 2 steps that the run has, got 1.\n');
    }));

  test('replaces the log of events whole, so that a process that dies meanwhile loses none', () =>
    inFolder(async (cwd) => {
      writeFileSync(join(cwd, 'waves.json'), JSON.stringify(config));
      await command('train --config waves.json --out run --steps 2', { cwd });
      const [log, other] = ['run/events.jsonl', 'log'].map((name) => join(cwd, name)) as [string, string];
      writeFileSync(log, '{"step":3,"queryLoss":1,"gradientNorm":1}\n', { flag: 'a' });
      const before = readFileSync(log, 'utf8');
      linkSync(log, other); // another name of the same file: what is written into it shows there
      await command('train --out run --resume --steps 2', { cwd });
      expect(readFileSync(other, 'utf8')).toBe(before);
      expect(readFileSync(log, 'utf8').trimEnd().split('\n')).toEqual(before.trimEnd().split('\n').slice(0, 2));
    }));

  test('changes nothing of a run where it refuses: the events after its last checkpoint stay too', () =>
    inFolder(async (cwd) => {
      writeFileSync(join(cwd, 'waves.json'), JSON.stringify(config));
      await command('train --config waves.json --out run --steps 2', { cwd });
      writeFileSync(join(cwd, 'run/events.jsonl'), '{"step":3,"queryLoss":1,"gradientNorm":1}\n', { flag: 'a' }); // as a process that died would leave it
      const files = () => ['run.json', 'events.jsonl'].map((name) => readFileSync(join(cwd, 'run', name), 'utf8'));
      const before = files();
      expect(await command('train --out run --resume --steps 1', { cwd })).toMatchObject({ code: 2 });
      expect(files()).toEqual(before);
    }));
});

test('patience that ends a run is said; with --resume it stays ended, with more --steps it goes on; scores name the step of their weights', () =>
  inFolder(async (cwd) => {
    const train = { steps: 9, validateEvery: 1, validationEpisodes: 2, patience: 2 };
    const still = { ...config, learner: 'maml', trainer: { ...config.trainer, outerLearningRate: 1e-12 }, train }; // the first validation stays the best
    writeFileSync(join(cwd, 'waves.json'), JSON.stringify(still));
    const stopped = (step: number) => `Stopped at step ${step} of 9: 2 validations without a better one.\n`;
    const steps = () => readFileSync(join(cwd, 'run/events.jsonl'), 'utf8').trimEnd().split('\n').length;
    const evaluation = () => JSON.parse(readFileSync(join(cwd, 'run/evaluation.json'), 'utf8')) as object;
    expect(await command('train --config waves.json --out run --json --tensorboard', { cwd })).toMatchObject({ code: 0, err: stopped(3) });
    expect(evaluation()).toMatchObject({ step: 3, bestStep: 1 });
    expect(await command('train --out run --resume --json', { cwd })).toMatchObject({ code: 0, err: stopped(3) });
    expect(steps()).toBe(3);
    const { out, err } = await command('train --out run --resume --steps 9 --tensorboard', { cwd });
    expect(err).toMatch(/^meta-training {2}44 % {2}4\/9 [^]*Stopped at step 5 of 9: 2 validations without a better one\.\n$/);
    expect(out).toMatch(/^MAML: mse on 4 unseen episodes, ± 95 %, with the weights of step 1, the best by validation\n/);
    expect([steps(), evaluation()]).toEqual([5, expect.objectContaining({ step: 5, bestStep: 1 })]);
    const logs = readdirSync(join(cwd, 'run/tensorboard')).map((name) => readFileSync(join(cwd, 'run/tensorboard', name)));
    expect(logs.map((log) => log.includes(Buffer.of(0x3a, 2, 8, 1)))).toEqual([true, true]); // both mark where they start
    expect((await command('inspect --from run', { cwd })).out).toContain('evaluated at step 5, with the weights of step 1, the best by validation, by inner steps');
  }));

test('inspect says which step was evaluated, where training has gone on since', () =>
  inFolder(async (cwd) => {
    writeFileSync(join(cwd, 'waves.json'), JSON.stringify(config));
    await command('train --config waves.json --out run --steps 3', { cwd });
    let steps = 3;
    const onOut = (_words: string, signals: EventEmitter) => void (++steps === 7 && signals.emit('SIGINT'));
    expect(await command('train --out run --resume --steps 40 --json', { cwd, onOut })).toMatchObject({ code: 130 });
    const { out } = await command('inspect --from run', { cwd });
    expect(out).toMatch(/ step 7 of 40\n[^]+\nmse on unseen episodes, evaluated at step 3, by inner steps: /);
    expect(JSON.parse((await command('inspect --from run --json', { cwd })).out)).toMatchObject({ step: 7, evaluation: { step: 3 } });
  }));

test.runIf(isFull && process.platform !== 'win32')('a process that gets SIGTERM saves and says so', () =>
  inFolder(async (cwd) => {
    writeFileSync(join(cwd, 'waves.json'), JSON.stringify({ ...config, train: { ...config.train, steps: 100_000 } }));
    const words = ['--import', 'tsx', join(root, 'src/cli/main.ts'), 'train', '--config', join(cwd, 'waves.json'), '--out', join(cwd, 'run'), '--json'];
    const child = spawn(process.execPath, words, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    let err = '';
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
    child.stdout.once('data', () => child.kill('SIGTERM'));
    const [code] = (await once(child, 'close')) as [number];
    expect([code, err]).toEqual([130, expect.stringMatching(/Interrupted at step \d+ of 100000 and saved; go on with: npx hypermeta train --out \S+ --resume\n$/)]);
  }), 60_000);
