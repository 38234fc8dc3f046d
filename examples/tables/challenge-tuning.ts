import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  alphabetsOf,
  createRng,
  formatTable,
  omniglotRuns,
  pickAlphabets,
  type BackgroundSet,
  type LabelledSet,
  type OmniglotRuns,
} from 'hypermeta';
import { environment } from '../environment';
import { readBackground } from './challenge-data';
import { trainChallenge } from './challenge-model';
import { meanError, scoreChallenge } from './challenge-score';
import { candidates, chosenSettings, type ChallengeSettings } from './challenge-settings';

export interface TuneOptions {
  readonly sets: readonly BackgroundSet[];
  /** Folder of the archive of background alphabets: no other is read. */
  readonly data: string;
  /** What all candidates have in common, in place of the chosen settings. */
  readonly changes: Partial<ChallengeSettings>;
  /** Names of candidates. @default all */
  readonly only?: readonly string[] | undefined;
  readonly runs: number;
  readonly out: string;
}

/**
 * Trains each candidate without some alphabets of a background set and scores it on own runs of those: 5 of the 30
 * original ones, each of a minimal set's five in turn.
 *
 * @throws RangeError for a candidate that is not there
 */
export async function tuneChallenge({ sets, data, changes, only = Object.keys(candidates), runs, out }: TuneOptions): Promise<void> {
  const unknown = only.find((name) => !candidates[name]);
  if (unknown !== undefined)
    throw new RangeError(`omniglot-challenge: --candidates: expected some of ${Object.keys(candidates).join(', ')}, got '${unknown}'.`);
  for (const set of sets) {
    const rows = [];
    for (const name of only) {
      const settings = { ...chosenSettings[set], ...candidates[name], ...changes };
      const background = await readBackground(data, set, settings.size);
      const scores = [];
      for (const heldOut of folds(background, set)) {
        console.log(`${set}, ${name}: without ${heldOut.join(', ')}`);
        const { train, scored } = holdOut(background, heldOut, runs);
        const meta = await trainChallenge(train, settings);
        scores.push({ heldOut, ...(await scoreChallenge({ settings, meta }, scored)) });
        console.log(`error ${percent(scores.at(-1)!.mean)} %`);
      }
      rows.push({ name, settings, scores, ...meanError(scores.flatMap((score) => score.runs.map(({ error }) => error))) });
      mkdirSync(out, { recursive: true });
      writeFileSync(join(out, `tuning-${set}.json`), `${JSON.stringify({ set, env: environment(), rows }, null, 1)}\n`);
    }
    console.log(`\n${set}: error in % on own runs of held-out alphabets`);
    const held = rows[0]!.scores.map(({ heldOut }) => (heldOut.length === 1 ? heldOut[0]! : `${heldOut.length} alphabets`));
    console.log(
      formatTable(
        ['candidate', ...held, 'mean ± standard error'],
        rows.map(({ name, scores, mean, standardError }) => [name, ...scores.map((score) => percent(score.mean)), `${percent(mean)} ± ${percent(standardError)}`]),
      ),
    );
  }
}

/** The two parts of a background set: what is learned from, and runs of the rest; they have no alphabet in common. */
export function holdOut(background: LabelledSet, heldOut: readonly string[], runs: number): { readonly train: LabelledSet; readonly scored: OmniglotRuns } {
  const trainedOn = alphabetsOf(background).filter((alphabet) => !heldOut.includes(alphabet));
  const rest = pickAlphabets(background, heldOut);
  const ways = Math.min(20, ...heldOut.map((alphabet) => countCharacters(rest, alphabet)));
  return { train: pickAlphabets(background, trainedOn), scored: omniglotRuns(rest, { runs, ways, seed: 'tuning', trainedOn }) };
}

/** Which alphabets to hold out together. */
export function folds(background: LabelledSet, set: BackgroundSet): readonly (readonly string[])[] {
  const alphabets = alphabetsOf(background);
  if (set !== 'original') return alphabets.map((alphabet) => [alphabet]);
  const large = alphabets.filter((alphabet) => countCharacters(background, alphabet) >= 20);
  return [createRng('omniglot-challenge/held out').shuffle(large).slice(0, 5)];
}

function countCharacters({ classes }: LabelledSet, alphabet: string): number {
  return classes.filter(({ group }) => group === alphabet).length;
}

function percent(share: number): string {
  return (100 * share).toFixed(1);
}
