import * as tf from '@tensorflow/tfjs';
import { describe, expect, test, vi } from 'vitest';
import { initParams } from '../../src/core/params';
import { createRng } from '../../src/core/rng';
import { activation } from '../../src/nn/activation';
import { layerConversion } from '../../src/convert/conversion';
import { fromLayersModel } from '../../src/convert/from-layers-model';
import { expectAlike } from '../helpers/close';
import { isFull } from '../helpers/full';
import { expectNoLeak } from '../helpers/leaks';
import { expectSameAsModel, tensors, type SameAsModelOptions } from '../helpers/same-as-model';

type Case = readonly [name: string, inputShape: number[], layer: () => tf.layers.Layer, options?: SameAsModelOptions];
const { layers } = tf;
const bent = ['relu', 'relu6', 'gelu_new', 'hardSigmoid', 'softsign', 'mish', 'logSoftmax', 'softmax', 'elu', 'selu', 'tanh', 'sigmoid', 'softplus', 'swish', 'gelu', 'linear'];

const cases: readonly Case[] = [
  ['dense', [4], () => layers.dense({ units: 3 })],
  ['dense without bias, bent', [4], () => layers.dense({ units: 3, useBias: false, activation: 'relu' })],
  ['dense on matrices', [2, 3, 4], () => layers.dense({ units: 2, activation: 'tanh' })],
  ['timeDistributed', [3, 4], () => layers.timeDistributed({ layer: layers.dense({ units: 2, activation: 'relu' }) })],
  ['embedding', [5], () => layers.embedding({ inputDim: 7, outputDim: 3, inputLength: 5 }), { tokens: 7 }],
  ['flatten', [2, 3, 2], () => layers.flatten()],
  ['reshape', [6], () => layers.reshape({ targetShape: [3, -1] })],
  ['permute', [2, 3, 4], () => layers.permute({ dims: [3, 1, 2] })],
  ['repeatVector', [3], () => layers.repeatVector({ n: 2 })],
  ['dropout', [3], () => layers.dropout({ rate: 0.5 })],
  ['batchNormalization', [3], () => layers.batchNormalization()],
  ['batchNormalization of images', [2, 2, 3], () => layers.batchNormalization({ axis: 3, epsilon: 0.1 })],
  ['batchNormalization, not scaled', [3], () => layers.batchNormalization({ scale: false })],
  ['batchNormalization, not centred', [3], () => layers.batchNormalization({ center: false })],
  ['batchNormalization, neither', [3], () => layers.batchNormalization({ center: false, scale: false })],
  ['layerNormalization', [2, 3], () => layers.layerNormalization()],
  ['layerNormalization, plain', [3], () => layers.layerNormalization({ center: false, scale: false, epsilon: 0.1 })],
  ...bent.slice(0, isFull ? bent.length : 8).map((activation): Case => [`activation ${activation}`, [4], () => layers.activation({ activation: activation as 'relu' })]),
  ['reLU', [4], () => layers.reLU()],
  ['reLU below 1', [4], () => layers.reLU({ maxValue: 1 })],
  ['leakyReLU', [4], () => layers.leakyReLU({ alpha: 0.1 })],
  ['elu', [4], () => layers.elu()],
  ['thresholdedReLU', [4], () => layers.thresholdedReLU({ theta: 0.5 })],
  ['prelu', [2, 4], () => layers.prelu()],
  ['softmax', [2, 4], () => layers.softmax({ axis: -1 })],
  ...(['lstm', 'gru', 'simpleRNN'] as const).slice(0, isFull ? 3 : 2).flatMap((name): Case[] => [
    [name, [4, 3], () => layers[name]({ units: 3 })],
    [`${name} of every step`, [4, 3], () => layers[name]({ units: 2, returnSequences: true, activation: 'relu' })],
    [`${name} backwards, without bias`, [4, 3], () => layers[name]({ units: 2, goBackwards: true, useBias: false, dropout: 0.5, recurrentDropout: 0.5 })],
    [`${name} of every step, backwards`, [4, 3], () => layers[name]({ units: 2, goBackwards: true, returnSequences: true })],
    [`bidirectional ${name}`, [4, 3], () => layers.bidirectional({ layer: layers[name]({ units: 2 }), mergeMode: 'concat' })],
    [`bidirectional ${name} of every step`, [4, 3], () => layers.bidirectional({ layer: layers[name]({ units: 2, returnSequences: true }), mergeMode: 'ave' })],
  ]),
  ['conv2d', [5, 4, 2], () => layers.conv2d({ filters: 3, kernelSize: [3, 2], strides: [2, 1], padding: 'same', activation: 'relu' })],
  ['conv2d without bias, dilated', [6, 6, 1], () => layers.conv2d({ filters: 2, kernelSize: 2, dilationRate: 2, useBias: false })],
  ['conv1d', [6, 2], () => layers.conv1d({ filters: 3, kernelSize: 3, strides: 2, padding: 'same', activation: 'tanh' })],
  ['conv1d, dilated', [7, 2], () => layers.conv1d({ filters: 3, kernelSize: 2, dilationRate: 3 })],
  ['depthwiseConv2d', [5, 5, 2], () => layers.depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2, padding: 'same' })],
  ['separableConv2d, dilated', [6, 7, 2], () => layers.separableConv2d({ filters: 3, kernelSize: 2, dilationRate: 2, depthMultiplier: 2 })],
  ['separableConv2d', [5, 5, 2], () => layers.separableConv2d({ filters: 3, kernelSize: 2, depthMultiplier: 2, activation: 'relu' })],
  ['maxPooling2d', [5, 4, 2], () => layers.maxPooling2d({ poolSize: [2, 3], strides: [2, 1], padding: 'same' })],
  ['averagePooling2d', [5, 4, 2], () => layers.averagePooling2d({ poolSize: 2, padding: 'same' })],
  ['maxPooling1d', [7, 2], () => layers.maxPooling1d({ poolSize: 3, strides: 2 })],
  ['averagePooling1d', [7, 2], () => layers.averagePooling1d({ poolSize: 3, strides: 2, padding: 'same' })],
  ['globalMaxPooling1d', [4, 2], () => layers.globalMaxPooling1d()],
  ['globalAveragePooling1d', [4, 2], () => layers.globalAveragePooling1d()],
  ['globalMaxPooling2d', [4, 3, 2], () => layers.globalMaxPooling2d({})],
  ['globalAveragePooling2d', [4, 3, 2], () => layers.globalAveragePooling2d({})],
  ['zeroPadding2d', [3, 2, 2], () => layers.zeroPadding2d({ padding: [[1, 0], [2, 3]] })],
  ['cropping2D', [5, 6, 2], () => layers.cropping2D({ cropping: [[1, 0], [2, 1]] })],
  ['upSampling2d', [2, 3, 2], () => layers.upSampling2d({ size: [2, 3] })],
  ['simpleRNN of every step', [4, 3], () => layers.simpleRNN({ units: 2, returnSequences: true })],
  ['lstm with sigmoid gates', [4, 3], () => layers.lstm({ units: 3, recurrentActivation: 'sigmoid' })],
];

describe('a layer alone gives what the model predicts', () => {
  for (const [name, inputShape, layer, options] of cases)
    test(name, () => {
      const model = alone(inputShape, layer());
      expectSameAsModel(model, options);
      model.dispose();
    });
});

describe('a whole model gives what it predicts', () => {
  test('a convolutional classifier with batch norm', () => {
    const model = tf.sequential({
      layers: [
        layers.conv2d({ filters: 4, kernelSize: 3, padding: 'same', activation: 'relu', inputShape: [8, 8, 1], name: 'conv' }),
        layers.batchNormalization({ name: 'norm' }),
        layers.maxPooling2d({ poolSize: 2 }),
        layers.separableConv2d({ filters: 3, kernelSize: 3, name: 'separable' }),
        layers.reLU(),
        layers.dropout({ rate: 0.2 }),
        layers.flatten(),
        layers.dense({ units: 5, activation: 'softmax', name: 'classes' }),
      ],
    });
    const network = expectSameAsModel(model);
    expect(Object.keys(network.specs)).toEqual([
      'conv/kernel', 'conv/bias', 'norm/scale', 'norm/shift', 'norm/mean', 'norm/variance',
      'separable/depthwise', 'separable/pointwise', 'separable/bias', 'classes/kernel', 'classes/bias',
    ]);
    model.dispose();
  });

  test('two branches, a skip connection and a concatenation', () => {
    const input = tf.input({ shape: [4] });
    const hidden = layers.dense({ units: 4, activation: 'tanh', name: 'hidden' }).apply(input) as tf.SymbolicTensor;
    const skip = layers.add().apply([hidden, input]) as tf.SymbolicTensor;
    const both = layers.concatenate().apply([skip, hidden, input]) as tf.SymbolicTensor;
    const model = tf.model({ inputs: input, outputs: layers.dense({ units: 2, name: 'head' }).apply(both) as tf.SymbolicTensor });
    const network = expectSameAsModel(model);
    expect(Object.keys(network.specs)).toEqual(['hidden/kernel', 'hidden/bias', 'head/kernel', 'head/bias']);
    expect(network.head).toMatchObject({ kernel: 'head/kernel', bias: 'head/bias' });
    model.dispose();
  });

  test.each(['add', 'multiply', 'average', 'maximum', 'minimum'] as const)('branches joined by %s, one of them narrow', (join) => {
    const input = tf.input({ shape: [2, 3] });
    const narrow = layers.dense({ units: 1 }).apply(input) as tf.SymbolicTensor;
    const model = tf.model({ inputs: input, outputs: layers[join]().apply([input, narrow]) as tf.SymbolicTensor });
    expectSameAsModel(model);
    model.dispose();
  });

  test.each([
    [{ axes: 1 }, [3]], [{ axes: -1, normalize: true }, [3]], [{ axes: 2 }, [2, 3]], [{ axes: [1, 1] as [number, number] }, [2, 3]],
  ])('dot %o of %o', (options, shape) => {
    const input = tf.input({ shape });
    const other = layers.activation({ activation: 'sigmoid' }).apply(input) as tf.SymbolicTensor;
    const model = tf.model({ inputs: input, outputs: layers.dot(options).apply([input, other]) as tf.SymbolicTensor });
    expectSameAsModel(model);
    model.dispose();
  });

  test('a layer that is used twice, and models inside models', () => {
    const shared = layers.dense({ units: 3, activation: 'tanh', name: 'shared' });
    const inner = tf.sequential({ name: 'inner', layers: [layers.dense({ units: 3, inputShape: [3], name: 'deep' }), layers.layerNormalization({ name: 'norm' })] });
    const input = tf.input({ shape: [3] });
    const twice = shared.apply(shared.apply(input)) as tf.SymbolicTensor;
    const nested = inner.apply(inner.apply(twice)) as tf.SymbolicTensor;
    const joined = layers.concatenate({ axis: 1 }).apply([nested, twice]) as tf.SymbolicTensor;
    const middle = tf.model({ inputs: input, outputs: joined, name: 'middle' });
    const outer = tf.input({ shape: [3] });
    const model = tf.model({ inputs: outer, outputs: layers.dense({ units: 2, name: 'out' }).apply(middle.apply(outer)) as tf.SymbolicTensor });
    const network = expectSameAsModel(model);
    expect(Object.keys(network.specs)).toEqual([
      'middle/shared/kernel', 'middle/shared/bias', 'middle/inner/deep/kernel', 'middle/inner/deep/bias',
      'middle/inner/norm/scale', 'middle/inner/norm/shift', 'out/kernel', 'out/bias',
    ]);
    model.dispose();
  });

  test('a layer that stands twice in a row of layers', () => {
    const again = layers.dense({ units: 3, inputShape: [3], activation: 'tanh', name: 'again' });
    const model = tf.sequential({ layers: [again, layers.dense({ units: 3, name: 'between' }), again, layers.dense({ units: 2, name: 'out' })] });
    const network = expectSameAsModel(model);
    expect(Object.keys(network.specs)).toEqual(['again/kernel', 'again/bias', 'between/kernel', 'between/bias', 'out/kernel', 'out/bias']);
    model.dispose();
  });

  test('a text classifier, with a length that its model leaves open', () => {
    const model = tf.sequential({
      layers: [
        layers.embedding({ inputDim: 20, outputDim: 4, name: 'words' }),
        layers.bidirectional({ layer: layers.gru({ units: 3, returnSequences: true }), mergeMode: 'concat' }),
        layers.lstm({ units: 5, name: 'reading' }),
        layers.dense({ units: 3, activation: 'softmax', name: 'classes' }),
      ],
    });
    expect(() => fromLayersModel(model, { lastActivation: 'kept' })).toThrow(`expected an input of fixed sizes, got [*]; give { inputShape }, such as [20].`);
    const network = expectSameAsModel(model, { tokens: 20, inputShape: [6] });
    expect(network.specs['words/table']!.shape).toEqual([20, 4]);
    expect(network.specs['reading/recurrentKernel']!.shape).toEqual([5, 20]);
    model.dispose();
  });

  test('batch norm that was trained: its moving statistics, running on or fixed', async () => {
    const model = alone([3], layers.batchNormalization({ momentum: 0.5 }));
    model.compile({ optimizer: tf.train.sgd(0.1), loss: 'meanSquaredError' });
    const [x, y] = [tf.randomNormal([16, 3], 5, 2, 'float32', 1), tf.randomNormal([16, 3], 0, 1, 'float32', 2)];
    await model.fit(x, y, { epochs: 3, verbose: 0 });
    const expected = tf.tidy(() => (model.predict(x) as tf.Tensor).dataSync());
    for (const statistics of ['running', 'fixed'] as const) {
      const network = fromLayersModel(model, { statistics });
      const running = Object.values(network.specs).filter(({ role }) => role === 'statistic').length;
      expect(running).toBe(statistics === 'running' ? 2 : 0);
      expectAlike(tf.tidy(() => network.apply(tensors(network), tf.expandDims(x, 0)).dataSync()), expected);
      expectAlike(tf.tidy(() => network.apply(initParams(network.specs, createRng('start')), tf.expandDims(x, 0)).dataSync()), expected);
    }
    expect(Object.keys(fromLayersModel(model, { statistics: 'support' }).weights)).toHaveLength(2);
    tf.dispose([x, y]);
    model.dispose();
  });
});

describe('fromLayersModel', () => {
  const classifier = (last: tf.layers.Layer[]) => tf.sequential({ name: `ends-${last.length}`, layers: [layers.dense({ units: 4, inputShape: [3], name: 'hidden' }), ...last] });

  test('drops a softmax at the end, in whatever place, and says so once', () => {
    const said = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    try {
      const ends = [
        [layers.dense({ units: 2, activation: 'softmax', name: 'out' })],
        [layers.dense({ units: 2, name: 'out' }), layers.softmax({ axis: -1 })],
        [layers.dense({ units: 2, name: 'out' }), layers.activation({ activation: 'sigmoid' })],
        [tf.sequential({ name: 'part', layers: [layers.dense({ units: 2, inputShape: [4], activation: 'softmax', name: 'out' })] })],
      ];
      for (const [index, last] of ends.entries()) {
        const model = classifier(last);
        const network = fromLayersModel(model);
        expect(network.head?.kernel).toBe(index === 3 ? 'part/out/kernel' : 'out/kernel');
        tf.tidy(() => {
          const x = tf.ones([1, 1, 3]);
          const logits = network.apply(tensors(network), x);
          const probabilities = index === 2 ? tf.sigmoid(logits) : tf.softmax(logits);
          expectAlike(probabilities.dataSync(), (model.predict(tf.ones([1, 3])) as tf.Tensor).dataSync());
          expect(fromLayersModel(model, { lastActivation: 'kept' }).head).toBeUndefined();
        });
        fromLayersModel(model);
        model.dispose();
      }
      expect(said.mock.calls.map(([sentence]) => sentence as string)).toEqual([
        `fromLayersModel: left out the softmax at the end of ends-1: losses take logits here; keep it with { lastActivation: 'kept' }.`,
        `fromLayersModel: left out the softmax at the end of ends-2: losses take logits here; keep it with { lastActivation: 'kept' }.`,
        `fromLayersModel: left out the sigmoid at the end of ends-2: losses take logits here; keep it with { lastActivation: 'kept' }.`,
        `fromLayersModel: left out the softmax at the end of part: losses take logits here; keep it with { lastActivation: 'kept' }.`,
      ]);
    } finally {
      said.mockRestore();
    }
  });

  test('drops a softmax that ends each time step, in whatever place', () => {
    const said = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    try {
      const each = (layer: tf.layers.Layer) => layers.timeDistributed({ layer });
      const ends = [
        [each(layers.dense({ units: 2, activation: 'softmax' }))],
        [each(each(layers.dense({ units: 2, activation: 'softmax' })))],
        [layers.dense({ units: 2 }), each(layers.activation({ activation: 'softmax' }))],
      ];
      for (const [index, last] of ends.entries()) {
        const model = tf.sequential({ name: `steps-${index}`, layers: [layers.inputLayer({ inputShape: [4, 5, 3] }), ...last] });
        tf.tidy(() => {
          const [network, kept] = (['dropped', 'kept'] as const).map((lastActivation) => fromLayersModel(model, { lastActivation }));
          const x = tf.randomNormal([1, 1, 4, 5, 3], 0, 1, 'float32', 1);
          const expected = (model.predict(tf.squeeze(x, [0])) as tf.Tensor).dataSync();
          expectAlike(tf.softmax(network!.apply(tensors(network!), x)).dataSync(), expected);
          expectAlike(kept!.apply(tensors(kept!), x).dataSync(), expected);
        });
        model.dispose();
      }
      expect(said.mock.calls.map(([sentence]) => sentence as string)).toEqual(
        ends.map((_, index) => `fromLayersModel: left out the softmax at the end of steps-${index}: losses take logits here; keep it with { lastActivation: 'kept' }.`),
      );
    } finally {
      said.mockRestore();
    }
  });

  test('starts at the model’s weights, copied, or afresh', () => {
    const model = classifier([layers.dense({ units: 2, name: 'out' })]);
    const network = fromLayersModel(model);
    const values = [...network.weights['hidden/kernel']!.values];
    const started = (start: 'pretrained' | 'fresh') =>
      tf.tidy(() => [...initParams(fromLayersModel(model, { start }).specs, createRng('start'))['hidden/kernel']!.dataSync()]);
    expect(started('pretrained')).toEqual(values);
    expect(started('fresh')).not.toEqual(values);
    model.dispose();
    expect([...network.weights['hidden/kernel']!.values]).toEqual(values);
  });

  test('leaks nothing', () =>
    expectNoLeak(() => {
      const model = alone([4, 3], layers.lstm({ units: 2 }));
      fromLayersModel(model);
      model.dispose();
    }));

  test('takes layers of one’s own classes', () => {
    class Doubled extends tf.layers.Layer {
      static className = 'Doubled';
      override call(x: tf.Tensor | tf.Tensor[]): tf.Tensor {
        return tf.mul([x].flat()[0]!, 2);
      }
    }
    const model = alone([3], new Doubled({}));
    expect(() => fromLayersModel(model)).toThrow('expected a layer that has an equal here, got a Doubled; build the model without it, or say what it is');
    const doubled = layerConversion(() => ({ layer: activation((x) => tf.mul(x, 2)) }));
    expectSameAsModel(model, { layers: { Doubled: doubled } });
    model.dispose();
  });

  test.each<[string, () => tf.LayersModel, string]>([
    ['layers without an equal', () => alone([3, 3], layers.gaussianNoise({ stddev: 1, name: 'noise' })), 'm/noise: expected a layer that has an equal here, got a GaussianNoise;'],
    ['state', () => alone([3, 2], layers.lstm({ units: 2, stateful: true, name: 'reading' }), 4), `m/reading (LSTM): stateful: expected false: a network is a pure function, got true; build the model without state`],
    ['masks', () => alone([3], layers.embedding({ inputDim: 2, outputDim: 2, maskZero: true, name: 'words' })), 'm/words (Embedding): maskZero: expected false'],
    ['channels first', () => alone([3, 2], layers.flatten({ dataFormat: 'channelsFirst', name: 'flat' })), `m/flat (Flatten): dataFormat: expected 'channelsLast', got "channelsFirst"; build the model with channels last.`],
    ['interpolated pixels', () => alone([2, 2, 1], layers.upSampling2d({ interpolation: 'bilinear', name: 'up' })), `m/up (UpSampling2D): interpolation: expected 'nearest', got "bilinear";`],
    ['a dilation that the model itself leaves out', () => alone([5, 5, 1], layers.depthwiseConv2d({ kernelSize: 3, dilationRate: 2, name: 'apart' })), 'm/apart (DepthwiseConv2D): dilationRate: expected 1: TensorFlow.js leaves any other out, got [2,2]; build the model with 1, or with a separableConv2d.'],
    ['norms over other axes', () => alone([3, 2], layers.batchNormalization({ axis: 1, name: 'norm' })), `m/norm (BatchNormalization): axis: expected the last, got 1;`],
  ])('refuses %s by name, with a remedy', (_what, model, sentence) => {
    const given = model();
    expect(() => fromLayersModel(given)).toThrow(sentence);
    given.dispose();
  });

  test('refuses a second output, an initial state, and batch norm in two places unless its statistics are fixed', () => {
    const input = tf.input({ shape: [3, 2] });
    const [, state] = layers.lstm({ units: 2, returnState: true, name: 'reading' }).apply(input) as tf.SymbolicTensor[];
    expect(() => fromLayersModel(tf.model({ inputs: input, outputs: state!, name: 'm' }))).toThrow('m/reading: expected a layer of one output, got the use of its output 2;');
    const norm = layers.batchNormalization({ name: 'norm' });
    const twice = tf.model({ inputs: input, outputs: norm.apply(norm.apply(input)) as tf.SymbolicTensor, name: 'm' });
    expect(() => fromLayersModel(twice)).toThrow('m: norm#2: shares: expected a layer without statistics');
    expect(Object.keys(fromLayersModel(twice, { statistics: 'fixed' }).specs)).toEqual(['norm/scale', 'norm/shift']);
  });

  test('refuses several inputs or outputs, and options that do not fit', () => {
    const [one, two] = [tf.input({ shape: [2] }), tf.input({ shape: [2] })];
    const sum = layers.add().apply([one, two]) as tf.SymbolicTensor;
    expect(() => fromLayersModel(tf.model({ inputs: [one, two], outputs: sum, name: 'two' }))).toThrow('fromLayersModel: two: expected one input, got 2; take one tensor');
    const heads = [layers.dense({ units: 1 }).apply(one), layers.dense({ units: 1 }).apply(one)] as tf.SymbolicTensor[];
    expect(() => fromLayersModel(tf.model({ inputs: one, outputs: heads, name: 'heads' }))).toThrow('fromLayersModel: heads: expected one output, got 2;');
    expect(() => fromLayersModel({} as tf.LayersModel)).toThrow('fromLayersModel: model: expected a tf.LayersModel, got another object; a graph model has no layers');
    expect(() => fromLayersModel(tf.sequential({ name: 'empty' }))).toThrow('fromLayersModel: empty: expected one input, got 0;');
    const narrow = alone([2], layers.dense({ units: 1 }));
    expect(() => fromLayersModel(narrow, { inputShape: [3] })).toThrow('fromLayersModel: inputShape: expected shape [2] as m has, got [3].');
    expect(() => fromLayersModel(narrow, { statistics: 'moving' as 'fixed' })).toThrow(`fromLayersModel: statistics: expected one of`);
    narrow.dispose();
  });
});

function alone(inputShape: number[], layer: tf.layers.Layer, batchSize?: number): tf.Sequential {
  const input = batchSize ? layers.inputLayer({ batchInputShape: [batchSize, ...inputShape] }) : layers.inputLayer({ inputShape });
  return tf.sequential({ name: 'm', layers: [input, layer] });
}
