import {
  attentionClassEncoder,
  attentionEncoder,
  chunkedHypernetwork,
  classEncoder,
  conditionEmbedding,
  embeddingTable,
  fullHypernetwork,
  gaussianEmbedding,
  kernelHypernetwork,
  layerwiseHypernetwork,
  learnedEmbedding,
  lowRankHypernetwork,
  modulationHypernetwork,
  residualHypernetwork,
  setEncoder,
  tokenHypernetwork,
  type ClassEmbeddingStart,
  type ClassStartKinds,
  type EmbeddingStart,
  type FamilyKinds,
  type HypernetworkFamily,
  type PlainFamilyKinds,
  type PlainStartKinds,
  type StartKinds,
  type TaskSource,
} from 'hypermeta';
import * as z from 'zod';
import { activationName } from './config-layers';
import { count, countOrNone, described, make, optional, positive, row, type Rows } from './config-rows';

/** The one size that a hypernetwork and the start of its embedding share. */
export interface EmbeddingSize {
  readonly embeddingSize: number;
}

const trunkActivation = activationName.exclude(['softmax']);
const init = z.enum(['hyperfan-in', 'hyperfan-out', 'ordinary']);
export const trunk = { hidden: z.array(count), activation: trunkActivation, embeddingSecondMoment: positive };
export const block = { heads: count, hidden: count, activation: activationName };

const plainFamilies: Rows<PlainFamilyKinds, EmbeddingSize, HypernetworkFamily> = {
  full: row(optional({ ...trunk, init }), (options, { embeddingSize }: EmbeddingSize) => fullHypernetwork({ embeddingSize, ...options })),
  chunked: row(optional({ ...trunk, init, chunkSize: count, chunkEmbeddingSize: count }), (options, { embeddingSize }: EmbeddingSize) =>
    chunkedHypernetwork({ embeddingSize, ...options }),
  ),
  layerwise: row(
    optional({ ...trunk, init, layerEmbeddingSize: count, positionEmbeddingSize: count }),
    (options, { embeddingSize }: EmbeddingSize) => layerwiseHypernetwork({ embeddingSize, ...options }),
  ),
  kernel: row(
    optional({ embeddingSecondMoment: positive, init, basicChannels: count, channelFeatures: count }),
    (options, { embeddingSize }: EmbeddingSize) => kernelHypernetwork({ embeddingSize, ...options }),
  ),
  token: row(
    optional({ ...block, embeddingSecondMoment: positive, init, tokenSize: count, dataTokens: count, columnsPerToken: count, blocks: count }),
    (options, { embeddingSize }: EmbeddingSize) => tokenHypernetwork({ embeddingSize, ...options }),
  ),
  lowRank: row(optional({ ...trunk, init, rank: count }), (options, { embeddingSize }: EmbeddingSize) =>
    lowRankHypernetwork({ embeddingSize, ...options }),
  ),
  modulation: row(optional({ ...trunk, initialScale: positive }), (options, { embeddingSize }: EmbeddingSize) =>
    modulationHypernetwork({ embeddingSize, ...options }),
  ),
};

/** Hypernetwork families. A new one is a row above; this one is around another. */
export const families: Rows<FamilyKinds, EmbeddingSize, HypernetworkFamily> = {
  ...plainFamilies,
  residual: row({ of: described(plainFamilies), ...optional({ initialScale: positive }) }, ({ of, ...options }, size: EmbeddingSize) =>
    residualHypernetwork(make(plainFamilies, of, size), options),
  ),
};

/** What a start of an embedding is made for. */
export interface StartContext extends EmbeddingSize {
  readonly tasks: TaskSource;
}

const plainStarts: Rows<PlainStartKinds, StartContext, EmbeddingStart> = {
  learned: row({}, (_, { embeddingSize: size }: StartContext) => learnedEmbedding({ size })),
  table: row({}, (_, { embeddingSize: size, tasks: { rows = 0 } }: StartContext) => embeddingTable({ rows, size })),
  condition: row(
    optional({
      bounds: z.tuple([z.number(), z.number()]),
      hidden: z.array(count),
      activation: activationName,
    }),
    (options, { embeddingSize: size, tasks: { conditionSize = 0 } }: StartContext) => conditionEmbedding({ conditionSize, size, ...options }),
  ),
  set: row(
    optional({ hidden: z.array(count).min(1), activation: activationName, input: z.enum(['xy', 'xyPrediction']) }),
    (options, { embeddingSize: size, tasks: { inputShape, targetShape } }: StartContext) => setEncoder({ size, inputShape, targetShape, ...options }),
  ),
  attention: row(
    optional({ ...block, width: count, blocks: countOrNone, input: z.enum(['xy', 'xyPrediction']) }),
    (options, { embeddingSize: size, tasks: { inputShape, targetShape } }: StartContext) =>
      attentionEncoder({ size, inputShape, targetShape, ...options }),
  ),
};

/** Starts of a task's embedding. A new one is a row above; this one is around another. */
export const starts: Rows<StartKinds, StartContext, EmbeddingStart> = {
  ...plainStarts,
  gaussian: row(
    { of: described(plainStarts), ...optional({ klWeight: z.number().min(0), deviation: positive }) },
    ({ of, ...options }, context: StartContext) => gaussianEmbedding(make(plainStarts, of, context), options),
  ),
};

/** Class embeddings; nothing where they are the features in front of the head. */
export const classStarts: Rows<ClassStartKinds, StartContext, ClassEmbeddingStart | undefined> = {
  features: row({}, () => undefined),
  encoder: row(
    optional({ hidden: z.array(count), activation: activationName, classSize: count }),
    (options, { embeddingSize: size, tasks: { inputShape } }: StartContext) => classEncoder({ size, inputShape, ...options }),
  ),
  attention: row(
    optional({ ...block, width: count, blocks: countOrNone }),
    (options, { embeddingSize: size, tasks: { inputShape } }: StartContext) => attentionClassEncoder({ size, inputShape, ...options }),
  ),
};
