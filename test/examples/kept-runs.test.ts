import { expect, test, vi } from 'vitest';
import { keptRuns, otherSettings } from '../../examples/kept-runs';

interface Run {
  readonly name: string;
  readonly seconds: number;
}

const runs: readonly Run[] = [{ name: 'MAML', seconds: 90 }, { name: 'CAVIA', seconds: 90 }];
const kept = (seconds: number, resume: boolean, others?: 'drop') =>
  keptRuns('results/some.json', runs, {
    resume,
    ...(others ? { others } : {}),
    isAsked: ({ name }) => name === 'MAML',
    nameOf: ({ name }) => name,
    otherOf: (run) => otherSettings({ seconds: run.seconds }, { seconds }),
  }).map(({ name }) => name);

/** What is kept, and what is said meanwhile. */
function keptAndSaid(...words: Parameters<typeof kept>) {
  const log = vi.spyOn(console, 'log').mockImplementation(() => undefined);
  try {
    return { names: kept(...words), said: log.mock.calls.flat() };
  } finally {
    log.mockRestore();
  }
}

test('a run that is not asked for stays, and with resume all do', () => {
  expect(keptAndSaid(90, false)).toEqual({ names: ['CAVIA'], said: [] });
  expect(keptAndSaid(90, true)).toEqual({ names: ['MAML', 'CAVIA'], said: [] });
});

test('runs of other settings are named as they are dropped, and refused with resume', () => {
  const said = ['results/some.json: recorded runs of other settings are dropped, 2 of 2: MAML; CAVIA (seconds 90, not 30).'];
  expect(keptAndSaid(30, false)).toEqual({ names: [], said });
  expect(keptAndSaid(30, true, 'drop')).toEqual({ names: [], said });
  expect(() => kept(30, true)).toThrow(
    new RangeError('results/some.json: --resume: expected runs with the settings asked for, got MAML; CAVIA (seconds 90, not 30); give the same settings, another --out, or leave --resume out to begin anew.'),
  );
});

test('settings are compared as they are written: six figures, whatever their order', () => {
  expect(otherSettings({ share: 0.333333, model: { beta: 1, sizes: [1, 2] } }, { model: { sizes: [1, 2], beta: 1 }, share: 1 / 3, none: undefined })).toBe('');
  expect(otherSettings({ model: { beta: 1, sizes: [1, 2] }, steps: 5 }, { model: { beta: 2, sizes: [1] }, limit: 4 })).toBe('model.beta 1, not 2, model.sizes [1,2], not [1], steps 5, not absent, and 1 more');
});
