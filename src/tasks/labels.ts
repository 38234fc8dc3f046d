import { DataError, DivergenceError, shown } from '../core/errors';
import { isTensor, isTypedArray, measureLists, readList, type NumberSource } from './read-arrays';

/** The name of a class: a string, or a whole number from 0. */
export type Label = string | number;

/** One class per example: labels, or one-hot rows `[n, ways]`. */
export type LabelSource = NumberSource | readonly Label[];

/** Which classes there are, and which one each example belongs to. */
export interface ReadLabels {
  readonly classes: readonly Label[];
  /** For each example, the position of its class. */
  readonly indexes: readonly number[];
}

/**
 * Labels or one-hot rows. Without `classes` the classes are the labels that occur, sorted, or 0, 1, … for rows.
 *
 * @throws DataError for fewer than 2 classes, a label that is not among `classes`, a row that is not one-hot.
 */
export function readClasses(where: string, y: LabelSource, classes: readonly Label[] | undefined): ReadLabels {
  const rank = isTensor(y) ? y.rank : measureLists(y).length;
  const read = rank === 2 ? readOneHot(where, y as NumberSource, classes) : readLabels(where, y, classes); // rank 2: no labels
  if (read.classes.length < 2)
    throw new DataError(`${where}: expected at least 2 classes, got ${read.classes.length}.`);
  return read;
}

function readOneHot(where: string, y: NumberSource, classes: readonly Label[] | undefined): ReadLabels {
  const width = isTensor(y) ? y.shape[1]! : measureLists(y)[1]!;
  const { values, count } = readList(where, y, [classes?.length ?? width]);
  const indexes = Array.from({ length: count }, (_, example) => {
    const row = values.subarray(example * width, (example + 1) * width);
    if (row.some((value) => value !== 0 && value !== 1) || row.filter((value) => value === 1).length !== 1)
      throw new DataError(`${where}[${example}]: expected a one-hot row with a single 1, got [${shown(row.join(', '))}].`);
    return row.indexOf(1);
  });
  if (classes) expectDistinct(where, classes);
  return { classes: classes ?? Array.from({ length: width }, (_, index) => index), indexes };
}

function readLabels(where: string, y: LabelSource, classes: readonly Label[] | undefined): ReadLabels {
  const labels = toLabels(where, y);
  if (labels.length === 0) throw new DataError(`${where}: expected at least 1 example, got none.`);
  const names = classes ?? distinctLabels(labels);
  expectDistinct(where, names);
  const positions = new Map(names.map((name, index) => [name, index]));
  const indexes = labels.map((label, example) => {
    const index = positions.get(label);
    if (index === undefined)
      throw new DataError(`${where}[${example}]: expected one of the classes ${shown(names.join(', '))}, got ${shown(label)}.`);
    return index;
  });
  return { classes: names, indexes };
}

function expectDistinct(where: string, classes: readonly Label[]): void {
  if (new Set(classes).size < classes.length)
    throw new DataError(`${where}: expected each class once in classes, got ${shown(classes.join(', '))}.`);
}

/** Labels as a plain list. @throws DataError for a label that is neither a string nor a whole number from 0. */
export function toLabels(where: string, y: LabelSource): readonly Label[] {
  const labels: readonly unknown[] = isTensor(y) ? [...y.dataSync()] : Array.isArray(y) || isTypedArray(y) ? Array.from(y) : [y];
  return labels.map((label, example) => {
    if (typeof label === 'string' || (typeof label === 'number' && Number.isInteger(label) && label >= 0)) return label;
    throw new DataError(`${where}[${example}]: expected a label, a string or a whole number from 0, got ${shown(label)}.`);
  });
}

/** The most probable class. @throws DivergenceError for NaN, which is above and below nothing */
export function mostProbable(where: string, probabilities: ArrayLike<number>, classes: readonly Label[], remedy: string): Label {
  const values = Array.from(probabilities);
  if (values.some((value) => Number.isNaN(value))) throw new DivergenceError(`${where}: expected finite probabilities, got NaN${remedy}.`);
  return classes[values.indexOf(Math.max(...values))]!; // one value a class
}

/** Each label once: numbers in order of size, then strings in order of their code units. */
export function distinctLabels(labels: readonly Label[]): readonly Label[] {
  const distinct = [...new Set(labels)];
  const numbers = distinct.filter((label) => typeof label === 'number').sort((a, b) => a - b);
  return [...numbers, ...distinct.filter((label) => typeof label === 'string').sort()];
}
