import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { zipSync } from 'fflate';
import { describe, expect, test } from 'vitest';
import { expectUnseen, omniglotRuns, runEpisodes, type OmniglotRuns } from '../../src/tasks/omniglot-runs';
import { readOmniglotRuns, writeOmniglotRuns } from '../../src/tasks/omniglot-runs-node';
import { alphabetsOf, pickAlphabets } from '../../src/tasks/background-sets';
import { drawings } from './drawings';
import { withFiles } from './files';

const set = drawings({ Greek: 4, Latin: 3, Tibetan: 5, Ogham: 2 }, 3);
const options = { runs: 4, ways: 3 };

/** Which character and drawer each drawing of `drawings` is of: they are written in its first two rows. */
const origin = (drawing: Uint8Array) => ({ character: drawing.indexOf(0), drawer: drawing.subarray(105).indexOf(0) });

/** Runs with each drawing as text, which is fast to compare. */
const asText = (runs: OmniglotRuns['runs']) =>
  runs.map(({ name, training, test: asked, labels }) => ({
    name,
    labels,
    drawings: [...training, ...asked].map((drawing) => Buffer.from(drawing).toString('base64')),
  }));

describe('omniglotRuns', () => {
  const { runs, inputShape } = omniglotRuns(set, options);

  test('all training drawings are by one person, all test drawings by another, of the same characters of one alphabet', () => {
    expect(inputShape).toEqual([105, 105, 1]);
    expect(runs.map(({ name }) => name)).toEqual(['run01', 'run02', 'run03', 'run04']);
    for (const { training, test, labels, alphabet } of runs) {
      const [shown, asked] = [training.map(origin), test.map(origin)];
      const drawersOf = (of: typeof shown) => new Set(of.map(({ drawer }) => drawer));
      expect([drawersOf(shown).size, drawersOf(asked).size]).toEqual([1, 1]);
      expect(shown[0]!.drawer).not.toBe(asked[0]!.drawer);
      expect(new Set(shown.map(({ character }) => character)).size).toBe(3);
      expect(labels.map((label) => shown[label]!.character)).toEqual(asked.map(({ character }) => character));
      const characters = set.classes.flatMap(({ group }, index) => (group === alphabet ? [index + 1] : []));
      for (const { character } of shown) expect(characters).toContain(character);
    }
  });

  test('alphabets take turns; those of too few characters are left out', () => {
    expect(new Set(runs.map(({ alphabet }) => alphabet))).toEqual(new Set(['Greek', 'Latin', 'Tibetan']));
    expect(runs[3]!.alphabet).toBe(runs[0]!.alphabet);
  });

  test('the same seed gives the same runs, another seed others', () => {
    expect(asText(omniglotRuns(set, options).runs)).toEqual(asText(runs));
    expect(asText(omniglotRuns(set, { ...options, seed: 'another' }).runs)).not.toEqual(asText(runs));
  });

  test('refuses alphabets that were trained on, and sets that have no runs in them', () => {
    const message = 'omniglotRuns: expected alphabets that were not trained on, got Latin.';
    expect(() => omniglotRuns(set, { ...options, trainedOn: ['Korean', 'Latin'] })).toThrow(message);
    expect(omniglotRuns(pickAlphabets(set, ['Greek', 'Tibetan']), { ...options, trainedOn: ['Korean', 'Latin'] }).runs.length).toBe(4);
    expect(() => expectUnseen('a scorer', alphabetsOf(set), ['Ogham'])).toThrow('a scorer: expected alphabets that were not trained on, got Ogham.');
    expect(() => omniglotRuns(set)).toThrow('omniglotRuns: expected an alphabet of at least 20 characters, got none.');
    expect(() => omniglotRuns(drawings({ Greek: 3 }, 1), options)).toThrow('omniglotRuns: expected drawings by at least 2 people of');
    expect(() => omniglotRuns(set, { ...options, runs: 0 })).toThrow('omniglotRuns: runs: expected a whole number of at least 1, got 0.');
  });
});

describe('runEpisodes', () => {
  const made = omniglotRuns(set, options);
  const source = runEpisodes(made);

  test('episode i is run i: the training drawings are the support, in order, ink 1', () => {
    expect(source.targetShape).toEqual([3]);
    const { support, query, about } = source.sample('any', 1);
    expect(about).toEqual({ run: 'run02' });
    expect([...support.y]).toEqual([1, 0, 0, 0, 1, 0, 0, 0, 1]);
    expect(support.x.length).toBe(3 * 105 * 105);
    expect([...support.x.subarray(0, 105)]).toEqual([...made.runs[1]!.training[0]!.subarray(0, 105)].map((level) => level / 255));
    expect([0, 1, 2].map((item) => query.y.subarray(3 * item, 3 * item + 3).indexOf(1))).toEqual(made.runs[1]!.labels);
    expect(source.sample('other', 5).about).toEqual(about);
  });

  test('refuses runs of different forms, and none', () => {
    const [one, other] = made.runs as [(typeof made.runs)[0], (typeof made.runs)[0]];
    expect(() => runEpisodes({ ...made, runs: [one, { ...other, training: other.training.slice(1) }] })).toThrow(
      'runEpisodes: expected 3 training and 3 test drawings in run02, as in run01, got 2 and 3.');
    expect(() => runEpisodes({ ...made, runs: [] })).toThrow('runEpisodes: expected at least 1 run, got none.');
  });
});

describe('readOmniglotRuns', () => {
  const made = omniglotRuns(set, options);
  const expected = asText(made.runs);
  const reading = { size: 105, ways: 3 };

  /** A folder of runs as written, for `work` to look at or spoil. */
  const withRuns = (work: (dir: string) => unknown) =>
    withFiles({}, async (dir) => {
      await writeOmniglotRuns(made, join(dir, 'runs'));
      await work(join(dir, 'runs'));
    });

  test('what was written is read, from a folder, one folder down, and from a zip', () =>
    withRuns(async (dir) => {
      const read = await readOmniglotRuns(dir, reading);
      expect(read.inputShape).toEqual(made.inputShape);
      expect(asText(read.runs)).toEqual(expected);
      expect(asText((await readOmniglotRuns(join(dir, '..'), reading)).runs)).toEqual(expected);
      const bytes = Object.fromEntries(filesIn(dir).map((file) => [relative(dir, file), new Uint8Array(readFileSync(file))]));
      writeFileSync(`${dir}.zip`, zipSync(bytes));
      expect(asText((await readOmniglotRuns(`${dir}.zip`, reading)).runs)).toEqual(expected);
      const nested = Object.fromEntries(Object.entries(bytes).map(([name, value]) => [`all_runs/${name}`, value]));
      writeFileSync(`${dir}.zip`, zipSync({ ...nested, '__MACOSX/run01/training/._class01.png': new Uint8Array(3) }));
      expect(asText((await readOmniglotRuns(`${dir}.zip`, reading)).runs)).toEqual(expected);
    }));

  test('a folder that has runs is refused, as they would be read with the new ones', () =>
    withRuns(async (dir) => {
      await expect(writeOmniglotRuns({ ...made, runs: made.runs.slice(0, 2) }, dir)).rejects.toThrow('runs: expected a folder without runs to write to, got one with run01; remove its runs, or choose another.');
      expect(asText((await readOmniglotRuns(dir, reading)).runs)).toEqual(expected);
    }));

  test('runs come in the order of their numbers, however many there are', () =>
    withFiles({}, async (dir) => {
      const names = ['run09', 'run11', 'run100', 'run101'];
      await writeOmniglotRuns({ ...made, runs: made.runs.map((run, index) => ({ ...run, name: names[index]! })) }, dir);
      expect((await readOmniglotRuns(dir, reading)).runs.map(({ name }) => name)).toEqual(names);
    }));

  test('labels may name files without their folders, and end in any line ends', () =>
    withRuns(async (dir) => {
      const file = join(dir, 'run01/class_labels.txt');
      writeFileSync(file, readFileSync(file, 'utf8').replaceAll(/run01\/(test|training)\//g, '').replaceAll('\n', '\r\n\r\n'));
      expect(asText((await readOmniglotRuns(dir, reading)).runs)).toEqual(expected);
    }));

  test('drawings are shrunk by area to the size asked for', () =>
    withRuns(async (dir) => expect((await readOmniglotRuns(dir, { size: 35, ways: 3 })).inputShape).toEqual([35, 35, 1])));

  const labels = 'run02/class_labels.txt';
  const relabel = (change: (text: string) => string) => (dir: string) =>
    writeFileSync(join(dir, labels), change(readFileSync(join(dir, labels), 'utf8')));

  test.each<[string, (dir: string) => void, string]>([
    ['no labels', (dir) => rmSync(join(dir, labels)), 'run02: expected a file class_labels.txt, got none.'],
    ['a label that names no file', relabel((text) => text.replace(/class\d+/, 'class09')), "run02/class_labels.txt: line 1: expected a file of run02/training, got 'run02/training/class09.png'."],
    ['a label of another run', relabel((text) => text.replace('run02/test', 'run01/test')), "line 1: expected a file of run02/test, got 'run01/test/item01.png'."],
    ['a line of one word', relabel((text) => `${text}\nitem01.png\n`), "line 5: expected a test file and its training file, got 'item01.png'."],
    ['a test file twice', relabel((text) => text + text.split('\n')[0]!), "line 4: expected each test file once, got 'run02/test/item01.png' again."],
    ['a test file without a label', relabel((text) => text.split('\n').slice(1).join('\n')), 'run02/class_labels.txt: expected a line for each of 3 test files, got 2.'],
    ['too few drawings', (dir) => rmSync(join(dir, 'run03/training/class02.png')), 'run03/training: expected 3 drawings, got 2.'],
    ['no test folder', (dir) => rmSync(join(dir, 'run03/test'), { recursive: true }), 'run03/test: expected 3 drawings, got 0.'],
    ['a drawing cut short', (dir) => writeFileSync(join(dir, 'run01/test/item02.png'), 'x'), 'run01/test/item02.png: expected a PNG image, got'],
    ['a run twice', (dir) => mkdirSync(join(dir, 'more/run01'), { recursive: true }), 'expected each run once, got run01 twice.'],
  ])('refuses %s', (what, spoil, message) =>
    withRuns(async (dir) => {
      spoil(dir);
      if (what === 'a run twice') writeFileSync(join(dir, 'more/run01/class_labels.txt'), '');
      await expect(readOmniglotRuns(dir, reading)).rejects.toThrow(message);
      await expect(readOmniglotRuns(dir, reading)).rejects.toThrow(dir);
    }));

  test('refuses runs of another number of ways, a folder without runs, nothing, and drawings that are too small to write', () =>
    withRuns(async (dir) => {
      await expect(readOmniglotRuns(dir, { size: 28 })).rejects.toThrow('run01/training: expected 20 drawings, got 3.');
      await expect(readOmniglotRuns(join(dir, 'run01'))).rejects.toThrow('run01: expected folders run01, run02, …, got none.');
      await expect(readOmniglotRuns(join(dir, 'none'))).rejects.toThrow('none: expected a folder or a zip of runs, got nothing there.');
      await expect(writeOmniglotRuns({ ...made, inputShape: [28, 28, 1] }, dir)).rejects.toThrow(
        'writeOmniglotRuns: expected drawings of 105 x 105, got 28 x 28 x 1; read the set with size: 105.');
    }));
});

function filesIn(dir: string): readonly string[] {
  return readdirSync(dir).flatMap((name) => (statSync(join(dir, name)).isDirectory() ? filesIn(join(dir, name)) : [join(dir, name)]));
}
