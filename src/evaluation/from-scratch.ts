import { expectCount, expectPositive } from '../core/errors';
import type { Network } from '../core/network';
import { disposeParams, initParams } from '../core/params';
import { createRng } from '../core/rng';
import type { TaskSource } from '../core/task';
import { maml } from '../learners/maml';
import { adam } from '../optim/adam';
import { evaluateLearner, expectEvaluateOptions, type EvaluateOptions, type Evaluation } from './evaluate';

export interface FromScratchOptions extends EvaluateOptions {
  /** Adam's rates to choose from, on episodes of their own. @default [0.001, 0.003, 0.01, 0.03] */
  readonly learningRates?: readonly number[];
  /** Where the rate is chosen, by the number of steps that is best there; every number of `steps` is then scored. @default the source, under another seed */
  readonly validation?: TaskSource;
  /** @default 100 */
  readonly validationEpisodes?: number;
}

/**
 * The honest baseline: the same base network, randomly initialized, trained by Adam on each support set alone. (A network
 * that starts at given weights starts there: fine-tuning without meta-training.) The rate is tuned on validation episodes;
 * every number of `steps` is scored (@default [100, 300]). `keep` and `uncertainty` are of the rate that is chosen.
 *
 * @throws RangeError for an option out of range
 */
export async function evaluateFromScratch(
  base: Network,
  source: TaskSource,
  options: FromScratchOptions = {},
): Promise<Evaluation & { readonly learningRate: number }> {
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
    let best: { readonly learningRate: number; readonly value: number } | undefined;
    for (const learningRate of learningRates.length > 1 ? learningRates : []) {
      const tried = await score(learningRate, validation, { ...tuning, episodes: validationEpisodes, seed: `${seed}/tuning` });
      const value = Math.max(...tried.scores.map(({ mean }) => (tried.better === 'higher' ? mean : -mean)));
      if (!best || value > best.value) best = { learningRate, value };
    }
    const learningRate = best?.learningRate ?? learningRates[0]!; // at least one
    const evaluation = await score(learningRate, source, given);
    return { ...evaluation, learningRate };
  } finally {
    disposeParams(meta);
  }
}
