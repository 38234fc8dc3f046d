import { ShapeError, shown } from './errors';

/** Sizes of a tensor's axes, without the task axis unless a docstring says so. */
export type Shape = readonly number[];

/** A shape in which `null` stands for any size. */
export type ShapePattern = readonly (number | null)[];

/** Number of values in a tensor of this shape; 1 for a scalar. */
export function sizeOf(shape: Shape): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** `[*, 28, 28]`: the way every error of this library writes a shape. */
export function formatShape(shape: ShapePattern): string {
  return `[${shown(shape.map((size) => size ?? '*').join(', '))}]`;
}

export function sameShape(actual: Shape, expected: ShapePattern): boolean {
  return actual.length === expected.length && expected.every((size, axis) => size === null || size === actual[axis]);
}

/**
 * Checks a shape where outside data comes in.
 *
 * @throws ShapeError `where: expected shape [*, 28], got [5, 784].`
 */
export function expectShape(where: string, actual: { readonly shape: Shape }, expected: ShapePattern): void {
  if (!sameShape(actual.shape, expected))
    throw new ShapeError(`${where}: expected shape ${formatShape(expected)}, got ${formatShape(actual.shape)}.`);
}
