/**
 * How sure a figure is: `C`, confirmed in the paper's text or the authors' repository; `M+`, quoted from memory with high
 * confidence.
 */
export type Mark = 'C' | 'M+';

/** A figure that others published. It is shown beside ours and never mixed with them. */
export interface PublishedFigure {
  readonly method: string;
  /** Mean squared error, or accuracy in [0, 1]. */
  readonly value: number;
  /** Half of the 95 % interval, where one was given. */
  readonly interval?: number;
  readonly mark: Mark;
  readonly transductive?: boolean;
}

/** Figures of one table of ours: of the protocol and the group of that name. */
export function publishedFigures(protocol: string, group: string): readonly PublishedFigure[] {
  return published[protocol]?.[group] ?? [];
}

const figure = (method: string, value: number, interval: number | undefined, mark: Mark): PublishedFigure => ({
  method,
  value,
  ...(interval === undefined ? {} : { interval }),
  mark,
});

/** An accuracy in percent, and whether it was measured on all queries together. */
const accuracy = (method: string, percent: number, interval?: number, transductive?: 'transductive'): PublishedFigure => ({
  ...figure(method, percent / 100, interval === undefined ? undefined : interval / 100, 'C'),
  transductive: transductive !== undefined,
});

/** Beside ours of both ways to predict a query. */
const noConvolution = (name: string, published: PublishedFigure) => ({
  [`${name}, no convolution`]: [published],
  [`${name}, no convolution, transductive`]: [published],
});

const published: Readonly<Record<string, Readonly<Record<string, readonly PublishedFigure[]>>>> = {
  // Park and Oliva, "Meta-Curvature", 2019 (arXiv 1902.03356), table 1.
  sinusoid: {
    '5-shot': [figure('MAML', 0.69, 0.07, 'C'), figure('Meta-SGD', 0.48, 0.06, 'C'), figure('Meta-Curvature', 0.41, 0.05, 'C')],
    '10-shot': [figure('MAML', 0.44, 0.04, 'C'), figure('Meta-SGD', 0.26, 0.03, 'C'), figure('Meta-Curvature', 0.2, 0.02, 'C')],
  },
  // Zintgraf et al., "CAVIA", 2019 (arXiv 1810.03642), table 1.
  'sinusoid-cavia': {
    '10-shot': [
      figure('MAML', 0.33, 0.02, 'M+'),
      figure('MAML with 4 or more extra inputs', 0.23, undefined, 'M+'),
      figure('CAVIA, 1 value', 0.84, undefined, 'M+'),
      figure('CAVIA, 2 values', 0.21, undefined, 'M+'),
      figure('CAVIA, 4 or more values', 0.19, 0.02, 'M+'),
    ],
  },
  // Ha, Dai, Le, "HyperNetworks", 2016 (arXiv 1609.09106), table 1.
  'kernel-generator': { MNIST: [accuracy('learned kernel', 99.28), accuracy('generated kernel', 99.24)] },
  // Each from its own paper. Splits, rotations and the numbers of episodes differ among them.
  omniglot: {
    ...noConvolution('5-way 1-shot', accuracy('MAML, no convolution', 89.7, 1.1, 'transductive')),
    ...noConvolution('5-way 5-shot', accuracy('MAML, no convolution', 97.5, 0.6, 'transductive')),
    '5-way 1-shot': [
      accuracy('MAML', 98.7, 0.4, 'transductive'),
      accuracy('Reptile', 95.32),
      accuracy('Reptile with transduction', 97.97, undefined, 'transductive'),
      accuracy('ProtoNet', 98.8),
      accuracy('Meta-SGD', 99.53),
      accuracy('MAML++', 99.47),
      accuracy('Meta-Curvature', 99.77),
    ],
    '20-way 1-shot': [
      accuracy('MAML', 95.8, 0.3, 'transductive'),
      accuracy('Reptile', 88.27),
      accuracy('Reptile with transduction', 89.36, undefined, 'transductive'),
      accuracy('ProtoNet', 96.0),
      accuracy('Meta-SGD', 95.93),
      accuracy('MAML++', 97.65),
      accuracy('Meta-Curvature', 97.86),
    ],
    '20-way 1-shot, gradient steps': [accuracy('MAML', 95.8, 0.3, 'transductive')],
  },
};
