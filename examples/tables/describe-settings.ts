import { countParams } from 'hypermeta';
import type { Entry, Group } from './protocol';

/** All that a run depends on beside the code and the machine, as JSON. */
export function describeSettings(group: Group, { learner: given, about, options = {}, train, testSteps }: Entry): Readonly<Record<string, unknown>> {
  const learner = typeof given === 'function' ? given() : given;
  const { outerLearningRate, ...rest } = options;
  const settings = {
    ...group.settings,
    episodes: group.episodes,
    learner: learner.name,
    metaParameters: countParams(learner.specs),
    ...(about ? { about } : {}),
    ...rest,
    ...(outerLearningRate === undefined ? {} : { outerLearningRate: describeRate(outerLearningRate, train.steps) }),
    ...(testSteps === undefined ? {} : { testSteps }),
    train,
  };
  return JSON.parse(JSON.stringify(settings, nameFunctions)) as Readonly<Record<string, unknown>>; // plain by then
}

/** A schedule at its start, middle and end. */
function describeRate(rate: number | ((step: number) => number), steps: number): number | readonly number[] {
  if (typeof rate === 'number') return rate;
  return [0, steps / 2, steps - 1].map((step) => Number(rate(Math.floor(step)).toPrecision(4)));
}

/** An optimizer is its name; another function, such as a meta-gradient, is said to be there. */
function nameFunctions(_key: string, value: unknown): unknown {
  if (typeof value === 'function') return 'given';
  return typeof value === 'object' && value !== null && 'updateInPlace' in value && 'name' in value ? value.name : value;
}
