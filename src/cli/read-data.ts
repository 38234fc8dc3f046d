import {
  DataError,
  readCsv,
  readImageFolder,
  readImages,
  readInputs,
  readJsonLines,
  sizeOf,
  type ImageFolderOptions,
  type NumberSource,
  type Numbers,
  type Shape,
  type Table,
  type TableTasks,
  type UserExamples,
} from 'hypermeta';
import { existsSync, readFileSync } from 'node:fs';
import { basename, extname } from 'node:path';

/** Samples to predict for, and how each is called. */
export interface Samples {
  readonly names: readonly string[];
  readonly x: NumberSource;
}

/** How a command reads DATA, and says what was predicted. */
export interface Forms {
  /** The examples of a task. @throws DataError for another form */
  examples(path: string): Promise<UserExamples>;
  /** One sample or many. @throws DataError for another form */
  samples(path: string, inputShape: Shape): Promise<Samples>;
  /** Predicted values of a list of samples, as a person reads them. */
  values(predictions: readonly Numbers[]): readonly Prediction[];
}

/** By name of the value, or one value without a name. */
export type Prediction = Numbers | Readonly<Record<string, number>>;

/** Images: a folder of class folders as examples; an image, or a folder of images, as samples. JSON beside. */
export function imageForms(options: ImageFolderOptions, ink: 'as it is' | 'inverted' = 'as it is'): Forms {
  const levels = (image: Uint8Array) => (ink === 'inverted' ? image.map((level) => 255 - level) : image);
  return {
    ...jsonForms,
    async examples(path) {
      if (isJson(path)) return jsonForms.examples(path);
      const { inputShape, classes } = await readImageFolder(path, options);
      const size = sizeOf(inputShape);
      const cut = ({ examples }: (typeof classes)[0]) =>
        Array.from({ length: examples.length / size }, (_, index) => levels(Uint8Array.from(examples.subarray(index * size, (index + 1) * size))));
      const cuts = classes.map((member) => cut(member));
      return { x: cuts.flat(), y: classes.flatMap(({ name }, index) => cuts[index]!.map(() => name)) };
    },
    async samples(path, inputShape) {
      if (isJson(path)) return jsonForms.samples(path, inputShape);
      const { files, images } = await readImages(path, options);
      return { names: files.map((file) => basename(file)), x: images.map((image) => levels(image)) };
    },
  };
}

/** Rows of a CSV or JSONL file, as the table has that the run was trained on. */
export function tableForms(tasks: TableTasks, targets: readonly string[], read: TableReader): Forms {
  const rows = (path: string) => read(path, tasks.text).rows;
  return {
    examples: (path) => inFile(path, () => tasks.examples(rows(path))),
    samples: (path) =>
      inFile(path, () => {
        const x = tasks.encode(rows(path));
        return { x, names: x.map((_, index) => `row ${index + 1}`) };
      }),
    values: (predictions) =>
      tasks.decode(predictions as NumberSource).map((values) => Object.fromEntries(targets.map((name, index) => [name, values[index]!]))),
  };
}

/** Points of a plane: columns x and y of a CSV or JSONL file. JSON beside. */
export const pointForms: Forms = {
  get values() {
    return jsonForms.values;
  },
  async examples(path) {
    if (isJson(path)) return jsonForms.examples(path);
    return inFile(path, () => ({ x: column(path, 'x'), y: column(path, 'y') }));
  },
  async samples(path, inputShape) {
    if (isJson(path)) return jsonForms.samples(path, inputShape);
    return inFile(path, () => {
      const x = column(path, 'x');
      return { x, names: x.map(([value]) => `x = ${value}`) };
    });
  },
};

/** JSON of the network's own numbers: `{ "x": […], "y": […] }` as examples; a sample, or a list of them, as samples. */
export const jsonForms: Forms = {
  async examples(path) {
    const found = readJson(path);
    if (typeof found !== 'object' || found === null || !('x' in found && 'y' in found && Array.isArray(found.x) && Array.isArray(found.y)))
      throw new DataError(`${path}: expected an object { "x": […], "y": […] }, got something else.`);
    return found as UserExamples; // the trainer checks the lists
  },
  samples: (path, inputShape) =>
    inFile(path, () => {
      const { x, count } = readInputs(inputShape, readJson(path) as NumberSource, 'sample');
      const size = x.length / count;
      return {
        x: Array.from({ length: count }, (_, index) => x.subarray(index * size, (index + 1) * size)),
        names: Array.from({ length: count }, (_, index) => `sample ${index + 1}`),
      };
    }),
  values: (predictions) => predictions.map((values) => (Array.isArray(values) && values.length === 1 ? (values[0] as Numbers) : values)),
};

/** @param text columns that are text, whatever is in them */
export type TableReader = (path: string, text?: readonly string[]) => Table;

/** Reads a table by the ending of its name, or else as the kind says. */
export function tableReader(kind: 'csv' | 'jsonl', delimiter?: string): TableReader {
  const csv: TableReader = (path, text = []) => readCsv(path, { text, ...(delimiter === undefined ? {} : { delimiter }) });
  const lines: TableReader = (path) => readJsonLines(path); // whose cells say what they are
  const readers: Readonly<Record<string, TableReader>> = { '.csv': csv, '.tsv': csv, '.jsonl': lines, '.ndjson': lines };
  return (path, text) => (readers[extname(path).toLowerCase()] ?? (kind === 'csv' ? csv : lines))(path, text);
}

/** @throws DataError for a file that is missing, or not JSON */
export function readJson(path: string): unknown {
  if (!existsSync(path)) throw new DataError(`${path}: expected a file, got nothing there.`);
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new DataError(`${path}: expected JSON, got "${cause instanceof Error ? cause.message : String(cause)}".`, { cause });
  }
}

function column(path: string, name: string): readonly (readonly number[])[] {
  const { columns, rows } = tableReader('csv')(path);
  if (!columns.includes(name)) throw new DataError(`expected a column '${name}', got ${columns.join(', ')}.`);
  return rows.map((row, index) => {
    const cell = row[name];
    if (typeof cell !== 'number') throw new DataError(`row ${index + 1}: '${name}': expected a number, got '${cell}'.`);
    return [cell];
  });
}

const isJson = (path: string) => extname(path).toLowerCase() === '.json';

/** What is wrong with a row, or a list, is said with the name of its file. */
async function inFile<Result>(path: string, read: () => Result): Promise<Result> {
  try {
    return read();
  } catch (cause) {
    if (!(cause instanceof DataError || cause instanceof RangeError) || cause.message.startsWith(path)) throw cause;
    throw new DataError(`${path}: ${cause.message}`, { cause });
  }
}
