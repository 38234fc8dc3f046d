import {
  cavia,
  fullHypernetwork,
  hyperLearner,
  learnedRates,
  maml,
  mlp,
  neuralProcess,
  r2d2,
  residualHypernetwork,
  setEncoder,
  type Adapt,
  type Learner,
} from 'hypermeta';

/** The network of every table on sine waves: 1-40-40-1, ReLU. */
export const waveBase = mlp([1, 40, 40, 1]);

/** What the hypernetwork learners have in common, in words. */
export const aboutHyper = 'full generator, hidden 32, around learned weights; learned rates';

export const waveMaml = (): Learner => maml(waveBase);

export const waveCavia = (contextSize: number): Learner => cavia(mlp([1 + contextSize, 40, 40, 1]), { contextSize });

/** A set encoder tells the network which wave it is. */
export const waveProcess = (size: number): Learner =>
  neuralProcess(mlp([1 + size, 40, 40, 1]), { encoder: setEncoder({ size, inputShape: [1], targetShape: [1] }) });

/** A ridge regression on the 40 last features. */
export const waveRidge = (): Learner => r2d2(waveBase);

/** One learned embedding for all tasks, from which the inner steps start. */
export function waveHyper({ embeddingSize = 8, steps = 1, adapt }: { embeddingSize?: number; steps?: number; adapt: Adapt }): Learner {
  return learnedRates(hyperLearner(waveBase, family(embeddingSize), { adapt }), { steps });
}

/** An embedding read off the support set; no gradient is needed to start well. */
export function waveEncoder({ embeddingSize = 32, steps = 1, adapt }: { embeddingSize?: number; steps?: number; adapt: Adapt }): Learner {
  const start = setEncoder({ size: embeddingSize, inputShape: [1], targetShape: [1] });
  const learner = hyperLearner(waveBase, family(embeddingSize), { start, adapt });
  return adapt === 'nothing' ? learner : learnedRates(learner, { steps });
}

function family(embeddingSize: number) {
  return residualHypernetwork(fullHypernetwork({ embeddingSize, hidden: [32] }));
}
