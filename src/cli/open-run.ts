import { metaTrainer, type BaseKinds, type Described, type Learner, type MetaTrainer, type Network, type RunConfig, type TaskSource, type TaskSplits } from 'hypermeta';
import { isLearner, isNetwork, isTasks } from './config';
import { bases, isFlat } from './config-base';
import { flattened, mapTasks, sources, type DataSource, type OpenData } from './config-data';
import { learners } from './config-learner';
import { make } from './config-rows';
import { objectives, trainerOptions } from './config-trainer';
import type { LoadedConfig } from './load-config';
import { jsonForms } from './read-data';
import { blankTasks, type TaskNote } from './task-note';
import { UsageError } from './usage-error';

/** The objects that a config describes. The caller disposes the trainer. */
export interface OpenRun extends OpenData {
  readonly config: RunConfig;
  readonly trainer: MetaTrainer;
  /** The data's file or folder; absent where there is none. */
  readonly from?: string;
}

/**
 * Makes what a config describes. Given a note of the tasks, the data is left unread where it is not needed to adapt and predict.
 *
 * @throws UsageError naming the part of the config that cannot be made; DataError for data that cannot be read
 */
export async function openRun({ config, file, folder }: LoadedConfig, note?: TaskNote): Promise<OpenRun> {
  const source = inConfig(file, 'data', () => dataSource(config, folder));
  const opened = note && source.forms ? { tasks: blankTasks(note), forms: source.forms } : await inConfigLater(file, 'data', () => source.open());
  const tasks = inConfig(file, 'objective', () => asDescribed(opened.tasks, config));
  const learner = makeLearner(config, 'train' in tasks ? tasks.train : tasks, file);
  const trainer = await inConfigLater(file, 'trainer', () => metaTrainer(learner, tasks, trainerOptions(config.trainer ?? {})));
  return { config, tasks, forms: opened.forms, trainer, ...(source.from === undefined ? {} : { from: source.from }) };
}

function dataSource({ data }: RunConfig, folder: string): DataSource {
  if (!isTasks(data)) return make(sources, data, { folder });
  return { open: async () => ({ tasks: data, forms: jsonForms }) };
}

/** With the objective that the config names, and inputs that its base network takes. */
function asDescribed(tasks: TaskSource | TaskSplits, { objective, base }: RunConfig): TaskSource | TaskSplits {
  return mapTasks(tasks, (source) => {
    if (objective && source.objective.target === 'class') throw new RangeError('expected tasks with values, got tasks with classes; leave it out.');
    const meant = objective ? { ...source, objective: make(objectives, objective, undefined) } : source;
    return base && !isNetwork(base) && isFlat(base) ? flattened(meant) : meant;
  });
}

function makeLearner({ base, learner }: RunConfig, tasks: TaskSource, file: string): Learner {
  if (isLearner(learner)) return learner;
  if (!base) throw new UsageError(`${file}: config.base: expected a base network beside a described learner, got none.`);
  const made = (extraInputs = 0) => (isNetwork(base) ? base : inConfig(file, 'base', () => makeBase(base, tasks, extraInputs)));
  return inConfig(file, 'learner', () => make(learners, learner, { tasks, base: made }));
}

function makeBase(base: Described<BaseKinds>, { inputShape, targetShape, objective }: TaskSource, extraInputs: number): Network {
  const outputs = (objective.outputShape?.(targetShape) ?? targetShape).at(-1) ?? 1;
  const last = inputShape.length - 1;
  return make(bases, base, { inputShape: inputShape.map((size, axis) => (axis === last ? size + extraInputs : size)), outputs });
}

/** What the library refuses while a part of the config is made is the config's fault. */
function inConfig<Made>(file: string, part: string, work: () => Made): Made {
  try {
    return work();
  } catch (cause) {
    throw blame(cause, file, part);
  }
}

async function inConfigLater<Made>(file: string, part: string, work: () => Promise<Made>): Promise<Made> {
  try {
    return await work();
  } catch (cause) {
    throw blame(cause, file, part);
  }
}

function blame(cause: unknown, file: string, part: string): unknown {
  return cause instanceof RangeError ? new UsageError(`${file}: config.${part}: ${cause.message}`, { cause }) : cause;
}
