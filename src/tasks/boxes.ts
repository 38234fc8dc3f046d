/** Edges in pixels; right and bottom lie past the last pixel, so that a width is right − left. */
export type Box = readonly [left: number, top: number, right: number, bottom: number];

/** A box and the number of its class, from 0. */
export interface LabelledBox {
  readonly box: Box;
  readonly label: number;
}

/** In square pixels; 0 for a box without an inside. */
export function boxArea([left, top, right, bottom]: Box): number {
  return Math.max(0, right - left) * Math.max(0, bottom - top);
}

/** What two boxes share, in square pixels. */
export function sharedArea(one: Box, other: Box): number {
  return boxArea([Math.max(one[0], other[0]), Math.max(one[1], other[1]), Math.min(one[2], other[2]), Math.min(one[3], other[3])]);
}

/**
 * Intersection over union, in [0, 1]: 1 for equal boxes, 0 for boxes apart, and for two without an inside.
 *
 * Source: Everingham et al., "The PASCAL Visual Object Classes Challenge", 2010, section 4.2.
 *
 * @example
 * intersectionOverUnion([0, 0, 2, 2], [1, 0, 3, 2]) // 1 / 3
 */
export function intersectionOverUnion(one: Box, other: Box): number {
  const shared = sharedArea(one, other);
  return shared === 0 ? 0 : shared / (boxArea(one) + boxArea(other) - shared);
}
