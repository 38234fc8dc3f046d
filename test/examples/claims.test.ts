import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { maml, mlp } from 'hypermeta';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { claimsSection } from '../../examples/claims/report';
import { isMeasured, withCase, type StepCost } from '../../examples/claims/measure-steps';
import { keptLearners, metaTrainAll, type RunOptions, type Sizes } from '../../examples/claims/meta-train-all';
import type { Domain, Trial } from '../../examples/claims/method';
import { readRecords, writeRecords, type LearnerRun } from '../../examples/claims/records';
import { amounts, keptShares, type SharedRun } from '../../examples/claims/share-tasks';
import { stepCases } from '../../examples/claims/step-cases';
import { describeLead, leadOfHypernetworks, methodsOf } from '../../examples/claims/summarize';
import { isTimed, timeAdaptations, type AdaptationTime } from '../../examples/claims/time-adaptation';
import { waves } from '../../examples/claims/waves';
import { runExample } from '../helpers/examples';
import { isFull } from '../helpers/full';

const root = fileURLToPath(new URL('../..', import.meta.url));
const data = join(root, '../shared/data');
const out = mkdtempSync(join(tmpdir(), 'hypermeta-claims-'));
afterAll(() => rmSync(out, { recursive: true, force: true }));

const claims = (...words: string[]) => runExample('claims/claims', ...words, '--out', out);
const learners = () => readRecords<LearnerRun>(join(out, 'results', 'claims', 'learners.json'));

describe('npm run claims', () => {
  test('trains a learner of each kind on waves, and says where the characters are missing', async () => {
    const printed = claims('generalization', '--quick', '--data', join(out, 'nowhere'));
    expect(printed).toMatch(/characters: skipped, because .+ is not there/);
    expect(learners().map(({ kind, domain }) => `${domain} ${kind}`)).toEqual(['waves hypernetwork', 'waves traditional']);
    const { scores, steps, values, facts } = learners()[0]!;
    expect(Object.keys(scores)).toEqual(['unseen', 'shifted']);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(scores['unseen']!.find((score) => score.steps === steps)!.mean).toBeCloseTo(mean, 3);
    expect(facts.bytesPerTask).toBe(32); // an embedding of 8
    const section = (await claimsSection(join(out, 'results')))!;
    expect(section).toContain('### Sine waves of amplitude 5 to 8');
    expect(section).not.toContain('NaN');
  }, 120_000);

  test.skipIf(!isFull || !existsSync(join(data, 'omniglot')))('runs every claim, and keeps what is there (skipped without the data beside the checkout)', async () => {
    const before = learners().map(({ env }) => env['date']);
    for (const claim of ['sharing', 'speed', 'generalization', 'cost']) claims(claim, '--quick', '--resume', '--data', data);
    expect(learners().slice(0, 2).map(({ env }) => env['date'])).toEqual(before);
    const section = (await claimsSection(join(out, 'results')))!;
    for (const title of ['## Parameter sharing', '## Fast adaptation', '## Generalization', '## What a hypernetwork’s training step costs']) expect(section).toContain(title);
    expect(section).not.toContain('NaN');
    for (const name of ['sharing-waves', 'speed-characters-ms', 'generalization-gap', 'cost-2'])
      for (const extension of ['svg', 'png']) expect(existsSync(join(out, 'results', 'claims', `${name}.${extension}`)), name).toBe(true);
  }, 600_000);

  test.skipIf(!isFull)('refuses a claim that there is not', () => expect(() => claims('colour')).toThrow("claims: expected one of sharing, speed, generalization, cost, got 'colour'; see --help."), 60_000);
});

test('the learners that are compared are the best on validation tasks, whatever the test says', () => {
  const made = (method: string, kind: LearnerRun['kind'], validation: number, value: number) =>
    ({
      ...{ domain: 'waves', method, kind, seed: '1', settings: { about: 'slow' }, seconds: 1, steps: 1, metric: 'mse', better: 'lower' },
      tried: [{ about: 'fast', validation: { steps: 1, mean: validation + 1, interval: 0 }, seconds: 1 }, { about: 'slow', validation: { steps: 1, mean: validation, interval: 0 }, seconds: 1 }],
      values: [value, value + 0.1],
    }) as unknown as LearnerRun; // what the comparison reads
  const runs = [made('lucky', 'hypernetwork', 0.3, 0.1), made('chosen', 'hypernetwork', 0.2, 0.4), made('MAML', 'traditional', 0.1, 0.3), made('CAVIA', 'traditional', 0.5, 0.2)];
  expect(leadOfHypernetworks(methodsOf(runs, 'waves'))).toMatchObject({ name: 'chosen', less: 'MAML', mean: expect.closeTo(0.1, 10) });
  expect(describeLead(methodsOf(runs, 'waves'))).toMatch(/^Best hypernetwork on validation tasks, chosen, less the best traditional learner there, MAML, both on the same unseen tasks: 0\.1000 .*behind\.$/);
  const short = { ...runs[2]!, values: [0.3] };
  expect(leadOfHypernetworks(methodsOf([runs[1]!, short], 'waves'))).toBeUndefined(); // other episodes
});

/** What it returns, and what it says. */
function withLog<Result>(work: () => Result): { readonly result: Result; readonly said: string } {
  const log = vi.spyOn(console, 'log').mockImplementation(() => undefined);
  try {
    return { result: work(), said: log.mock.calls.flat().join() };
  } finally {
    log.mockRestore();
  }
}

describe('settings are chosen once', () => {
  const trial = (about: string): Trial => ({ about, learner: () => maml(mlp([1, 2, 1])), options: { innerSteps: 0 }, steps: 0 });
  const domain: Domain = { ...waves, methods: [{ name: 'MAML', kind: 'traditional', trials: [trial('slow'), trial('fast')] }] };
  const train = (folder: string, seeds: readonly string[], resume = true) =>
    metaTrainAll([domain], { folder, seeds, size: { episodes: 2, validationEpisodes: 2, steps: 1 }, resume, isAsked: () => true, sizes: [] });
  const tried = (runs: readonly LearnerRun[]) => runs.map(({ seed, tried: each }) => [seed, each.length]);

  test('at the first seed that is run, whichever it is', async () => {
    const folder = mkdtempSync(join(out, 'seeds-'));
    expect(tried(await train(folder, ['2', '3']))).toEqual([['2', 2], ['3', 1]]);
    expect(tried(await train(folder, ['1', '2', '3']))).toEqual([['2', 2], ['3', 1], ['1', 1]]);
  }, 60_000);
});

describe('what the studies keep', () => {
  const recorded = <Run>(name: string) => readRecords<Run>(join(root, 'results', 'claims', name));
  const [whole, quick] = [{ episodes: 300, validationEpisodes: 100 }, { episodes: 4, validationEpisodes: 4, steps: 2 }];
  const learnersOf = (runs: readonly LearnerRun[], more: Partial<RunOptions & Sizes> = {}) => {
    const folder = mkdtempSync(join(out, 'kept-'));
    writeRecords(join(folder, 'learners.json'), runs);
    const options = { folder, seeds: ['1'], size: whole, resume: true, isAsked: () => true, sizes: [], ...more };
    return withLog(() => keptLearners(join(folder, 'learners.json'), [waves], options));
  };
  const isCavia = (name: string) => name.includes('CAVIA');
  const names = (runs: readonly LearnerRun[]) => runs.map(({ method, seed }) => `${method} ${seed}`);

  test('meta-trainings with the same settings, and those that are not asked for', () => {
    const runs = recorded<LearnerRun>('learners.json').filter(({ domain }) => domain === 'waves');
    expect(learnersOf(runs)).toEqual({ result: runs, said: '' });
    const less = learnersOf(runs, { size: quick, isAsked: isCavia });
    expect(names(runs.filter((run) => !less.result.some((kept) => kept.method === run.method && kept.seed === run.seed)))).toEqual(names(runs).filter(isCavia));
    expect(less.said).toMatch(/recorded runs of other settings are dropped, .*: waves, CAVIA, seed 1.* is none of the settings that are tried now\)\.$/);
  });

  test('without --resume, meta-trainings that are not asked for', () => {
    const all = recorded<LearnerRun>('learners.json');
    const runs = [...all, { ...all.find(({ method }) => method === 'CAVIA')!, seed: '9' }];
    const { result, said } = learnersOf(runs, { resume: false, isAsked: isCavia });
    expect(names(result)).toEqual(names(runs.filter(({ method, seed }) => method !== 'CAVIA' || seed !== '1'))); // seed 9 is not asked for, nor are characters
    expect(said).toBe('');
  });

  test('shared trainings whose rate and number of steps are among the choices', () => {
    const runs = recorded<SharedRun>('sharing.json');
    const path = join(out, 'sharing.json');
    const kept = (some: readonly SharedRun[], { asked = amounts, resume = true, isAsked = (_name: string): boolean => true } = {}) => {
      writeRecords(path, some);
      return withLog(() => keptShares(path, asked, { resume, isAsked }));
    };
    expect(kept(runs)).toEqual({ result: runs, said: '' });
    const short = { ...runs[0]!, steps: 2 };
    expect(kept([short, ...runs])).toEqual({ result: runs, said: expect.stringContaining('dropped, 1 of ') });
    expect(kept([short], { isAsked: () => false }).result).toEqual([short]);
    expect(kept(runs, { asked: [{ tasks: 1, most: 2, draws: 1 }] }).result).toEqual(runs.filter(({ tasks }) => tasks > 1));
    const asked = amounts.filter(({ tasks }) => tasks === 10);
    expect(kept(runs, { asked, resume: false })).toEqual({ result: runs.filter(({ tasks }) => tasks !== 10), said: '' }); // without --resume
  });

  test('costs of the other cases, whatever has become of them', () => {
    const cost = (name: string, ms: number) => ({ case: name, ms: { median: ms } }) as StepCost; // what is looked at
    const [first, second] = stepCases.map(({ name }) => name) as [string, string];
    expect(withCase([cost('an older one', 1), cost(second, 1), cost(first, 1)], [cost(second, 2), cost(second, 3)])).toEqual([cost(first, 1), cost(second, 2), cost(second, 3), cost('an older one', 1)]);
  });

  test('times of another domain, when one is timed anew', async () => {
    const folder = mkdtempSync(join(out, 'times-'));
    const other = { domain: 'characters', method: 'MAML', steps: 1 };
    writeRecords(join(folder, 'times.json'), [other, { ...other, domain: 'waves' }]);
    await timeAdaptations([{ ...waves, methods: [] }], [], { folder, seeds: ['1'], size: quick, resume: false, isAsked: (name) => name.includes('waves') });
    expect(readRecords(join(folder, 'times.json'))).toEqual([other]);
  });

  test('times of the same methods and numbers of steps', () => {
    const times = recorded<AdaptationTime>('times.json');
    for (const domain of ['waves', 'characters']) {
      const places = recorded<LearnerRun>('learners.json')
        .filter((run) => run.domain === domain && run.classes === undefined)
        .flatMap(({ method: name, scores }) => scores['unseen']!.map(({ steps }) => ({ method: { name }, steps })));
      expect(isTimed(domain, places, times)).toBe(true);
      expect(isTimed(domain, places.filter(({ steps }) => steps < 2), times)).toBe(false);
      expect(isTimed(domain, places, [])).toBe(false);
    }
  });

  test('costs of a whole case, in the same form', () => {
    const steps = ['plain network', 'modulated'];
    const plan = { name: 'waves', steps: steps.map((name) => ({ name })) };
    const costs = (more: Partial<StepCost>) => steps.map((step) => ({ case: 'waves', step, ...more }) as StepCost);
    expect(isMeasured(plan, costs({ processMiB: 200 }), 'whole')).toBe(true);
    expect(isMeasured(plan, costs({}), 'whole')).toBe(false);
    expect(isMeasured(plan, costs({}), 'quick')).toBe(true);
    expect(isMeasured(plan, costs({ processMiB: 200 }).slice(1), 'whole')).toBe(false);
  });
});
