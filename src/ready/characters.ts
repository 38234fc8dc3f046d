import type { Learner } from '../core/learner';
import { fullHypernetwork } from '../hypernets/full-hypernetwork';
import { hyperClassifier } from '../learners/hyper-classifier';
import { activation } from '../nn/activation';
import { batchNorm } from '../nn/batch-norm';
import { conv2d } from '../nn/conv2d';
import { dense } from '../nn/dense';
import { flatten } from '../nn/flatten';
import { maxPool } from '../nn/pooling';
import { sequential } from '../nn/sequential';

/** Height, width and channels of a drawing. */
export const characterShape = [28, 28, 1] as const;

const hidden = 32;

/**
 * The learner of handwritten characters, drawings of 28 × 28: four convolutions, the first one strided, two of them pooled, batch
 * norm by running statistics; a head whose columns are a class's mean feature plus what a hypernetwork generates from it. Any
 * number of ways; adapts without a step.
 */
export function charactersLearner(): Learner {
  const block = (filters: number, stride = 1) => [conv2d(filters, 3, { stride, bias: 'none' }), batchNorm({ statistics: 'running' }), activation('relu')];
  const layers = [...block(32, 2), ...block(32), maxPool(2), ...block(48), maxPool(2), ...block(48), flatten(), dense(20)];
  const base = sequential(characterShape, layers, { name: 'characters' });
  const features = base.specs[base.head!.kernel]!.shape[0]!; // it ends in a dense layer
  return hyperClassifier(base, { head: fullHypernetwork({ embeddingSize: features, hidden: [hidden] }), adapt: 'nothing' });
}
