import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createRng, DataError, readOmniglot, type LabelledClass, type LabelledSet, type LabelledSplits } from 'hypermeta';

/** As many characters as in Vinyals et al. 2016; their alphabets are not known, so ours are drawn by a seed. */
const sizes = { validation: 172, test: 423 };

/** Omniglot's 1,623 characters split by alphabet, 1,028 / 172 / 423; or a sentence that says what is missing. */
export async function readCharacters(data: string): Promise<LabelledSplits | string> {
  const folder = join(data, 'omniglot');
  const paths = ['images_background.zip', 'images_evaluation.zip'].map((name) => join(folder, name));
  const missing = paths.find((path) => !existsSync(path));
  if (missing) return `skipped, because ${missing} is not there: give --data DIR, a folder whose folder omniglot holds Omniglot's two archives.`;
  const [background, evaluation] = [await readOmniglot(paths[0]!), await readOmniglot(paths[1]!)];
  return splitAlphabets({ ...background, classes: [...background.classes, ...evaluation.classes] }, 'tables');
}

function splitAlphabets({ inputShape, classes }: LabelledSet, seed: string): LabelledSplits {
  const names = createRng(seed).shuffle([...new Set(classes.map(({ group }) => group!))]);
  const alphabets = names.map((name) => classes.filter(({ group }) => group === name));
  const test = takeExactly(alphabets, sizes.test);
  const rest = alphabets.filter((alphabet) => !test.includes(alphabet));
  const validation = takeExactly(rest, sizes.validation);
  const set = (chosen: readonly (readonly LabelledClass[])[]) => ({ inputShape, classes: chosen.flat() });
  return { train: set(rest.filter((alphabet) => !validation.includes(alphabet))), validation: set(validation), test: set(test) };
}

/** Alphabets of so many characters together: the first such choice that a walk through the list meets. */
function takeExactly<Alphabet extends { readonly length: number }>(alphabets: readonly Alphabet[], size: number): readonly Alphabet[] {
  const reached = new Map<number, readonly Alphabet[]>([[0, []]]);
  for (const alphabet of alphabets)
    for (const [sum, chosen] of [...reached]) {
      const more = sum + alphabet.length;
      if (more <= size && !reached.has(more)) reached.set(more, [...chosen, alphabet]);
    }
  const found = reached.get(size);
  if (!found) throw new DataError(`omniglot: expected alphabets of ${size} characters together, got none.`);
  return found;
}
