import { learnedRates, mamlPlusPlus, metaCurvature, metaSgd, sinusoids } from 'hypermeta';
import type { Entry, Protocol } from './protocol';
import { aboutHyper, waveBase, waveCavia, waveEncoder, waveHyper, waveMaml, waveMamlOfAuthors, waveProcess, waveRidge } from './waves';

export const sinusoidTable: Protocol = {
  name: 'sinusoid',
  title: 'Sine waves, one inner step (the protocol of Meta-Curvature)',
  about:
    'y = A sin(x − φ), A in [0.1, 5], φ in [0, π], x in [−5, 5], without noise; K support and K query points; network 1-40-40-1, ReLU; 25 tasks a step, 70,000 outer steps of Adam 0.001; mean squared error after one inner step on 600 unseen waves (Park and Oliva 2019, arXiv 1902.03356). Networks start uniform in ± 1 / √fan-in, as CAVIA’s code does, but where another start is named; generators by hyperfan-in.',
  async groups({ steps = 70_000, episodes = 600 }) {
    return [5, 10].map((shots) => ({
      name: `${shots}-shot`,
      tasks: sinusoids({ shots }),
      settings: { shots, queryShots: shots },
      episodes,
      transductive: false,
      entries: entries(steps),
    }));
  },
};

const common = { innerSteps: 1, metaBatchSize: 25, outerLearningRate: 0.001 };
const norm = { by: 'norm', limit: 10 } as const;
const atRate = (innerLearningRate: number) => ({ ...common, innerLearningRate });
const withoutSteps = { ...common, innerSteps: 0, outerClip: norm };
const onEmbedding = { ...atRate(0.1), innerClip: norm, outerClip: norm };
const onWeights = { ...onEmbedding, innerLearningRate: 0.01 };
const encoder = 'embedding of 32 from a set encoder, hidden 64-64';

function entries(steps: number): readonly Entry[] {
  const train = { steps };
  return [
    { name: 'MAML, started as by its authors', like: 'MAML', about: 'weights from a cut normal, 0.01', learner: waveMamlOfAuthors, options: atRate(0.001), train },
    { name: 'MAML, inner rate 0.001', learner: waveMaml, options: atRate(0.001), train },
    { name: 'MAML, inner rate 0.01', learner: waveMaml, options: atRate(0.01), train },
    { name: 'MAML, a learned rate', learner: () => learnedRates(waveMaml(), { steps: 1 }), options: atRate(0.01), train },
    { name: 'MAML++ rates', about: 'a learned rate a layer', learner: () => mamlPlusPlus(waveBase, { steps: 1 }), options: atRate(0.01), train },
    { name: 'Meta-SGD', like: 'Meta-SGD', learner: () => metaSgd(waveBase), options: atRate(0.01), train },
    { name: 'Meta-Curvature', like: 'Meta-Curvature', learner: () => metaCurvature(waveBase), options: atRate(0.01), train },
    {
      name: 'CAVIA, 5 values',
      about: '5 context values beside x',
      learner: () => waveCavia(5),
      options: { ...atRate(1), innerClip: { by: 'value', limit: 10 } },
      train,
    },
    { name: 'R2-D2, no step', about: 'ridge regression on 40 features', learner: waveRidge, options: withoutSteps, train },
    { name: 'neural process, no step', about: encoder, learner: () => waveProcess(32), options: withoutSteps, train },
    {
      name: 'hypernetwork, embedding',
      about: `embedding of 8; ${aboutHyper}`,
      learner: () => waveHyper({ adapt: 'embedding' }),
      options: onEmbedding,
      train,
    },
    {
      name: 'hypernetwork, embedding then weights (2 steps)',
      about: `embedding of 8; ${aboutHyper}`,
      learner: () => waveHyper({ adapt: 'both', steps: 2 }),
      options: { ...onWeights, innerSteps: 2 },
      train,
    },
    {
      name: 'hypernetwork, set encoder, no step',
      about: `${encoder}; full generator, hidden 32, around learned weights`,
      learner: () => waveEncoder({ adapt: 'nothing' }),
      options: withoutSteps,
      train,
    },
    {
      name: 'hypernetwork, set encoder, embedding',
      about: `${encoder}; ${aboutHyper}`,
      learner: () => waveEncoder({ adapt: 'embedding' }),
      options: onEmbedding,
      train,
    },
    {
      name: 'hypernetwork, set encoder, weights',
      about: `${encoder}; ${aboutHyper}`,
      learner: () => waveEncoder({ adapt: 'weights' }),
      options: onWeights,
      train,
    },
  ];
}
