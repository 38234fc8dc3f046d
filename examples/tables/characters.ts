import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readOmniglot, type LabelledSet } from 'hypermeta';

/** Omniglot's 1,623 characters; or a sentence that says what is missing. */
export async function readCharacters(data: string): Promise<LabelledSet | string> {
  const folder = join(data, 'omniglot');
  const paths = ['images_background.zip', 'images_evaluation.zip'].map((name) => join(folder, name));
  const missing = paths.find((path) => !existsSync(path));
  if (missing) return `skipped, because ${missing} is not there: give --data DIR, a folder whose folder omniglot holds Omniglot's two archives.`;
  const [background, evaluation] = [await readOmniglot(paths[0]!), await readOmniglot(paths[1]!)];
  return { ...background, classes: [...background.classes, ...evaluation.classes] };
}
