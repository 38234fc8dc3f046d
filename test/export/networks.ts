import * as tf from '@tensorflow/tfjs';
import type { Learner } from '../../src/core/learner';
import type { Network } from '../../src/core/network';
import { scopeRecord, unscopeRecord } from '../../src/core/params';
import type { TaskSource } from '../../src/core/task';
import { fullHypernetwork } from '../../src/hypernets/full-hypernetwork';
import { modulationHypernetwork } from '../../src/hypernets/modulation-hypernetwork';
import { cavia } from '../../src/learners/cavia';
import { hyperClassifier } from '../../src/learners/hyper-classifier';
import { hyperLearner } from '../../src/learners/hyper-learner';
import { maml } from '../../src/learners/maml';
import { protonet } from '../../src/learners/protonet';
import { r2d2 } from '../../src/learners/r2d2';
import { activation } from '../../src/nn/activation';
import { attentionBlock } from '../../src/nn/attention-block';
import { conv2d } from '../../src/nn/conv2d';
import { conv1d } from '../../src/nn/conv1d';
import { conv4, conv4Strided } from '../../src/nn/conv4';
import { dense } from '../../src/nn/dense';
import { depthwiseConv2d, separableConv2d } from '../../src/nn/depthwise-conv2d';
import { dropout } from '../../src/nn/dropout';
import { flatten } from '../../src/nn/flatten';
import { graph } from '../../src/nn/graph';
import { gru } from '../../src/nn/gru';
import { layerNorm } from '../../src/nn/layer-norm';
import { lstm } from '../../src/nn/lstm';
import { mlp } from '../../src/nn/mlp';
import { averagePool, globalMaxPool, maxPool, maxPool1d } from '../../src/nn/pooling';
import { permute, reshape } from '../../src/nn/reshape';
import { residual } from '../../src/nn/residual';
import { sequential } from '../../src/nn/sequential';
import { siren } from '../../src/nn/siren';
import { upSample } from '../../src/nn/up-sample';
import { zeroPad } from '../../src/nn/zero-pad';
import type { UserExamples } from '../../src/tasks/examples';
import { fewShot } from '../../src/tasks/few-shot';
import { gaussian } from '../../src/tasks/gaussian';
import { labelledSet } from '../../src/tasks/labelled-set';
import { sinusoids } from '../../src/tasks/sinusoids';

/** A learner to adapt, and what its export must be. */
export interface ExportCase {
  readonly learner: () => Learner;
  readonly tasks: TaskSource;
  readonly support: UserExamples;
  readonly samples: readonly (readonly number[])[];
  readonly kind: 'layers' | 'graph';
  /** Why it is no layers model. */
  readonly reason?: string;
  readonly output?: 'values' | 'logits';
  /** Whether its layers are dilated, of which plain TensorFlow.js has no gradient. */
  readonly isDilated?: true;
  /** Whether samples are predicted by those beside them. */
  readonly isTransductive?: true;
}

const waves = sinusoids({ shots: 5 });
const ofWaves = { tasks: waves, support: { x: [[-1], [0], [2], [3]], y: [[0.3], [1.2], [-0.4], [-1]] }, samples: [[0.5], [-2], [4]] };

const pixels = (index: number) => Array.from({ length: 256 }, (_, pixel) => Math.sin(index * 31 + pixel * (1 + (index % 4))));
const drawings = Array.from({ length: 24 }, (_, index) => Float32Array.from(pixels(index)));
const set = labelledSet({ x: drawings, y: drawings.map((_, index) => `kind ${index % 4}`), inputShape: [16, 16, 1] });
const ofDrawings = {
  tasks: fewShot(set, { ways: 3, shots: 2, queryShots: 2 }),
  support: { x: [0, 1, 2, 4, 5, 6].map((index) => drawings[index]!), y: ['a', 'b', 'c', 'a', 'b', 'c'] },
  samples: [8, 9, 10].map((index) => pixels(index)),
};
const image = { inputShape: [16, 16, 1], ways: 3, filters: 4 };

/** Three rows made of one number, which attend to each other. */
function attending(): Network {
  const block = attentionBlock(4, { heads: 2 });
  const [first, head] = [dense(12).build([1]), dense(1).build([12])];
  return {
    specs: { ...scopeRecord(first.specs, 'first'), ...scopeRecord(block.specs, 'block'), ...scopeRecord(head.specs, 'head') },
    inputShape: [1],
    outputShape: [1],
    apply: (params, x) =>
      tf.tidy(() => {
        const rows = tf.split(first.apply(unscopeRecord(params, 'first'), x), x.shape[1]!, 1).map((each) => tf.reshape(each, [-1, 3, 4]));
        const seen = rows.map((each) => tf.reshape(block.apply(unscopeRecord(params, 'block'), each, each), [-1, 1, 12]));
        return head.apply(unscopeRecord(params, 'head'), tf.concat(seen, 1));
      }),
  };
}

export const exportCases: Readonly<Record<string, ExportCase>> = {
  mlp: { learner: () => maml(mlp([1, 8, 8, 1])), ...ofWaves, kind: 'layers' },
  'generated, layer norm and tanh': { learner: () => hyperLearner(mlp([1, 8, 1], { activation: 'tanh', norm: 'layer' }), fullHypernetwork({ embeddingSize: 3 })), ...ofWaves, kind: 'layers' },
  modulated: { learner: () => hyperLearner(mlp([1, 8, 8, 1], { norm: 'layer' }), modulationHypernetwork({ embeddingSize: 3 })), ...ofWaves, kind: 'layers' },
  siren: { learner: () => hyperLearner(siren([1, 8, 8, 1]), modulationHypernetwork({ embeddingSize: 3 })), ...ofWaves, kind: 'graph', reason: 'sine1 has no counterpart in tf.layers' },
  residual: {
    learner: () => maml(sequential([1], [dense(6), residual([dense(6), activation('gelu'), residual([layerNorm(), dropout(0.5)])]), activation('leakyRelu'), dense(1)])),
    ...ofWaves,
    kind: 'layers',
  },
  attention: { learner: () => maml(attending()), ...ofWaves, kind: 'graph', reason: 'the base network is not made of layers' },
  CAVIA: { learner: () => cavia(mlp([4, 8, 1]), { contextSize: 3 }), ...ofWaves, kind: 'graph', reason: 'the base network is not made of layers' },
  'mean and deviation': {
    learner: () => maml(mlp([1, 8, 2]), { head: 'columns' }),
    ...ofWaves,
    tasks: { ...waves, objective: gaussian() },
    kind: 'graph',
    reason: 'the readout of its objective has no counterpart in tf.layers',
  },
  'conv4, statistics of the support set': { learner: () => maml(conv4(image)), ...ofDrawings, kind: 'layers' },
  'conv4, running statistics, logits': { learner: () => maml(conv4({ ...image, statistics: 'running' })), ...ofDrawings, output: 'logits', kind: 'layers' },
  'conv4Strided, ProtoNet': { learner: () => protonet(conv4Strided(image)), ...ofDrawings, kind: 'layers' },
  'conv4 with sines, ridge regression': {
    learner: () => r2d2(conv4({ ...image, activation: 'sin' })),
    ...ofDrawings,
    kind: 'graph',
    reason: 'activation1: tf.layers has no activation sin',
  },
  'a generated head': {
    learner: () => hyperClassifier(sequential([16, 16, 1], [conv2d(3, 3, { stride: 3, padding: 'valid' }), activation('sin'), averagePool(2), flatten(), dense(3)]), { head: fullHypernetwork({ embeddingSize: 12 }) }),
    ...ofDrawings,
    kind: 'graph',
    reason: 'activation1: tf.layers has no activation sin',
  },
  'branches, margins, windows that are not square': {
    learner: () =>
      maml(
        graph([16, 16, 1], [
          { name: 'wide', layer: conv2d(3, [1, 5], { stride: 2 }) },
          { name: 'deep', layer: zeroPad([[0, 1], [0, 1]]), from: 'input' },
          { name: 'apart', layer: separableConv2d(3, 3, { stride: 2, padding: 'valid', multiplier: 2 }) },
          { name: 'sum', join: 'add', from: ['wide', 'apart'] },
          { name: 'both', join: 'concat', from: ['sum', 'wide'] },
          { name: 'fewer', layer: maxPool([2, 1], [2, 1], { padding: 'same' }) },
          { name: 'more', layer: upSample([1, 2]) },
          { name: 'all', layer: globalMaxPool() },
          { name: 'head', layer: dense(3) },
        ]),
      ),
    ...ofDrawings,
    kind: 'layers',
  },
  'dilated, each channel by itself': {
    learner: () => maml(sequential([16, 16, 1], [depthwiseConv2d(3, { dilation: 2, multiplier: 2, padding: 'valid' }), flatten(), dense(3)])),
    ...ofDrawings,
    kind: 'graph',
    reason: 'depthwise1: the DepthwiseConv2D of tf.layers leaves its dilation out',
  },
  'dilated, channels mixed': {
    learner: () => maml(sequential([16, 16, 1], [conv2d(2), separableConv2d(3, [2, 3], { dilation: [2, 3], multiplier: 2, padding: 'valid' }), flatten(), dense(3)])),
    ...ofDrawings,
    kind: 'layers',
    isDilated: true,
  },
  sequences: {
    learner: () =>
      maml(
        sequential([16, 16, 1], [reshape([16, 16]), conv1d(4), activation('swish'), maxPool1d(), permute([1, 0]), lstm(3, { output: 'every' }), gru(4, { direction: 'backward' }), dense(3)]),
      ),
    ...ofDrawings,
    kind: 'layers',
  },
  'conv4Strided over the batch': {
    learner: () => maml(conv4Strided({ ...image, statistics: 'batch' })),
    ...ofDrawings,
    output: 'logits',
    kind: 'graph',
    reason: 'norm1: batch norm takes the statistics of the batch at hand',
    isTransductive: true,
  },
};
