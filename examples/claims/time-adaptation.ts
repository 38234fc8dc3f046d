import { join } from 'node:path';
import { metaTrainer, type UserExamples } from 'hypermeta';
import { environment } from '../environment';
import { timeInterleaved, type Contender, type Time } from './interleaved';
import { testSteps, type RunSize } from './meta-train';
import type { RunOptions } from './meta-train-all';
import type { Domain, Method, Trial } from './method';
import { isSame, readRecords, writeRecords, type LearnerRun } from './records';

/** How long a method takes to adapt to one task. */
export interface AdaptationTime {
  readonly domain: string;
  readonly method: string;
  readonly steps: number;
  readonly cpuMs: Time;
  readonly ms: Time;
  readonly env: Readonly<Record<string, string | number>>;
}

/**
 * Times `trainer.adapt` of every method, with the settings that it chose, for each number of steps, compiled for that number.
 * The meta-parameters are fresh ones: their values change no time. Writes `times.json` after each domain, whose times are made anew together; others stay.
 */
export async function timeAdaptations(domains: readonly Domain[], runs: readonly LearnerRun[], { folder, size, resume, isAsked }: RunOptions): Promise<void> {
  const path = join(folder, 'times.json');
  let times = readRecords<AdaptationTime>(path);
  for (const domain of domains.filter(({ name }) => isAsked(`times of ${name}`))) {
    const places = placesOf(domain, runs);
    if (resume && isTimed(domain.name, places, times)) continue;
    const made = [];
    for (const place of places) made.push(await contender(domain, place));
    const timed = await timeInterleaved(made, roundsOf(size));
    const own = timed.map(({ cpuMs, ms }, index): AdaptationTime => {
      const { method, steps } = places[index]!; // each was timed
      return { domain: domain.name, method: method.name, steps, cpuMs, ms, env: environment() };
    });
    for (const { dispose } of made) dispose();
    times = [...times.filter((time) => time.domain !== domain.name), ...own];
    writeRecords(path, times);
  }
}

const roundsOf = ({ steps }: RunSize) => (steps === undefined ? 9 : 1);

interface Place {
  readonly method: Method;
  readonly trial: Trial;
  readonly steps: number;
}

/** Every number of steps that a method was scored after, with the settings that it chose. */
function placesOf({ name, methods }: Domain, runs: readonly LearnerRun[]): readonly Place[] {
  return methods.flatMap((method) => {
    const run = runs.find((each) => each.domain === name && each.method === method.name);
    const trial = method.trials.find(({ about }) => about === run?.settings['about']);
    return run && trial ? run.scores['unseen']!.map(({ steps }) => ({ method, trial, steps })) : [];
  });
}

/** Whether these places, and no others, were timed beside each other: the quick form has fewer. */
export function isTimed(domain: string, places: readonly { readonly method: Pick<Method, 'name'>; readonly steps: number }[], times: readonly AdaptationTime[]): boolean {
  const own = times.filter((time) => time.domain === domain).map(({ method, steps }) => `${method}, ${steps}`);
  return isSame(own.sort(), places.map(({ method, steps }) => `${method.name}, ${steps}`).sort());
}

async function contender(domain: Domain, { method, trial, steps }: Place): Promise<Contender & { readonly dispose: () => void }> {
  const isUnrolled = steps <= testSteps.at(-1)!; // more steps run one after another, whatever was usual in training
  const trainer = await metaTrainer(trial.learner(), domain.validation, { ...trial.options, ...(isUnrolled ? { innerSteps: steps } : {}) });
  const support = supportOf(domain);
  return {
    name: `${method.name}, ${steps} steps`,
    run: async () => (await trainer.adapt(support, { steps })).dispose(),
    dispose: () => trainer.dispose(),
  };
}

function supportOf({ validation }: Domain): UserExamples {
  const { support } = validation.sample('times', 0);
  if (validation.objective.target === 'value') return { x: support.x, y: support.y };
  const ways = validation.targetShape[0]!;
  return { x: support.x, y: Array.from({ length: support.count }, (_, index) => support.y.subarray(index * ways, (index + 1) * ways).indexOf(1)) };
}
