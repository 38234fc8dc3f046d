import {
  fewShotSplits,
  flattenInputs,
  omniglot,
  readImageFolder,
  readLabelledIdx,
  sinusoids,
  splitClasses,
  tableTasks,
  type ClassSplit,
  type DataKinds,
  type LabelledSet,
  type TaskSource,
  type TaskSplits,
} from 'hypermeta';
import { resolve } from 'node:path';
import * as z from 'zod';
import { count, optional, row, share, text, type Rows } from './config-rows';
import { imageForms, pointForms, tableForms, tableReader, type Forms } from './read-data';

/** Tasks, and how the commands read more of the same kind. */
export interface OpenData {
  readonly tasks: TaskSource | TaskSplits;
  readonly forms: Forms;
}

/** Data that is read when it is needed. */
export interface DataSource {
  /** Reads it all. @throws DataError */
  open(): Promise<OpenData>;
  /** How DATA of a command is read; absent where only the data itself can tell. */
  readonly forms?: Forms;
  /** The files, or the folder, that are read; absent where nothing is. */
  readonly from?: readonly string[];
}

/** Where relative paths start. */
export interface DataContext {
  readonly folder: string;
}

const range = z.tuple([z.number(), z.number()]);
const ways = z.int().min(2);
const distortion = z.strictObject(
  optional({ rotation: z.number().min(0), scale: z.number().min(0), shear: z.number().min(0), shift: z.number().min(0), wobble: z.number().min(0) }),
);
const episodes = optional({
  ways,
  shots: count,
  queryShots: count,
  rotations: z.enum(['none', 'train', 'all']),
  train: z.strictObject(optional({ ways, shots: count, queryShots: count, distortion })),
});
const sizeOfPart = z.number().gt(0);
const classSplit = {
  ...episodes,
  ...optional({ split: z.strictObject({ train: sizeOfPart, validation: sizeOfPart, test: sizeOfPart }), splitSeed: text }),
};
const names = z.array(text);
const table = {
  file: text,
  target: z.union([text, names.min(1)]),
  ...optional({ task: text, inputs: names.min(1), categorical: names, ways, shots: count, queryShots: count, validation: share, test: share, seed: text }),
};

/** Where tasks come from. A new source is a row. */
export const sources: Rows<DataKinds, DataContext, DataSource> = {
  sinusoids: row(optional({ shots: count, queryShots: count, amplitude: range, phase: range, x: range }), (options) => {
    const waves = sinusoids(options);
    return { forms: pointForms, open: async () => ({ tasks: { train: waves, validation: waves, test: waves }, forms: pointForms }) };
  }),
  images: row(
    { dir: text, size: z.union([count, z.tuple([count, count])]), ...optional({ colour: z.enum(['grey', 'rgb']) }), ...classSplit },
    ({ dir, size, colour = 'rgb', ...options }, { folder }: DataContext) => {
      const [from, forms] = [resolve(folder, dir), imageForms({ size, colour })];
      return { from: [from], forms, open: async () => ({ tasks: splitTasks(await readImageFolder(from, { size, colour }), options), forms }) };
    },
  ),
  idx: row({ images: text, labels: text, ...optional({ names }), ...classSplit }, ({ images, labels, names: called, ...options }, { folder }: DataContext) => {
    const paths = { images: resolve(folder, images), labels: resolve(folder, labels), ...(called ? { names: called } : {}) };
    return {
      from: [paths.images, paths.labels],
      async open() {
        const set = readLabelledIdx(paths);
        const [height = 1, width = 1, channels = 1] = set.inputShape;
        return { tasks: splitTasks(set, options), forms: imageForms({ size: [height, width], colour: channels === 1 ? 'grey' : 'rgb' }) };
      },
    };
  }),
  omniglot: row(
    {
      dir: text,
      ...episodes,
      ...optional({ within: z.enum(['anywhere', 'group']), split: z.enum(['original', 'shuffled', 'vinyals']), validationAlphabets: count, size: count, seed: text }),
    },
    ({ dir, ...options }, { folder }: DataContext) => {
      const [from, forms] = [resolve(folder, dir), imageForms({ size: options.size ?? 28, colour: 'grey' }, 'inverted')];
      return { from: [from], forms, open: async () => ({ tasks: await omniglot({ dir: from, ...options }), forms }) };
    },
  ),
  csv: row({ ...table, ...optional({ delimiter: text }) }, (options, context: DataContext) => tableSource('csv', options, context)),
  jsonl: row(table, (options, context: DataContext) => tableSource('jsonl', options, context)),
};

function splitTasks(set: LabelledSet, { split = { train: 0.7, validation: 0.15, test: 0.15 }, splitSeed = 'split', ...options }: ClassSplit): TaskSplits {
  return fewShotSplits(splitClasses(set, split, splitSeed), options);
}

function tableSource(kind: 'csv' | 'jsonl', { file, delimiter, ...options }: DataKinds['csv'], { folder }: DataContext): DataSource {
  const from = resolve(folder, file);
  const read = tableReader(kind, delimiter);
  return {
    from: [from],
    async open() {
      const { categorical = [], task } = options;
      const tasks = tableTasks(read(from, [...categorical, ...(task === undefined ? [] : [task])]), options); // 01 and 1 are two names
      const targets = typeof options.target === 'string' ? [options.target] : options.target;
      return { tasks, forms: tableForms(tasks, targets, read) };
    },
  };
}

/** The same change of every source of tasks. */
export function mapTasks<Tasks extends TaskSource | TaskSplits>(tasks: Tasks, change: (source: TaskSource) => TaskSource): Tasks {
  if (!('train' in tasks)) return change(tasks) as Tasks; // a source stays a source
  return { ...tasks, train: change(tasks.train), validation: change(tasks.validation), test: change(tasks.test) };
}

/** Inputs of one axis, for networks of dense layers. */
export const flattened = (source: TaskSource): TaskSource => (source.inputShape.length > 1 ? flattenInputs(source) : source);
