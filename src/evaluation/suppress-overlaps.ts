import { DataError, expectCount, expectShare, ShapeError } from '../core/errors';
import { formatShape, sizeOf, type Shape } from '../core/shape';
import { intersectionOverUnion, type LabelledBox } from '../tasks/boxes';

/** A box that was found, how sure its finder is, in [0, 1], and the number of its class. */
export interface FoundBox extends LabelledBox {
  readonly score: number;
}

export interface SuppressOptions {
  /** Boxes of one class that overlap more than this, by intersection over union, count as one. @default 0.45 */
  readonly mostOverlap?: number;
  /** At most so many are kept. @default 100 */
  readonly most?: number;
}

/**
 * Non-maximum suppression: the surest box is kept, those of its class that overlap it too much are dropped, and so on with what is
 * left. The surest comes first; of equal scores, the one that came first.
 *
 * @example
 * suppressOverlaps([{ box: [0, 0, 4, 4], label: 0, score: 0.9 }, { box: [0, 0, 4, 5], label: 0, score: 0.8 }]).length // 1
 *
 * @throws RangeError for an option out of range
 */
export function suppressOverlaps(found: readonly FoundBox[], { mostOverlap = 0.45, most = 100 }: SuppressOptions = {}): readonly FoundBox[] {
  expectShare('suppressOverlaps: mostOverlap', mostOverlap);
  expectCount('suppressOverlaps: most', most, 0);
  const kept: FoundBox[] = [];
  for (const each of [...found].sort((one, other) => other.score - one.score)) {
    if (kept.length === most) break;
    const isNew = kept.every(({ box, label }) => label !== each.label || intersectionOverUnion(box, each.box) <= mostOverlap);
    if (isNew) kept.push(each);
  }
  return kept;
}

export interface ReadDetectionsOptions extends SuppressOptions {
  /** Boxes of lower scores are left out. @default 0.05 */
  readonly leastScore?: number;
}

/**
 * The boxes of one image out of a detector's readout `[rows, columns, classes + 4]`: scores, then edges in pixels, as `detection`
 * makes it and `adapted.predict` gives it, nested or flat; overlaps suppressed, the surest first.
 *
 * @throws RangeError for an option out of range, ShapeError for a readout of another size, DataError for numbers that are not finite
 */
export function readDetections(nested: ArrayLike<number> | readonly unknown[], shape: Shape, options: ReadDetectionsOptions = {}): readonly FoundBox[] {
  const { leastScore = 0.05 } = options;
  expectShare('readDetections: leastScore', leastScore);
  const channels = shape.at(-1)!;
  const readout = Array.isArray(nested) ? (nested.flat(Infinity) as readonly number[]) : (nested as ArrayLike<number>);
  if (shape.length !== 3 || channels < 5 || readout.length !== sizeOf(shape))
    throw new ShapeError(`readDetections: expected ${sizeOf(shape)} numbers of shape [rows, columns, classes + 4], got ${readout.length} for ${formatShape(shape)}.`);
  if (!Array.from(readout).every((value) => Number.isFinite(value))) throw new DataError('readDetections: expected finite numbers, got NaN or infinity.');
  const found: FoundBox[] = [];
  for (let start = 0; start < readout.length; start += channels)
    for (let label = 0; label < channels - 4; label++) {
      const score = readout[start + label]!;
      if (score < leastScore) continue;
      const [left, top, right, bottom] = Array.from({ length: 4 }, (_, edge) => readout[start + channels - 4 + edge]!) as [number, number, number, number];
      found.push({ box: [left, top, right, bottom], label, score });
    }
  return suppressOverlaps(found, options);
}
