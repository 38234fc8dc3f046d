import { DataError, expectOneOf } from '../core/errors';
import type { LabelledSet } from './labelled-set';

/** What the Omniglot challenge lets a learner learn from. */
export type BackgroundSet = 'original' | 'small1' | 'small2';

/** Five alphabets each, 136 and 156 characters. */
const minimalSets: Readonly<Record<string, readonly string[]>> = {
  small1: ['Balinese', 'Early_Aramaic', 'Greek', 'Korean', 'Latin'],
  small2: ['Greek', 'Japanese_(katakana)', 'Latin', 'Sanskrit', 'Tagalog'],
};

/**
 * The alphabets of `images_background.zip` that a background set of the Omniglot challenge consists of: the five of a minimal
 * set; undefined for all 30, the original set.
 *
 * Source: Lake, Salakhutdinov, Tenenbaum, "The Omniglot challenge: a 3-year progress report", 2019 (arXiv 1902.03477),
 * section 3.
 *
 * @example
 * backgroundAlphabets('small1') // ['Balinese', 'Early_Aramaic', 'Greek', 'Korean', 'Latin']
 */
export function backgroundAlphabets(set: BackgroundSet): readonly string[] | undefined {
  expectOneOf('backgroundAlphabets: set', set, ['original', 'small1', 'small2']);
  return minimalSets[set];
}

/** The characters of some alphabets. @throws DataError for an alphabet that is not there */
export function pickAlphabets(set: LabelledSet, alphabets: readonly string[]): LabelledSet {
  const there = alphabetsOf(set);
  const missing = alphabets.find((alphabet) => !there.includes(alphabet));
  if (missing !== undefined) throw new DataError(`pickAlphabets: expected an alphabet '${missing}', got ${there.join(', ')}.`);
  return { ...set, classes: set.classes.filter(({ group }) => group !== undefined && alphabets.includes(group)) };
}

/** The names of a set's alphabets, in order of their first character. */
export function alphabetsOf({ classes }: LabelledSet): readonly string[] {
  return [...new Set(classes.flatMap(({ group }) => (group === undefined ? [] : [group])))];
}
