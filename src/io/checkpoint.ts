import { DataError } from '../core/errors';
import type { HostParams } from '../core/host-tensor';
import { scopeRecord, unscopeRecord } from '../core/params';
import { isRecord } from '../core/is-record';
import { readSafetensors, writeSafetensors } from './safetensors';
import { sha256, sha256OfJson } from './sha256';

/** All that meta-training goes on from, beside code and data: chance follows from the seed and the step. */
export interface TrainingState {
  /** Outer steps taken. */
  readonly step: number;
  readonly meta: HostParams;
  /** What the outer optimizer remembers, `NAME/MOMENT`. */
  readonly moments: HostParams;
  /** The best meta-parameters by validation so far, and their step; absent where none was validated. */
  readonly best?: { readonly step?: number; readonly mean: number; readonly meta: HostParams; readonly validationsSince: number };
}

/** What a checkpoint says beside the values, as JSON. */
export interface CheckpointNotes {
  readonly learner: string;
  /** Options that decide the numbers of a run: those of the trainer that saved it. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Numbers that tell the learner from others of its name and shapes. @default none: they could not be found, or were not known yet */
  readonly fingerprint?: Readonly<Record<string, number>>;
}

/** The files of a checkpoint by name. */
export type CheckpointFiles = Readonly<Record<CheckpointFile, Uint8Array>>;
export type CheckpointFile = (typeof checkpointFiles)[number];

/**
 * `weights.safetensors`: the meta-parameters that adaptation uses, the best ones where there were validations.
 * `training.safetensors`: what else training goes on from. `checkpoint.json`: the step, notes, sizes and checksums.
 */
export const checkpointFiles = ['weights.safetensors', 'training.safetensors', 'checkpoint.json'] as const;

const [weightsFile, trainingFile, notesFile] = checkpointFiles;

/** Those that hold the values of the state. */
export const stateFiles = [weightsFile, trainingFile] as const;

const format = 'hypermeta checkpoint';
const version = 1;

interface Description extends CheckpointNotes {
  readonly format: string;
  readonly version: number;
  readonly step: number;
  readonly best?: { readonly step?: number; readonly mean: number; readonly validationsSince: number }; // of which older ones have no step
  readonly files: Readonly<Record<string, { readonly bytes: number; readonly sha256: string }>>;
}

export async function writeCheckpoint({ step, meta, moments, best }: TrainingState, notes: CheckpointNotes): Promise<CheckpointFiles> {
  const weights = writeSafetensors(best?.meta ?? meta);
  const training = writeSafetensors({ ...(best ? scopeRecord(meta, 'meta') : {}), ...scopeRecord(moments, 'moments') });
  const description: Description = {
    format,
    version,
    ...notes,
    step,
    ...(best ? { best: { ...(best.step === undefined ? {} : { step: best.step }), mean: best.mean, validationsSince: best.validationsSince } } : {}),
    files: {
      [weightsFile]: { bytes: weights.length, sha256: await sha256(weights) },
      [trainingFile]: { bytes: training.length, sha256: await sha256(training) },
    },
  };
  const signed = { ...description, sha256: await sha256OfJson(description, 1) };
  const json = new TextEncoder().encode(`${JSON.stringify(signed, undefined, 1)}\n`);
  return { [weightsFile]: weights, [trainingFile]: training, [notesFile]: json };
}

/**
 * Reads the files one after another, each after its size was checked. `where` names the checkpoint in errors.
 *
 * @throws DataError for a file that is missing, truncated, altered or foreign, or of a newer version
 */
export async function readCheckpoint(files: CheckpointReader, where: string): Promise<{ readonly state: TrainingState; readonly notes: CheckpointNotes }> {
  const { step, best, learner, settings, fingerprint, files: sizes } = await readDescription(files, `${where}: ${notesFile}`);
  const read = async (name: CheckpointFile) => {
    const { bytes, sha256: expected } = sizes[name]!; // checked with the description
    const found = files.size(name);
    if (found !== bytes) throw new DataError(`${where}: ${name}: expected ${bytes} bytes, got ${found === undefined ? 'no file' : found}; it is truncated or was altered.`);
    if (bytes > files.maxBytes) throw new DataError(`${where}: ${name}: expected at most ${files.maxBytes} bytes for this learner, got ${bytes}.`);
    const content = files.read(name);
    if ((await sha256(content)) !== expected) throw new DataError(`${where}: ${name}: expected the content that was written, got another; it was altered.`);
    return readSafetensors(content, `${where}: ${name}`).tensors;
  };
  const [weights, training] = [await read(weightsFile), await read(trainingFile)];
  return {
    state: {
      step,
      meta: best ? unscopeRecord(training, 'meta') : weights,
      moments: unscopeRecord(training, 'moments'),
      ...(best ? { best: { ...best, meta: weights } } : {}),
    },
    notes: { learner, settings, ...(fingerprint ? { fingerprint } : {}) },
  };
}

/** Where the files of a checkpoint come from. */
export interface CheckpointReader {
  /** More than the learner's values take: larger files are not read. */
  readonly maxBytes: number;
  /** In bytes; undefined where there is no such file. */
  size(name: CheckpointFile): number | undefined;
  read(name: CheckpointFile): Uint8Array;
}

/** More than any description has: a foreign file is not read whole. */
const maxDescriptionBytes = 4_000_000;

async function readDescription(files: CheckpointReader, where: string): Promise<Description> {
  const size = files.size(notesFile);
  if (size === undefined) throw new DataError(`${where}: expected a file, got nothing there.`);
  if (size > maxDescriptionBytes) throw new DataError(`${where}: expected at most ${maxDescriptionBytes} bytes, got ${size}.`);
  let found: unknown;
  try {
    found = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(files.read(notesFile)));
  } catch (cause) {
    throw new DataError(`${where}: expected JSON, got a truncated or foreign file.`, { cause });
  }
  if (!isRecord(found) || found['format'] !== format) throw new DataError(`${where}: expected the format '${format}', got another.`);
  const { sha256: signature, ...description } = found;
  const claimed = description['version'];
  if (typeof claimed === 'number' && claimed > version)
    throw new DataError(`${where}: expected version ${version} at most, got ${claimed}; it was written by a newer hypermeta: install that.`);
  if (typeof signature !== 'string' || signature !== (await sha256OfJson(description, 1)) || !isDescription(description))
    throw new DataError(`${where}: expected the content that was written, got another; it was altered.`);
  return description;
}

function isDescription(found: Readonly<Record<string, unknown>>): found is Readonly<Record<string, unknown>> & Description {
  const { step, files, best, learner, settings, fingerprint } = found;
  const isFile = (entry: unknown) => isRecord(entry) && Number.isSafeInteger(entry['bytes']) && typeof entry['sha256'] === 'string';
  const hasFiles = isRecord(files) && isFile(files[weightsFile]) && isFile(files[trainingFile]);
  const hasBest = best === undefined || (isRecord(best) && Number.isFinite(best['mean']) && Number.isSafeInteger(best['validationsSince']) && Number.isSafeInteger(best['step'] ?? 0));
  const hasFingerprint = fingerprint === undefined || (isRecord(fingerprint) && Object.values(fingerprint).every((value) => typeof value === 'number'));
  return Number.isSafeInteger(step) && (step as number) >= 0 && hasFiles && hasBest && hasFingerprint && typeof learner === 'string' && isRecord(settings);
}
