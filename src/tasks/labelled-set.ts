import { DataError } from '../core/errors';
import { sizeOf, type Shape } from '../core/shape';
import { distinctLabels, toLabels, type Label, type LabelSource } from './labels';
import { isTensor, isTypedArray, measureLists, readList, type NumberSource } from './read-arrays';

/** One class of a labelled set. */
export interface LabelledClass {
  readonly name: string;
  /** What the class belongs to, such as an alphabet: episodes may stay within one, splits may keep one together. */
  readonly group?: string;
  /** Packed one after another, row-major. Bytes stand for levels 0 to 255 and are read as 0 to 1. */
  readonly examples: Uint8Array | Float32Array;
}

/** Examples by class: what few-shot tasks are drawn from. Kept packed, converted when an episode is drawn. */
export interface LabelledSet {
  readonly inputShape: Shape;
  readonly classes: readonly LabelledClass[];
}

export interface LabelledArrays {
  /** `[n, ...inputShape]`. A flat Uint8Array holds levels 0 to 255 and stays packed as bytes. */
  readonly x: NumberSource;
  /** n labels: strings, or whole numbers from 0. */
  readonly y: LabelSource;
  /** Shape of one example. @default read from x; needed for a flat typed array */
  readonly inputShape?: Shape;
}

/**
 * A labelled set from plain arrays or tensors. Classes are in order of their labels, examples in order of x.
 *
 * @example
 * labelledSet({ x: [[0, 1], [1, 0], [1, 1]], y: ['a', 'b', 'b'] }).classes.map(({ name }) => name) // ['a', 'b']
 */
export function labelledSet({ x, y, inputShape = inferShape(x) }: LabelledArrays): LabelledSet {
  const size = sizeOf(inputShape);
  const labels = toLabels('labelledSet: y', y);
  const isPacked = x instanceof Uint8Array && x.length > 0 && x.length % size === 0;
  const values = isPacked ? x : readList('labelledSet: x', x, inputShape, 1 / 255).values;
  if (values.length !== labels.length * size)
    throw new DataError(`labelledSet: expected as many labels as examples, got ${labels.length} and ${values.length / size}.`);
  return { inputShape, classes: packClasses(values, labels, size) };
}

/** Number of examples of one class. */
export function countExamples({ inputShape }: LabelledSet, { examples }: LabelledClass): number {
  return examples.length / sizeOf(inputShape);
}

/** Example `index` of a class, as floats, into an array of the size of one example. */
export function readExample({ examples }: LabelledClass, index: number, into: Float32Array): void {
  const start = index * into.length;
  const scale = examples instanceof Uint8Array ? 1 / 255 : 1;
  for (let i = 0; i < into.length; i++) into[i] = examples[start + i]! * scale;
}

/** The classes of each group, groups in order of their first class. @throws DataError for a class without a group. */
export function groupClasses(where: string, classes: readonly LabelledClass[]): readonly (readonly LabelledClass[])[] {
  const groups = new Map<string, LabelledClass[]>();
  for (const member of classes) {
    if (member.group === undefined)
      throw new DataError(`${where}: expected a group for every class, got none for '${member.name}'.`);
    const members = groups.get(member.group) ?? [];
    groups.set(member.group, members);
    members.push(member);
  }
  return [...groups.values()];
}

/** @throws DataError for no classes, or for a class that is empty, cut short or holds NaN. */
export function expectLabelledSet(where: string, { inputShape, classes }: LabelledSet): void {
  if (classes.length === 0) throw new DataError(`${where}: expected at least 1 class, got none.`);
  const size = sizeOf(inputShape);
  for (const { name, examples } of classes) {
    if (examples.length === 0 || examples.length % size !== 0)
      throw new DataError(`${where}: expected class '${name}' to hold whole examples of ${size} values, got ${examples.length} values.`);
    if (examples instanceof Float32Array && !examples.every((value) => Number.isFinite(value)))
      throw new DataError(`${where}: expected finite numbers, got NaN or infinity in class '${name}'.`);
  }
}

/** The same set with examples of one axis, `[size]`: for a base network of dense layers. Copies nothing. */
export function flattenInputs<Source extends { readonly inputShape: Shape }>(source: Source): Source {
  return { ...source, inputShape: [sizeOf(source.inputShape)] };
}

function inferShape(x: NumberSource): Shape {
  if (isTypedArray(x)) throw new DataError('labelledSet: expected an inputShape beside a flat typed array, got none.');
  return (isTensor(x) ? x.shape : measureLists(x)).slice(1);
}

function packClasses(values: Uint8Array | Float32Array, labels: readonly Label[], size: number): LabelledClass[] {
  const distinct = distinctLabels(labels);
  const twice = distinct.find((label) => typeof label === 'string' && distinct.includes(Number(label)) && String(Number(label)) === label);
  if (twice !== undefined) throw new DataError(`labelledSet: y: expected a class to be named by a number or by text, got both ${twice} and '${twice}'.`);
  const indexes = new Map<Label, number[]>(distinct.map((label) => [label, []]));
  labels.forEach((label, index) => indexes.get(label)!.push(index)); // every label is a key
  return [...indexes].map(([label, members]) => {
    const length = members.length * size;
    const examples = values instanceof Uint8Array ? new Uint8Array(length) : new Float32Array(length);
    members.forEach((member, index) => examples.set(values.subarray(member * size, (member + 1) * size), index * size));
    return { name: String(label), examples };
  });
}
