import { DataError, expectCount, shown } from '../core/errors';
import { createRng } from '../core/rng';
import type { TaskSource, TaskSplits } from '../core/task';
import { drawDistinct } from './draw-episode';
import { isText, rowEncoder, type RowEncoder } from './encode-rows';
import type { UserExamples } from './examples';
import { fewShotSplits } from './few-shot';
import { labelledSet } from './labelled-set';
import { packExamples } from './pack-examples';
import { readList, type NumberSource } from './read-arrays';
import { splitClasses } from './split-classes';
import type { Table, TableRow } from './table';
import { classTarget, valueTarget, type TableTarget } from './table-target';

export interface TableTasksOptions {
  /** What to predict: a column of text is a class, columns of numbers are values. */
  readonly target: string | readonly string[];
  /**
   * The column that says which task a row belongs to: a city, a patient, a machine. Without it the target must be a class, and
   * tasks are N-way K-shot, of classes never seen before.
   */
  readonly task?: string;
  /** Columns to predict from. @default all others */
  readonly inputs?: readonly string[];
  /** Columns whose numbers are names, such as post codes, or stand beside names; the target too, if its numbers are classes. @default none */
  readonly categorical?: readonly string[];
  /** Classes of an episode; without `task` only. @default 5 */
  readonly ways?: number;
  /** Support rows of a task; without `task`, of a class. @default 5 */
  readonly shots?: number;
  /** Query rows of a task; without `task`, of a class. @default 5 */
  readonly queryShots?: number;
  /** Shares of the tasks, or classes, that are held out; at least one each. @default 0.15 */
  readonly validation?: number;
  /** @default 0.15 */
  readonly test?: number;
  /** Chooses which are held out. @default 'table' */
  readonly seed?: string;
}

export interface TableTasks extends TaskSplits {
  /** The inputs of the network in order: a column of numbers, or `COLUMN=CATEGORY`. Its size is that of the base network. */
  readonly inputs: readonly string[];
  /** Columns of text: new rows are read with `readCsv(path, { text })`, since their cells alone may all be numbers. */
  readonly text: readonly string[];
  /** With `task` and a class as target: the classes in the order of the outputs. */
  readonly classes?: readonly string[];
  /** Rows with their targets, for `trainer.adapt`. @throws DataError for a row that does not fit */
  examples(rows: readonly TableRow[]): UserExamples;
  /** Rows without targets, for `adapted.predict` and `classify`. */
  encode(rows: readonly TableRow[]): readonly Float32Array[];
  /** Predictions of a list of rows, in the units of the columns. @throws ShapeError for predictions of anything else */
  decode(predictions: NumberSource): readonly (readonly number[])[];
}

/**
 * Tasks out of a table, split into meta-train, validation and test so that no task, or class, is in two of them. Numbers are
 * standardized by mean and deviation of the meta-train rows, text is one-hot.
 *
 * @example
 * const rows = ['a', 'b', 'c', 'd'].flatMap((shop) => [1, 2, 3, 4].map((size) => `${shop},${size},${size * 2}`));
 * const shops = tableTasks(parseCsv(`shop,size,price\n${rows.join('\n')}`), { task: 'shop', target: 'price', shots: 2, queryShots: 2 });
 * shops.inputs // ['size']
 *
 * @throws RangeError for an option out of range; DataError for columns that are not there, one that has numbers and other cells, too few
 * tasks or rows, a value as target without a task
 */
export function tableTasks(table: Table, options: TableTasksOptions): TableTasks {
  const { task, categorical = [], shots = 5, queryShots = 5 } = options;
  expectCount('tableTasks: shots', shots);
  expectCount('tableTasks: queryShots', queryShots);
  const targets = typeof options.target === 'string' ? [options.target] : options.target;
  const inputs = options.inputs ?? table.columns.filter((name) => name !== task && !targets.includes(name));
  expectColumns(table, { target: targets, inputs, categorical, task: task === undefined ? [] : [task] });
  const used = new Set([...inputs, ...targets, ...(task === undefined ? [] : [task])]);
  const text = table.columns.filter((name) => used.has(name) && (name === task || isText(table, name, categorical))); // tasks are told apart by name
  const isClass = expectTarget(targets, text, task);
  const split = splitRows(table, task ?? targets[0]!, options); // a class where there is no task
  const target = isClass ? classTarget(table, targets[0]!) : valueTarget(targets, split.train);
  const encoder = rowEncoder(table, inputs, text, split.train);
  const encode = (rows: readonly TableRow[]) => rows.map((row, index) => encoder.encode(row, `row ${index + 1}`));
  const classes = task !== undefined && target.classes ? { classes: target.classes } : {}; // without a task every episode has its own
  const examples = (rows: readonly TableRow[]): UserExamples => ({
    x: encode(rows),
    y: rows.map((row, index) => target.show(row, `row ${index + 1}`)) as UserExamples['y'], // all labels, or all lists
    ...classes,
  });
  const tasks = task === undefined ? classTasks(split, examples, options) : groupTasks(split, task, encoder, target, { shots, queryShots });
  return { ...tasks, inputs: encoder.names, text, ...classes, examples, encode, decode: (predictions) => target.decode(rowsOf(predictions, target.size)) };
}

function rowsOf(predictions: NumberSource, size: number): readonly (readonly number[])[] {
  const { values, count } = readList('decode', predictions, [size]);
  return Array.from({ length: count }, (_, row) => Array.from(values.subarray(row * size, (row + 1) * size)));
}

type Split = Readonly<Record<keyof TaskSplits, readonly TableRow[]>>;

/** By the values of one column, each on one side. */
function splitRows({ rows }: Table, by: string, { validation = 0.15, test = 0.15, seed = 'table' }: TableTasksOptions): Split {
  const units = [...new Set(rows.map((row) => String(row[by])))].sort();
  if (units.length < 3) throw new DataError(`tableTasks: '${shown(by)}': expected at least 3 different values, to train, to validate and to test, got ${units.length}.`);
  if (!(validation > 0 && test > 0 && validation + test < 1))
    throw new RangeError(`tableTasks: validation and test: expected shares above 0 that sum to less than 1, got ${validation} and ${test}.`);
  const none = { inputShape: [1], classes: units.map((name) => ({ name, examples: new Float32Array(1) })) };
  const sets = splitClasses(none, { train: 1 - validation - test, validation, test }, seed);
  const rowsOf = (part: keyof TaskSplits) => {
    const names = new Set(sets[part].classes.map(({ name }) => name));
    return rows.filter((row) => names.has(String(row[by])));
  };
  return { train: rowsOf('train'), validation: rowsOf('validation'), test: rowsOf('test') };
}

/** N-way K-shot: every class is of one split. */
function classTasks(split: Split, examples: TableTasks['examples'], { ways = 5, shots = 5, queryShots = 5 }: TableTasksOptions): TaskSplits {
  const setOf = (rows: readonly TableRow[]) => labelledSet(examples(rows));
  const sets = { train: setOf(split.train), validation: setOf(split.validation), test: setOf(split.test) };
  return fewShotSplits(sets, { ways, shots, queryShots });
}

/** Whether the target is a class. @throws DataError where it is neither that nor values of tasks */
function expectTarget(targets: readonly string[], text: readonly string[], task: string | undefined): boolean {
  const texts = targets.filter((name) => text.includes(name));
  if (texts.length > 0 && targets.length > 1)
    throw new DataError(`tableTasks: target: expected one class, or columns of numbers alone, got text in '${shown(texts[0])}' beside others.`);
  if (texts.length === 0 && task === undefined)
    throw new DataError(`tableTasks: task: expected a column that tells tasks apart beside the values of '${targets.join(', ')}', got none; or name the target in categorical, if its numbers are classes.`);
  return texts.length > 0;
}

interface Counts {
  readonly shots: number;
  readonly queryShots: number;
}

/** The rows of one task are an episode's support and query set. */
function groupTasks(split: Split, task: string, encoder: RowEncoder, { encode, size, objective }: TableTarget, { shots, queryShots }: Counts): TaskSplits {
  const sourceOf = (rows: readonly TableRow[]): TaskSource => {
    const groups = new Map<string, { readonly x: Float32Array; readonly y: Float32Array }[]>();
    rows.forEach((row) => {
      const name = String(row[task]);
      const own = groups.get(name) ?? [];
      groups.set(name, own);
      own.push({ x: encoder.encode(row, 'tableTasks'), y: Float32Array.from(encode(row, 'tableTasks')) });
    });
    const names = [...groups.keys()];
    for (const [name, { length }] of groups)
      if (length < shots + queryShots)
        throw new DataError(`tableTasks: expected at least ${shots} shots + ${queryShots} queryShots = ${shots + queryShots} rows of task '${shown(name)}', got ${length}.`);
    return {
      inputShape: [encoder.names.length],
      targetShape: [size],
      objective,
      sample(seed, index) {
        const rng = createRng(`${seed}/${index}`);
        const name = names[rng.integer(names.length)]!;
        const own = groups.get(name)!; // names are the keys
        const drawn = drawDistinct(rng, own.length, shots + queryShots).map((row) => own[row]!);
        return { support: packExamples(drawn.slice(0, shots)), query: packExamples(drawn.slice(shots)), about: { task: name } };
      },
    };
  };
  return { train: sourceOf(split.train), validation: sourceOf(split.validation), test: sourceOf(split.test) };
}

function expectColumns({ columns, rows }: Table, asked: Readonly<Record<string, readonly string[]>>): void {
  if (rows.length === 0) throw new DataError('tableTasks: expected at least 1 row, got none.');
  for (const [option, names] of Object.entries(asked)) {
    const missing = names.find((name) => !columns.includes(name));
    if (missing !== undefined) throw new DataError(`tableTasks: ${option}: expected one of the columns ${shown(columns.join(', '))}, got '${shown(missing)}'.`);
  }
  const leak = asked['inputs']!.find((name, index, all) => asked['target']!.includes(name) || all.indexOf(name) < index);
  if (leak !== undefined) throw new DataError(`tableTasks: inputs: expected each column once, and no target, got '${shown(leak)}' ${asked['target']!.includes(leak) ? 'as both' : 'twice'}.`);
  for (const option of ['target', 'inputs'])
    if (asked[option]!.length === 0) throw new DataError(`tableTasks: ${option}: expected at least one column, got none.`);
}
