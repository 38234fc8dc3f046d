import { hostFloats } from '../../src/core/host-tensor';
import type { HypernetworkFamily } from '../../src/core/hypernetwork';
import type { Learner } from '../../src/core/learner';
import type { Network } from '../../src/core/network';
import { mapRecord } from '../../src/core/params';
import { createRng } from '../../src/core/rng';
import { sizeOf, type Shape } from '../../src/core/shape';
import type { ExampleArrays, TaskSource } from '../../src/core/task';
import { attentionClassEncoder } from '../../src/embeddings/attention-class-encoder';
import { attentionEncoder } from '../../src/embeddings/attention-encoder';
import { classEncoder } from '../../src/embeddings/class-encoder';
import { conditionEmbedding } from '../../src/embeddings/condition-embedding';
import type { EmbeddingStart } from '../../src/embeddings/embedding';
import { embeddingTable } from '../../src/embeddings/embedding-table';
import { gaussianEmbedding } from '../../src/embeddings/gaussian-embedding';
import { learnedEmbedding } from '../../src/embeddings/learned-embedding';
import { setEncoder } from '../../src/embeddings/set-encoder';
import { chunkedHypernetwork } from '../../src/hypernets/chunked-hypernetwork';
import { fullHypernetwork } from '../../src/hypernets/full-hypernetwork';
import { kernelHypernetwork } from '../../src/hypernets/kernel-hypernetwork';
import { layerwiseHypernetwork } from '../../src/hypernets/layerwise-hypernetwork';
import { lowRankHypernetwork } from '../../src/hypernets/low-rank-hypernetwork';
import { modulationHypernetwork } from '../../src/hypernets/modulation-hypernetwork';
import { residualHypernetwork } from '../../src/hypernets/residual-hypernetwork';
import { tokenHypernetwork } from '../../src/hypernets/token-hypernetwork';
import { anil } from '../../src/learners/anil';
import { boil } from '../../src/learners/boil';
import { cavia } from '../../src/learners/cavia';
import { hyperClassifier } from '../../src/learners/hyper-classifier';
import { hyperLearner } from '../../src/learners/hyper-learner';
import { hyperMaml } from '../../src/learners/hyper-maml';
import { imaml } from '../../src/learners/imaml';
import { learnedRates } from '../../src/learners/learned-rates';
import { leo } from '../../src/learners/leo';
import { maml } from '../../src/learners/maml';
import { mamlPlusPlus } from '../../src/learners/maml-plus-plus';
import { metaCurvature } from '../../src/learners/meta-curvature';
import { metaSgd } from '../../src/learners/meta-sgd';
import { neuralProcess } from '../../src/learners/neural-process';
import { protonet } from '../../src/learners/protonet';
import { r2d2 } from '../../src/learners/r2d2';
import { versa } from '../../src/learners/versa';
import { difference } from '../../src/meta/difference';
import { implicit } from '../../src/meta/implicit';
import type { InnerOptions } from '../../src/meta/inner-loop';
import type { MetaStepOptions } from '../../src/meta/meta-step';
import { unrolled } from '../../src/meta/unrolled';
import { activation } from '../../src/nn/activation';
import { conv4, conv4Strided } from '../../src/nn/conv4';
import { dense } from '../../src/nn/dense';
import { dropout } from '../../src/nn/dropout';
import { mlp } from '../../src/nn/mlp';
import { residual } from '../../src/nn/residual';
import { sequential } from '../../src/nn/sequential';
import { siren } from '../../src/nn/siren';
import { adam } from '../../src/optim/adam';
import { momentum } from '../../src/optim/momentum';
import { sgd } from '../../src/optim/sgd';
import { gaussian } from '../../src/tasks/gaussian';
import { classification } from '../../src/tasks/objectives';
import { sinusoids } from '../../src/tasks/sinusoids';

/** A learner, its tasks, and what its two loops do otherwise than by default. */
export interface Combination {
  readonly name: string;
  readonly learner: () => Learner;
  readonly source: TaskSource;
  readonly inner?: Partial<InnerOptions>;
  readonly outer?: Partial<Omit<MetaStepOptions, 'inner'>>;
  /** Of a meta-batch. @default 4 */
  readonly tasks?: number;
}

const smooth = { activation: 'softplus' } as const;
const size = 3;

/** Sine waves that are also known by number and described by two values; a row more or less in each set. */
export const waves: TaskSource = {
  ...sinusoids({ shots: 4, x: [-1, 1] }),
  rows: 5,
  conditionSize: 2,
  sample(seed, index) {
    const { support, query } = sinusoids({ shots: 4, x: [-1, 1] }).sample(seed, index);
    return { support, query, row: index % 5, condition: Float32Array.of((index % 5) / 5, 1) };
  },
};

/** Classes are centres; every other task has one example less a class, so that its sets are padded. */
export function clusters(inputShape: Shape, ways = 3, pads = true): TaskSource {
  const values = sizeOf(inputShape);
  return {
    inputShape,
    targetShape: [ways],
    objective: classification,
    sample(seed, index) {
      const rng = createRng(`${seed} ${index}`);
      const centres = Array.from({ length: ways }, () => Float32Array.from({ length: values }, () => rng.normal()));
      const draw = (shots: number): ExampleArrays => {
        const labels = Array.from({ length: shots * ways }, (_, at) => at % ways);
        return {
          x: Float32Array.from(labels.flatMap((label) => Array.from(centres[label]!, (value) => value + 0.3 * rng.normal()))),
          y: Float32Array.from(labels.flatMap((label) => Array.from({ length: ways }, (_, way) => Number(way === label)))),
          count: labels.length,
        };
      };
      return { support: draw(pads && index % 2 ? 3 : 4), query: draw(3) };
    },
  };
}

const points = clusters([2]);
const pictures = clusters([16, 16, 1]);

const regressors: Readonly<Record<string, () => Network>> = {
  mlp: () => mlp([1, 6, 5, 1], smooth),
  'mlp with relu': () => mlp([1, 8, 1]),
  'mlp with batch norm': () => mlp([1, 6, 5, 1], { ...smooth, norm: 'batch' }),
  'mlp with transductive batch norm': () => mlp([1, 6, 1], { ...smooth, norm: 'batch', statistics: 'batch' }),
  'mlp with running statistics': () => mlp([1, 6, 1], { ...smooth, norm: 'batch', statistics: 'running' }),
  'mlp with layer norm': () => mlp([1, 6, 5, 1], { ...smooth, norm: 'layer' }),
  siren: () => siren([1, 6, 6, 1], { omega: 3 }),
  'residual network': () => sequential([1], [dense(6), residual([activation('tanh'), dense(6)]), dense(1)]),
  'network with dropout': () => sequential([1], [dense(6), activation('tanh'), dropout(0.3), dense(1)]),
};

const classifiers: Readonly<Record<string, readonly [network: () => Network, source: TaskSource]>> = {
  mlp: [() => mlp([2, 6, 5, 3], smooth), points],
  'mlp with batch norm': [() => mlp([2, 6, 5, 3], { ...smooth, norm: 'batch' }), points],
  conv4: [() => conv4({ inputShape: [16, 16, 1], ways: 3, filters: 3, activation: 'softplus' }), pictures],
  'conv4 with relu': [() => conv4({ inputShape: [16, 16, 1], ways: 3, filters: 3 }), pictures],
  conv4Strided: [() => conv4Strided({ inputShape: [16, 16, 1], ways: 3, filters: 3, activation: 'softplus' }), pictures],
};

const small = { embeddingSize: size, hidden: [4] };
const attending = { tokenSize: 4, width: 4, heads: 2, hidden: 3 };

const families: Readonly<Record<string, () => HypernetworkFamily>> = {
  full: () => fullHypernetwork(small),
  chunked: () => chunkedHypernetwork({ ...small, chunkSize: 10 }),
  'low-rank': () => lowRankHypernetwork({ ...small, rank: 1 }),
  modulation: () => modulationHypernetwork(small),
  'residual of full': () => residualHypernetwork(fullHypernetwork(small)),
  layerwise: () => layerwiseHypernetwork({ ...small, positionEmbeddingSize: 4 }),
  token: () => tokenHypernetwork({ ...attending, embeddingSize: size, columnsPerToken: 4, dataTokens: 2 }),
  'low-rank around frozen weights': () => ({
    embeddingSize: size,
    build: (target) => {
      const weights = mapRecord(target, ({ shape, init }, name) => hostFloats(init(createRng(name), shape), [1, ...shape]));
      const differs = (name: string) => name !== 'dense1/bias';
      return residualHypernetwork(lowRankHypernetwork({ ...small, rank: 1 }), { weights, base: 'frozen', differs }).build(target);
    },
  }),
};

/** What a body of convolutions is changed by. */
const bodies: Readonly<Record<string, () => HypernetworkFamily>> = {
  modulation: () => residualHypernetwork(fullHypernetwork(small), { differs: (_name, { role }) => role === 'scale' || role === 'shift' }),
  'low-rank': () => residualHypernetwork(lowRankHypernetwork({ ...small, rank: 2 }), { differs: (_name, { role }) => role === 'kernel' }),
  chunks: () => chunkedHypernetwork({ ...small, chunkSize: 10 }),
};

const starts: Readonly<Record<string, () => EmbeddingStart>> = {
  learned: () => learnedEmbedding({ size }),
  table: () => embeddingTable({ rows: 5, size }),
  condition: () => conditionEmbedding({ conditionSize: 2, size }),
  'set encoder': () => setEncoder({ size, inputShape: [1], targetShape: [1], hidden: [4] }),
  'attention encoder': () => attentionEncoder({ ...attending, size, inputShape: [1], targetShape: [1] }),
  'bounded condition': () => conditionEmbedding({ conditionSize: 2, bounds: [0, 1], size }),
  sampled: () => gaussianEmbedding(setEncoder({ size, inputShape: [1], targetShape: [1], hidden: [4] })),
};

/** The same waves, to be predicted with their deviation. */
const distributions: TaskSource = { ...waves, objective: gaussian({ minDeviation: 0.5 }) };

const adapts = ['embedding', 'weights', 'both', 'hypernetwork', 'nothing'] as const;

const loops: Readonly<Record<string, Pick<Combination, 'inner' | 'outer'>>> = {
  'first order': { inner: { order: 'first' } },
  'momentum inside': { inner: { optimizer: momentum() } },
  'Adam inside, clipped by norm': { inner: { optimizer: adam({ epsilon: 1e-2 }), clip: { by: 'norm', limit: 0.5 }, learningRate: 0.005 } },
  'clipped by value, loss at every step': { inner: { clip: { by: 'value', limit: 0.3 } }, outer: { metaGradient: unrolled({ losses: 'every' }) } },
  'Adam outside, clipped': { outer: { optimizer: adam({ epsilon: 1e-2 }), clip: { by: 'norm', limit: 0.5 }, learningRate: 0.005 } },
  'no inner step': { inner: { steps: 0 } },
  'three inner steps, momentum outside': { inner: { steps: 3 }, outer: { optimizer: momentum(), learningRate: 0.005 } },
};

const hyper = (name: string, learner: () => Learner, source: TaskSource = waves): Combination => ({ name, learner, source });

/** Meta-gradients that do not unroll, and what varies with the outer step. A difference of nearly equal weights has few digits: large steps. */
const outerGradients: readonly Combination[] = [
  ...(['mlp', 'mlp with relu', 'mlp with running statistics', 'network with dropout'] as const).flatMap((name): readonly Combination[] => [
    { name: `difference of maml, ${name}`, learner: () => maml(regressors[name]!()), source: waves, inner: { steps: 3 }, outer: { metaGradient: difference() } },
    { name: `implicit imaml, ${name}`, learner: () => imaml(regressors[name]!(), { lambda: 2 }), source: waves, inner: { steps: 3 }, outer: { metaGradient: implicit({ conjugateSteps: 3 }) } },
  ]),
  ...(['hypernetwork', 'weights'] as const).map((adapt): Combination => ({
    name: `difference of a hyperLearner adapting ${adapt}`,
    learner: () => hyperLearner(regressors['mlp']!(), families['chunked']!(), { adapt }),
    source: waves,
    outer: { metaGradient: difference() },
  })),
  ...Object.entries(classifiers).flatMap(([name, [network, source]]): readonly Combination[] => [
    { name: `difference of maml of any ways, ${name}`, learner: () => maml(network()), source, inner: { learningRate: 0.5 }, outer: { metaGradient: difference(), learningRate: 1 } },
    { name: `implicit imaml of any ways, ${name}`, learner: () => imaml(network(), { lambda: 2 }), source, outer: { metaGradient: implicit({ conjugateSteps: 2 }) } },
    { name: `mamlPlusPlus with annealed losses, ${name}`, learner: () => mamlPlusPlus(network(), { steps: 2 }), source, outer: { metaGradient: unrolled({ losses: { annealedOver: 10 } }) } },
  ]),
  {
    name: 'difference in minibatches of maml of any ways',
    learner: () => maml(classifiers['mlp with batch norm']![0]()),
    source: points,
    inner: { steps: 3, learningRate: 0.5 },
    outer: { metaGradient: difference({ minibatches: 2 }), learningRate: 1 },
  },
  { name: 'mamlPlusPlus with annealed losses on waves', learner: () => mamlPlusPlus(regressors['mlp']!(), { steps: 2 }), source: waves, inner: { steps: 3 }, outer: { metaGradient: unrolled({ losses: { annealedOver: 10 } }) } },
];

export const combinations: readonly Combination[] = [
  ...Object.entries(regressors).flatMap(([name, network]): readonly Combination[] => [
    { name: `maml, ${name}`, learner: () => maml(network()), source: waves },
    { name: `learnedRates of maml, ${name}`, learner: () => learnedRates(maml(network()), { steps: 2 }), source: waves },
    { name: `hyperLearner, ${name}`, learner: () => hyperLearner(network(), fullHypernetwork(small)), source: waves },
    { name: `metaSgd, ${name}`, learner: () => metaSgd(network()), source: waves },
    { name: `metaCurvature, ${name}`, learner: () => metaCurvature(network()), source: waves },
  ]),
  ...Object.entries(classifiers).flatMap(([name, [network, source]]): readonly Combination[] => [
    { name: `maml of any ways, ${name}`, learner: () => maml(network()), source },
    { name: `maml with columns, ${name}`, learner: () => maml(network(), { head: 'columns' }), source },
    { name: `anil, ${name}`, learner: () => anil(network()), source },
    { name: `protonet, ${name}`, learner: () => protonet(network()), source },
    { name: `r2d2, ${name}`, learner: () => r2d2(network(), { scale: 3 }), source },
    { name: `versa, ${name}`, learner: () => versa(network(), { hidden: [4] }), source },
    { name: `boil, ${name}`, learner: () => boil(network()), source },
    { name: `metaSgd of any ways, ${name}`, learner: () => metaSgd(network(), { initialRate: [0.5, 1.5] }), source },
    { name: `metaCurvature of any ways, ${name}`, learner: () => metaCurvature(network()), source },
    { name: `hyperMaml, ${name}`, learner: () => hyperMaml(network(), { hidden: [4] }), source },
    { name: `leo, ${name}`, learner: () => leo(network(), { latentSize: 3, latentSteps: 1 }), source },
  ]),
  hyper('boil of values', () => boil(regressors['mlp']!())),
  hyper('hyperMaml with columns, then steps', () => hyperMaml(classifiers['mlp']![0](), { hidden: [4], head: 'columns', adapt: 'head' }), points),
  hyper('leo at the means', () => leo(classifiers['mlp']![0](), { latentSize: 3, latentSteps: 1, sample: 'nothing' }), points),
  hyper('r2d2 of values', () => r2d2(mlp([1, 6, 5, 1], smooth))),
  hyper('neuralProcess', () => neuralProcess(mlp([1 + size, 6, 1], smooth), { encoder: starts['set encoder']!() })),
  hyper('neuralProcess of sampled distributions', () => neuralProcess(mlp([1 + size, 6, 2], smooth), { encoder: starts.sampled!() }), distributions),
  hyper('maml of distributions', () => maml(mlp([1, 6, 5, 2], smooth), { head: 'columns' }), distributions),
  hyper('cavia', () => cavia(mlp([1 + 2, 6, 5, 1], smooth), { contextSize: 2 })),
  hyper('learnedRates of cavia', () => learnedRates(cavia(mlp([1 + 2, 6, 1], smooth), { contextSize: 2 }), { steps: 2 })),
  ...Object.entries(families).flatMap(([family, make]) =>
    adapts.map((adapt) => hyper(`hyperLearner, ${family}, adapting ${adapt}`, () => hyperLearner(regressors['mlp']!(), make(), { adapt }))),
  ),
  ...Object.entries(starts).flatMap(([start, make]) =>
    (['embedding', 'both', 'nothing'] as const).map((adapt) =>
      hyper(`hyperLearner, ${start} start, adapting ${adapt}`, () => hyperLearner(regressors['mlp']!(), families['chunked']!(), { start: make(), adapt })),
    ),
  ),
  hyper('hyperLearner of a convolutional network', () => hyperLearner(classifiers['conv4Strided']![0](), modulationHypernetwork(small)), pictures),
  ...(['embedding', 'nothing'] as const).map((adapt) =>
    hyper(
      `hyperLearner of kernels, adapting ${adapt}`,
      () => {
        const generates = (name: string) => name.startsWith('conv');
        return hyperLearner(classifiers['conv4Strided']![0](), kernelHypernetwork({ embeddingSize: size, basicChannels: 2 }), { generates, adapt });
      },
      pictures,
    ),
  ),
  ...adapts.map((adapt) =>
    hyper(
      `hyperClassifier adapting ${adapt}`,
      () =>
        hyperClassifier(classifiers['mlp']![0](), {
          head: fullHypernetwork({ embeddingSize: 5, hidden: [4] }),
          body: { family: modulationHypernetwork(small), start: learnedEmbedding({ size }) },
          adapt,
        }),
      points,
    ),
  ),
  ...Object.entries(bodies).flatMap(([family, make]) =>
    [1, 3].map((tasks): Combination => ({
      ...hyper(
        `hyperClassifier of convolutions changed by ${family}, meta-batch of ${tasks}`,
        () => hyperClassifier(classifiers['conv4']![0](), { head: fullHypernetwork({ embeddingSize: 3, hidden: [4] }), body: { family: make(), start: learnedEmbedding({ size }) }, adapt: 'nothing' }),
        pictures,
      ),
      tasks,
    })),
  ),
  hyper(
    'hyperClassifier whose classes attend to each other',
    () =>
      hyperClassifier(classifiers['mlp']![0](), { head: fullHypernetwork({ embeddingSize: 5, hidden: [4] }), attention: { heads: 1, hidden: 4, activation: 'softplus' } }),
    points,
  ),
  hyper(
    'hyperClassifier of encoded classes',
    () =>
      hyperClassifier(classifiers['mlp']![0](), {
        head: fullHypernetwork({ embeddingSize: 3, hidden: [4] }),
        classes: classEncoder({ size: 2, inputShape: [2], hidden: [4], classSize: 3, activation: 'softplus' }),
      }),
    points,
  ),
  hyper(
    'hyperClassifier of classes encoded by attention',
    () =>
      hyperClassifier(classifiers['mlp']![0](), {
        head: fullHypernetwork({ embeddingSize: 4, hidden: [4] }),
        classes: attentionClassEncoder({ ...attending, size: 2, inputShape: [2] }),
      }),
    points,
  ),
  ...Object.entries(loops).flatMap(([name, options]): readonly Combination[] => [
    { name: `maml, ${name}`, learner: () => maml(regressors['mlp']!()), source: waves, ...options },
    { name: `maml of classes, ${name}`, learner: () => maml(classifiers['mlp with batch norm']![0](), { head: 'columns' }), source: points, ...options },
    { name: `hyperLearner adapting both, ${name}`, learner: () => hyperLearner(regressors['mlp']!(), fullHypernetwork(small), { adapt: 'both' }), source: waves, ...options },
  ]),
  ...outerGradients,
];

/** Rates at which neither loop diverges: what one back-end rounds off would grow with it. */
export function settings({ source, inner, outer }: Combination): MetaStepOptions {
  const isClassification = source.objective === classification;
  return {
    metaGradient: unrolled(),
    optimizer: sgd(),
    clip: { by: 'norm', limit: 1 },
    learningRate: isClassification ? 0.1 : 0.02,
    ...outer,
    inner: { steps: 2, learningRate: isClassification ? 0.05 : 0.002, optimizer: sgd(), order: 'second', loss: source.objective.loss, ...inner },
  };
}
