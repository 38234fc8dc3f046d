import type { Learner, Network, RunConfig, TaskSource, TaskSplits } from 'hypermeta';
import * as z from 'zod';
import { bases } from './config-base';
import { sources } from './config-data';
import { learners } from './config-learner';
import { describeInSchema, describeProblems, show } from './config-problems';
import { count, countOrNone, described, optional, text } from './config-rows';
import { objectives, trainerSchema } from './config-trainer';
import { UsageError } from './usage-error';

/** All that a config may say. */
export const configSchema = z.strictObject({
  ...optional({ $schema: z.string() }),
  data: described(sources),
  ...optional({ objective: described(objectives) }),
  base: described(bases),
  learner: described(learners),
  ...optional({ trainer: trainerSchema }),
  train: z.strictObject({
    steps: count,
    ...optional({
      validateEvery: count,
      validationEpisodes: count,
      patience: count,
      save: z.strictObject(optional({ every: count, keep: count })),
    }),
  }),
  ...optional({
    evaluate: z.strictObject(optional({ episodes: count, steps: z.array(countOrNone).min(1), seed: text, batchSize: count })),
  }),
});

/** The JSON Schema of a config, for editors. */
export function jsonSchema(): object {
  return { title: 'A meta-training, for the command hypermeta train', ...z.toJSONSchema(configSchema, { io: 'input', reused: 'ref' }) };
}

/**
 * A config that was read, checked. What may only stand in a module, real objects, is taken as it is.
 *
 * @throws UsageError with a line for every problem
 */
export function checkConfig(given: unknown, where: string): RunConfig {
  if (!isRecord(given)) throw new UsageError(`${where}: expected an object with data, base, learner and train, got ${show(given)}.`);
  const { plain, real } = setAside(given);
  const checked = configSchema.safeParse(plain, { reportInput: true, error: describeInSchema });
  if (!checked.success) throw new UsageError(summarizeProblems(where, describeProblems(checked.error.issues)));
  const config: RunConfig = checked.data;
  return { ...config, ...real.config, ...(config.trainer ? { trainer: { ...config.trainer, ...real.trainer } } : {}) };
}

function summarizeProblems(where: string, problems: readonly string[]): string {
  return problems.length === 1 ? `${where}: ${problems[0]}` : `${where}: ${problems.length} problems:\n${problems.map((problem) => `  ${problem}`).join('\n')}`;
}

type Place<Key> = readonly [key: Key, isReal: (value: unknown) => boolean, standIn: unknown];

const hasFunctions = (value: unknown, ...names: readonly string[]) => isRecord(value) && names.every((name) => typeof value[name] === 'function');

export const isLearner = (value: unknown): value is Learner => hasFunctions(value, 'start', 'weights');
export const isNetwork = (value: unknown): value is Network => hasFunctions(value, 'apply');
export const isTasks = (value: unknown): value is TaskSource | TaskSplits =>
  hasFunctions(value, 'sample') || (isRecord(value) && ['train', 'validation', 'test'].every((part) => hasFunctions(value[part], 'sample')));
const isOptimizer = (value: unknown) => hasFunctions(value, 'start', 'update');
const isFunction = (value: unknown) => typeof value === 'function';

/** Where a real object may stand for a described one, and what is checked in its place. */
const places: readonly Place<'data' | 'base' | 'learner'>[] = [
  ['data', isTasks, 'sinusoids' satisfies RunConfig['data']],
  ['base', isNetwork, { kind: 'mlp', hidden: [] } satisfies RunConfig['base']],
  ['learner', isLearner, 'maml' satisfies RunConfig['learner']],
];
const trainerPlaces: readonly Place<'innerOptimizer' | 'outerOptimizer' | 'outerLearningRate' | 'metaGradient'>[] = [
  ['innerOptimizer', isOptimizer, 'sgd'],
  ['outerOptimizer', isOptimizer, 'sgd'],
  ['outerLearningRate', isFunction, 1],
  ['metaGradient', isFunction, 'unrolled'],
];

/** The config with stand-ins, and the real objects. A real learner has its base network. */
function setAside(given: Readonly<Record<string, unknown>>) {
  const swap = (from: Readonly<Record<string, unknown>>, list: readonly Place<string>[]) => {
    const found = list.filter(([key, isReal]) => isReal(from[key]));
    return {
      plain: { ...from, ...Object.fromEntries(found.map(([key, , standIn]) => [key, standIn])) },
      real: Object.fromEntries(found.map(([key]) => [key, from[key]])),
    };
  };
  const data = withoutAugment(given['data']);
  const config = swap(given, data ? [...places, ['data', () => true, data]] : places);
  const trainer = isRecord(given['trainer']) ? swap(given['trainer'], trainerPlaces) : undefined;
  const base = isLearner(given['learner']) && given['base'] === undefined ? { base: { kind: 'mlp', hidden: [] } } : {};
  return {
    plain: { ...config.plain, ...base, ...(trainer ? { trainer: trainer.plain } : {}) },
    real: { config: config.real, trainer: trainer?.real ?? {} },
  };
}

/** Described data whose `train.augment` is a function, which a module may hold: what is checked in its place. */
function withoutAugment(data: unknown): object | undefined {
  if (!isRecord(data) || isTasks(data) || !isRecord(data['train']) || !isFunction(data['train']['augment'])) return undefined;
  const { augment: _function, ...train } = data['train'];
  return { ...data, train };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
