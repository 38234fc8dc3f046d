import { describe, expect, test } from 'vitest';
import { classEncoder } from '../../src/embeddings/class-encoder';
import { fullHypernetwork } from '../../src/hypernets/full-hypernetwork';
import { modulationHypernetwork } from '../../src/hypernets/modulation-hypernetwork';
import { residualHypernetwork } from '../../src/hypernets/residual-hypernetwork';
import { learnedEmbedding } from '../../src/embeddings/learned-embedding';
import { setEncoder } from '../../src/embeddings/set-encoder';
import { anil } from '../../src/learners/anil';
import { cavia } from '../../src/learners/cavia';
import { hyperClassifier } from '../../src/learners/hyper-classifier';
import { hyperLearner } from '../../src/learners/hyper-learner';
import { learnedRates } from '../../src/learners/learned-rates';
import { maml } from '../../src/learners/maml';
import { protonet } from '../../src/learners/protonet';
import { activation } from '../../src/nn/activation';
import { dense } from '../../src/nn/dense';
import { mlp } from '../../src/nn/mlp';
import { sequential } from '../../src/nn/sequential';
import { sinusoids } from '../../src/tasks/sinusoids';
import { testLearner } from '../contracts/learner';
import { pointClasses } from '../helpers/points';

const softplus = { activation: 'softplus' } as const;
const source = sinusoids({ shots: 4, queryShots: 3, x: [-1, 1] });
const regression = () => mlp([1, 5, 4, 1], softplus);
const family = () => residualHypernetwork(fullHypernetwork({ embeddingSize: 3, hidden: [4] }));

const classes = pointClasses;
const classifier = () => mlp([2, 5, 4, 3], softplus);

testLearner('maml', () => ({ learner: maml(regression()), source }));
testLearner('maml with any ways', () => ({ learner: maml(classifier()), source: classes }));
testLearner('maml with columns', () => ({ learner: maml(classifier(), { head: 'columns' }), source: classes }));
testLearner('maml of all but kernels', () => ({ learner: maml(classifier(), { adapts: (_name, { role }) => role !== 'kernel' }), source: classes }));
testLearner('anil', () => ({ learner: anil(classifier()), source: classes }));
testLearner('cavia', () => ({ learner: cavia(mlp([1 + 2, 5, 4, 1], softplus), { contextSize: 2 }), source }));
testLearner('protonet', () => ({ learner: protonet(classifier()), source: classes }));
testLearner('learnedRates of maml', () => ({ learner: learnedRates(maml(regression()), { steps: 2 }), source }));

for (const adapt of ['embedding', 'weights', 'both', 'hypernetwork', 'nothing'] as const) {
  testLearner(`hyperLearner adapting ${adapt}`, () => ({ learner: hyperLearner(regression(), family(), { adapt }), source }));
  testLearner(`hyperClassifier adapting ${adapt}`, () => ({
    learner: hyperClassifier(classifier(), {
      head: fullHypernetwork({ embeddingSize: 4, hidden: [4] }),
      body: { family: modulationHypernetwork({ embeddingSize: 3, hidden: [4] }), start: learnedEmbedding({ size: 3 }) },
      adapt,
    }),
    source: classes,
  }));
}

for (const input of ['xy', 'xyPrediction'] as const)
  testLearner(`hyperLearner from a set encoder of ${input}`, () => ({
    learner: hyperLearner(regression(), family(), {
      start: setEncoder({ size: 3, inputShape: [1], targetShape: [1], hidden: [4], input }),
    }),
    source,
  }));

testLearner('hyperLearner of the head alone', () => ({
  learner: hyperLearner(regression(), family(), { generates: (name) => name.startsWith('dense3/') }),
  source,
}));

testLearner('hyperLearner of the head alone, adapting all weights', () => ({
  learner: hyperLearner(regression(), family(), { generates: (name) => name.startsWith('dense3/'), adapt: 'all' }),
  source,
}));

testLearner('hyperClassifier of encoded classes', () => ({
  learner: hyperClassifier(classifier(), {
    head: fullHypernetwork({ embeddingSize: 3, hidden: [4] }),
    classes: classEncoder({ size: 2, inputShape: [2], hidden: [4], classSize: 3, activation: 'softplus' }),
  }),
  source: classes,
}));

describe('refusals', () => {
  const head = (embeddingSize: number) => fullHypernetwork({ embeddingSize, hidden: [4] });

  test('embeddings of another size than what generates from them', () => {
    expect(() => hyperLearner(regression(), family(), { start: learnedEmbedding({ size: 5 }) })).toThrow(
      'hyperLearner: start: expected an embedding of 3 values, got 5.',
    );
    expect(() => hyperClassifier(classifier(), { head: head(7) })).toThrow(
      'hyperClassifier: head: expected class embeddings of 4 values, got a family for 7.',
    );
  });

  test('nothing to generate', () =>
    expect(() => hyperLearner(regression(), family(), { generates: () => false })).toThrow('hyperLearner: generates: expected at least one'));

  test('a base network without a linear last layer', () => {
    const base = sequential([2], [dense(3), activation('relu')]);
    for (const make of [anil, protonet]) expect(() => make(base)).toThrow('expected a base network whose last layer is dense');
  });

  test('no room for a context', () =>
    expect(() => cavia(mlp([2, 4, 1]), { contextSize: 2 })).toThrow('cavia: base: expected more than 2 values on the last input axis'));
});
