import {
  alphabetEpisodes,
  copyToHost,
  cosine,
  fullHypernetwork,
  hyperClassifier,
  metaTrainer,
  protonet,
  type HostParams,
  type LabelledSet,
  type Learner,
} from 'hypermeta';
import { convolutions } from './convolutions';
import type { ChallengeSettings } from './challenge-settings';

/** A learner and what it has learned. */
export interface ChallengeModel {
  readonly settings: ChallengeSettings;
  /** The alphabets that it has learned from. */
  readonly alphabets: readonly string[];
  readonly meta: HostParams;
}

/** Both are closed form: no step inside a task. */
export function challengeLearner({ learner, ...settings }: ChallengeSettings): Learner {
  const base = convolutions(settings, settings.episodes.ways ?? 20, 'support');
  if (learner === 'protonet') return protonet(base);
  const features = base.specs[base.head!.kernel]!.shape[0]!; // it ends in a dense layer
  return hyperClassifier(base, { head: fullHypernetwork({ embeddingSize: features, hidden: [64] }) });
}

/** Meta-trains on one-shot episodes within the alphabets of a set of drawings. */
export async function trainChallenge(set: LabelledSet, settings: ChallengeSettings): Promise<HostParams> {
  const { episodes, steps, metaBatchSize, learningRate, seed } = settings;
  const trainer = await metaTrainer(challengeLearner(settings), alphabetEpisodes(set, episodes), {
    innerSteps: 0,
    metaBatchSize,
    outerLearningRate: cosine(learningRate, steps, { end: learningRate / 100 }),
    outerClip: { by: 'norm', limit: 10 },
    seed,
  });
  const every = Math.max(1, Math.floor(steps / 20));
  const began = performance.now();
  let sum = 0;
  try {
    for await (const { step, queryLoss } of trainer.train({ steps })) {
      sum += queryLoss;
      if (step % every !== 0) continue;
      const seconds = ((performance.now() - began) / 1000).toFixed(0);
      console.log(`step ${step} of ${steps}: query loss ${(sum / every).toFixed(3)}, ${seconds} s`);
      sum = 0;
    }
    return copyToHost(trainer.meta);
  } finally {
    trainer.dispose();
  }
}
