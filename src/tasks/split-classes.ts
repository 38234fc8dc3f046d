import { DataError, expectOneOf } from '../core/errors';
import { createRng } from '../core/rng';
import { groupClasses, type LabelledSet } from './labelled-set';

/** Three labelled sets with no class in common. */
export interface LabelledSplits {
  readonly train: LabelledSet;
  readonly validation: LabelledSet;
  readonly test: LabelledSet;
}

export interface SplitSizes {
  /** Numbers of classes, or fractions of all that sum to at most 1. */
  readonly train: number;
  readonly validation: number;
  readonly test: number;
  /** `'group'`: sizes count groups, and the classes of a group stay together. @default 'class' */
  readonly by?: 'class' | 'group';
}

/**
 * Shuffles the classes by a seed and deals them out, each to one set at most. Fractions are rounded, to one at
 * least. Split before classes are turned: then a class and its rotations stay on one side.
 *
 * @throws RangeError for sizes that are neither; DataError for more classes than there are.
 */
export function splitClasses(set: LabelledSet, sizes: SplitSizes, seed: string): LabelledSplits {
  const { by = 'class' } = sizes;
  expectOneOf('splitClasses: by', by, ['class', 'group']);
  const units = createRng(seed).shuffle(by === 'class' ? set.classes.map((member) => [member]) : groupClasses('splitClasses', set.classes));
  const counts = countUnits(sizes, units.length);
  const total = counts.train + counts.validation + counts.test;
  if (total > units.length)
    throw new DataError(`splitClasses: expected at least ${total} ${by === 'class' ? 'classes' : 'groups'}, got ${units.length}.`);
  const deal = (start: number, count: number): LabelledSet => ({ ...set, classes: units.slice(start, start + count).flat() });
  return {
    train: deal(0, counts.train),
    validation: deal(counts.train, counts.validation),
    test: deal(counts.train + counts.validation, counts.test),
  };
}

function countUnits({ train, validation, test }: SplitSizes, units: number): { train: number; validation: number; test: number } {
  const sizes = [train, validation, test];
  if (sizes.every((size) => Number.isInteger(size) && size >= 1)) return { train, validation, test };
  const sum = train + validation + test;
  if (!sizes.every((size) => size > 0) || sum > 1 + 1e-9)
    throw new RangeError(
      `splitClasses: expected three whole numbers from 1, or three fractions that sum to at most 1, got ${sizes.join(', ')}.`,
    );
  const [few, fewer] = [validation, test].map((size) => Math.max(1, Math.round(size * units))) as [number, number];
  const rest = units - few - fewer; // three roundings may add up to one too many
  return { train: Math.max(1, sum > 1 - 1e-9 ? rest : Math.min(rest, Math.round(train * units))), validation: few, test: fewer };
}
