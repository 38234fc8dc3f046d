import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  adam,
  anil,
  classEncoder,
  copyToHost,
  cosine,
  difference,
  fewShot,
  flattenInputs,
  fullHypernetwork,
  hyperClassifier,
  maml,
  metaTrainer,
  mlp,
  modulationHypernetwork,
  protonet,
  readLabelledIdx,
  sgd,
  splitClasses,
  splitLikeVinyals,
  type HostParams,
  type LabelledSet,
  type Learner,
  type TaskSource,
} from 'hypermeta';
import { readCharacters } from '../tables/characters';
import type { Domain, Method, Pretraining, Trial } from './method';

const ways = 5;
const base = mlp([784, 256, 128, 64, 64, ways]);

/** Unseen characters, five at a time, one drawing of each; or a sentence that says which data are missing. */
export async function charactersDomain(data: string): Promise<Domain | string> {
  const all = await readCharacters(data);
  if (typeof all === 'string') return all;
  const sets = splitLikeVinyals(all);
  const episodes = (set: LabelledSet) => flattenInputs(fewShot(set, { ways, shots: 1, queryShots: 15 }));
  /** Chosen by chance, so that they are of all alphabets. */
  const some = (classes = sets.train.classes.length): LabelledSet =>
    classes === sets.train.classes.length ? sets.train : splitClasses(sets.train, { train: classes, validation: 1, test: 1 }, 'claims').train;
  const digits = readDigits(data);
  return {
    name: 'characters',
    title: 'Characters, 5-way 1-shot, no convolution',
    methods: methodsOn(some),
    train: ({ classes, ways: trainWays = ways }) =>
      flattenInputs(fewShot(some(classes), { ways: trainWays, shots: 1, queryShots: 5, rotations: 'classes' })),
    validation: episodes(sets.validation),
    tests: ({ classes }) => ({ seen: episodes(some(classes)), unseen: episodes(sets.test), ...(digits ? { shifted: episodes(digits) } : {}) }),
  };
}

/** MNIST's test digits, where they are there. */
function readDigits(data: string): LabelledSet | undefined {
  const [images, labels] = ['images-idx3', 'labels-idx1'].map((name) => join(data, 'mnist', `t10k-${name}-ubyte.gz`)) as [string, string];
  return existsSync(images) && existsSync(labels) ? readLabelledIdx({ images, labels }) : undefined;
}

const norm = { by: 'norm', limit: 10 } as const;
const common = { metaBatchSize: 8, innerClip: norm, outerClip: norm };
const falling = (rate: number, steps: number) => ({ outerLearningRate: cosine(rate, steps, { end: rate / 50 }) });

/** Learners whose head is made in one pass: of episodes with as many ways as at the test, or more of them. */
function inOnePass(name: string, kind: Method['kind'], learner: () => Learner, [steps, stepsOf20]: readonly [number, number]): Method {
  const options = { ...common, innerSteps: 0, innerLearningRate: 0.1 };
  return {
    name,
    kind,
    trials: [
      ...[0.001, 0.002].map((rate) => ({ about: `5 ways, outer rate ${rate}`, learner, options: { ...options, ...falling(rate, steps) }, steps })),
      ...[0.001, 0.002, 0.004, 0.008].map((rate) => ({ about: `20 ways, outer rate ${rate}`, learner, options: { ...options, ...falling(rate, stepsOf20) }, steps: stepsOf20, ways: 20 })),
    ],
  };
}

function mamlTrials(): Method {
  const trial = (innerSteps: number, innerLearningRate: number, order: 'first' | 'second', rate: number, steps: number): Trial => ({
    about: `${innerSteps} inner steps of ${innerLearningRate}, ${order} order, outer rate ${rate}`,
    learner: () => maml(base),
    options: { ...common, innerSteps, innerLearningRate, order, ...falling(rate, steps) },
    steps,
  });
  const firstOrder = [trial(3, 0.2, 'first', 0.001, 640), trial(3, 0.2, 'first', 0.002, 640), trial(3, 0.4, 'first', 0.002, 640), trial(3, 0.2, 'first', 0.004, 640)];
  return { name: 'MAML', kind: 'traditional', trials: [trial(1, 0.4, 'second', 0.001, 480), trial(3, 0.2, 'second', 0.001, 300), ...firstOrder] };
}

function reptile(): Method {
  const steps = 400;
  const trial = (innerLearningRate: number): Trial => ({
    about: `inner rate ${innerLearningRate}`,
    learner: () => maml(base),
    options: { ...common, innerSteps: 5, innerLearningRate, metaGradient: difference(), outerOptimizer: sgd(), outerLearningRate: cosine(1, steps, { end: 0.05 }) },
    steps,
  });
  return { name: 'Reptile', kind: 'traditional', trials: [0.03, 0.1, 0.2, 0.3, 0.5, 1].map(trial) };
}

/** Adam on the support set alone: of all weights, or of the head on a body that stays. */
function fineTuning(some: (classes?: number) => LabelledSet): Method {
  const trained = new Map<string, Promise<HostParams>>(); // all trials start from the same
  const run: Pretraining['run'] = ({ classes, seed, steps }) => {
    const key = `${classes}/${seed}/${steps}`;
    const found = trained.get(key) ?? joint(some(classes), seed, steps);
    trained.set(key, found);
    return found;
  };
  const trial = (what: 'all weights' | 'the head', innerLearningRate: number): Trial => ({
    about: `${what}, Adam ${innerLearningRate}`,
    learner: () => (what === 'the head' ? anil(base) : maml(base)),
    options: { innerSteps: 5, innerLearningRate, innerOptimizer: adam() },
    steps: 0,
    pretraining: { steps: 1600, run },
  });
  const trials = [...[0.001, 0.003, 0.01].map((rate) => trial('all weights', rate)), ...[0.01, 0.03, 0.1].map((rate) => trial('the head', rate))];
  return { name: 'fine-tuning', kind: 'traditional', trials };
}

function fromScratch(): Method {
  const trial = (innerLearningRate: number): Trial => ({
    about: `Adam ${innerLearningRate}`,
    learner: () => maml(base),
    options: { innerSteps: 5, innerLearningRate, innerOptimizer: adam() },
    steps: 0,
  });
  return { name: 'from scratch', kind: 'traditional', trials: [0.0003, 0.001, 0.003, 0.01, 0.03, 0.1].map(trial) };
}

function methodsOn(some: (classes?: number) => LabelledSet): readonly Method[] {
  const head = fullHypernetwork({ embeddingSize: 64, hidden: [64] });
  const body = { family: modulationHypernetwork({ embeddingSize: 32 }), start: classEncoder({ size: 32, inputShape: [784] }) };
  return [
    inOnePass('generated head', 'hypernetwork', () => hyperClassifier(base, { head, adapt: 'embedding' }), [1600, 600]),
    inOnePass('generated head, modulated body', 'hypernetwork', () => hyperClassifier(base, { head, body, adapt: 'embedding' }), [280, 240]),
    mamlTrials(),
    reptile(),
    inOnePass('ProtoNet, no step', 'traditional', () => protonet(base), [1600, 600]),
    fineTuning(some),
    fromScratch(),
  ];
}

/** One classifier of all the classes, turned ones too; then its body, and a head that starts at 0. */
async function joint(set: LabelledSet, seed: string, steps: number): Promise<HostParams> {
  const source = allClasses(set);
  const wide = mlp([784, 256, 128, 64, 64, source.targetShape[0]!]); // so many classes
  const options = { innerSteps: 0, metaBatchSize: 1, ...falling(0.001, steps), outerClip: norm, seed };
  const trainer = await metaTrainer(maml(wide, { head: 'columns' }), source, options);
  for await (const event of trainer.train({ steps })) void event;
  const trained = copyToHost(trainer.meta);
  trainer.dispose();
  const { kernel, bias } = base.head!; // an mlp has one
  const zeros = (size: number, shape: readonly number[]) => ({ values: new Float32Array(size), shape, dtype: 'float32' as const });
  return { ...trained, [`base/${kernel}`]: zeros(64, [1, 64, 1]), [`base/${bias}`]: zeros(1, [1, 1]) };
}

/** Batches of 64 drawings, each with one of all labels, as the query sets of one task. */
function allClasses(set: LabelledSet): TaskSource {
  const drawn = flattenInputs(fewShot(set, { ways: 64, shots: 1, queryShots: 1, rotations: 'classes' }));
  const turned = ['', ' (90°)', ' (180°)', ' (270°)'];
  const labels = new Map(set.classes.flatMap(({ name }) => turned.map((turn) => `${name}${turn}`)).map((name, label) => [name, label]));
  const relabelled = (x: Float32Array, names: readonly string[]) => {
    const y = new Float32Array(names.length * labels.size);
    for (const [example, name] of names.entries()) y[example * labels.size + labels.get(name)!] = 1; // of this set
    return { x, y, count: names.length };
  };
  return {
    ...drawn,
    targetShape: [labels.size],
    sample(seed, index) {
      const { support, query, about } = drawn.sample(seed, index);
      const names = about!['classes'] as readonly string[];
      return { support: relabelled(support.x.slice(0, 784), names.slice(0, 1)), query: relabelled(query.x, names) }; // nothing looks at the support set
    },
  };
}
