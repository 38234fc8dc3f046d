import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { createRng, initParams, omniglotRuns, readSafetensors, writeOmniglotRuns } from 'hypermeta';
import { describe, expect, test, vi } from 'vitest';
import { readHost } from '../../src/core/host-tensor';
import { mapRecord } from '../../src/core/params';
import { findCheckpoints, loadChallenge, saveChallenge } from '../../examples/tables/challenge-checkpoint';
import { challengeLearner, type ChallengeModel } from '../../examples/tables/challenge-model';
import { challengeSection } from '../../examples/tables/challenge-report';
import { meanError, scoreChallenge } from '../../examples/tables/challenge-score';
import { chosenSettings, quickSettings } from '../../examples/tables/challenge-settings';
import { folds, holdOut } from '../../examples/tables/challenge-tuning';
import { omniglotChallenge } from '../../examples/tables/omniglot-challenge';
import { runExample } from '../helpers/examples';
import { isFull } from '../helpers/full';
import { damaged, damagedJson, expectReadOrRefused, jsonText, hostileRuns, hostileTimeout } from '../helpers/hostile';
import { drawings } from '../tasks/drawings';
import { omniglotZip, realData, withFiles } from '../tasks/files';

vi.mock('../../examples/tables/challenge-score', { spy: true });

const settings = { ...chosenSettings.small1, ...quickSettings };

/** A model that has learned nothing. */
function untrained(changes: Partial<ChallengeModel['settings']> = {}): ChallengeModel {
  const { specs } = challengeLearner({ ...settings, ...changes });
  const meta = mapRecord(initParams(specs, createRng('0')), (value) => {
    const { values, shape } = readHost(value);
    value.dispose();
    return { values: values as Float32Array, shape, dtype: 'float32' } as const;
  });
  return { settings: { ...settings, ...changes }, alphabets: ['Greek'], meta };
}

/** Two runs of three characters, a bar down, a bar across and a ring, each asked for as it was shown. */
const easy = {
  inputShape: [28, 28, 1],
  runs: ['run01', 'run02'].map((name) => {
    const isInk = [
      (_row: number, column: number) => Math.abs(column - 14) < 2,
      (row: number) => Math.abs(row - 14) < 2,
      (row: number, column: number) => Math.abs(Math.hypot(row - 14, column - 14) - 9) < 2,
    ];
    const training = isInk.map((of) => Uint8Array.from({ length: 784 }, (_, i) => (of(Math.floor(i / 28), i % 28) ? 255 : 0)));
    const labels = [2, 0, 1];
    return { name, training, test: labels.map((label) => training[label]!), labels };
  }),
};

describe('the score of the Omniglot challenge', () => {
  test('drawings that are as those shown are never mistaken, whatever the views; a wrong label is an error', async () => {
    for (const views of [1, 3]) {
      const model = untrained({ views });
      expect(await scoreChallenge(model, easy)).toEqual({ runs: easy.runs.map(({ name }) => ({ name, error: 0 })), mean: 0, standardError: 0 });
      const [first, second] = easy.runs as [(typeof easy.runs)[0], (typeof easy.runs)[0]];
      const { runs, mean } = await scoreChallenge(model, { ...easy, runs: [{ ...first, labels: [2, 1, 0] }, second] });
      expect(runs.map(({ error }) => error)).toEqual([2 / 3, 0]);
      expect(mean).toBeCloseTo(1 / 3, 10);
    }
  });

  test('the standard error is the standard deviation over √runs', () => {
    expect(meanError([0.1, 0.2, 0.3])).toEqual({ mean: expect.closeTo(0.2, 10), standardError: expect.closeTo(0.1 / Math.sqrt(3), 10) });
    expect(meanError([0.1])).toEqual({ mean: 0.1, standardError: 0 });
  });

  test('each test drawing is classified on its own: beside the others it is as alone', async () => {
    const model = untrained({ views: 1 });
    const blurred = easy.runs.map((run) => ({ ...run, test: run.test.map((drawing) => drawing.map((level, i) => (i % 3 === 0 ? level : (level + 255 * (i % 2)) / 2))) }));
    const together = await scoreChallenge(model, { ...easy, runs: blurred });
    const alone = [0, 1, 2].map((item) =>
      scoreChallenge(model, { ...easy, runs: blurred.map((run) => ({ ...run, test: [run.test[item]!], labels: [run.labels[item]!] })) }),
    );
    const sum = (await Promise.all(alone)).reduce((total, { mean }) => total + mean, 0);
    expect(sum / 3).toBeCloseTo(together.mean, 10);
  });
});

describe('checkpoints of the Omniglot challenge', () => {
  test('what was saved is loaded, bit for bit, alone or from its folder', () =>
    withFiles({}, (dir) => {
      const model = untrained();
      saveChallenge(join(dir, 'set/small1'), model, { background: 'small1' });
      expect(loadChallenge(join(dir, 'set/small1'))).toEqual(model);
      expect(findCheckpoints(join(dir, 'set'))).toEqual([join(dir, 'set/small1')]);
      expect(findCheckpoints(join(dir, 'set/small1'))).toEqual([join(dir, 'set/small1')]);
      expect(Object.keys(readSafetensors(readFileSync(join(dir, 'set/small1.safetensors')), 'file').tensors).length).toBe(12); // a kernel and two of a norm, four times
    }));

  test('refuses what is missing, foreign, or of another network', () =>
    withFiles({}, (dir) => {
      const path = join(dir, 'small1');
      expect(() => findCheckpoints(path)).toThrow(`${path}: expected a checkpoint ${path}.safetensors, or a folder of checkpoints, got none.`);
      expect(() => loadChallenge(path)).toThrow(`${path}.json: expected a file, got nothing there.`);
      saveChallenge(path, { ...untrained(), settings: { ...settings, filters: [8, 8, 8, 9] } }, {});
      expect(() => loadChallenge(path)).toThrow(`${path}.safetensors: 'base/conv4/kernel': expected shape [1, 3, 3, 8, 9], as this learner has, got [1, 3, 3, 8, 8].`);
      saveChallenge(path, { ...untrained(), settings: { ...settings, filters: [8, 8, 8] } }, {});
      expect(() => loadChallenge(path)).toThrow(`${path}.safetensors: expected the values of this learner, got 'base/conv4/kernel' as well.`);
      writeFileSync(`${path}.safetensors`, 'no tensors');
      expect(() => loadChallenge(path)).toThrow(`${path}.safetensors: expected a safetensors file`);
      writeFileSync(`${path}.json`, '{"settings": {}}');
      expect(() => loadChallenge(path)).toThrow(`${path}.json: expected settings of an omniglot-challenge model, got a file without them`);
    }));
});

describe('a damaged checkpoint of the Omniglot challenge is loaded or refused in a sentence', () => {
  test.each(['json', 'safetensors'])('%s', (ending) =>
    withFiles({}, async (dir) => {
      const [path, model] = [join(dir, 'small1'), untrained()];
      const isModel = (loaded: ChallengeModel) => expect(Object.keys(loaded.meta).sort()).toEqual(Object.keys(model.meta).sort());
      saveChallenge(path, model, { background: 'small1' });
      const good = new Uint8Array(readFileSync(`${path}.${ending}`));
      const changed = damagedJson(JSON.parse(ending === 'json' ? new TextDecoder().decode(good) : '0')).map((json) => new TextEncoder().encode(jsonText(json)));
      await fc.assert(
        fc.asyncProperty(ending === 'json' ? fc.oneof(damaged(good), changed) : damaged(good), async (bytes) => {
          writeFileSync(`${path}.${ending}`, bytes);
          await expectReadOrRefused(() => loadChallenge(path), isModel);
        }),
        hostileRuns,
      );
    }), hostileTimeout);
});

describe('tuning for the Omniglot challenge', () => {
  const background = drawings({ Greek: 3, Latin: 4, Korean: 3 }, 2);

  test('a minimal set holds out each alphabet in turn; what is learned from and what is scored have none in common', () => {
    expect(folds(background, 'small1')).toEqual([['Greek'], ['Latin'], ['Korean']]);
    for (const heldOut of folds(background, 'small1')) {
      const { train, scored } = holdOut(background, heldOut, 2);
      const learned = new Set(train.classes.map(({ group }) => group));
      expect(learned.size).toBe(2);
      for (const { alphabet } of scored.runs) {
        expect(heldOut).toContain(alphabet);
        expect(learned.has(alphabet)).toBe(false);
      }
      expect(scored.runs[0]!.training.length).toBe(heldOut[0] === 'Latin' ? 4 : 3);
    }
  });

  test('the original set holds out five alphabets of at least 20 characters, always the same', () => {
    const original = drawings(Object.fromEntries(Array.from({ length: 8 }, (_, index) => [`alphabet ${index}`, index === 0 ? 19 : 20])), 1);
    const [heldOut, ...others] = folds(original, 'original');
    expect(others).toEqual([]);
    expect(new Set(heldOut).size).toBe(5);
    expect(heldOut).not.toContain('alphabet 0');
    expect(folds(original, 'original')).toEqual([heldOut]);
  });
});

describe('npm run tables -- omniglot-challenge', () => {
  const small1 = ['Balinese', 'Early_Aramaic', 'Greek', 'Korean', 'Latin'];
  const errors = (printed: string) => [...printed.matchAll(/│ (run\d\d|mean ± standard error) +│ ([\d. ±]+?) +│/g)].map(([, , error]) => error);

  /** What the command prints. */
  async function printed(...words: string[]): Promise<string> {
    const log = vi.spyOn(console, 'log').mockImplementation(() => undefined);
    try {
      await omniglotChallenge(words);
      return log.mock.calls.map(([line]) => String(line)).join('\n');
    } finally {
      log.mockRestore();
    }
  }

  test('trains, saves, and scores a folder of runs that it has never seen; the same seed trains the same model', () =>
    withFiles({ 'omniglot/images_background.zip': omniglotZip('images_background', small1, 4, 4) }, async (dir) => {
      await writeOmniglotRuns(omniglotRuns(drawings({ Tibetan: 20 }, 2), { runs: 2 }), join(dir, 'runs'));
      const train = (out: string) => printed('--background', 'small1', '--quick', '--steps', '2', '--data', dir, '--out', join(dir, out), '--runs', join(dir, 'runs'));
      const model = (out: string) => join(dir, out, 'results/omniglot-challenge/small1');
      const first = await train('a');
      expect(first).toContain('small1: 5 alphabets, 20 characters');
      expect(errors(first).length).toBe(3);
      expect(errors(await printed('--score', model('a'), '--runs', join(dir, 'runs')))).toEqual(errors(first));
      await train('b');
      expect(loadChallenge(join(model('b'), 'small1'))).toEqual(loadChallenge(join(model('a'), 'small1')));
      expect(loadChallenge(join(model('a'), 'small1')).alphabets).toEqual(small1);
    }), 120_000);

  test('runs that cannot be read are refused before the training; a model is kept, should its scoring fail', () =>
    withFiles({ 'omniglot/images_background.zip': omniglotZip('images_background', small1, 4, 4) }, async (dir) => {
      const train = (steps: string) => printed('--background', 'small1', '--quick', '--steps', steps, '--data', dir, '--out', dir, '--runs', join(dir, 'runs'));
      await expect(train('1000000')).rejects.toThrow(`${join(dir, 'runs')}: expected a folder or a zip of runs, got nothing there.`);
      await writeOmniglotRuns(omniglotRuns(drawings({ Tibetan: 20 }, 2), { runs: 1 }), join(dir, 'runs'));
      vi.mocked(scoreChallenge).mockRejectedValueOnce(new Error('pulled the plug'));
      await expect(train('1')).rejects.toThrow('pulled the plug');
      expect(loadChallenge(join(dir, 'results/omniglot-challenge/small1/small1')).alphabets).toEqual(small1);
      expect(challengeSection(join(dir, 'results'))).toBeUndefined(); // there is no score
    }));

  test('tunes on background alphabets alone: there is no other archive', () =>
    withFiles({ 'omniglot/images_background.zip': omniglotZip('images_background', small1, 4, 4) }, async (dir) => {
      const table = await printed('--tune', '--candidates', 'plain', '--background', 'small1', '--quick', '--steps', '1', '--data', dir, '--out', dir);
      expect(table).toMatch(/candidate │ Balinese │ Early_Aramaic │ Greek +│ Korean │ Latin/);
      expect(existsSync(join(dir, 'results/omniglot-challenge/tuning-small1.json'))).toBe(true);
    }), 120_000);

  test('refuses to score a model on own runs of an alphabet that it has trained on', () =>
    withFiles({ 'omniglot/images_evaluation.zip': omniglotZip('images_evaluation', ['Angelic', 'Greek'], 20, 2) }, async (dir) => {
      saveChallenge(join(dir, 'model'), untrained(), {});
      await expect(printed('--score', join(dir, 'model'), '--data', dir)).rejects.toThrow('omniglotRuns: expected alphabets that were not trained on, got Greek.');
    }));

  test.each([
    [['--background', 'all'], "omniglot-challenge: --background: expected one of minimal, small1, small2, original, got 'all'."],
    [['--steps', '0'], "omniglot-challenge: --steps: expected a whole number of at least 1, got '0'."],
    [['--tune', '--candidates', 'magic'], 'omniglot-challenge: --candidates: expected some of chosen, plain'],
    [['--data', '/nowhere'], '/nowhere/omniglot/images_background.zip: expected a file, got nothing there.'],
    [['--score', '/nowhere/model'], '/nowhere/model: expected a checkpoint /nowhere/model.safetensors, or a folder of checkpoints, got none.'],
  ])('refuses %j in a sentence', async (words, message) => {
    await expect(printed(...words)).rejects.toThrow(message);
  });

  test.runIf(isFull)('is a table among the others', () => {
    expect(runExample('tables/tables', 'omniglot-challenge', '--help')).toContain('Usage: npm run tables -- omniglot-challenge');
  }, 60_000);

  const real = realData('omniglot');
  test.skipIf(!isFull || !real)('its quick form runs on the real archives (skipped without the data beside the checkout)', () =>
    withFiles({}, async (dir) => {
      const table = await printed('--quick', '--background', 'small1', '--data', join(real!, '..'), '--out', dir);
      expect(table).toContain('small1: 5 alphabets, 136 characters');
      expect(errors(table).length).toBe(3);
      expect(existsSync(join(dir, 'results/omniglot-challenge/small1/small1.safetensors'))).toBe(true);
    }), 120_000);
});
