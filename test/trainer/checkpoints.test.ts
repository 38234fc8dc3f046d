import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DataError } from '../../src/core/errors';
import { mapRecord } from '../../src/core/params';
import { createRng } from '../../src/core/rng';
import { writeSafetensors } from '../../src/io/safetensors';
import { sha256OfJson } from '../../src/io/sha256';
import { learnedRates } from '../../src/learners/learned-rates';
import { maml } from '../../src/learners/maml';
import { protonet } from '../../src/learners/protonet';
import { mlp } from '../../src/nn/mlp';
import { difference } from '../../src/meta/difference';
import { unrolled } from '../../src/meta/unrolled';
import { adam } from '../../src/optim/adam';
import { momentum } from '../../src/optim/momentum';
import { cosine } from '../../src/optim/schedule';
import { sgd } from '../../src/optim/sgd';
import { fewShot } from '../../src/tasks/few-shot';
import { labelledSet } from '../../src/tasks/labelled-set';
import { sinusoids } from '../../src/tasks/sinusoids';
import { metaTrainer } from '../../src/trainer/meta-trainer';
import type { MetaTrainer } from '../../src/trainer/trainer';
import type { MetaTrainerOptions } from '../../src/trainer/options';
import type { TrainOptions } from '../../src/trainer/train';
import { isFull } from '../helpers/full';
import { expectNoLeak } from '../helpers/leaks';

const folder = mkdtempSync(join(tmpdir(), 'hypermeta-checkpoints-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const waves = sinusoids({ shots: 4 });
const letters = labelledSet({ x: Array.from({ length: 40 }, (_, index) => [Math.floor(index / 5), index % 5]), y: Array.from({ length: 40 }, (_, index) => `class ${Math.floor(index / 5)}`) });
const tasks = { train: waves, validation: waves, test: waves };
const usual = { metaBatchSize: 3, outerLearningRate: cosine(0.01, 8), seed: 'one' };
const make = (options: MetaTrainerOptions = {}, hidden = 4) => metaTrainer(maml(mlp([1, hidden, 1])), tasks, { ...usual, ...options });

/** Trains, to a step before its end if one is given, and returns every event as text. */
async function record(trainer: MetaTrainer, options: TrainOptions, until = Infinity): Promise<readonly string[]> {
  const events: string[] = [];
  for await (const event of trainer.train(options)) {
    events.push(JSON.stringify(event));
    if (event.step === until) break;
  }
  return events;
}
const scoreOf = async (trainer: MetaTrainer) => (await trainer.evaluate({ episodes: 4 })).scores[0]!.values;
const often = { validateEvery: 2, validationEpisodes: 3 };

async function withTrainer<Result>(work: (trainer: MetaTrainer) => Promise<Result>, ...how: Parameters<typeof make>): Promise<Result> {
  const trainer = await make(...how);
  try {
    return await work(trainer);
  } finally {
    trainer.dispose();
  }
}

describe('a run that is taken up', () => {
  test.each<[string, MetaTrainerOptions]>([['adam', {}], ['momentum', { outerOptimizer: momentum() }], ['tfjs', { runtime: 'tfjs' }]])(
    'gives the numbers of one that never stopped: %s', async (name, options) => {
      const dir = join(folder, `unbroken ${name}`);
      const [whole, score] = await withTrainer(async (trainer) => [await record(trainer, { steps: 8, ...often }), await scoreOf(trainer)] as const, options);
      const first = await withTrainer(async (trainer) => {
        const events = await record(trainer, { steps: 8, ...often }, 5);
        expect(await trainer.save(dir)).toBe(join(dir, 'step-00000005'));
        return events;
      }, options);
      await withTrainer(async (trainer) => {
        expect(await trainer.resume(dir)).toBe(true);
        expect([trainer.step, [2, 4]]).toEqual([5, expect.arrayContaining([trainer.bestStep])]);
        expect([...first, ...(await record(trainer, { steps: 3, ...often }))]).toEqual(whole);
        expect(await scoreOf(trainer)).toEqual(score); // of the best by validation, which may be of before
      }, options);
    });

  test('starts where there is nothing yet, and remembers how long ago the best was', async () => {
    const dir = join(folder, 'patience');
    const patient = { steps: 30, validateEvery: 1, validationEpisodes: 2, patience: 3 };
    const whole = await withTrainer((trainer) => record(trainer, patient));
    expect(whole.length).toBeLessThan(30);
    await withTrainer(async (trainer) => {
      expect(await trainer.resume(dir)).toBe(false);
      await record(trainer, { ...patient, steps: whole.length - 1 });
      await trainer.save(dir);
    });
    await withTrainer(async (trainer) => {
      await trainer.load(dir);
      expect(await record(trainer, { ...patient, steps: 1 })).toHaveLength(1);
      expect(trainer.step).toBe(whole.length); // patience is over
      await trainer.load(dir);
      expect(await record(trainer, patient)).toHaveLength(1);
    });
  });

  test('counts for patience from call to call, killed in between or not; a call that begins when it is used up counts afresh', async () => {
    const patient = { steps: 2, validateEvery: 1, validationEpisodes: 2, patience: 5 };
    const still: MetaTrainerOptions = { outerLearningRate: 1e-12, runtime: 'tfjs' }; // the first validation stays the best
    const calls = async (next: (trainer: MetaTrainer) => Promise<MetaTrainer>) => {
      let trainer = await make(still);
      const taken: number[] = [];
      for (let call = 0; call < 7; call++) {
        taken.push((await record(trainer, patient)).length);
        trainer = await next(trainer);
      }
      trainer.dispose();
      return taken;
    };
    const dir = join(folder, 'patience from call to call');
    expect(await calls((trainer) => Promise.resolve(trainer))).toEqual([2, 2, 2, 2, 2, 1, 2]); // step 6 uses it up, and step 11 again
    expect(await calls(async (trainer) => {
      await trainer.save(dir);
      trainer.dispose();
      const other = await make(still);
      await other.resume(dir);
      return other;
    })).toEqual([2, 2, 2, 2, 2, 1, 2]);
  });

  test('may see tasks of another number of classes or examples', async () => {
    const dir = join(folder, 'other tasks');
    const classes = (ways: number, shots: number) => metaTrainer(protonet(mlp([2, 4, 5])), fewShot(letters, { ways, shots, queryShots: 2 }), { metaBatchSize: 2 });
    for (const trainer of [await classes(5, 1), await classes(3, 2)]) {
      expect(await trainer.resume(dir)).toBe(existsSync(dir));
      await trainer.save(dir);
      trainer.dispose();
    }
  });

  test('with the weights alone it is a new run: other options, step 0', async () => {
    const dir = join(folder, 'weights');
    const score = await withTrainer(async (trainer) => {
      await record(trainer, { steps: 4, ...often });
      await trainer.save(dir);
      return scoreOf(trainer);
    });
    await withTrainer(async (trainer) => {
      await trainer.load(dir, { only: 'weights' });
      expect(trainer.step).toBe(0);
      expect(await scoreOf(trainer)).toEqual(score);
      expect(await record(trainer, { steps: 1 })).toHaveLength(1);
    }, { seed: 'another', outerLearningRate: 0.001 });
  });
});

describe('what decides the numbers of a run', () => {
  const saved = { innerSteps: 2, order: { firstFor: 5 }, metaGradient: unrolled({ losses: 'every' }), outerOptimizer: adam({ beta1: 0.8 }) } as const;
  const path = join(folder, 'decides/step-00000001');
  beforeAll(() =>
    withTrainer(async (trainer) => {
      await record(trainer, { steps: 1 });
      await trainer.save(join(folder, 'decides'));
    }, saved));

  test.each<[string, MetaTrainerOptions, string]>([
    ['another meta-gradient', { metaGradient: difference() }, 'expected metaGradient {"name":"unrolled","losses":"every","penalty":"whole"}, as the run that was saved has, got {"name":"difference","minibatches":1}'],
    ['other settings of it', { metaGradient: unrolled() }, 'expected metaGradient {"name":"unrolled","losses":"every","penalty":"whole"}, as the run that was saved has, got {"name":"unrolled","losses":"last","penalty":"whole"}'],
    ['one without settings', { metaGradient: (...given) => unrolled()(...given) }, 'got null; give the trainer the same options'],
    ['another change of order', { order: { firstFor: 6 } }, 'expected firstFor 5, as the run that was saved has, got 6'],
    ['no change of order', { order: 'second' }, 'expected firstFor 5, as the run that was saved has, got null'],
    ['other settings of the outer optimizer', { outerOptimizer: adam({ beta1: 0 }) }, 'expected outerOptimizerSettings {"beta1":0.8,"beta2":0.999,"epsilon":1e-8}, as the run that was saved has, got {"beta1":0,"beta2":0.999,"epsilon":1e-8}'],
    ['settings of an inner optimizer', { innerOptimizer: { ...sgd(), settings: { decay: 0.5 } } }, 'expected innerOptimizerSettings null, as the run that was saved has, got {"decay":0.5}'],
  ])('is in a checkpoint: %s is refused', (_name, other, message) =>
    withTrainer((trainer) => expect(trainer.load(path)).rejects.toThrow(message), { ...saved, ...other }));

  test('was not all in a checkpoint once: one without some of it still loads', async () => {
    const file = join(path, 'checkpoint.json');
    const { sha256: _, settings, fingerprint, ...rest } = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
    const { metaGradient, firstFor, innerOptimizerSettings, outerOptimizerSettings, ...older } = settings as Record<string, unknown>;
    for (const entry of [fingerprint, metaGradient, firstFor, innerOptimizerSettings, outerOptimizerSettings]) expect(entry).toBeDefined();
    const description = { ...rest, settings: older };
    const copy = join(folder, 'older');
    cpSync(path, copy, { recursive: true });
    writeFileSync(join(copy, 'checkpoint.json'), JSON.stringify({ ...description, sha256: await sha256OfJson(description, 1) }));
    await withTrainer(async (trainer) => {
      await trainer.load(copy);
      expect(trainer.step).toBe(1);
    }, saved);
    await withTrainer((trainer) => expect(trainer.load(copy)).rejects.toThrow('expected innerSteps 2'), { ...saved, innerSteps: 1 });
  });
});

describe('checkpoints along a training', () => {
  test('are written every so many steps and at the end; the newest stay', async () => {
    const dir = join(folder, 'along');
    await withTrainer((trainer) => record(trainer, { steps: 7, save: { dir, every: 2, keep: 2 } }));
    expect(readdirSync(dir).sort()).toEqual(['step-00000006', 'step-00000007']);
    expect(readdirSync(join(dir, 'step-00000007')).sort()).toEqual(['checkpoint.json', 'training.safetensors', 'weights.safetensors']);
  });

  test('are written too when the loop is left, and when it is aborted', async () => {
    const dir = join(folder, 'left');
    await withTrainer(async (trainer) => {
      for await (const { step } of trainer.train({ steps: 9, save: { dir } })) if (step === 3) break;
      expect(readdirSync(dir)).toEqual(['step-00000003']);
      const stop = new AbortController();
      for await (const { step } of trainer.train({ steps: 9, save: { dir }, signal: stop.signal })) if (step === 5) stop.abort();
      expect(readdirSync(dir).sort()).toEqual(['step-00000003', 'step-00000005']);
    });
  });

  test('come after the loop is done with an event, so that a process that dies in between loses none', async () => {
    const dir = join(folder, 'after');
    await withTrainer(async (trainer) => {
      for await (const { step } of trainer.train({ steps: 3, ...often, save: { dir, every: 1 } }))
        expect(existsSync(dir) ? readdirSync(dir).sort().at(-1) : undefined).toBe(step === 1 ? undefined : `step-0000000${step - 1}`);
      expect(readdirSync(dir).sort().at(-1)).toBe('step-00000003');
    });
  });

  test('do not go into a folder of another run, or behind later ones', async () => {
    const dir = join(folder, 'occupied');
    await withTrainer(async (trainer) => {
      await record(trainer, { steps: 4, save: { dir, every: 2 } });
      expect(await trainer.save(dir)).toBe(join(dir, 'step-00000004')); // it is there
      await trainer.load(join(dir, 'step-00000002'));
      await expect(record(trainer, { steps: 1, save: { dir } })).rejects.toThrow('expected no checkpoint after step 2, got step 4; remove it');
    });
    await withTrainer(async (trainer) => {
      const refused = 'expected a folder without checkpoints of another run, got step 4; load it to go on, or choose another folder.';
      await expect(record(trainer, { steps: 1, save: { dir } })).rejects.toThrow(refused);
      expect(trainer.step).toBe(0); // before any work
      await expect(trainer.save(dir)).rejects.toThrow(refused);
    });
  });

  test('are never left in the place of another state of the same step', async () => {
    const [dir, other] = [join(folder, 'same step'), join(folder, 'same step, other weights')];
    await withTrainer((trainer) => trainer.save(other), { seed: 'two' });
    await withTrainer(async (trainer) => {
      await record(trainer, { steps: 2, ...often });
      const path = await trainer.save(dir);
      const notes = readFileSync(join(path, 'checkpoint.json'));
      await trainer.load(dir);
      expect(await trainer.save(dir)).toBe(path); // the same state
      await trainer.load(other, { only: 'weights' });
      await expect(trainer.save(dir)).rejects.toThrow(`save: ${path}: expected this state of the step, got another that was saved before; choose another folder, or remove it.`);
      expect(readFileSync(join(path, 'checkpoint.json'))).toEqual(notes);
      rmSync(path, { recursive: true });
      expect(await trainer.save(dir)).toBe(path);
      const weights = mapRecord(trainer.meta, (value) => Array.from(value.dataSync()));
      await withTrainer(async (copy) => {
        await copy.load(path);
        expect(mapRecord(copy.meta, (value) => Array.from(value.dataSync()))).toEqual(weights);
      });
    });
  });

  test('are refused while a step is being validated, as they would lack what the validation says', async () => {
    const dir = join(folder, 'validating');
    const asked: Promise<unknown>[] = [];
    const validation: typeof waves = { ...waves, sample: (...given) => (asked.length === 0 && asked.push(trainer.save(dir).catch(String)), waves.sample(...given)) };
    const trainer = await metaTrainer(maml(mlp([1, 4, 1])), { ...tasks, validation }, { metaBatchSize: 3 });
    await record(trainer, { steps: 2, ...often, save: { dir, every: 1 } });
    expect(await asked[0]).toContain('save: expected a trainer between two steps, got one inside a step');
    expect(readdirSync(dir)).toContain('step-00000002');
    trainer.dispose();
  });

  test('leak nothing', () =>
    expectNoLeak(async () => {
      const dir = join(folder, 'leaks');
      rmSync(dir, { recursive: true, force: true });
      await withTrainer(async (trainer) => {
        await record(trainer, { steps: 2, save: { dir, every: 1 } });
        await trainer.load(dir);
      });
    }));
});

describe('a checkpoint that cannot be used is refused in one sentence, and the trainer stays as it was', async () => {
  const good = join(folder, 'good/step-00000002');
  await withTrainer(async (trainer) => {
    await record(trainer, { steps: 2, ...often });
    await trainer.save(join(folder, 'good'));
  });
  const notes = () => JSON.parse(readFileSync(join(good, 'checkpoint.json'), 'utf8')) as Record<string, unknown>;

  /** A copy with one file changed. */
  function damaged(name: string, file: string, change: (bytes: Uint8Array) => Uint8Array | undefined): string {
    const dir = join(folder, 'damaged', name.replace(/\W+/g, '-'));
    cpSync(good, dir, { recursive: true });
    const changed = change(readFileSync(join(dir, file)));
    if (changed) writeFileSync(join(dir, file), changed);
    else rmSync(join(dir, file));
    return dir;
  }
  const json = (value: unknown) => () => new TextEncoder().encode(JSON.stringify(value));
  const flipped = (bytes: Uint8Array) => bytes.map((byte, index) => (index === bytes.length - 3 ? byte ^ 1 : byte));

  test.each<[string, string, (bytes: Uint8Array) => Uint8Array | undefined, string]>([
    ['cut weights', 'weights.safetensors', (bytes) => bytes.subarray(0, -1), 'it is truncated or was altered.'],
    ['missing weights', 'weights.safetensors', () => undefined, 'weights.safetensors: expected 356 bytes, got no file; it is truncated or was altered.'],
    ['altered weights', 'weights.safetensors', flipped, 'weights.safetensors: expected the content that was written, got another; it was altered.'],
    ['altered moments', 'training.safetensors', flipped, 'training.safetensors: expected the content that was written, got another; it was altered.'],
    ['an altered step', 'checkpoint.json', json({ ...notes(), step: 3 }), 'checkpoint.json: expected the content that was written, got another; it was altered.'],
    ['a cut description', 'checkpoint.json', (bytes) => bytes.subarray(0, 100), 'checkpoint.json: expected JSON, got a truncated or foreign file.'],
    ['a foreign description', 'checkpoint.json', json({ name: 'package' }), "checkpoint.json: expected the format 'hypermeta checkpoint', got another."],
    ['a list', 'checkpoint.json', json([1]), "checkpoint.json: expected the format 'hypermeta checkpoint', got another."],
    ['a newer version', 'checkpoint.json', json({ ...notes(), version: 2 }), 'checkpoint.json: expected version 1 at most, got 2; it was written by a newer hypermeta: install that.'],
    ['a huge description', 'checkpoint.json', () => new Uint8Array(4_000_001), 'checkpoint.json: expected at most 4000000 bytes, got 4000001.'],
  ])('%s', async (name, file, change, message) => {
    const dir = damaged(name, file, change);
    await withTrainer(async (trainer) => {
      const before = await record(trainer, { steps: 1 });
      const score = await scoreOf(trainer);
      const refused = trainer.load(dir);
      await expect(refused).rejects.toThrow(DataError);
      await expect(refused).rejects.toThrow(message);
      expect([before.length, trainer.step, await scoreOf(trainer)]).toEqual([1, 1, score]);
    });
  });

  test.each<[string, () => Promise<MetaTrainer>, string]>([
    ['another network', () => make({}, 5), "'base/dense1/kernel': expected shape [1, 1, 5], as this learner has, got [1, 1, 4]."],
    ['a learner of more', () => metaTrainer(learnedRates(maml(mlp([1, 4, 1])), { steps: 1 }), tasks), 'expected shape [1, 1], as this learner has, got none of that name.'],
    ['another activation', () => metaTrainer(maml(mlp([1, 4, 1], { activation: 'sigmoid' })), tasks, usual), 'as that of the learner that was saved, got '],
    ['other weights that adapt', () => metaTrainer(maml(mlp([1, 4, 1]), { adapts: (name) => name.startsWith('dense2') }), tasks, usual), 'make the learner, and its base network, with the same options, or take over the weights alone'],
    ['another seed', () => make({ seed: 'two' }), 'expected seed "one", as the run that was saved has, got "two"; give the trainer the same options, or take over the weights alone'],
    ['other steps', () => make({ innerSteps: 2 }), 'expected innerSteps 1, as the run that was saved has, got 2'],
    ['another schedule', () => make({ outerLearningRate: 0.01 }), 'expected outerLearningRate {"0":0.01,'],
    ['another optimizer', () => make({ outerOptimizer: momentum() }), 'as this learner has, got none of that name.'],
  ])('%s', async (_name, makeOther, message) => {
    const trainer = await makeOther();
    await expect(trainer.load(good)).rejects.toThrow(message);
    expect(trainer.step).toBe(0);
    trainer.dispose();
  });

  test('an empty or missing folder', async () => {
    const empty = join(folder, 'empty');
    mkdirSync(empty);
    const file = join(folder, 'file');
    writeFileSync(file, '');
    await withTrainer(async (trainer) => {
      await expect(trainer.load(empty)).rejects.toThrow('expected a checkpoint, or a folder of checkpoints step-…, got none.');
      await expect(trainer.load(join(folder, 'absent'))).rejects.toThrow('expected a checkpoint, or a folder of checkpoints step-…, got none.');
      await expect(trainer.save(file)).rejects.toThrow('file: expected a folder, got a file.');
      await expect(trainer.save(good.replace(/good.*/, 'kept'), { keep: 0 })).rejects.toThrow('save: keep: expected a whole number of at least 1, got 0.');
    });
  });

  test.runIf(isFull)('more than the learner has room for', async () => {
    const large = join(folder, 'large');
    await withTrainer((trainer) => trainer.save(large), {}, 1_100_000);
    await withTrainer((trainer) => expect(trainer.load(large)).rejects.toThrow(/weights\.safetensors: expected at most \d+ bytes for this learner, got \d+\./));
  });
});

test('weights are a plain safetensors file under the names of the meta-parameters', async () => {
  const dir = join(folder, 'plain');
  await withTrainer(async (trainer) => {
    const path = await trainer.save(dir);
    const meta = Object.fromEntries(Object.entries(trainer.meta).map(([name, value]) => [name, { values: Float32Array.from(value.dataSync()), shape: value.shape, dtype: 'float32' as const }]));
    expect(new Uint8Array(readFileSync(join(path, 'weights.safetensors')))).toEqual(writeSafetensors(meta));
  });
});

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The program as one file, which starts at once. */
function bundleProgram(): string {
  const outfile = join(folder, 'interrupted-run.cjs');
  buildSync({ entryPoints: [join(root, 'test/trainer/interrupted-run.ts')], bundle: true, platform: 'node', packages: 'external', alias: { hypermeta: join(root, 'src/index.ts') }, outfile });
  return outfile;
}

/** The program's lines so far, and its death at `after` milliseconds from its first line; never, where it is left alone. */
function runUntilKilled(file: string, dir: string, after?: number): Promise<{ readonly lines: readonly string[]; readonly killed: boolean }> {
  return new Promise((settle, fail) => {
    const env = { ...process.env, NODE_PATH: join(root, 'node_modules') };
    const program = spawn(process.execPath, [file, dir, '40'], { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let [output, complaint] = ['', ''];
    program.stdout.on('data', (chunk) => {
      if (output === '' && after !== undefined) setTimeout(() => program.kill('SIGKILL'), after);
      output += String(chunk);
    });
    program.stderr.on('data', (chunk) => (complaint += String(chunk)));
    program.on('close', (code, signal) => {
      if (code !== 0 && signal !== 'SIGKILL') return fail(new Error(`exit code ${code}: ${complaint.slice(-1000)}`));
      settle({ lines: output.split('\n').filter((line) => /^(\d+|end) .+/.test(line)), killed: signal === 'SIGKILL' });
    });
  });
}

test('a run that is killed again and again ends with the numbers of one that was not, and its folder is never broken', async () => {
  const kills = isFull ? 100 : 5;
  const rng = createRng('kills');
  const file = bundleProgram();
  const [dir, whole] = [join(folder, 'killed'), await runUntilKilled(file, join(folder, 'alone'))];
  expect(whole.lines).toHaveLength(41);
  const expected = new Map(whole.lines.map((line) => [line.split(' ')[0], line]));
  let printed = 0;
  for (let kill = 0; kill < kills; kill++) {
    const { lines, killed } = await runUntilKilled(file, dir, 120 * rng.uniform());
    if (lines.length > 0) expect(Number.parseInt(lines[0]!)).toBe(printed + 1); // at most the last that was printed is done again
    for (const line of lines.slice(0, killed ? -1 : undefined)) expect(line).toBe(expected.get(line.split(' ')[0])); // the last may be cut
    const checkpoints = existsSync(dir) ? readdirSync(dir).filter((name) => !name.startsWith('.')) : [];
    for (const name of checkpoints) expect(readdirSync(join(dir, name))).toHaveLength(3);
    printed = Number(checkpoints.sort().at(-1)?.slice('step-'.length) ?? 0);
    expect(printed).toBeGreaterThanOrEqual(lines.length > 1 ? Number.parseInt(lines.at(-2)!) : 0);
    if (printed < 40) continue;
    rmSync(dir, { recursive: true }); // from the start
    printed = 0;
  }
  const { lines } = await runUntilKilled(file, dir);
  expect(lines.at(-1)).toBe(whole.lines.at(-1));
  expect(readdirSync(dir).filter((name) => name.startsWith('.'))).toEqual([]); // what died processes had left is gone
}, isFull ? 1_200_000 : 120_000);
