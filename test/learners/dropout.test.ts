import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import type { Learner } from '../../src/core/learner';
import { seededNoise } from '../../src/core/noise';
import { initParams } from '../../src/core/params';
import { createRng } from '../../src/core/rng';
import { classEncoder } from '../../src/embeddings/class-encoder';
import { fullHypernetwork } from '../../src/hypernets/full-hypernetwork';
import { hyperClassifier } from '../../src/learners/hyper-classifier';
import { maml } from '../../src/learners/maml';
import { protonet } from '../../src/learners/protonet';
import { r2d2 } from '../../src/learners/r2d2';
import { adaptedWeights, innerLoop } from '../../src/meta/inner-loop';
import { activation } from '../../src/nn/activation';
import { dense } from '../../src/nn/dense';
import { dropout } from '../../src/nn/dropout';
import { sequential } from '../../src/nn/sequential';
import { sgd } from '../../src/optim/sgd';
import { classification } from '../../src/tasks/objectives';
import { sampleBatch } from '../../src/tasks/stack-episodes';
import { pointClasses } from '../helpers/points';

const base = () => sequential([2], [dense(20), activation('relu'), dropout(0.5), dense(3)]);
const body = sequential([2], [dense(6), dropout(0.5)]);
const learners: Readonly<Record<string, () => Learner>> = {
  maml: () => maml(base()),
  protonet: () => protonet(base()),
  r2d2: () => r2d2(base()),
  hyperClassifier: () => hyperClassifier(base(), { head: fullHypernetwork({ embeddingSize: 20, hidden: [4] }) }),
  'hyperClassifier with an encoder': () =>
    hyperClassifier(base(), { head: fullHypernetwork({ embeddingSize: 6, hidden: [4] }), classes: classEncoder({ size: 4, inputShape: [2], features: body }) }),
};

/** The adapted weights of one batch, by the chance of `seed`. */
function weightsOf(learner: Learner, how: 'in meta-training' | 'after it', seed: string): readonly number[] {
  return tf.tidy(() => {
    const { query, ...task } = sampleBatch(pointClasses, 'dropout', 0, 2);
    const meta = initParams(learner.specs, createRng('meta'));
    const inner = { steps: 2, learningRate: 0.1, optimizer: sgd(), order: 'first', loss: classification.loss } as const;
    const inputs = { ...task, ...(how === 'in meta-training' ? { query } : {}), noise: seededNoise(createRng(seed)) };
    const at = innerLoop(learner, meta, inputs, inner).at(-1)!;
    return Object.values(adaptedWeights(learner, meta, at)).flatMap((value) => Array.from(value.dataSync()));
  });
}

describe.each(Object.entries(learners))('dropout under %s', (_name, make) => {
  test('acts in meta-training', () => expect(weightsOf(make(), 'in meta-training', 'one')).not.toEqual(weightsOf(make(), 'in meta-training', 'two')));
  test('leaves a task that is adapted after it alone', () => expect(weightsOf(make(), 'after it', 'one')).toEqual(weightsOf(make(), 'after it', 'two')));
});
