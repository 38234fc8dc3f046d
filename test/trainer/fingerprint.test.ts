import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { DataError } from '../../src/core/errors';
import type { Learner } from '../../src/core/learner';
import { createRng } from '../../src/core/rng';
import type { TaskSource } from '../../src/core/task';
import type { EmbeddingStart } from '../../src/embeddings/embedding';
import { gaussianEmbedding } from '../../src/embeddings/gaussian-embedding';
import { gridEncoder } from '../../src/embeddings/grid-encoder';
import { imageSetEncoder } from '../../src/embeddings/image-set-encoder';
import { setEncoder } from '../../src/embeddings/set-encoder';
import { fullHypernetwork } from '../../src/hypernets/full-hypernetwork';
import { cavia } from '../../src/learners/cavia';
import { hyperClassifier } from '../../src/learners/hyper-classifier';
import { hyperDetector } from '../../src/learners/hyper-detector';
import { hyperLearner } from '../../src/learners/hyper-learner';
import { imaml } from '../../src/learners/imaml';
import { leo } from '../../src/learners/leo';
import { maml } from '../../src/learners/maml';
import { neuralProcess } from '../../src/learners/neural-process';
import { ownHeads } from '../../src/learners/own-heads';
import { plainLearner } from '../../src/learners/plain-learner';
import { protonet } from '../../src/learners/protonet';
import { versa } from '../../src/learners/versa';
import { activation } from '../../src/nn/activation';
import { conv2d } from '../../src/nn/conv2d';
import { dense } from '../../src/nn/dense';
import { dropout } from '../../src/nn/dropout';
import { flatten } from '../../src/nn/flatten';
import { gridDetector } from '../../src/nn/grid-detector';
import { mlp } from '../../src/nn/mlp';
import { sequential } from '../../src/nn/sequential';
import { siren } from '../../src/nn/siren';
import { tokenEmbedding } from '../../src/nn/token-embedding';
import { detection } from '../../src/tasks/detection';
import { regression } from '../../src/tasks/objectives';
import { expectFingerprint, fingerprint, type Fingerprint } from '../../src/trainer/fingerprint';
import { clusters, combinations, waves } from '../conformance/combinations';
import { onEveryBackend } from '../helpers/backends';
import { isFull } from '../helpers/full';
import { expectNoLeak } from '../helpers/leaks';

/** Tasks of which nothing is drawn: a learner is tried out on made-up ones. */
function tasksOf(inputShape: number[], targetShape: number[], objective = regression): TaskSource {
  return { inputShape, targetShape, objective, sample: () => { throw new Error('a task was drawn'); } };
}

const hyper = (options = {}, activate: 'relu' | 'elu' = 'relu') => hyperLearner(mlp([1, 8, 1]), fullHypernetwork({ embeddingSize: 4, hidden: [6], activation: activate }), options);
const [curves, points, pixels] = [tasksOf([1], [1]), clusters([2]), tasksOf([2], [1])];
const classes = (options = {}) => mlp([2, 6, 3], options);
const scenes = tasksOf([4, 4, 1], [2, 2, 6], detection({ stride: 2, classes: 2 }));
const detector = (adapt: 'weights' | 'nothing') => hyperDetector(gridDetector({ inputShape: [4, 4, 1], classes: 2, strided: [2], deep: [3] }), { head: fullHypernetwork({ embeddingSize: 3, hidden: [2] }), adapt });
const encoded = (start: EmbeddingStart) => hyperLearner(mlp([2, 6, 1]), fullHypernetwork({ embeddingSize: 4 }), { start, adapt: 'nothing' });
const images = (activate: 'relu' | 'tanh') => encoded(imageSetEncoder({ image: sequential([784], [dense(4), activation(activate)]) }));
const grids = (activate: 'relu' | 'tanh') => encoded(gridEncoder({ network: sequential([4, 4, 2], [conv2d(2), activation(activate), flatten(), dense(4)]) }));
const set = setEncoder({ size: 3, inputShape: [2], targetShape: [3] });
const tokens = (activate: 'relu' | 'tanh') => maml(sequential([5], [tokenEmbedding(7, 3), flatten(), dense(4), activation(activate), dense(1)]));
const dropping = (rate: number) => maml(sequential([1], [dense(6), activation('tanh'), dropout(rate), dense(1)]));
const sampled = (klWeight: number) => neuralProcess(mlp([1 + 3, 6, 1]), { encoder: gaussianEmbedding(setEncoder({ size: 3, inputShape: [1], targetShape: [1] }), { klWeight }) });
const bodied = (activate: 'relu' | 'tanh') => hyperClassifier(classes(), { head: fullHypernetwork({ embeddingSize: 6 }), body: { family: fullHypernetwork({ embeddingSize: 3, activation: activate }), start: set } });

/** Learners of the same name and shapes. */
const pairs: readonly (readonly [what: string, one: () => Learner, other: () => Learner, source: TaskSource])[] = [
  ['an activation', () => maml(mlp([1, 8, 1])), () => maml(mlp([1, 8, 1], { activation: 'sigmoid' })), curves],
  ['what is adapted', () => hyper(), () => hyper({ adapt: 'weights' }), curves],
  ['whether anything is', () => hyper(), () => hyper({ adapt: 'nothing' }), curves],
  ['steps on the embedding', () => hyper({ adapt: 'both', embeddingSteps: 3 }), () => hyper({ adapt: 'both', embeddingSteps: 4 }), curves],
  ["the hypernetwork's activation", () => hyper(), () => hyper({}, 'elu'), curves],
  ["batch norm's statistics", () => maml(mlp([1, 8, 1], { norm: 'batch' })), () => maml(mlp([1, 8, 1], { norm: 'batch', statistics: 'batch' })), curves],
  ['the same of classes', () => protonet(classes({ norm: 'batch' })), () => protonet(classes({ norm: 'batch', statistics: 'batch' })), points],
  ["what holds iMAML's weights", () => imaml(mlp([1, 8, 1]), { lambda: 2 }), () => imaml(mlp([1, 8, 1]), { lambda: 50 }), curves],
  ['the same, a little', () => imaml(mlp([1, 8, 1]), { lambda: 2 }), () => imaml(mlp([1, 8, 1]), { lambda: 2.2 }), curves],
  ['which weights adapt', () => maml(mlp([1, 8, 1])), () => maml(mlp([1, 8, 1]), { adapts: (name) => name.endsWith('kernel') }), curves],
  ['a frequency', () => maml(siren([1, 6, 1], { omega: 30 })), () => maml(siren([1, 6, 1], { omega: 20 })), curves],
  ['dropout', () => dropping(0.2), () => dropping(0.4), curves],
  ['what a network of tokens does', () => tokens('relu'), () => tokens('tanh'), tasksOf([5], [1])],
  ['what is drawn', () => leo(classes(), { latentSize: 3 }), () => leo(classes(), { latentSize: 3, sample: 'nothing' }), points],
  ['latent steps', () => leo(classes(), { latentSize: 3, latentSteps: 4 }), () => leo(classes(), { latentSize: 3, latentSteps: 5 }), points],
  ['the weight of a penalty', () => sampled(0.01), () => sampled(0.02), curves],
  ['an activation behind class means', () => versa(classes(), { hidden: [4] }), () => versa(classes(), { hidden: [4], activation: 'relu' }), points],
  ['the family of a body, seen by an encoder of three classes', () => bodied('relu'), () => bodied('tanh'), points],
  ['what a detector adapts', () => detector('weights'), () => detector('nothing'), scenes],
  ['an activation in a grid encoder', () => grids('relu'), () => grids('tanh'), pixels],
  ['an encoder of whole images', () => images('relu'), () => images('tanh'), pixels],
  ['a context', () => cavia(mlp([1 + 2, 6, 1]), { contextSize: 2 }), () => cavia(mlp([1 + 2, 6, 1], { activation: 'tanh' }), { contextSize: 2 }), curves],
  ['known tasks', () => ownHeads(mlp([1, 6, 1]), { rows: 5 }), () => ownHeads(mlp([1, 6, 1], { activation: 'elu' }), { rows: 5 }), waves],
  ['one network for all', () => plainLearner(mlp([1, 6, 1])), () => plainLearner(mlp([1, 6, 1], { activation: 'elu' })), curves],
];

describe('learners of the same name and shapes are told apart by', () => {
  test.each(pairs)('%s', async (_what, one, other, source) => {
    const [own, another, again] = [await fingerprint(one(), source), await fingerprint(other(), source), await fingerprint(one(), source)];
    expect(own).toEqual(again);
    expect([own, another]).toEqual([expect.any(Object), expect.any(Object)]);
    expect(() => expectFingerprint(own, another!, 'here')).toThrow(DataError);
  });
});

test('a learner is the same on every back-end, and leaves no tensor behind', async () => {
  const some = isFull ? combinations : createRng('slice').shuffle(combinations).slice(0, 20);
  for (const { name, learner, source } of some) {
    const found: (Fingerprint | undefined)[] = [];
    await onEveryBackend(() => expectNoLeak(async () => found.push(await fingerprint(learner(), source))));
    expect(Object.keys(found[0] ?? {}).length, name).toBeGreaterThan(1);
    found.forEach((each) => expectFingerprint(each, found[0]!, name));
  }
}, isFull ? 600_000 : 60_000);

test('a learner that refuses what was made up, or gives no number, has none, and no tensor stays', async () => {
  const learner = maml(mlp([1, 4, 1]));
  await expectNoLeak(async () => {
    const choosy: Learner = { ...learner, start: (meta, task) => (learner.start(meta, task), tf.ones([3]), fail()) };
    expect(await fingerprint(choosy, curves)).toBeUndefined();
    expect(await fingerprint({ ...learner, innerLoss: (_meta, _at, loss) => tf.div(loss, 0) }, curves)).toBeUndefined();
  });
});

function fail(): never {
  throw new Error('other examples, please');
}

describe('expectFingerprint', () => {
  test('says what differs, and what to do', () =>
    expect(() => expectFingerprint({ loss: 1.23456, slope: 2 }, { loss: 1.23456, slope: 3 }, 'run/step-00000001')).toThrow(
      'run/step-00000001: expected a learner whose slope on made-up examples is 3, as that of the learner that was saved, got 2; ' +
        "make the learner, and its base network, with the same options, or take over the weights alone with load(path, { only: 'weights' }).",
    ));

  test('lets rounding pass, and what one of them does not know', () => {
    expectFingerprint({ loss: 1.0005, slope: 1e-9 }, { loss: 1, slope: -1e-9 }, 'here');
    expectFingerprint({ loss: 1 }, { penalty: 1 }, 'here');
    expectFingerprint(undefined, { loss: 1 }, 'here');
  });
});
