import type { Learner } from '../../src/core/learner';
import type { TaskSource } from '../../src/core/task';
import { metaTrainer } from '../../src/trainer/meta-trainer';
import type { MetaTrainerOptions } from '../../src/trainer/options';

/** A learner's score on unseen episodes before meta-training and after it, after as many inner steps as in training. */
export async function scoresAround(
  learner: Learner,
  source: TaskSource,
  { steps, ...options }: MetaTrainerOptions & { readonly steps: number },
): Promise<{ readonly before: number; readonly after: number }> {
  const trainer = await metaTrainer(learner, source, { seed: 'learning', metaBatchSize: 8, ...options });
  const score = async () => (await trainer.evaluate({ episodes: 100, steps: [options.innerSteps ?? 1], seed: 'unseen' })).scores[0]!.mean;
  const before = await score();
  for await (const { queryLoss } of trainer.train({ steps })) void queryLoss;
  const after = await score();
  trainer.dispose();
  return { before, after };
}
