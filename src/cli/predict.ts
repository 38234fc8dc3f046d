import { DivergenceError, formatTable, type Adapted, type Label, type Numbers, type NumberSource } from 'hypermeta';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, extname, resolve } from 'node:path';
import Papa from 'papaparse';
import { say, type CommonOptions, type ExitCode, type Io } from './io';
import type { Forms, Prediction } from './read-data';
import { adaptedTask, trainedRun } from './use-run';
import { UsageError } from './usage-error';
import { fileToWrite } from './write-whole';

export interface PredictCommand extends CommonOptions {
  readonly from: string;
  readonly task: string;
  readonly input: string;
  readonly out?: string;
}

/** What is predicted for one sample. */
type Row = { readonly input: string } & ({ readonly label: Label; readonly probabilities: Readonly<Record<string, number>> } | { readonly values: Prediction });

/** Predicts with an adapted task: labels and probabilities of classes, values in the units of the data. */
export async function predict({ from, task, input, out, json }: PredictCommand, io: Io): Promise<ExitCode> {
  if (out !== undefined) expectWriter(out);
  const file = out === undefined ? undefined : fileToWrite(out, io.cwd);
  const run = await trainedRun(from, io);
  try {
    const adapted = await adaptedTask(run, task, io);
    const { names, x } = await run.forms.samples(resolve(io.cwd, input), run.trainer.learner.base.inputShape);
    const rows = predictRows(adapted, names, x, run.forms);
    adapted.dispose();
    if (file !== undefined) {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, writers[extname(file).toLowerCase()]!(rows)); // its ending was checked
    }
    if (json) say(io, JSON.stringify(rows));
    else say(io, out === undefined ? table(rows) : `${out}: ${rows.length} predictions`);
    return 0;
  } finally {
    run.trainer.dispose();
  }
}

/** @throws DivergenceError for probabilities that are NaN: the largest of them is none */
function predictRows(adapted: Adapted, names: readonly string[], x: NumberSource, forms: Forms): readonly Row[] {
  const predictions = adapted.predict(x as readonly Float32Array[]) as readonly Numbers[]; // a list gives a list
  const { classes } = adapted;
  if (!classes) return forms.values(predictions).map((values, index) => ({ input: names[index]!, values }));
  return predictions.map((prediction, index) => {
    const probabilities = prediction as readonly number[]; // one a class
    if (probabilities.some((value) => Number.isNaN(value)))
      throw new DivergenceError(`${names[index]}: expected finite probabilities, got NaN: the sample is far from those that the network was made for, or its training went astray.`);
    return {
      input: names[index]!,
      label: classes[probabilities.indexOf(Math.max(...probabilities))]!,
      probabilities: Object.fromEntries(classes.map((label, position) => [label, probabilities[position]!])),
    };
  });
}

/** The columns of a table: the input, then the label and its probability, or the values by name, of which none replaces the input. */
function cells(row: Row): Readonly<Record<string, string | number>> {
  if ('label' in row) return { input: row.input, label: String(row.label), probability: row.probabilities[row.label]! };
  if (typeof row.values === 'number') return { input: row.input, value: row.values };
  if (Array.isArray(row.values)) return { input: row.input, value: JSON.stringify(row.values) };
  const values = row.values as Readonly<Record<string, number>>;
  return { [apartFrom(values, 'input')]: row.input, ...values };
}

/** A name for a further column. */
function apartFrom(columns: object, name: string): string {
  return Object.hasOwn(columns, name) ? apartFrom(columns, `_${name}`) : name;
}

function table(rows: readonly Row[]): string {
  const lines = rows.map((row) => cells(row));
  return formatTable(Object.keys(lines[0] ?? {}), lines.map((line) => Object.values(line)));
}

/** Predictions as a file, by its ending. A new form is a row. */
const writers: Readonly<Record<string, (rows: readonly Row[]) => string>> = {
  '.json': (rows) => `${JSON.stringify(rows, null, 2)}\n`,
  '.jsonl': (rows) => rows.map((row) => `${JSON.stringify(row)}\n`).join(''),
  '.csv': (rows) => `${Papa.unparse(rows.map((row) => ({ ...cells(row), ...('label' in row ? prefixed(row.probabilities) : {}) })), { newline: '\n' })}\n`,
};

const prefixed = (probabilities: Readonly<Record<string, number>>) =>
  Object.fromEntries(Object.entries(probabilities).map(([label, value]) => [`p(${label})`, value]));

function expectWriter(out: string): void {
  if (!(extname(out).toLowerCase() in writers))
    throw new UsageError(`--out: expected a file that ends in ${Object.keys(writers).join(', ')}, got '${out}'.`);
}
