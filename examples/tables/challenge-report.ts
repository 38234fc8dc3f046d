import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatTable } from 'hypermeta';
import { meanError, type ChallengeScore } from './challenge-score';
import type { ChallengeSettings } from './challenge-settings';

/** What is kept of a model of the challenge beside its meta-parameters. */
interface ChallengeFile {
  readonly background: string;
  readonly settings: ChallengeSettings;
  readonly scoredOn: string;
  readonly score: ChallengeScore;
  readonly env: Readonly<Record<string, unknown>>;
}

/** Errors in percent; Lake, Salakhutdinov, Tenenbaum 2019 (arXiv 1902.03477), table 1. */
const published = [
  { method: 'people', original: '≤ 4.5 [C]', minimal: '' },
  { method: 'Bayesian program learning', original: '3.3 [C]', minimal: '4.2 [C]' },
  { method: 'recursive cortical network', original: '7.3 [C]', minimal: '' },
  { method: 'simple convolutional network', original: '13.5 [M+]', minimal: '23.2 [M+]' },
  { method: 'prototypical network', original: '13.7 [C]', minimal: '30.1 [C]' },
  { method: 'modified Hausdorff distance', original: '38.8 [C]', minimal: '' },
] as const;

/** The section on the Omniglot challenge; nothing where no model was trained. */
export function challengeSection(results: string): string | undefined {
  const sets = ['original', 'minimal'] as const;
  const models = sets.map((set) => readModels(join(results, 'omniglot-challenge', set)));
  if (models.flat().length === 0) return undefined;
  const ours = models.map((files) => (files.length === 0 ? '' : describe(files)));
  const rows = [['here', ...ours], ...published.map(({ method, original, minimal }) => [`${method} (published)`, original, minimal])];
  return [
    '## The Omniglot challenge',
    'Twenty-way one-shot classification within an alphabet that was never seen in training, each drawing on its own (non-transductive); error in %, ± the standard error over runs; chance is 95. Learned from the background set alone: *original* is all of its 30 alphabets, *minimal* five of them, a mean over two such choices. "here" is scored on 20 runs of our own of the same form, drawn by a seed from the evaluation alphabets; the published figures are of the 20 official runs (Lake, Salakhutdinov, Tenenbaum 2019, arXiv 1902.03477). `npm run tables -- omniglot-challenge --score results/omniglot-challenge/original --runs DIR` scores the models on runs that they have never seen.',
    formatTable(['error %', ...sets], rows, { style: 'markdown' }),
    models.flat().map(sentence).join(' '),
  ].join('\n\n');
}

/** Those that were scored. */
function readModels(folder: string): readonly ChallengeFile[] {
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.json')).sort() : [];
  const files = names.map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as Partial<ChallengeFile>); // ours
  return files.filter((file): file is ChallengeFile => file.score !== undefined);
}

const percent = (share: number) => (100 * share).toFixed(1);

function describe(files: readonly ChallengeFile[]): string {
  const each = files.map(({ background, score }) => `${files.length > 1 ? `${background} ` : ''}${percent(score.mean)} ± ${percent(score.standardError)}`);
  if (files.length === 1) return each[0]!;
  return `${percent(meanError(files.map(({ score }) => score.mean)).mean)} (${each.join(', ')})`;
}

function sentence({ background, settings, env }: ChallengeFile): string {
  const { learner, size, filters, pools, steps, seed } = settings;
  const network = `${size} × ${size}, filters ${filters.join('-')}, ${pools} pools`;
  return `${background}: ${learner}, ${network}, ${steps} episodes, seed ${seed}, ${String(env['seconds'])} s, commit ${String(env['commit'])}.`;
}
