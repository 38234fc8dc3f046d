import { DivergenceError, expectCount, expectPositive } from '../core/errors';
import type { Network } from '../core/network';
import { disposeParams, initParams } from '../core/params';
import { createRng } from '../core/rng';
import type { TaskSource } from '../core/task';
import { maml } from '../learners/maml';
import { adam } from '../optim/adam';
import { evaluateLearner, expectEvaluateOptions, type EvaluateOptions, type Evaluation, type Score } from './evaluate';

export interface FromScratchOptions extends EvaluateOptions {
  /** Adam's rates to choose from. @default [0.001, 0.003, 0.01, 0.03] */
  readonly learningRates?: readonly number[];
  /** Where the rate and the number of steps are chosen. @default the source, under another seed */
  readonly validation?: TaskSource;
  /** @default 100 */
  readonly validationEpisodes?: number;
}

export interface FromScratch extends Evaluation {
  /** The rate that was best on the validation episodes. */
  readonly learningRate: number;
  /** Of `scores`, the one after the number of steps that was best there: what to compare with, since nothing of it was chosen on these tasks. */
  readonly best: Score;
}

/**
 * The honest baseline: the same base network, randomly initialized, trained by Adam on each support set alone. (A network
 * that starts at given weights starts there: fine-tuning without meta-training.) Rate and number of `steps`
 * (@default [100, 300]) are tuned on validation episodes; with that rate every number of steps is scored. `keep` and
 * `uncertainty` are of that rate alone.
 *
 * @throws RangeError for an option out of range
 */
export async function evaluateFromScratch(base: Network, source: TaskSource, options: FromScratchOptions = {}): Promise<FromScratch> {
  const { learningRates = [0.001, 0.003, 0.01, 0.03], validation = source, validationEpisodes = 100, ...given } = options;
  const { uncertainty: _uncertainty, keep: _keep, ...tuning } = given; // of the rate that is chosen alone
  const { steps = [100, 300], seed = 'evaluation' } = given;
  expectCount('evaluateFromScratch: learningRates', learningRates.length);
  for (const rate of learningRates) expectPositive('evaluateFromScratch: learningRates', rate);
  expectCount('evaluateFromScratch: validationEpisodes', validationEpisodes);
  expectEvaluateOptions(given, source);
  const learner = { ...maml(base, { head: 'columns' }), name: 'from scratch' };
  const meta = initParams(learner.specs, createRng(`${seed}/scratch`));
  const score = (learningRate: number, tasks: TaskSource, rest: EvaluateOptions) => {
    const inner = { steps: 0, learningRate, optimizer: adam(), order: 'first', loss: tasks.objective.loss } as const;
    return evaluateLearner(learner, meta, tasks, inner, { ...rest, steps });
  };
  try {
    let chosen = { learningRate: learningRates[0]!, steps: steps[0]!, value: -Infinity };
    for (const learningRate of learningRates.length * steps.length > 1 ? learningRates : []) {
      const tried = await score(learningRate, validation, { ...tuning, episodes: validationEpisodes, seed: `${seed}/tuning` }).catch(unlessDiverged);
      for (const { steps: count, mean } of tried?.scores ?? []) {
        const value = tried!.better === 'higher' ? mean : -mean;
        if (value > chosen.value) chosen = { learningRate, steps: count, value };
      }
    }
    const { learningRate } = chosen;
    const evaluation = await score(learningRate, source, given);
    return { ...evaluation, learningRate, best: evaluation.scores.find((each) => each.steps === chosen.steps)! };
  } finally {
    disposeParams(meta);
  }
}

/** A rate that diverges is not chosen; where all do, scoring the first says so. */
function unlessDiverged(error: unknown): undefined {
  if (!(error instanceof DivergenceError)) throw error;
}
