import { sizeOf, type Shape } from '../core/shape';

/** An array as a loop walks it: how far a step along each axis goes, and where it starts. */
export interface Walk {
  readonly strides: readonly number[];
  readonly offset?: number;
}

/** Strides of a row-major array; 0 along axes of size 1, so that it broadcasts. */
export function stridesOf(shape: Shape): readonly number[] {
  return shape.map((size, axis) => (size === 1 ? 0 : sizeOf(shape.slice(axis + 1))));
}

/** Strides of an array as it broadcasts to a shape. */
export function broadcastStrides(shape: Shape, whole: Shape): readonly number[] {
  return [...whole.slice(shape.length).map(() => 0), ...stridesOf(shape)].slice(-whole.length || whole.length);
}

const counters = 'ijklmnpqrs';

/**
 * Nested loops in JavaScript over all places of a shape, as few as do. `body` gets the index of each walk, as an expression.
 *
 * @param from the number of loops around, whose counters are taken
 */
export function loops(shape: Shape, walks: readonly Walk[], body: (indices: readonly string[], depth: number) => readonly string[], from = 0): readonly string[] {
  const axes = mergedAxes(shape, walks);
  const indices = walks.map(({ offset = 0 }, walk) =>
    [...axes.flatMap(({ strides }, axis) => term(counters[from + axis]!, strides[walk]!)), ...(offset === 0 ? [] : [String(offset)])].join(' + ') || '0',
  );
  const inside = body(indices, from + axes.length);
  if (axes.length === 0) return inside.length === 1 ? inside : block('', inside);
  return axes.reduceRight(
    (inner: readonly string[], { size }, axis) => {
      const counter = counters[from + axis]!;
      const head = `for (let ${counter} = 0; ${counter} < ${size}; ${counter}++)`;
      return inner.length === 1 && !inner[0]!.startsWith('for') ? [`${head} ${inner[0]}`] : block(`${head} `, inner);
    },
    inside,
  );
}

function block(head: string, lines: readonly string[]): readonly string[] {
  return [`${head}{`, ...lines.map((line) => `  ${line}`), '}'];
}

function term(counter: string, stride: number): readonly string[] {
  if (stride === 0) return [];
  return [stride === 1 ? counter : `${counter} * ${stride}`];
}

/** Axes of size 1 left out, and neighbours that all walks cross in one go as one. */
function mergedAxes(shape: Shape, walks: readonly Walk[]): readonly { readonly size: number; readonly strides: readonly number[] }[] {
  const merged: { size: number; strides: readonly number[] }[] = [];
  for (const [axis, size] of shape.entries()) {
    if (size === 1) continue;
    const strides = walks.map((walk) => walk.strides[axis]!);
    const before = merged.at(-1);
    if (before?.strides.every((stride, walk) => stride === strides[walk]! * size)) merged[merged.length - 1] = { size: before.size * size, strides };
    else merged.push({ size, strides });
  }
  return merged;
}
