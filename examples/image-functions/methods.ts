import {
  activation,
  cavia,
  conv2d,
  dense,
  flatten,
  fourierFeatures,
  fullHypernetwork,
  gridEncoder,
  hyperLearner,
  learnedRates,
  lowRankHypernetwork,
  maml,
  modulationHypernetwork,
  neuralProcess,
  normalInit,
  residualHypernetwork,
  sequential,
  setEncoder,
  siren,
  type EmbeddingStart,
  type HypernetworkFamily,
  type Learner,
  type Network,
} from 'hypermeta';

/** What a method may choose from: one of two networks, rates, and for a hypernetwork what the steps change. */
export interface Choice {
  /** Sine layers, or ReLU on Fourier features. */
  readonly network: 'sine' | 'fourier';
  readonly adapt?: 'embedding' | 'weights';
  readonly innerLearningRate: number;
  readonly outerLearningRate: number;
}

/** What images look like, and how wide their networks are. */
export interface ImageKind {
  /** Height and width. */
  readonly side: number;
  readonly channels: number;
  /** Of hidden layers. */
  readonly width: number;
}

/** A learner of image functions, and the choices that are tried for it on validation images. */
export interface Method {
  readonly name: string;
  readonly about: string;
  readonly innerSteps: number;
  readonly choices: readonly Choice[];
  /** @default true */
  readonly isTrained?: boolean;
  learner(kind: ImageKind, choice: Choice): Learner;
}

/** For completion. MAML and CAVIA take the five steps of CAVIA's protocol. `quick`: nothing to choose. */
export function completionMethods(quick: boolean): readonly Method[] {
  const methods: readonly Method[] = [
    {
      name: 'MAML',
      about: 'all weights, from a learned start',
      innerSteps: 5,
      choices: [...sine(0.01, 0.03, 0.1), ...fourier(0.1, 0.3)],
      learner: (kind, { network }) => maml(coordinateNetwork(kind, network), { head: 'columns' }),
    },
    {
      name: 'CAVIA',
      about: `a context of ${contextSize} beside the coordinates, from zero`,
      innerSteps: 5,
      choices: fourier(0.3, 1, 3, 10, 30), // sine layers collapse to one grey level within a thousand steps or two
      learner: (kind, { network }) => cavia(coordinateNetwork(kind, network, contextSize), { contextSize }),
    },
    {
      name: 'neural process',
      about: `a mean of encoded pixels, ${contextSize} values, beside the coordinates`,
      innerSteps: 0,
      choices: withOuter([0.0005, 0.002, 0.005], [...sine(1), ...fourier(1)]),
      learner: (kind, { network }) => neuralProcess(coordinateNetwork(kind, network, contextSize), { encoder: pixelEncoder(kind) }),
    },
    {
      name: 'hypernetwork, scales and shifts',
      about: `a scale and a shift of every feature, generated from an embedding of ${generatedFrom} that convolutions make of the given pixels on a grid, beside weights that all images share; steps at learned rates`,
      innerSteps: 3,
      choices: withOuter([0.0005, 0.001], [...adapting('embedding', sine(3)), ...adapting('weights', sine(0.01, 0.03))]),
      learner: modulatedNetwork,
    },
    {
      name: 'hypernetwork, shifts alone',
      about: `a shift of every feature, generated from an embedding of ${generatedFrom} that convolutions make of the given pixels on a grid, beside weights that all images share; steps on the weights at learned rates`,
      innerSteps: 3,
      choices: withOuter([0.0005, 0.001], sine(0.01, 0.02, 0.05)),
      learner: shiftedNetwork,
    },
    {
      name: 'hypernetwork, low rank',
      about: `a change of rank 2 of every layer, generated from an embedding of ${generatedFrom} that convolutions make of the given pixels on a grid, beside weights that all images share; steps on the weights at learned rates`,
      innerSteps: 3,
      choices: withOuter([0.0005, 0.001], sine(0.01, 0.02, 0.05)),
      learner: lowRankNetwork,
    },
  ];
  return quick ? [methods[0]!, methods.at(-1)!].map(withoutChoice) : methods; // the last is ours
}

/** For photographs: starts of one network, each followed by three steps on all weights. */
export function startMethods(quick: boolean): readonly Method[] {
  const methods: readonly Method[] = [
    {
      name: 'standard start',
      about: "the network's own initialization, not trained",
      innerSteps: 3,
      choices: sine(0.03, 0.1, 0.3),
      isTrained: false,
      learner: (kind, { network }) => maml(coordinateNetwork(kind, network), { head: 'columns' }),
    },
    {
      name: 'learned start (MAML)',
      about: 'one start for all images, at learned rates',
      innerSteps: 3,
      choices: sine(0.03, 0.1, 0.3),
      learner: (kind, { network }) => learnedRates(maml(coordinateNetwork(kind, network), { head: 'columns' }), { steps: 3 }),
    },
    {
      name: 'generated start (hypernetwork)',
      about:
        `a start for each image: shared weights, and scales and shifts of every feature generated from an embedding of ${generatedFrom} that convolutions make of its pixels on a grid of 16 × 16; learned rates`,
      innerSteps: 3,
      choices: sine(0.03, 0.1, 0.3),
      learner: (kind, choice) => modulatedNetwork({ ...kind, side: Math.min(kind.side, 32) }, choice),
    },
  ];
  return quick ? [methods[0]!, methods.at(-1)!].map(withoutChoice) : methods;
}

function withoutChoice(method: Method): Method {
  return { ...method, choices: method.choices.slice(0, 1) };
}

/** Of CAVIA's context and of the neural process. */
const contextSize = 128;

/** Of a hypernetwork's embedding: an outer step moves what is generated in proportion to it, and from 64 values one of six trainings diverged. */
const generatedFrom = 16;

const sine = (...innerRates: readonly number[]) => choicesOf('sine', innerRates);
const fourier = (...innerRates: readonly number[]) => choicesOf('fourier', innerRates);

/** Inner rates to choose from, beside one outer rate. */
function choicesOf(network: Choice['network'], innerRates: readonly number[]): readonly Choice[] {
  return innerRates.map((innerLearningRate) => ({ network, innerLearningRate, outerLearningRate: 0.001 }));
}

function adapting(adapt: 'embedding' | 'weights', choices: readonly Choice[]): readonly Choice[] {
  return choices.map((choice) => ({ ...choice, adapt }));
}

function withOuter(outerRates: readonly number[], choices: readonly Choice[]): readonly Choice[] {
  return outerRates.flatMap((outerLearningRate) => choices.map((choice) => ({ ...choice, outerLearningRate })));
}

/** Coordinates, and a context where a method has one, → colour, through three hidden layers. */
function coordinateNetwork({ channels, width }: ImageKind, network: Choice['network'], context = 0): Network {
  if (network === 'sine') return siren([2 + context, width, width, width, channels], { omega: 10 });
  const hidden = [1, 2, 3].flatMap(() => [dense(width), activation('relu')]);
  return sequential([2 + context], [fourierFeatures(32, { coordinates: 2 }), ...hidden, dense(channels)]);
}

/** Every feature scaled and shifted for the image at hand. */
function modulatedNetwork(kind: ImageKind, choice: Choice): Learner {
  return changedNetwork(kind, choice, modulationHypernetwork({ embeddingSize: generatedFrom, hidden: [], initialScale: 0.1 }));
}

/** Biases that are moved a little for the image at hand. */
function shiftedNetwork(kind: ImageKind, choice: Choice): Learner {
  const family = residualHypernetwork(fullHypernetwork({ embeddingSize: generatedFrom, hidden: [] }), { differs: (_name, { role }) => role === 'bias' });
  return changedNetwork(kind, choice, family);
}

/** A change of low rank in every layer for the image at hand. */
function lowRankNetwork(kind: ImageKind, choice: Choice): Learner {
  return changedNetwork(kind, choice, residualHypernetwork(lowRankHypernetwork({ embeddingSize: generatedFrom, rank: 2 })));
}

/** The coordinate network's own weights, and what a family changes of them for the image at hand. */
function changedNetwork(kind: ImageKind, { network, adapt = 'weights' }: Choice, family: HypernetworkFamily): Learner {
  const learner = hyperLearner(coordinateNetwork(kind, network), family, { start: convolutionalEncoder(kind), adapt });
  return learnedRates(learner, { steps: 3 });
}

/** Sees every given pixel on its own and takes the mean: what conditional neural processes do. */
function pixelEncoder({ channels }: ImageKind): EmbeddingStart {
  const features = sequential([2], [fourierFeatures(32)]);
  return setEncoder({ size: contextSize, inputShape: [2], targetShape: [channels], hidden: [128, 128], features });
}

/**
 * Sees the given pixels on a grid of half the image's size, through convolutions. Its last layer starts with small weights and a bias
 * of deviation 1: at first all images share one embedding, and how far it depends on what is seen is learned.
 */
function convolutionalEncoder({ side, channels, width }: ImageKind): EmbeddingStart {
  const relu = activation('relu');
  const last = dense(generatedFrom, { init: (fanIn) => normalInit(0.1 / Math.sqrt(fanIn)), biasInit: () => normalInit(1) });
  const layers = [conv2d(width / 2), relu, conv2d(width, 3, { stride: 2 }), relu, conv2d(width, 3, { stride: 2 }), relu, flatten(), last];
  return gridEncoder({ network: sequential([side / 2, side / 2, channels + 1], layers) });
}
