import {
  activation,
  batchNorm,
  cosine,
  dense,
  fewShotSplits,
  flattenInputs,
  fullHypernetwork,
  hyperClassifier,
  maml,
  mlp,
  protonet,
  r2d2,
  sequential,
  splitClasses,
  splitLikeVinyals,
  type LabelledSet,
  type LabelledSplits,
  type Learner,
  type Network,
  type TaskSplits,
} from 'hypermeta';
import { readCharacters } from './characters';
import { convolutions } from './convolutions';
import type { Group, Protocol } from './protocol';

export const omniglotTable: Protocol = {
  name: 'omniglot',
  title: 'Omniglot',
  about:
    'Characters never seen in meta-training, 28 × 28; rotations by 90° are classes of their own, in meta-test too. Convolutions: Vinyals’ split, nearly by alphabet, 1,028 characters to meta-train, 172 to validate, 423 to test; one drawing a class; 1,000 episodes of 15 queries a class, every query predicted on its own (Snell et al. 2017, arXiv 1703.05175); one training of 60-way episodes is scored at 5 and 20 ways; gradient steps are meta-trained on 20-way episodes and scored on 300. No convolution: the split of MAML’s authors, all characters shuffled, 1,100 / 100 / 423; 600 episodes with as many queries as support drawings; “transductive” uses batch norm by the statistics of the batch at hand, as published (Finn et al. 2017, arXiv 1703.03400), but in the last hidden layer alone: five drawings are too few to normalize every layer by; meta-trained on 20-way episodes. Drawings are distorted by chance in meta-training. Published figures have networks of their own; those that are transductive say so.',
  async groups({ steps, episodes, data }) {
    const characters = await readCharacters(data);
    if (typeof characters === 'string') return characters;
    const shuffled = splitClasses(characters, { train: 1100, validation: 100, test: 423 }, 'omniglot');
    const budget = { steps: steps ?? 6000, episodes: episodes ?? 600 };
    return [
      ...[1, 5].flatMap((shots) => [noConvolution(shuffled, { shots, ...budget }), noConvolution(shuffled, { shots, transductive: true, ...budget })]),
      convolution(characters, { steps: steps ?? 7000, episodes: episodes ?? 1000 }),
      mamlForAnHour(characters, { steps: steps ?? 2400, episodes: episodes ?? 300 }),
    ];
  },
};

/** Of every drawing in meta-training. */
const distortion = { rotation: 5, scale: 0.1, shear: 0.08, shift: 0.04, wobble: 0.01 };

interface Budget {
  readonly steps: number;
  readonly episodes: number;
}

interface Shots {
  readonly shots: number;
  readonly transductive?: boolean;
}

function noConvolution(sets: LabelledSplits, { shots, steps, episodes, transductive = false }: Shots & Budget): Group {
  const train = { ways: 20, queryShots: 4, distortion };
  const images = fewShotSplits(sets, { ways: 5, shots, queryShots: shots, rotations: 'all', train });
  const tasks: TaskSplits = { train: flattenInputs(images.train), validation: flattenInputs(images.validation), test: flattenInputs(images.test) };
  const base = transductive ? normalizedLast() : mlp([784, 256, 128, 64, 64, 5]);
  const options = { innerSteps: 0, metaBatchSize: 6, outerLearningRate: cosine(0.002, steps, { end: 0.00005 }), outerClip: { by: 'norm', limit: 10 } } as const;
  return {
    name: `5-way ${shots}-shot, no convolution${transductive ? ', transductive' : ''}`,
    tasks,
    settings: { ways: 5, shots, queryShots: shots, trainWays: train.ways, trainQueryShots: train.queryShots, split: '1,100 / 100 / 423, shuffled' },
    episodes,
    transductive,
    entries: heads(base).map(({ name, about, learner }) => ({
      name,
      about: `784-256-128-64-64, ReLU, ${transductive ? 'batch norm of the last hidden layer' : 'no norm'}; ${about}`,
      learner,
      options,
      train: { steps, ...validation(steps, episodes) },
    })),
  };
}

/** The same layers, the last hidden one normalized by the statistics of the batch at hand, support or query. */
function normalizedLast(): Network {
  const relu = activation('relu');
  const layers = [dense(256), relu, dense(128), relu, dense(64), relu, dense(64), batchNorm({ statistics: 'batch' }), relu, dense(5)];
  return sequential([784], layers, { name: 'mlp' });
}

const convolutionSettings = { size: 28, filters: [32, 64, 64, 64], pools: 3 };
const convolutionsText = 'four convolutions of 32-64-64-64 filters, three of them pooled';
const vinyals = 'Vinyals, 1,028 / 172 / 423';

function convolution(characters: LabelledSet, { steps, episodes }: Budget): Group {
  const train = { ways: 60, queryShots: 5, distortion };
  const settings = { shots: 1, queryShots: 15, trainWays: train.ways, trainQueryShots: train.queryShots, split: vinyals };
  const sets = splitLikeVinyals(characters);
  const tasks = (ways: number) => fewShotSplits(sets, { ways, shots: 1, queryShots: 15, rotations: 'all', train });
  const base = convolutions(convolutionSettings, 20, 'running');
  const options = { innerSteps: 0, metaBatchSize: 1, outerLearningRate: cosine(0.002, steps, { end: 0.00001 }), outerClip: { by: 'norm', limit: 10 } } as const;
  return {
    name: '20-way 1-shot',
    tasks: tasks(20),
    settings: { ways: 20, ...settings },
    episodes,
    transductive: false,
    entries: heads(base).map(({ name, about, learner }) => ({
      name,
      ...(name === 'ProtoNet' ? { like: 'ProtoNet' } : {}),
      about: `${convolutionsText}, batch norm by running statistics, 576 features; drawings distorted in meta-training; ${about}`,
      learner,
      options,
      train: { steps, ...validation(steps, episodes) },
    })),
    others: [{ name: '5-way 1-shot', test: tasks(5).test, settings: { ways: 5, ...settings } }],
  };
}

/** Second order, five inner steps on all weights: a step takes more than a second, so that an hour is far from the published 60,000 steps. */
function mamlForAnHour(characters: LabelledSet, { steps, episodes }: Budget): Group {
  const train = { ways: 20, queryShots: 5, distortion };
  const base = convolutions(convolutionSettings, 20, 'support');
  return {
    name: '20-way 1-shot, gradient steps',
    tasks: fewShotSplits(splitLikeVinyals(characters), { ways: 20, shots: 1, queryShots: 15, rotations: 'all', train }),
    settings: { ways: 20, shots: 1, queryShots: 15, trainQueryShots: train.queryShots, split: vinyals },
    episodes,
    transductive: false,
    entries: [
      {
        name: 'MAML',
        like: 'MAML',
        about: `${steps} steps, second order; ${convolutionsText}, batch norm by support statistics; steps on all weights`,
        learner: () => maml(base),
        options: { innerSteps: 5, innerLearningRate: 0.1, metaBatchSize: 4, outerLearningRate: cosine(0.001, steps, { end: 0.0001 }), outerClip: { by: 'norm', limit: 10 } },
        train: { steps, validateEvery: Math.min(175, steps), validationEpisodes: Math.min(40, episodes) },
      },
    ],
  };
}

/** Each makes a column of the head from a class's features, without a step. */
function heads(base: Network): readonly { readonly name: string; readonly about: string; readonly learner: Learner }[] {
  const features = base.specs[base.head!.kernel]!.shape[0]!; // it ends in a dense layer
  const head = fullHypernetwork({ embeddingSize: features, hidden: [64] });
  return [
    {
      name: 'generated head',
      about: 'a column generated from each class mean, hidden 64, added to the prototype',
      learner: hyperClassifier(base, { head, adapt: 'nothing' }),
    },
    { name: 'ProtoNet', about: 'class means', learner: protonet(base) },
    { name: 'R2-D2', about: 'ridge regression', learner: r2d2(base) },
  ];
}

function validation(steps: number, episodes: number) {
  return { validateEvery: Math.min(500, steps), validationEpisodes: Math.min(100, episodes) };
}
