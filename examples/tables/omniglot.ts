import {
  conv4,
  conv4Strided,
  cosine,
  fewShotSplits,
  flattenInputs,
  fullHypernetwork,
  hyperClassifier,
  mlp,
  protonet,
  r2d2,
  type LabelledSplits,
  type Learner,
  type Network,
  type TaskSplits,
} from 'hypermeta';
import { readCharacters } from './characters';
import type { Entry, Group, Protocol } from './protocol';

export const omniglotTable: Protocol = {
  name: 'omniglot',
  title: 'Omniglot, non-transductive, split by alphabet',
  about:
    'Characters of alphabets never seen in meta-training: 1,028 characters to meta-train, 172 to validate, 423 to test, as many as in Vinyals et al. 2016 (arXiv 1606.04080), split by alphabet with a seed of ours; rotations by 90° are new classes in meta-training only; 28 × 28; one drawing a class; 1,000 episodes of 15 queries a class, as in Snell et al. 2017 (arXiv 1703.05175). Every query is predicted on its own. Published figures have splits, rotations and networks of their own; those that are transductive say so.',
  async groups({ steps, episodes = 1000, data }) {
    const sets = await readCharacters(data);
    if (typeof sets === 'string') return sets;
    return [
      noConvolution(sets, { steps: steps ?? 6000, episodes }),
      convolution(sets, { ways: 5, steps: steps ?? 6000, episodes }),
      convolution(sets, { ways: 20, steps: steps ?? 6000, episodes }),
    ];
  },
};

interface Budget {
  readonly steps: number;
  readonly episodes: number;
}

function noConvolution(sets: LabelledSplits, { steps, episodes }: Budget): Group {
  const train = { ways: 20, queryShots: 4 };
  const images = fewShotSplits(sets, { ways: 5, shots: 1, queryShots: 15, rotations: 'train', train });
  const tasks = { train: flattenInputs(images.train), validation: flattenInputs(images.validation), test: flattenInputs(images.test) };
  const base = mlp([784, 256, 128, 64, 64, 5]);
  const options = { innerSteps: 0, metaBatchSize: 6, outerLearningRate: cosine(0.002, steps, { end: 0.00005 }), outerClip: { by: 'norm', limit: 10 } } as const;
  const about = '784-256-128-64-64, ReLU, no batch norm';
  return {
    ...groupOf('5-way 1-shot, no convolution', tasks, { ways: 5, trainWays: train.ways, trainQueryShots: train.queryShots }, episodes),
    entries: heads(base).map(({ name, about: head, learner }) => ({
      name,
      about: `${about}; ${head}`,
      learner,
      options,
      train: { steps, ...validation(steps, episodes) },
    })),
  };
}

function convolution(sets: LabelledSplits, { ways, steps, episodes }: Budget & { readonly ways: number }): Group {
  const train = { ways: 60, queryShots: 5 };
  const tasks = fewShotSplits(sets, { ways, shots: 1, queryShots: 15, rotations: 'train', train });
  const shape = { inputShape: [28, 28, 1], ways, statistics: 'running' } as const;
  const options = { innerSteps: 0, metaBatchSize: 1, outerLearningRate: cosine(0.001, steps, { end: 0.00001 }) };
  const entriesOf = (network: string, base: Network): readonly Entry[] =>
    heads(base).map(({ name, about, learner }) => ({
      name: `${name}, ${network}`,
      ...(name === 'ProtoNet' && network === 'pooled' ? { like: 'ProtoNet' } : {}),
      about: `conv4-64 ${network}, batch norm by running statistics; ${about}`,
      learner,
      options,
      train: { steps, ...validation(steps, episodes) },
    }));
  return {
    ...groupOf(`${ways}-way 1-shot`, tasks, { ways, trainWays: train.ways, trainQueryShots: train.queryShots }, episodes),
    entries: [...entriesOf('strided', conv4Strided(shape)), ...entriesOf('pooled', conv4(shape))],
  };
}

/** Each makes a column of the head from a class's 64 features, without a step. */
function heads(base: Network): readonly { readonly name: string; readonly about: string; readonly learner: Learner }[] {
  const head = fullHypernetwork({ embeddingSize: 64, hidden: [64] });
  return [
    { name: 'ProtoNet', about: 'class means', learner: protonet(base) },
    { name: 'R2-D2', about: 'ridge regression', learner: r2d2(base) },
    {
      name: 'generated head',
      about: 'a column generated from each class mean, hidden 64, added to the prototype',
      learner: hyperClassifier(base, { head, adapt: 'nothing' }),
    },
  ];
}

function groupOf(name: string, tasks: TaskSplits, settings: Group['settings'], episodes: number): Omit<Group, 'entries'> {
  return { name, tasks, settings: { shots: 1, queryShots: 15, split: '1,028 / 172 / 423 by alphabet', ...settings }, episodes, transductive: false };
}

function validation(steps: number, episodes: number) {
  return { validateEvery: Math.min(500, steps), validationEpisodes: Math.min(100, episodes) };
}
