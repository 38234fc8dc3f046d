import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { claimsSection } from '../../examples/claims/report';
import { isMeasured, type StepCost } from '../../examples/claims/measure-steps';
import { keptRuns } from '../../examples/claims/meta-train-all';
import { readRecords, type LearnerRun } from '../../examples/claims/records';
import { amounts, keptShares, type SharedRun } from '../../examples/claims/share-tasks';
import { describeLead, leadOfHypernetworks, methodsOf } from '../../examples/claims/summarize';
import { isTimed, type AdaptationTime } from '../../examples/claims/time-adaptation';
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

describe('what --resume keeps', () => {
  const recorded = <Run>(name: string) => readRecords<Run>(join(root, 'results', 'claims', name));
  const [whole, quick] = [{ episodes: 300, validationEpisodes: 100 }, { episodes: 4, validationEpisodes: 4, steps: 2 }];
  const all = () => true;

  test('meta-trainings with the same settings, and those that are not asked for', () => {
    const runs = recorded<LearnerRun>('learners.json');
    expect(keptRuns(runs, [waves], { size: whole, isAsked: all })).toEqual(runs);
    expect(keptRuns(runs, [waves], { size: quick, isAsked: all }).map(({ domain }) => domain)).not.toContain('waves');
    const left = keptRuns(runs, [waves], { size: quick, isAsked: (name) => name.includes('CAVIA') });
    expect(runs.filter((run) => !left.includes(run)).map(({ method, seed }) => `${method} ${seed}`)).toEqual(['CAVIA 1']);
  });

  test('shared trainings whose rate and number of steps are among the choices', () => {
    const runs = recorded<SharedRun>('sharing.json');
    expect(keptShares(runs, amounts, all)).toEqual(runs);
    const short = { ...runs[0]!, steps: 2 };
    expect(keptShares([short, ...runs], amounts, all)).toEqual(runs);
    expect(keptShares([short], amounts, () => false)).toEqual([short]);
    expect(keptShares(runs, [{ tasks: 1, most: 2, draws: 1 }], all)).toEqual(runs.filter(({ tasks }) => tasks > 1));
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
