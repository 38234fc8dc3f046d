import { expectNotNegative } from '../core/errors';
import type { Rng } from '../core/rng';

/** Bounds of chance changes to an image, each as far one way as the other. */
export interface Distortion {
  /** Degrees. @default 0 */
  readonly rotation?: number;
  /** By how much height and width, each on its own, grow or shrink: 0.2 is from 1 / 1.2 to 1.2. @default 0 */
  readonly scale?: number;
  /** How far an edge moves along itself, as a share of the other side. @default 0 */
  readonly shear?: number;
  /** A share of height and width. @default 0 */
  readonly shift?: number;
  /** Standard deviation of smooth shifts that differ from place to place, as a share of height and width. @default 0 */
  readonly wobble?: number;
}

/** Where each place of a new image comes from in the old: places are measured from the centre. */
export interface Warp {
  /** Rows and columns of the old image per row and column of the new: `[[rr, rc], [cr, cc]]`, row-major. */
  readonly matrix: readonly [rr: number, rc: number, cr: number, cc: number];
  /** Down and right, as shares of height and width. */
  readonly shift: readonly [down: number, right: number];
  /** Further shifts at the knots of a square grid over the new image, down and right in turn. */
  readonly field?: Float32Array;
}

/** Knots of a field in each direction. */
export const knots = 4;

/** @throws RangeError for a bound that is no finite number of at least 0 */
export function expectDistortion(where: string, { rotation = 0, scale = 0, shear = 0, shift = 0, wobble = 0 }: Distortion): void {
  for (const [name, bound] of Object.entries({ rotation, scale, shear, shift, wobble })) expectNotNegative(`${where}: ${name}`, bound);
}

/** A warp by chance, within bounds. */
export function drawWarp(rng: Rng, { rotation = 0, scale = 0, shear = 0, shift = 0, wobble = 0 }: Distortion): Warp {
  const upTo = (limit: number) => limit * (2 * rng.uniform() - 1);
  const angle = (upTo(rotation) * Math.PI) / 180;
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const [tall, wide] = [(1 + scale) ** upTo(1), (1 + scale) ** upTo(1)];
  const [slantedRows, slantedColumns] = [upTo(shear), upTo(shear)];
  const sheared = product([cos, sin, -sin, cos], [1, slantedRows, slantedColumns, 1]);
  return {
    matrix: product(sheared, [tall, 0, 0, wide]),
    shift: [upTo(shift), upTo(shift)],
    ...(wobble > 0 ? { field: Float32Array.from({ length: 2 * knots ** 2 }, () => wobble * rng.normal()) } : {}),
  };
}

/** One of the 8 ways in which a square lies on itself: quarter turns, and those of its mirror image. */
export function symmetryWarp(index: number): Warp {
  const mirror = index >= 4 ? -1 : 1;
  const [cos, sin] = [[1, 0], [0, 1], [-1, 0], [0, -1]][index % 4]! as [number, number]; // 4 quarter turns
  return { matrix: [cos, sin * mirror, -sin, cos * mirror], shift: [0, 0] };
}

/** First `outer`, which must be without a field, then `inner`. */
export function joinWarps(outer: Omit<Warp, 'field'>, inner: Warp): Warp {
  const [rr, rc, cr, cc] = outer.matrix;
  const turn = (down: number, right: number) => [rr * down + rc * right, cr * down + cc * right] as const;
  const moved = turn(...inner.shift);
  return {
    matrix: product(outer.matrix, inner.matrix),
    shift: [outer.shift[0] + moved[0], outer.shift[1] + moved[1]],
    ...(inner.field ? { field: inner.field.map((_, i, field) => turn(field[i & ~1]!, field[i | 1]!)[i & 1]!) } : {}),
  };
}

type Matrix = Warp['matrix'];

function product([a, b, c, d]: Matrix, [e, f, g, h]: Matrix): Matrix {
  return [a * e + b * g, a * f + b * h, c * e + d * g, c * f + d * h];
}
