import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { maml, mlp, sinusoids } from 'hypermeta';
import { afterAll, describe, expect, test, vi } from 'vitest';
import type { Entry, Group, Protocol } from '../../examples/tables/protocol';
import { publishedFigures } from '../../examples/tables/published';
import { writeReport } from '../../examples/tables/report';
import { readResults, type ResultFile } from '../../examples/tables/results-file';
import { runProtocol, type RunOptions } from '../../examples/tables/run-protocol';
import { summarizeGroup } from '../../examples/tables/summarize-results';
import { runExample } from '../helpers/examples';
import { isFull } from '../helpers/full';

const root = fileURLToPath(new URL('../..', import.meta.url));
const characters = join(root, '../shared/data/omniglot');
const photographs = join(root, '../shared/data/caltech-fs');
const folder = mkdtempSync(join(tmpdir(), 'hypermeta-tables-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const entry = (name: string, rate: number, like?: string): Entry => ({
  name,
  ...(like ? { like } : {}),
  learner: maml(mlp([1, 4, 1])),
  options: { metaBatchSize: 2, innerLearningRate: rate },
  train: { steps: 2 },
});
const group = (...entries: Entry[]): Group => ({
  name: '5-shot',
  tasks: sinusoids({ shots: 5 }),
  settings: { shots: 5 },
  episodes: 4,
  transductive: false,
  entries,
});
const protocol: Protocol = { name: 'sinusoid', title: 'Waves', about: 'Two steps.', groups: async () => [] };
const both = group(entry('slow', 0.001, 'MAML'), entry('fast', 0.01));

const run = (name: string, groups: readonly Group[], options: Partial<RunOptions> = {}) =>
  runProtocol(protocol, groups, { seeds: ['1', '2'], path: pathOf(name), ...options });
const pathOf = (name: string) => join(folder, name, 'results', 'sinusoid.json');

/** Without what a clock says. */
const timeless = ({ runs, ...file }: ResultFile) => ({
  ...file,
  runs: runs.map(({ seconds: _seconds, env: _env, facts: { adaptMs: _adaptMs, ...facts }, ...rest }) => ({ ...rest, facts })),
});
const dates = ({ runs }: ResultFile) => runs.map(({ env }) => env['date']);

describe('a table that was interrupted', () => {
  test('is taken up where it stopped, and is the same file in the end', async () => {
    const whole = await run('whole', [both]);
    expect(whole.runs.map(({ name, seed }) => `${name} ${seed}`)).toEqual(['slow 1', 'slow 2', 'fast 1', 'fast 2']);

    let finished = 0;
    const stop = () => {
      if (++finished === 3) throw new Error('pulled the plug');
    };
    const interrupted = run('stopped', [both], { watch: ({ kind }) => (kind === 'run' ? stop() : undefined) });
    await expect(interrupted).rejects.toThrow('pulled the plug');
    const left = readResults(pathOf('stopped'))!;
    expect(left.runs.map(({ name, seed }) => `${name} ${seed}`)).toEqual(['slow 1', 'fast 1']); // the third was not written yet
    expect(existsSync(`${pathOf('stopped')}.part`)).toBe(false);

    const resumed = await run('stopped', [both], { resume: true });
    expect(timeless(resumed)).toEqual(timeless(whole));
    expect(dates(resumed).filter((date) => dates(left).includes(date))).toHaveLength(2); // two were not run again
    expect(await run('stopped', [both], { resume: true })).toEqual(resumed);
  });

  test('a training that is scored on other tasks too makes a table of each, and is run once', async () => {
    const others = [{ name: '7-shot', test: sinusoids({ shots: 7 }), settings: { shots: 7 } }];
    const steps: number[] = [];
    const results = await run('others', [{ ...both, others }], { seeds: ['1'], watch: (event) => void (event.kind === 'step' && steps.push(event.step)) });
    expect(results.groups.map(({ name }) => name)).toEqual(['5-shot', '7-shot']);
    expect(results.runs.map(({ group: table, name, settings }) => [table, name, settings['shots']])).toEqual([['5-shot', 'slow', 5], ['5-shot', 'fast', 5], ['7-shot', 'slow', 7], ['7-shot', 'fast', 7]]);
    expect(steps).toEqual([1, 2, 1, 2]);
    expect(results.runs[2]!.values).not.toEqual(results.runs[0]!.values);
    expect(await run('others', [{ ...both, others }], { seeds: ['1'], resume: true })).toEqual(results);
  });

  test('runs anew what has other settings, and what resume is not asked for', async () => {
    const first = await run('changed', [both], { seeds: ['1'] });
    const other = await run('changed', [group(both.entries[0]!, entry('fast', 0.02))], { seeds: ['1'], resume: true });
    expect(other.runs[0]).toEqual(first.runs[0]);
    expect(other.runs[1]!.settings).toMatchObject({ innerLearningRate: 0.02, shots: 5, episodes: 4, learner: 'MAML', train: { steps: 2 } });
    expect(other.runs[1]!.values).not.toEqual(first.runs[1]!.values);
    expect(dates(await run('changed', [both], { seeds: ['1'] }))[0]).not.toBe(dates(first)[0]);
  });

  test('a picture of what one of them does is drawn from the first seed, and shown in the report', async () => {
    const drawn: string[] = [];
    const picture: NonNullable<Entry['picture']> = async (trainer) => {
      drawn.push(trainer.settings.seed);
      return '<svg xmlns="http://www.w3.org/2000/svg" width="4" height="4"><rect width="4" height="4"/></svg>';
    };
    await run('picture', [group({ ...entry('slow', 0.001), picture })]);
    expect(drawn).toEqual(['1']);
    expect(readFileSync(join(folder, 'picture/results/sinusoid-slow.svg'), 'utf8')).toContain('<rect');
    expect(readFileSync(await writeReport(join(folder, 'picture')), 'utf8')).toContain('![slow](results/sinusoid-slow.svg)');
  });

  test('with `only`, the others keep what they have', async () => {
    const first = await run('only', [both]);
    const more = await run('only', [both], { seeds: ['1', '2', '3'], resume: true, only: (_group, name) => name === 'fast' });
    expect(more.runs.map(({ name, seed }) => `${name} ${seed}`)).toEqual(['slow 1', 'slow 2', 'fast 1', 'fast 2', 'fast 3']);
    expect(more.runs[0]).toEqual(first.runs[0]);
    const { entries, lead } = summarizeGroup(more, more.groups[0]!)!;
    expect(entries.map(({ seeds }) => seeds)).toEqual([['1', '2'], ['1', '2', '3']]); // each on its own
    const apart = (seed: string) => {
      const [best, next] = [lead!.name, lead!.less].map((name) => more.runs.find((each) => each.name === name && each.seed === seed)!.values);
      return best!.reduce((sum, value, episode) => sum + value - next![episode]!, 0) / best!.length;
    };
    expect(lead!.mean).toBeCloseTo((apart('1') + apart('2')) / 2, 5); // on those that both have
  });

  test('with `only` and other settings, the others keep their runs and failures all the same', async () => {
    const others = [{ name: '7-shot', test: sinusoids({ shots: 7 }), settings: { shots: 7 } }];
    const all = { ...group(entry('wild', 1e30), ...both.entries), others };
    const first = await run('settings', [all], { seeds: ['1'] });
    const more = await run('settings', [{ ...all, episodes: 2 }], { seeds: ['1'], resume: true, only: (_group, name) => name === 'fast' });
    expect(more.runs.map(({ group: table, name, settings }) => `${table} ${name} ${settings['episodes']}`)).toEqual(['5-shot slow 4', '5-shot fast 2', '7-shot slow 4', '7-shot fast 2']);
    expect([more.runs[0], more.runs[2]]).toEqual([first.runs[0], first.runs[2]]);
    expect(more.failures).toEqual(first.failures);
    expect(more.failures).toHaveLength(1);
    expect(summarizeGroup(more, more.groups[0]!)).toMatchObject({ episodes: [4, 2] });
    expect(summarizeGroup(more, more.groups[0]!)!.lead).toBeUndefined(); // not on the same episodes
    expect(readFileSync(await writeReport(join(folder, 'settings')), 'utf8')).toContain('on 4 or 2 unseen episodes, the first of the same for all');
  });

  test.each([true, false])('keeps the tables and learners that are not at hand; resume: %s', async (resume) => {
    const name = `missing-${resume}`;
    const characters = { ...group(entry('slow', 0.001), entry('wild', 1e30)), name: 'characters' };
    const first = await run(name, [both, characters], { seeds: ['1'] });
    const more = await run(name, [group(both.entries[0]!)], { seeds: ['1'], resume }); // without 'fast', and without the other table
    expect(more.groups).toEqual(first.groups);
    expect(more.runs.slice(1)).toEqual(first.runs.slice(1));
    expect(dates(more)[0] === dates(first)[0]).toBe(resume);
    expect(more.failures).toEqual(first.failures);
    expect(more.failures).toHaveLength(1);
  });

  test('without resume, too, what is not asked for stays', async () => {
    const first = await run('anew', [both]);
    const more = await run('anew', [both], { seeds: ['2'], only: (_group, name) => name === 'fast' });
    expect(more.runs.map(({ name, seed }) => `${name} ${seed}`)).toEqual(['slow 1', 'slow 2', 'fast 1', 'fast 2']);
    expect(more.runs.slice(0, 3)).toEqual(first.runs.slice(0, 3));
    expect(dates(more)[3]).not.toBe(dates(first)[3]);
  });

  test.each([true, false])('names the runs that are dropped, since their learner is asked for with other settings; resume: %s', async (resume) => {
    const name = `dropped-${resume}`;
    await run(name, [both]);
    const log = vi.spyOn(console, 'log').mockImplementation(() => undefined);
    try {
      const more = await run(name, [group(both.entries[0]!, entry('fast', 0.02))], { seeds: ['1'], resume, only: (_group, each) => each === 'fast' });
      expect(more.runs.map(({ name: learner, seed }) => `${learner} ${seed}`)).toEqual(['slow 1', 'slow 2', 'fast 1']);
      expect(log.mock.calls).toEqual([[`${pathOf(name)}: recorded runs of other settings are dropped, 2 of 4: 5-shot, fast, seed 1; 5-shot, fast, seed 2 (innerLearningRate 0.01, not 0.02).`]]);
    } finally {
      log.mockRestore();
    }
  });

  test('a run that diverges is said, and the others go on', async () => {
    const file = await run('diverged', [group(entry('wild', 1e30), ...both.entries)], { seeds: ['1'] });
    expect(file.failures).toEqual([{ group: '5-shot', name: 'wild', seed: '1', error: expect.stringContaining('expected a finite query loss') }]);
    const page = readFileSync(await writeReport(join(folder, 'diverged')), 'utf8');
    expect(page).toContain('Not finished: wild. wild, seed 1, ended in an error: compare: wild, seed 1');
  });
});

describe('the report', () => {
  test('shows ours and published figures apart, each with its mark, and what ours were made by', async () => {
    await run('report', [both]);
    const page = readFileSync(await writeReport(join(folder, 'report')), 'utf8');
    expect(page).toMatch(/^\| slow +\| +[\d.]+ ± [\d.]+ \| +2 \| 0\.690 ± 0\.070 \[C\] \| +1 \| +13 \|/m);
    expect(page).toMatch(/^\| Meta-Curvature \(published\) +\| +\| +\| 0\.410 ± 0\.050 \[C\] \|/m);
    expect(page).toContain("over the seeds' means (Student's t)");
    expect(page).toMatch(/non-transductive.* of meta-training in all; commit /);
    for (const end of ['svg', 'png']) expect(existsSync(join(folder, 'report/results', `sinusoid-5-shot.${end}`))).toBe(true);
  });

  test('has a mark for every published figure, and none that is sure of nothing', () => {
    for (const [table, name] of [['sinusoid', '5-shot'], ['sinusoid-cavia', '10-shot'], ['omniglot', '20-way 1-shot']] as const) {
      const figures = publishedFigures(table, name);
      expect(figures.length).toBeGreaterThan(2);
      for (const { mark, value } of figures) expect([['C', 'M+'].includes(mark), value < 1]).toEqual([true, true]);
    }
    expect(publishedFigures('learners', '5-shot')).toEqual([]);
  });
});

describe('npm run tables', () => {
  const tables = (...words: string[]) => runExample('tables/tables', ...words);

  test('in its quick form writes to a folder of its own', () => {
    const printed = tables('sinusoid', '--quick', '--only', '5-shot, CAVIA');
    expect(printed).toMatch(/│ CAVIA, 5 values +│ +[\d.]+ ± [\d.]+ │/);
    const [, page] = /Report: (.*)$/m.exec(printed)!;
    expect(page!.startsWith(tmpdir())).toBe(true);
    expect(readFileSync(page!, 'utf8')).toContain('| CAVIA, 5 values ');
    rmSync(join(page!, '..'), { recursive: true });
  }, 120_000);

  const few = ['--steps', '2', '--episodes', '4'];

  test.skipIf(!isFull).each(['sinusoid', 'sinusoid-cavia', 'learners'])('every learner of %s runs', (name) => {
    const out = join(folder, name);
    tables(name, ...few, '--data', '/nowhere', '--out', out);
    const { failures, runs, groups } = readResults(join(out, 'results', `${name}.json`))!;
    expect(failures).toEqual([]);
    expect(runs).toHaveLength(groups.flatMap(({ entries }) => entries).length);
  }, 300_000);

  test.runIf(isFull)('says in a line that photographs are missing', () =>
    expect(tables('caltech', '--quick', '--data', '/nowhere')).toMatch(/^caltech: skipped, because \/nowhere\/caltech-fs\/train-images-idx4-ubyte\.gz is not there/));

  test.skipIf(!isFull || !existsSync(photographs))('of photographs, its quick form compares pixels and a trained learner (skipped without the data beside the checkout)', () => {
    const printed = tables('caltech', '--quick', '--only', 'pixels', '--only', 'conv4, 5-way 1-shot, ProtoNet');
    expect(printed).toMatch(/│ ProtoNet +│ +[\d.]+ ± [\d.]+ │/);
    rmSync(join(/Report: (.*)$/m.exec(printed)![1]!, '..'), { recursive: true });
  }, 300_000);

  test.skipIf(!isFull || !existsSync(photographs))('every learner of photographs runs', () => {
    const out = join(folder, 'caltech');
    tables('caltech', ...few, '--out', out);
    expect(readResults(join(out, 'results', 'caltech.json'))).toMatchObject({ failures: [], runs: { length: 26 } });
    expect(existsSync(join(out, 'results/caltech-generated-head-attention.png'))).toBe(true);
  }, 600_000);

  test.skipIf(!isFull || !existsSync(characters)).each(['omniglot', 'learners'])('%s runs on characters (skipped without the data beside the checkout)', (name) => {
    const out = join(folder, `${name}-characters`);
    tables(name, ...few, '--out', out);
    expect(readResults(join(out, 'results', `${name}.json`))).toMatchObject({ failures: [], runs: { length: expect.any(Number) } });
  }, 600_000);

  test('says in a line that data are missing', () =>
    expect(tables('omniglot', '--quick', '--data', '/nowhere')).toMatch(/^omniglot: skipped, because \/nowhere\/omniglot\/images_background\.zip is not there: give --data DIR/));

  test.runIf(isFull)('refuses an unknown table in a sentence', () => {
    expect(() => tables('waves')).toThrow('tables: expected report or one of sinusoid, sinusoid-cavia, omniglot, kernel-generator, learners, caltech, got');
  }, 60_000);
});
