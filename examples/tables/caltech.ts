import { cosine, fewShot, imageAugmentation, type LabelledSplits, type TaskSource } from 'hypermeta';
import { drawEpisode } from '../draw-episode';
import { conv4Learners, networks, pixels, residualLearners, type PhotographLearner } from './caltech-learners';
import { readPhotographs } from './photographs';
import type { Entry, Group, Protocol } from './protocol';

export const caltechTable: Protocol = {
  name: 'caltech',
  title: 'Photographs: Caltech-FS',
  about:
    'Classes of Caltech-101 never seen in meta-training, photographs of 32 × 32 in colour: 64 classes to meta-train, 13 to validate, 20 to test, a split of the data set’s own, so that the figures here compare with each other alone. 600 episodes of 15 queries a class, every query predicted on its own. One training serves both tables: its steps see one and five shots in turn, 5 ways, 5 queries a class; photographs are cropped, mirrored and lit differently by chance (image-js), 4 variants of each. Every learner gets the same processor time, counted in steps of its cost as measured; the best meta-parameters by validation are scored. None was tuned: the outer rate is one for all. Milliseconds are of a machine that did other work too.',
  async groups({ steps, episodes = 600, data }) {
    const sets = readPhotographs(data);
    if (typeof sets === 'string') return sets;
    const tasks = await photographTasks(sets);
    const budget = { ...(steps === undefined ? {} : { steps }), episodes };
    const untrained: Entry = { name: 'nearest class mean of pixels', about: 'nothing is learned', learner: pixels, options: { innerSteps: 0 }, train: { steps: 0 } };
    return [
      group('conv4', tasks, [untrained, ...conv4Learners.map((learner) => entry(learner, networks.conv4, tasks, budget))], episodes),
      group('residual network', tasks, residualLearners.map((learner) => entry(learner, networks.residual, tasks, budget)), episodes),
    ];
  },
};

const trainQueryShots = 5;
export const metaBatchSize = 4;
/** Of ProtoNet with conv4; the others take as many as fit into the same time. */
const usualSteps = 500;
const rate = 0.002;

export interface PhotographTasks {
  /** Meta-batches of one shot and of five in turn. */
  readonly train: TaskSource;
  readonly validation: TaskSource;
  readonly tests: { readonly oneShot: TaskSource; readonly fiveShot: TaskSource };
}

export async function photographTasks(sets: LabelledSplits): Promise<PhotographTasks> {
  const augment = await imageAugmentation({ crop: 0.15, flip: 'horizontal', brightness: 0.1, variants: 4 });
  const train = [1, 5].map((shots) => fewShot(sets.train, { shots, queryShots: trainQueryShots, augment }));
  const [validation, test] = [sets.validation, sets.test].map((set) => [1, 5].map((shots) => fewShot(set, { shots })));
  const [oneShot, fiveShot] = test as [TaskSource, TaskSource];
  return { train: inTurn(train, metaBatchSize), validation: inTurn(validation!, 1), tests: { oneShot, fiveShot } };
}

/** `every` episodes of each source in turn. */
function inTurn(sources: readonly TaskSource[], every: number): TaskSource {
  const sample: TaskSource['sample'] = (seed, index) => sources[Math.floor(index / every) % sources.length]!.sample(seed, index);
  return { ...sources[0]!, sample };
}

function group(network: string, { train, validation, tests }: PhotographTasks, entries: readonly Entry[], episodes: number): Group {
  const settings = { ways: 5, queryShots: 15, trainShots: '1 and 5 in turn', trainQueryShots, split: '64 / 13 / 20 classes' };
  return {
    name: `${network}, 5-way 1-shot`,
    tasks: { train, validation, test: tests.oneShot },
    settings: { ...settings, shots: 1 },
    episodes,
    transductive: false,
    entries,
    others: [{ name: `${network}, 5-way 5-shot`, test: tests.fiveShot, settings: { ...settings, shots: 5 } }],
  };
}

interface Budget {
  readonly steps?: number;
  readonly episodes: number;
}

function entry({ name, about, learner, cost = 1, options = {}, isDrawn = false }: PhotographLearner, network: string, { tests }: PhotographTasks, budget: Budget): Entry {
  const { steps = Math.round(usualSteps / cost), episodes } = budget;
  return {
    name,
    about: `${network}; ${about}`,
    learner,
    options: { innerSteps: 0, ...options, metaBatchSize, outerLearningRate: cosine(rate, steps, { end: rate / 100 }), outerClip: { by: 'norm', limit: 10 } },
    train: { steps, validateEvery: Math.ceil(steps / 2), validationEpisodes: Math.min(60, episodes) },
    ...(isDrawn ? { picture: (trainer) => drawEpisode(trainer, tests.oneShot, { title: `${name}, one test episode`, queries: 2 }) } : {}),
  };
}
