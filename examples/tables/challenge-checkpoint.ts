import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DataError, readSafetensors, writeSafetensors } from 'hypermeta';
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
    if (!existsSync(file)) throw new DataError(`${file}: expected a file, got nothing there.`);
  const { table, settings, alphabets } = JSON.parse(readFileSync(`${path}.json`, 'utf8')) as Partial<ChallengeModel> & { readonly table?: string };
  if (table !== 'omniglot-challenge' || !settings || !alphabets)
    throw new DataError(`${path}.json: expected settings of an omniglot-challenge model, got a file without them.`);
  const { tensors: meta } = readSafetensors(readFileSync(`${path}.safetensors`), `${path}.safetensors`);
  const { specs } = challengeLearner(settings);
  for (const [name, { shape }] of Object.entries(specs)) {
    const found = meta[name] ? `shape [${meta[name].shape.join(', ')}]` : 'none of that name';
    if (meta[name]?.shape.join() !== [1, ...shape].join())
      throw new DataError(`${path}.safetensors: expected tensor '${name}' of shape [${[1, ...shape].join(', ')}], got ${found}.`);
  }
  const unknown = Object.keys(meta).find((name) => !(name in specs));
  if (unknown !== undefined) throw new DataError(`${path}.safetensors: expected the ${Object.keys(specs).length} tensors of the settings, got '${unknown}' as well.`);
  return { settings, alphabets, meta };
}

/** Paths of the checkpoints that a path names: itself, or all in a folder. @throws DataError for none */
export function findCheckpoints(path: string): readonly string[] {
  if (existsSync(`${path}.safetensors`)) return [path];
  const inside = existsSync(path) && statSync(path).isDirectory() ? readdirSync(path).filter((file) => file.endsWith('.safetensors')).sort() : [];
  if (inside.length === 0) throw new DataError(`${path}: expected a checkpoint ${path}.safetensors, or a folder of checkpoints, got none.`);
  return inside.map((file) => join(path, file.replace(/\.safetensors$/, '')));
}
