import { DataError, DivergenceError, EngineError, expectCount, expectNotNegative, expectOneOf, ShapeError, shown } from '../core/errors';
import { createRng } from '../core/rng';
import type { HostBatch, TaskSource } from '../core/task';
import type { Score } from '../evaluation/evaluate';
import type { OuterSteps } from '../meta/outer-steps';
import { sampleOnHost } from '../tasks/stack-episodes';
import type { SaveOptions } from './checkpoints';
import type { Settings } from './options';

export interface TrainOptions {
  /** Outer steps to take; 0 is none, as where a run that was loaded is complete. */
  readonly steps: number;
  /** Outer steps between validations, of which one more is after the last step; needs a validation source. @default never */
  readonly validateEvery?: number;
  /** Episodes of a validation: the same ones each time. @default 100 */
  readonly validationEpisodes?: number;
  /**
   * Stop after so many validations without a better one. They are counted from one call of `train` to the next, and in checkpoints, so
   * that a run that is taken up stops where it would have unbroken; a call that begins when they are used up counts afresh, as more was
   * asked for. @default never
   */
  readonly patience?: number;
  /**
   * `'unchecked'` trains even where the first step would take more memory than is free, by `trainer.estimate()`. @default 'checked'
   */
  readonly memory?: 'checked' | 'unchecked';
  /** Aborting ends the loop after the step at hand; nothing is lost. */
  readonly signal?: AbortSignal;
  /**
   * Writes checkpoints into a folder along the way and when the loop ends, as `trainer.save` does. A step is saved once the loop
   * asks for the next event, or ends: what it does with an event is done before, so a log of events has those of every checkpoint.
   * @default none
   */
  readonly save?: SaveOptions & {
    readonly dir: string;
    /** Outer steps between checkpoints. @default 100 */
    readonly every?: number;
  };
}

/** What one outer step reports. */
export interface TrainEvent {
  /** Outer steps taken so far, from 1, over all calls of `train`. */
  readonly step: number;
  /**
   * What the step followed, before the outer update: the mean query loss of its episodes after adaptation, with the learner's penalty
   * where it has one, and over the steps that `unrolled({ losses })` counts.
   */
  readonly queryLoss: number;
  /** Norm of the meta-gradient over all meta-parameters, before clipping. */
  readonly gradientNorm: number;
  /** The metric of the validation source on its episodes, every `validateEvery` steps and after the last. */
  readonly validation?: Score & { readonly metric: string; readonly isBest: boolean };
}

/** @throws RangeError naming the option that is out of range */
export function expectTrainOptions(options: TrainOptions, validation: TaskSource | undefined): void {
  expectCount('train: steps', options.steps, 0);
  if (options.save) {
    const { dir }: { readonly dir?: unknown } = options.save;
    if (typeof dir !== 'string' || dir === '') throw new RangeError(`train: save.dir: expected the path of a folder, got ${dir === '' ? 'an empty one' : shown(dir)}.`);
    expectCount('train: save.every', options.save.every ?? 1);
    expectCount('train: save.keep', options.save.keep ?? 1);
  }
  if (options.validateEvery !== undefined) {
    expectCount('train: validateEvery', options.validateEvery);
    if (!validation)
      throw new RangeError('train: validateEvery: expected tasks as { train, validation, test }, got a single source.');
  }
  if (options.memory !== undefined) expectOneOf('train: memory', options.memory, ['checked', 'unchecked']);
  for (const name of ['validationEpisodes', 'patience'] as const) {
    if (options[name] === undefined) continue;
    expectCount(`train: ${name}`, options[name]);
    if (options.validateEvery === undefined) throw new RangeError(`train: ${name}: expected validateEvery beside it, got none.`);
  }
}

/** What a step itself says, before a validation. */
export type StepLosses = Pick<TrainEvent, 'queryLoss' | 'gradientNorm'>;

/** The batch of the last step, whose memory the next one takes. */
export interface UsedBatch {
  batch?: HostBatch;
}

/**
 * One outer step: samples its episodes and moves the meta-parameters.
 *
 * @throws DivergenceError if the query loss or its gradient is not finite; the meta-parameters are then those before
 * the step
 */
export async function trainStep(
  outer: OuterSteps,
  source: TaskSource,
  step: number,
  used: UsedBatch,
  { metaBatchSize, seed, outerLearningRate }: Settings,
): Promise<StepLosses> {
  const learningRate = outerLearningRate(step);
  expectNotNegative(`train: step ${step + 1}: outerLearningRate of the schedule`, learningRate);
  const [stream, first] = [`${seed}/train`, step * metaBatchSize];
  const batch = sampleOnHost(source, stream, first, metaBatchSize, used.batch);
  used.batch = batch;
  const { loss, gradientNorm } = await outer.take(batch, { step, learningRate }, createRng(`${seed}/noise/${step}`));
  if (Number.isFinite(loss) && Number.isFinite(gradientNorm)) return { queryLoss: loss, gradientNorm };
  const found = Number.isFinite(loss) ? `a gradient of norm ${gradientNorm}` : loss;
  throw new DivergenceError(
    `train: step ${step + 1}: expected a finite query loss, got ${found}; lower innerLearningRate or outerLearningRate, set innerClip, ` +
      `or look at the episodes ${first} to ${first + metaBatchSize - 1}: source.sample('${stream}', ${first}).`,
  );
}

/** Where a validation fails, its error names the step; one of a class of its own stays as it is. */
export async function namingStep<Result>(step: number, validation: Promise<Result>): Promise<Result> {
  try {
    return await validation;
  } catch (cause) {
    const Kind = [DivergenceError, DataError, EngineError, ShapeError, RangeError, TypeError, Error].find((kind) => cause instanceof Error && cause.constructor === kind);
    throw Kind ? new Kind(`train: validation at step ${step}: ${(cause as Error).message}`, { cause }) : cause;
  }
}

/** Writes checkpoints every so many steps, and at the end what is not in one yet. */
export interface Saves {
  along(step: number): Promise<void>;
  last(step: number): Promise<void>;
}

/** @param from the step that is on the disk, or the start */
export function savesAlong(
  options: TrainOptions['save'],
  from: number,
  write: (dir: string, options: SaveOptions) => Promise<unknown>,
): Saves {
  let saved = from;
  const last = async (step: number) => {
    if (!options || saved === step) return;
    await write(options.dir, options);
    saved = step;
  };
  return { last, along: (step) => (step % (options?.every ?? 100) === 0 ? last(step) : Promise.resolve()) };
}
