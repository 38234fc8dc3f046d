import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DataError, expectValues, readSafetensors, writeSafetensors } from 'hypermeta';
import { z } from 'zod';
import { challengeLearner, type ChallengeModel } from './challenge-model';

/** Writes `path.safetensors`, the meta-parameters, and `path.json`, the settings and what else is to be kept with them. */
export function saveChallenge(path: string, { meta, ...rest }: ChallengeModel, more: Readonly<Record<string, unknown>>): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.safetensors`, writeSafetensors(meta));
  writeFileSync(`${path}.json`, `${JSON.stringify({ table: 'omniglot-challenge', ...rest, ...more }, null, 1)}\n`);
}

/** @throws DataError where a file is missing, or its tensors are not those that the settings ask for */
export function loadChallenge(path: string): ChallengeModel {
  for (const file of [`${path}.json`, `${path}.safetensors`])
    if (!statSync(file, { throwIfNoEntry: false })?.isFile()) throw new DataError(`${file}: expected a file, got nothing there.`);
  const { settings, alphabets } = readSettings(`${path}.json`);
  const { tensors: meta } = readSafetensors(readFileSync(`${path}.safetensors`), `${path}.safetensors`);
  const shapes = Object.entries(challengeLearner(settings).specs).map(([name, { shape }]) => [name, [1, ...shape]] as const);
  expectValues(meta, Object.fromEntries(shapes), `${path}.safetensors`);
  return { settings, alphabets, meta };
}

const count = z.number().int().min(1).max(4096);
const share = z.number().min(0).max(360);
const distortion = z.strictObject({ rotation: share, scale: share, shear: share, shift: share, wobble: share }).partial();

/** What `saveChallenge` writes beside the tensors; what else stands in the file is not looked at. */
const challengeFile = z.object({
  table: z.literal('omniglot-challenge'),
  alphabets: z.array(z.string()),
  settings: z
    .strictObject({
      learner: z.enum(['protonet', 'hyperClassifier']),
      size: count.max(105),
      filters: z.array(count).min(1).max(8),
      pools: z.number().int().min(0).max(8),
      episodes: z.object({ ways: count.min(2), alphabetDistortion: distortion, drawingDistortion: distortion }).partial().loose(),
      steps: z.number().int().min(0),
      metaBatchSize: count,
      learningRate: z.number().positive(),
      views: count,
      seed: z.string(),
    })
    .refine(({ size, pools }) => size >> pools > 0, 'more pools than pixels'),
});

/** @throws DataError naming the first setting that is none */
function readSettings(file: string): Omit<ChallengeModel, 'meta'> {
  let found: unknown;
  try {
    found = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new DataError(`${file}: expected JSON, got something else.`, { cause });
  }
  const { success, data, error } = challengeFile.safeParse(found);
  if (success) return data as Omit<ChallengeModel, 'meta'>; // the options of its episodes are checked where they are used
  const [issue] = error.issues;
  throw new DataError(`${file}: expected settings of an omniglot-challenge model, got a file without them (${issue!.path.join('.')}: ${issue!.message}).`);
}

/** Paths of the checkpoints that a path names: itself, or all in a folder. @throws DataError for none */
export function findCheckpoints(path: string): readonly string[] {
  if (existsSync(`${path}.safetensors`)) return [path];
  const inside = existsSync(path) && statSync(path).isDirectory() ? readdirSync(path).filter((file) => file.endsWith('.safetensors')).sort() : [];
  if (inside.length === 0) throw new DataError(`${path}: expected a checkpoint ${path}.safetensors, or a folder of checkpoints, got none.`);
  return inside.map((file) => join(path, file.replace(/\.safetensors$/, '')));
}
