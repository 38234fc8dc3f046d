import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { alphabetsOf, createRng, pickAlphabets, readOmniglot, type LabelledSplits } from 'hypermeta';
import type { DetectionSettings } from './settings';

/** Omniglot's characters by alphabet: a sixth of the background to tune on, the rest to meta-train, the evaluation alphabets to test; or what is missing. */
export async function readSceneSets(data: string, { alphabets: only }: DetectionSettings): Promise<LabelledSplits | string> {
  const paths = ['images_background.zip', 'images_evaluation.zip'].map((name) => join(data, 'omniglot', name));
  const missing = paths.find((path) => !existsSync(path));
  if (missing) return `skipped, because ${missing} is not there: give --data DIR, a folder whose folder omniglot holds Omniglot's two archives.`;
  const background = await readOmniglot(paths[0]!, only ? { alphabets: only.background } : {});
  const test = await readOmniglot(paths[1]!, only ? { alphabets: only.evaluation } : {});
  const alphabets = createRng('scenes').shuffle(alphabetsOf(background));
  const tuned = Math.ceil(alphabets.length / 6);
  return { train: pickAlphabets(background, alphabets.slice(tuned)), validation: pickAlphabets(background, alphabets.slice(0, tuned)), test };
}
