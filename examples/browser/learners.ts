import {
  activation,
  batchNorm,
  classification,
  conv2d,
  dense,
  flatten,
  fullHypernetwork,
  gaussian,
  hyperClassifier,
  hyperLearner,
  learnedRates,
  maml,
  maxPool,
  mlp,
  protonet,
  residualHypernetwork,
  sequential,
  sgd,
  type HostParams,
  type InnerOptions,
  type Learner,
  type Network,
} from 'hypermeta';

/** Height, width and channels of a drawing. */
export const drawingShape = [28, 28, 1] as const;

/** Values in the embedding of a class: what a link carries for each. */
export const classEmbeddingSize = 24;

/** Values in the embedding of a curve: one slider each. */
export const curveEmbeddingSize = 6;

/** Learners with a checkpoint of their own. */
export const trainedNames = ['hypernetwork', 'protonet', 'maml', 'curve'] as const;
export type TrainedName = (typeof trainedNames)[number];
export type DrawingLearnerName = Exclude<TrainedName, 'curve'>;

/** A learner, and how it adapts. */
export interface PageLearner {
  readonly learner: Learner;
  readonly inner: InnerOptions;
}

/** The learners of the page, without weights, and without the rates that they learn for each of their steps. */
export const pageLearners: Readonly<Record<TrainedName, () => PageLearner>> = {
  hypernetwork() {
    const head = fullHypernetwork({ embeddingSize: classEmbeddingSize, hidden: [32] });
    const learner = hyperClassifier(drawingNetwork(), { head, adapt: 'embedding' });
    return { learner, inner: innerOptions({ steps: 2, learningRate: 0.1 }) };
  },
  protonet: () => ({ learner: protonet(drawingNetwork()), inner: innerOptions({ steps: 0, learningRate: 0.1 }) }),
  maml() {
    const block = [conv2d(32, 3, { stride: 2, bias: 'none' }), batchNorm(), activation('relu')];
    const base = sequential(drawingShape, [...block, ...block, ...block, ...block, flatten(), dense(5)], { name: 'strided' });
    return { learner: maml(base), inner: innerOptions({ steps: 5, learningRate: 0.1 }) };
  },
  curve() {
    const family = residualHypernetwork(fullHypernetwork({ embeddingSize: curveEmbeddingSize, hidden: [32] }));
    const learner = hyperLearner(mlp([1, 40, 40, 2]), family, { adapt: 'embedding' });
    return { learner, inner: { ...innerOptions({ steps: 5, learningRate: 0.01 }), clip: { by: 'norm', limit: 10 }, loss: gaussian().loss } };
  },
};

/** The learner as it is meta-trained: each of its steps learns a factor on the rate. */
export function withLearnedRates({ learner, inner }: PageLearner): Learner {
  return inner.steps > 0 ? learnedRates(learner, { steps: inner.steps }) : learner;
}

/** A checkpoint's meta-parameters, and the rate of each step. One compiled step then serves them all: its rate is an input. */
export function withoutLearnedRates(checkpoint: HostParams, { inner }: PageLearner): { readonly meta: HostParams; rateOf(step: number): number } {
  const { 'rate/step': factors, ...meta } = checkpoint;
  return { meta, rateOf: (step) => inner.learningRate * (factors?.values[Math.min(step, inner.steps - 1)] ?? 1) };
}

/** Four convolutions and a narrow layer, whose outputs are the features that a class embedding is the mean of; then a head. */
function drawingNetwork(): Network {
  const block = (filters: number, stride = 1) => [conv2d(filters, 3, { stride, bias: 'none' }), batchNorm({ statistics: 'running' }), activation('relu')];
  const body = [...block(32, 2), ...block(32), maxPool(2), ...block(48), maxPool(2), ...block(48), flatten(), dense(classEmbeddingSize)];
  return sequential(drawingShape, [...body, dense(5)], { name: 'drawings' });
}

function innerOptions({ steps, learningRate }: Pick<InnerOptions, 'steps' | 'learningRate'>): InnerOptions {
  return { steps, learningRate, optimizer: sgd(), order: 'second', loss: classification.loss };
}
