import { DataError, expectCount, shown } from '../core/errors';
import type { Learner } from '../core/learner';
import { mapRecord } from '../core/params';
import { sizeOf, type Shape } from '../core/shape';
import type { TaskSource } from '../core/task';
import { readCheckpoint, writeCheckpoint, type TrainingState } from '../io/checkpoint';
import { absolute, checkpointReader, findCheckpoint, listCheckpoints, writeCheckpointFolder } from '../io/checkpoint-folder-node';
import { expectValues } from '../io/expect-values';
import { expectFingerprint, fingerprint } from './fingerprint';
import { describeSettings, type Settings } from './options';

export interface SaveOptions {
  /** How many checkpoints stay in the folder, the newest ones; each holds the best meta-parameters so far. @default 3 */
  readonly keep?: number;
}

export interface LoadOptions {
  /**
   * `'weights'`: takes over the meta-parameters alone, the best ones by validation, as the start of a new meta-training:
   * step and optimizer stay as they are, and options, the learner's too, may differ. @default all, to go on where the checkpoint was saved
   */
  readonly only?: 'weights';
}

/** Saves and loads the states of one trainer. */
export interface Checkpoints {
  /** @throws DataError where `dir` holds checkpoints of another run, or one after `step` */
  expectOurs(dir: string, step: number): void;
  /** Returns the path of the checkpoint. */
  save(dir: string, state: TrainingState, options?: SaveOptions): Promise<string>;
  load(path: string, options?: LoadOptions): Promise<TrainingState>;
}

export interface CheckpointsOf {
  readonly learner: Learner;
  readonly source: TaskSource;
  readonly settings: Settings;
  readonly shapes: { readonly meta: Readonly<Record<string, Shape>>; readonly moments: Readonly<Record<string, Shape>> };
}

export function checkpoints({ learner, source, settings, shapes }: CheckpointsOf): Checkpoints {
  const ours = new Set<string>(); // folders whose checkpoints are of this run
  let tried: ReturnType<typeof fingerprint> | undefined; // once, as it stays the same
  const ownFingerprint = () => (tried ??= fingerprint(learner, source));

  function expectOurs(dir: string, step: number): void {
    const newest = listCheckpoints(dir).at(-1);
    if (newest === undefined) return;
    if (!ours.has(absolute(dir)))
      throw new DataError(`save: ${dir}: expected a folder without checkpoints of another run, got step ${newest}; load it to go on, or choose another folder.`);
    if (newest > step)
      throw new DataError(`save: ${dir}: expected no checkpoint after step ${step}, got step ${newest}; remove it, or choose another folder.`);
  }

  return {
    expectOurs,
    async save(dir, state, { keep = 3 } = {}) {
      expectCount('save: keep', keep);
      expectOurs(dir, state.step);
      const known = await ownFingerprint();
      const notes = { learner: learner.name, settings: describeSettings(settings, [0, Math.floor(state.step / 2), state.step]) };
      const files = await writeCheckpoint(state, { ...notes, ...(known ? { fingerprint: known } : {}) });
      ours.add(absolute(dir));
      return writeCheckpointFolder(dir, state.step, files, keep);
    },
    async load(path, { only } = {}) {
      const { checkpoint: found, dir } = findCheckpoint(path);
      const room = 4 * sizesOf({ ...shapes.meta, ...shapes.moments }) + headerRoom;
      const { state, notes } = await readCheckpoint(checkpointReader(found, room), found);
      expectValues(state.best?.meta ?? state.meta, shapes.meta, found);
      if (only === 'weights') return state;
      if (notes.learner !== learner.name) throw new DataError(`${found}: expected a checkpoint of a ${learner.name} learner, got one of ${shown(notes.learner)}.`);
      expectValues(state.meta, shapes.meta, found);
      expectValues(state.moments, shapes.moments, found);
      expectSettings(settings, notes.settings, found);
      if (notes.fingerprint) expectFingerprint(await ownFingerprint(), notes.fingerprint, found);
      ours.add(dir);
      return state;
    },
  };
}

/** For the header of a safetensors file, which is read with its values. */
const headerRoom = 4_000_000;

function sizesOf(shapes: Readonly<Record<string, Shape>>): number {
  return Object.values(mapRecord(shapes, (shape) => sizeOf(shape))).reduce((sum, size) => sum + size, 0);
}

/** @throws DataError naming the first option that was saved and would make the run another one */
function expectSettings(settings: Settings, saved: Readonly<Record<string, unknown>>, where: string): void {
  const steps = Object.keys(saved['outerLearningRate'] ?? {}).map(Number).filter((step) => Number.isSafeInteger(step) && step >= 0);
  const ours = describeSettings(settings, steps);
  for (const name of Object.keys(saved)) { // one that is not there: an older hypermeta did not write it
    const [theirs, own] = [saved, ours].map((all) => (Object.hasOwn(all, name) ? JSON.stringify(all[name]) : 'none'));
    if (theirs !== own)
      throw new DataError(
        `${where}: expected ${shown(name)} ${shown(theirs)}, as the run that was saved has, got ${shown(own)}; ` +
          "give the trainer the same options, or take over the weights alone with load(path, { only: 'weights' }).",
      );
  }
}
