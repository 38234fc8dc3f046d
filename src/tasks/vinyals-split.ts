import { DataError } from '../core/errors';
import type { LabelledClass, LabelledSet } from './labelled-set';
import type { LabelledSplits } from './split-classes';

const validation = ['Armenian', 'Bengali', 'Early_Aramaic', 'Hebrew', 'Mkhedruli_(Georgian)'];

/** One alphabet is divided: its last four characters are unseen ones. */
const divided = { alphabet: 'Gurmukhi', unseen: ['character42', 'character43', 'character44', 'character45'] };

const test = [
  'Kannada', 'Keble', 'Malayalam', 'Manipuri', 'Mongolian', 'Old_Church_Slavonic_(Cyrillic)', 'Oriya', 'Sylheti', 'Syriac_(Serto)', 'Tengwar', 'Tibetan', 'ULOG',
]; // prettier-ignore

const sizes = { train: 1028, validation: 172, test: 423 };

/**
 * Omniglot's 1,623 characters as Vinyals et al. split them, nearly by alphabet: 1,028 to meta-train, 172 to validate, 423 to
 * meta-test.
 *
 * Sources: Vinyals et al., "Matching Networks for One Shot Learning", 2016 (arXiv 1606.04080), section 4.1.1; the lists
 * are those of the code of Snell, Swersky, Zemel, "Prototypical Networks", 2017 (arXiv 1703.05175).
 *
 * @throws DataError for a set that is not all of Omniglot
 */
export function splitLikeVinyals(set: LabelledSet): LabelledSplits {
  const pick = (part: keyof LabelledSplits): LabelledSet => {
    const classes = set.classes.filter((member) => partOf(member) === part);
    if (classes.length !== sizes[part])
      throw new DataError(`splitLikeVinyals: ${part}: expected ${sizes[part]} characters of Omniglot's two archives, got ${classes.length}.`);
    return { ...set, classes };
  };
  return { train: pick('train'), validation: pick('validation'), test: pick('test') };
}

function partOf({ name, group = '' }: LabelledClass): keyof LabelledSplits {
  if (validation.includes(group)) return 'validation';
  const isUnseen = group === divided.alphabet ? divided.unseen.some((character) => name.endsWith(character)) : test.includes(group);
  return isUnseen ? 'test' : 'train';
}
