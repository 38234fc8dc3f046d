import {
  activation,
  cavia,
  dense,
  fullHypernetwork,
  hyperLearner,
  learnedRates,
  maml,
  neuralProcess,
  r2d2,
  residualHypernetwork,
  sequential,
  setEncoder,
  uniformInit,
  type Adapt,
  type DenseOptions,
  type Initializer,
  type Learner,
  type Network,
} from 'hypermeta';

/** Starts as CAVIA's does, uniform in ± 1 / √fan-in: from larger weights MAML, with its one step, learns far more slowly. */
const caviaStart: DenseOptions = { init: (fanIn) => uniformInit(1 / Math.sqrt(fanIn)), biasInit: (fanIn) => uniformInit(1 / Math.sqrt(fanIn)) };

/** As in the code of MAML's authors: normal with deviation 0.01, cut off at twice that; biases 0. */
const mamlStart: DenseOptions = { init: () => cutNormal(0.01) };

/** The network of every table on sine waves: 1-40-40-1, ReLU. */
export const waveBase = waveNetwork(1);

function waveNetwork(inputs: number, start = caviaStart): Network {
  const hidden = () => [dense(40, start), activation('relu')];
  return sequential([inputs], [...hidden(), ...hidden(), dense(1, start)], { name: 'mlp' });
}

function cutNormal(deviation: number): Initializer {
  return (rng, shape) =>
    Float32Array.from({ length: shape.reduce((product, size) => product * size, 1) }, () => {
      let value = rng.normal();
      while (Math.abs(value) > 2) value = rng.normal();
      return deviation * value;
    });
}

/** What the hypernetwork learners have in common, in words. */
export const aboutHyper = 'full generator, hidden 32, around learned weights; learned rates';

export const waveMaml = (): Learner => maml(waveBase);

export const waveMamlOfAuthors = (): Learner => maml(waveNetwork(1, mamlStart));

export const waveCavia = (contextSize: number): Learner => cavia(waveNetwork(1 + contextSize), { contextSize });

/** A set encoder tells the network which wave it is. */
export const waveProcess = (size: number): Learner =>
  neuralProcess(waveNetwork(1 + size), { encoder: setEncoder({ size, inputShape: [1], targetShape: [1] }) });

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
