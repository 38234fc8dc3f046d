import { DataError, expectShare } from '../core/errors';
import { intersectionOverUnion, type Box } from '../tasks/boxes';

/** One image of a class: what is there, and what was found. */
export interface ImageDetections {
  readonly truth: readonly Box[];
  readonly found: readonly { readonly box: Box; readonly score: number }[];
}

export interface AveragePrecisionOptions {
  /** Least intersection over union of a box that was found with one that is there. @default 0.5, for AP50 */
  readonly leastOverlap?: number;
}

/**
 * Average precision of one class over images, in [0, 1]: the area under precision against recall, where the precision at a recall is
 * the best at it or beyond. Boxes of all images are taken from the surest on; one is right where the true box of its image that it
 * overlaps most is overlapped enough and not found yet, so that finding a box twice is wrong once. 0 where nothing is there to find.
 *
 * Source: Everingham et al., "The PASCAL Visual Object Classes Challenge: A Retrospective", 2015, section 2.2: the area under all
 * points, as from 2010 on.
 *
 * @throws RangeError for an overlap out of range, DataError for a score that is NaN
 */
export function averagePrecision(images: readonly ImageDetections[], { leastOverlap = 0.5 }: AveragePrecisionOptions = {}): number {
  expectShare('averagePrecision: leastOverlap', leastOverlap);
  const total = images.reduce((sum, { truth }) => sum + truth.length, 0);
  const found = images.flatMap((image) => judgeDetections(image, { leastOverlap })).sort((one, other) => other.score - one.score);
  const curve: { readonly recall: number; readonly precision: number }[] = [];
  let right = 0;
  for (const [index, { isRight }] of found.entries()) {
    if (isRight) right++;
    curve.push({ recall: right / total, precision: right / (index + 1) });
  }
  let [area, best, above] = [0, 0, curve.at(-1)?.recall ?? 0];
  for (const { recall, precision } of curve.reverse()) {
    area += best * (above - recall);
    best = Math.max(best, precision);
    above = recall;
  }
  return total === 0 ? 0 : area + best * above;
}

/** A box that was found, and whether it is right. */
export type JudgedBox = ImageDetections['found'][number] & { readonly isRight: boolean };

/** The boxes found in one image, the surest first, each right or wrong as `averagePrecision` counts it. A sort keeps the order of equal scores. @throws DataError for a score that is NaN */
export function judgeDetections({ truth, found }: ImageDetections, { leastOverlap = 0.5 }: AveragePrecisionOptions = {}): readonly JudgedBox[] {
  if (found.some(({ score }) => Number.isNaN(score))) throw new DataError('averagePrecision: expected scores that are numbers, got NaN.');
  const taken = new Set<number>();
  return [...found]
    .sort((one, other) => other.score - one.score)
    .map(({ box, score }) => {
      const overlaps = truth.map((each) => intersectionOverUnion(box, each));
      const nearest = overlaps.indexOf(Math.max(...overlaps));
      const isRight = truth.length > 0 && overlaps[nearest]! >= leastOverlap && !taken.has(nearest);
      if (isRight) taken.add(nearest);
      return { box, score, isRight };
    });
}
