import { DataError, ShapeError } from '../core/errors';
import { formatShape, sameShape, sizeOf, type Shape } from '../core/shape';
import type { ExampleArrays, TaskSource } from '../core/task';
import { readClasses, type Label, type LabelSource } from './labels';
import { isTensor, isTypedArray, measureLists, readList, type NumberSource } from './read-arrays';

/** A set of examples as a user writes it. */
export interface UserExamples {
  /** `[n, ...inputShape]`: nested lists, typed arrays or a tensor. Bytes stand for levels and are divided by 255. */
  readonly x: NumberSource;
  /** Regression: `[n, ...targetShape]`. Classes: n labels, or one-hot rows `[n, ways]`. */
  readonly y: LabelSource;
  /** The classes in the order of the outputs. @default the labels that occur, sorted; 0, 1, … for one-hot rows */
  readonly classes?: readonly Label[];
}

export interface LabelledExamples {
  readonly arrays: ExampleArrays;
  /** Class targets only: the class of each output. */
  readonly classes?: readonly Label[];
}

/**
 * The user's own examples of one task, checked. With class targets `arrays.y` has `classes.length` values per
 * example, whatever number of ways the source has.
 *
 * @example
 * readExamples(digits, { x: images, y: ['cat', 'dog', 'cat'] }).classes // ['cat', 'dog']
 *
 * @throws ShapeError `support.x: expected shape [*, 28, 28, 1], got [5, 784].`
 * @throws DataError for an empty set, NaN, x and y of different lengths, a label out of range, fewer than 2 classes.
 */
export function readExamples(
  source: Pick<TaskSource, 'inputShape' | 'targetShape' | 'objective'>,
  { x, y, classes }: UserExamples,
  where = 'support',
): LabelledExamples {
  const inputs = readList(`${where}.x`, x, source.inputShape, 1 / 255);
  if (source.objective.target === 'value') {
    const targets = readList(`${where}.y`, y as NumberSource, source.targetShape); // strings are refused as a wrong shape
    expectSameCount(where, inputs.count, targets.count);
    return { arrays: { x: inputs.values, y: targets.values, count: inputs.count } };
  }
  expectSameCount(where, inputs.count, isTensor(y) ? (y.shape[0] ?? 1) : (y as ArrayLike<unknown>).length ?? 1); // before they are counted as classes
  const targets = readClasses(`${where}.y`, y, classes);
  const oneHot = new Float32Array(inputs.count * targets.classes.length);
  targets.indexes.forEach((index, example) => (oneHot[example * targets.classes.length + index] = 1));
  return { arrays: { x: inputs.values, y: oneHot, count: inputs.count }, classes: targets.classes };
}

/** Inputs to predict for. `form` tells one sample from a list of samples, of which there may be just one. */
export interface UserInputs {
  readonly x: Float32Array;
  readonly count: number;
  readonly form: 'sample' | 'list';
}

/**
 * One sample, or a list of samples; the number of axes decides, never a size. With inputShape `[1]`: `3` and `[3]`
 * are one sample, `[[3]]` is a list of one, `[1, 2, 3]` is refused. A tensor is one sample or a list by its rank, a
 * typed array is one sample, a list of typed arrays is a list. Bytes stand for levels and are divided by 255.
 *
 * @throws ShapeError for another shape; DataError for an empty list, NaN or infinity.
 */
export function readInputs(inputShape: Shape, x: NumberSource, where = 'x'): UserInputs {
  const axes = countAxes(x, inputShape);
  if (axes === inputShape.length + 1) {
    const { values, count } = readList(where, x, inputShape, 1 / 255);
    return { x: values, count, form: 'list' };
  }
  const found = isTensor(x) ? x.shape : measureLists(x);
  const fits = isTypedArray(x) ? x.length === sizeOf(inputShape) : typeof x === 'number' || sameShape(found, inputShape);
  if (axes !== inputShape.length || !fits)
    throw new ShapeError(
      `${where}: expected shape ${formatShape(inputShape)} for one sample or ${formatShape([null, ...inputShape])} ` +
        `for a list of samples, got ${formatShape(found)}.`,
    );
  const { values } = readList(where, [isTensor(x) ? Float32Array.from(x.dataSync()) : x], inputShape, 1 / 255);
  return { x: values, count: 1, form: 'sample' };
}

/** Number of axes, where a typed array, or a number for `[1]`, counts as one whole sample. */
function countAxes(x: NumberSource, inputShape: Shape): number {
  if (isTensor(x)) return x.rank;
  if (isTypedArray(x)) return inputShape.length;
  if (typeof x === 'number') return sameShape(inputShape, [1]) ? 1 : 0;
  const isList = x.length === 0 || isTypedArray(x[0]);
  return isList ? inputShape.length + 1 : measureLists(x).length;
}

function expectSameCount(where: string, inputs: number, targets: number): void {
  if (inputs !== targets)
    throw new DataError(`${where}: expected as many examples in y as in x, got ${targets} and ${inputs}.`);
}
