import {
  DataError,
  metaTrainer,
  type BaseKinds,
  type Described,
  type Learner,
  type MetaTrainer,
  type Network,
  type RunConfig,
  type TaskSource,
  type TaskSplits,
} from 'hypermeta';
import { isLearner, isNetwork, isTasks } from './config';
import { bases, isFlat } from './config-base';
import { flattened, mapTasks, sources, type DataSource, type OpenData } from './config-data';
import { learners } from './config-learner';
import { make } from './config-rows';
import { objectives, trainerOptions } from './config-trainer';
import type { LoadedConfig } from './load-config';
import { jsonForms } from './read-data';
import { blankTasks, noteTasks, type TaskNote } from './task-note';
import { UsageError } from './usage-error';

/** The objects that a config describes. The caller disposes the trainer. */
export interface OpenRun extends OpenData {
  readonly config: RunConfig;
  readonly trainer: MetaTrainer;
  readonly note: TaskNote;
}

export interface OpenOptions {
  /** What the run was trained on; none for a new run. */
  readonly note?: TaskNote;
  /** `'as needed'` leaves data unread that is not needed to adapt and predict. @default 'all' */
  readonly data?: 'all' | 'as needed';
}

/**
 * Makes what a config describes.
 *
 * @throws UsageError naming the part of the config that cannot be made; DataError for data that cannot be read, or is not that of
 * the note
 */
export async function openRun({ config, file, folder }: LoadedConfig, { note, data = 'all' }: OpenOptions = {}): Promise<OpenRun> {
  const source = inConfig(file, '.data', () => dataSource(config, folder));
  const isBlank = note && source.forms && data === 'as needed';
  const opened = isBlank ? { tasks: blankTasks(note), forms: source.forms } : await inConfigLater(file, '.data', () => source.open());
  const tasks = inConfig(file, '.objective', () => asDescribed(opened.tasks, config));
  const found = isBlank ? note : noteTasks(tasks, source.from);
  if (note && note.sha256 !== found.sha256) throw new DataError(`${source.from?.join(', ') ?? `${file}: config.data`}: expected the data that the run was trained on, got other data; restore it, or train anew.`);
  const learner = makeLearner(config, 'train' in tasks ? tasks.train : tasks, file);
  const trainer = await inConfigLater(file, '', () => metaTrainer(learner, tasks, trainerOptions(config.trainer ?? {})));
  return { config, tasks, note: found, forms: opened.forms, trainer };
}

/** Work with a run, which is not kept where that is refused. */
export async function orDispose<Result>({ trainer }: OpenRun, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    trainer.dispose();
    throw error;
  }
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
  const made = (extraInputs = 0) => (isNetwork(base) ? base : inConfig(file, '.base', () => makeBase(base, tasks, extraInputs)));
  return inConfig(file, '.learner', () => make(learners, learner, { tasks, base: made }));
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

/** The same of what takes a while. */
export async function inConfigLater<Made>(file: string, part: string, work: () => Promise<Made>): Promise<Made> {
  try {
    return await work();
  } catch (cause) {
    throw blame(cause, file, part);
  }
}

function blame(cause: unknown, file: string, part: string): unknown {
  return cause instanceof RangeError ? new UsageError(`${file}: config${part}: ${cause.message}`, { cause }) : cause;
}
