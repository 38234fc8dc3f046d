import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { alphabetsOf, createRng, pickAlphabets, readOmniglot, type LabelledSplits } from 'hypermeta';

/** Omniglot's characters by alphabet: 25 of the background to meta-train, 5 to tune on, the evaluation alphabets to test; or what is missing. */
export async function readSceneSets(data: string): Promise<LabelledSplits | string> {
  const paths = ['images_background.zip', 'images_evaluation.zip'].map((name) => join(data, 'omniglot', name));
  const missing = paths.find((path) => !existsSync(path));
  if (missing) return `skipped, because ${missing} is not there: give --data DIR, a folder whose folder omniglot holds Omniglot's two archives.`;
  const [background, test] = [await readOmniglot(paths[0]!), await readOmniglot(paths[1]!)];
  const alphabets = createRng('scenes').shuffle(alphabetsOf(background));
  return { train: pickAlphabets(background, alphabets.slice(5)), validation: pickAlphabets(background, alphabets.slice(0, 5)), test };
}
