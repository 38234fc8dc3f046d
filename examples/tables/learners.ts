import {
  anil,
  boil,
  difference,
  fewShotSplits,
  flattenInputs,
  fullHypernetwork,
  hyperClassifier,
  hyperMaml,
  imaml,
  implicit,
  learnedRates,
  leo,
  maml,
  mamlPlusPlus,
  metaCurvature,
  metaSgd,
  mlp,
  protonet,
  r2d2,
  sinusoids,
  splitLikeVinyals,
  versa,
} from 'hypermeta';
import { readCharacters } from './characters';
import type { Entry, Group, Protocol } from './protocol';
import { aboutHyper, waveBase, waveCavia, waveEncoder, waveHyper, waveMaml, waveProcess, waveRidge } from './waves';

export const learnersTable: Protocol = {
  name: 'learners',
  title: 'All learners on one budget',
  about:
    'The same network, tasks and number of outer steps for every learner, the same number of inner steps for each that takes any, and what each costs: values that are adapted, meta-parameters, bytes to keep of a task, milliseconds to adapt to one (on a machine that did other work too). iMAML on characters has layer norm in its network. Rates are each learner’s own, chosen by hand and not tuned; the budget is small, so that this says which learner is quick to train rather than which is best in the end.',
  async groups({ steps = 2000, episodes = 600, data }) {
    const characters = await charactersGroup(data, Math.ceil(steps / 2), episodes);
    if (typeof characters === 'string') console.log(`learners: characters: ${characters}`);
    return [wavesGroup(steps, episodes), ...(typeof characters === 'string' ? [] : [characters])];
  },
};

const norm = { by: 'norm', limit: 10 } as const;
const withoutSteps = { innerSteps: 0 };

function wavesGroup(steps: number, episodes: number): Group {
  const innerSteps = 5;
  const train = { steps };
  const common = { innerSteps, innerLearningRate: 0.01, metaBatchSize: 25, outerLearningRate: 0.001, innerClip: norm, outerClip: norm };
  const entry = (name: string, learner: Entry['learner'], about?: string, options: Entry['options'] = {}): Entry => ({
    name,
    learner,
    ...(about ? { about } : {}),
    options: { ...common, ...options },
    train,
  });
  const encoder = 'embedding of 32 from a set encoder';
  return {
    name: 'sine waves, 10-shot',
    tasks: sinusoids({ shots: 10 }),
    settings: { shots: 10, queryShots: 10 },
    episodes,
    transductive: false,
    entries: [
      entry('MAML', waveMaml),
      entry('MAML, first order', waveMaml, undefined, { order: 'first' }),
      entry('MAML, learned rates', () => learnedRates(waveMaml(), { steps: innerSteps })),
      entry('MAML++ rates', () => mamlPlusPlus(waveBase, { steps: innerSteps }), 'a learned rate a layer and step'),
      entry('Meta-SGD', () => metaSgd(waveBase)),
      entry('Meta-Curvature', () => metaCurvature(waveBase)),
      entry('Reptile', waveMaml, 'meta-gradient difference()', { metaGradient: difference() }),
      entry('iMAML', () => imaml(waveBase, { lambda: 2 }), 'λ 2, meta-gradient implicit() with the damping of its authors', { metaGradient: implicit({ damping: 20 }), innerLearningRate: 0.003 }),
      entry('ANIL', () => anil(waveBase)),
      entry('BOIL', () => boil(waveBase)),
      entry('R2-D2, no step', waveRidge, 'ridge regression on 40 features', withoutSteps),
      entry('neural process, no step', () => waveProcess(32), encoder, withoutSteps),
      entry('CAVIA, 5 values', () => waveCavia(5), undefined, { innerLearningRate: 0.1 }),
      entry('hypernetwork, embedding', () => waveHyper({ adapt: 'embedding', steps: innerSteps }), `embedding of 8; ${aboutHyper}`),
      entry('hypernetwork, weights', () => waveHyper({ adapt: 'weights', steps: innerSteps }), `embedding of 8; ${aboutHyper}`),
      entry('hypernetwork, both', () => waveHyper({ adapt: 'both', steps: innerSteps }), `embedding of 8, 1 step on it; ${aboutHyper}`),
      entry('hypernetwork, itself', () => waveHyper({ adapt: 'hypernetwork', steps: innerSteps }), `embedding of 8; ${aboutHyper}`),
      entry('hypernetwork, set encoder, no step', () => waveEncoder({ adapt: 'nothing' }), encoder, withoutSteps),
      entry('hypernetwork, set encoder, embedding', () => waveEncoder({ adapt: 'embedding', steps: innerSteps }), `${encoder}; ${aboutHyper}`),
    ],
  };
}

async function charactersGroup(data: string, steps: number, episodes: number): Promise<Group | string> {
  const characters = await readCharacters(data);
  if (typeof characters === 'string') return characters;
  const images = fewShotSplits(splitLikeVinyals(characters), { ways: 5, shots: 1, queryShots: 15, rotations: 'train', train: { queryShots: 5 } });
  const base = mlp([784, 256, 128, 64, 64, 5]);
  const normed = mlp([784, 256, 128, 64, 64, 5], { norm: 'layer' });
  const head = fullHypernetwork({ embeddingSize: 64, hidden: [64] });
  const aboutHead = 'a column generated from each class mean, hidden 64, added to the prototype';
  const common = { innerSteps: 5, innerLearningRate: 0.1, metaBatchSize: 8, outerLearningRate: 0.001, innerClip: norm, outerClip: norm };
  const entry = (name: string, learner: Entry['learner'], about?: string, options: Entry['options'] = {}): Entry => ({
    name,
    learner,
    ...(about ? { about } : {}),
    options: { ...common, ...options },
    train: { steps },
  });
  return {
    name: 'characters, 5-way 1-shot, no convolution',
    tasks: { train: flattenInputs(images.train), validation: flattenInputs(images.validation), test: flattenInputs(images.test) },
    settings: { ways: 5, shots: 1, queryShots: 15, trainQueryShots: 5, split: 'Vinyals, 1,028 / 172 / 423' },
    episodes,
    transductive: false,
    entries: [
      entry('MAML', () => maml(base)),
      entry('MAML, first order', () => maml(base), undefined, { order: 'first' }),
      entry('MAML++ rates', () => mamlPlusPlus(base, { steps: 5 }), 'a learned rate a layer and step'),
      entry('Meta-SGD', () => metaSgd(base)),
      entry('Meta-Curvature', () => metaCurvature(base)),
      entry('Reptile', () => maml(base), 'meta-gradient difference()', { metaGradient: difference() }),
      entry('iMAML, layer norm', () => imaml(normed, { lambda: 2 }), 'λ 2, meta-gradient implicit() with the damping of its authors; without a norm its inner loop diverges', { metaGradient: implicit({ damping: 20 }) }),
      entry('ANIL', () => anil(base)),
      entry('BOIL', () => boil(base), 'a head of 5 columns'),
      entry('LEO', () => leo(base, { latentSteps: 4 }), 'latent code of 64, 4 steps on it, 1 on the columns'),
      entry('ProtoNet, no step', () => protonet(base), undefined, withoutSteps),
      entry('R2-D2, no step', () => r2d2(base), undefined, withoutSteps),
      entry('VERSA, no step', () => versa(base), undefined, withoutSteps),
      entry('HyperMAML, no step', () => hyperMaml(base), undefined, withoutSteps),
      entry('generated head, no step', () => hyperClassifier(base, { head, adapt: 'nothing' }), aboutHead, withoutSteps),
      entry('generated head, class embeddings', () => hyperClassifier(base, { head, adapt: 'embedding' }), aboutHead),
    ],
  };
}
