import { join } from 'node:path';
import { backgroundAlphabets, omniglotRuns, readOmniglot, type BackgroundSet, type LabelledSet, type OmniglotRuns } from 'hypermeta';

/** Of the own runs of the evaluation alphabets: never another. */
const ownSeed = 'challenge';

/** What is learned from and tuned on: `dir` is the folder of both archives, and this reads the one of the background alphabets. */
export function readBackground(dir: string, set: BackgroundSet, size: number): Promise<LabelledSet> {
  const alphabets = backgroundAlphabets(set);
  return readOmniglot(join(dir, 'images_background.zip'), { size, ...(alphabets ? { alphabets } : {}) });
}

export interface OwnRunsOptions {
  readonly size: number;
  readonly runs: number;
  /** @default all */
  readonly alphabets?: readonly string[];
  /** Of the model that is to be scored. */
  readonly trainedOn: readonly string[];
}

/** Runs of the evaluation alphabets, for a model's score alone. @throws DataError where it has trained on one of them */
export async function ownRuns(dir: string, { size, runs, alphabets, trainedOn }: OwnRunsOptions): Promise<OmniglotRuns> {
  const evaluation = await readOmniglot(join(dir, 'images_evaluation.zip'), { size, ...(alphabets ? { alphabets } : {}) });
  return omniglotRuns(evaluation, { runs, seed: ownSeed, trainedOn });
}
