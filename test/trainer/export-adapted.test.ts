import * as tf from '@tensorflow/tfjs';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import type { Learner } from '../../src/core/learner';
import { fullHypernetwork } from '../../src/hypernets/full-hypernetwork';
import { modulationHypernetwork } from '../../src/hypernets/modulation-hypernetwork';
import { readSafetensors } from '../../src/io/safetensors';
import { hyperLearner } from '../../src/learners/hyper-learner';
import { maml } from '../../src/learners/maml';
import { protonet } from '../../src/learners/protonet';
import { conv4 } from '../../src/nn/conv4';
import { gridDetector } from '../../src/nn/grid-detector';
import { mlp } from '../../src/nn/mlp';
import { siren } from '../../src/nn/siren';
import { characterScenes } from '../../src/tasks/character-scenes';
import { fewShot } from '../../src/tasks/few-shot';
import { labelledSet } from '../../src/tasks/labelled-set';
import { sinusoids } from '../../src/tasks/sinusoids';
import type { Adapted } from '../../src/trainer/adapted';
import { metaTrainer } from '../../src/trainer/meta-trainer';
import { importText, predictWith } from '../export/run-exports';
import { expectNoLeak } from '../helpers/leaks';

const waves = sinusoids({ shots: 5 });
const points = { x: [[-1], [0], [2], [3]], y: [[0.3], [1.2], [-0.4], [-1]] };
const pixels = (index: number) => Array.from({ length: 256 }, (_, pixel) => Math.sin(index * 31 + pixel * (1 + (index % 4))));
const drawings = labelledSet({ x: Array.from({ length: 24 }, (_, index) => Float32Array.from(pixels(index))), y: Array.from({ length: 24 }, (_, index) => `kind ${index % 4}`), inputShape: [16, 16, 1] });
const kinds = fewShot(drawings, { ways: 3, shots: 2, queryShots: 2 });
const shown = { x: [0, 1, 2, 4, 5, 6].map((index) => Float32Array.from(pixels(index))), y: ['a', 'b', 'c', 'a', 'b', 'c'] };

interface Case {
  readonly learner: () => Learner;
  readonly tasks: typeof waves;
  readonly support: Parameters<Awaited<ReturnType<typeof metaTrainer>>['adapt']>[0];
  readonly samples: readonly number[][];
}

const ofWaves = { tasks: waves, support: points, samples: [[0.5], [-2], [4]] };
const ofDrawings = { tasks: kinds, support: shown, samples: [8, 9, 10].map((index) => pixels(index)) };
const cases: Readonly<Record<string, Case>> = {
  'a dense network': { learner: () => maml(mlp([1, 8, 8, 1])), ...ofWaves },
  'a generated network with tanh': { learner: () => hyperLearner(mlp([1, 8, 1], { activation: 'tanh', norm: 'layer' }), fullHypernetwork({ embeddingSize: 3 })), ...ofWaves },
  'a modulated sine network': { learner: () => hyperLearner(siren([1, 8, 8, 1]), modulationHypernetwork({ embeddingSize: 3 })), ...ofWaves },
  'a pooled convolution with batch norm and ProtoNet': { learner: () => protonet(conv4({ inputShape: [16, 16, 1], ways: 3, filters: 4 })), ...ofDrawings },
};

/** Adapts, hands the network over and disposes all. */
async function withAdapted<Result>({ learner, tasks, support }: Case, work: (adapted: Adapted) => Promise<Result>, options = {}): Promise<Result> {
  const trainer = await metaTrainer(learner(), tasks, { metaBatchSize: 2 });
  const adapted = await trainer.adapt(support, options);
  try {
    return await work(adapted);
  } finally {
    adapted.dispose();
    trainer.dispose();
  }
}

async function runOnnx(model: Uint8Array, samples: readonly number[][], inputShape: readonly number[]) {
  const session = await InferenceSession.create(model);
  const { output0 } = await session.run({ input0: new Tensor('float32', Float32Array.from(samples.flat()), [samples.length, ...inputShape]) });
  await session.release();
  return { values: Array.from(output0!.data as Float32Array), shape: output0!.dims };
}

describe('an adapted network as ONNX', () => {
  test.each(Object.entries(cases))('%s predicts the same in onnxruntime', async (_name, one) => {
    await withAdapted(one, async (adapted) => {
      const { inputShape } = one.tasks;
      for (const output of ['values', 'logits'] as const) {
        const x = tf.tensor(one.samples.flat(), [one.samples.length, ...inputShape]);
        const expected = adapted.predict(x, { output });
        const { values, shape } = await runOnnx(adapted.toOnnx({ batch: one.samples.length, output }), one.samples, inputShape);
        expect(shape).toEqual(expected.shape);
        const close = Array.from(expected.dataSync());
        const scale = Math.max(1, ...close.map(Math.abs));
        values.forEach((value, index) => expect(Math.abs(value - close[index]!) / scale).toBeLessThan(1e-6));
        tf.dispose([x, expected]);
      }
      const alone = await runOnnx(adapted.toOnnx(), one.samples.slice(0, 1), inputShape);
      expect(alone.shape[0]).toBe(1);
    });
  });

  test('is made of standard operators alone', () =>
    withAdapted(cases['a dense network']!, (adapted) => {
      const text = Buffer.from(adapted.toOnnx({ batch: 1 })).toString('latin1');
      expect(text).toContain('Relu');
      expect(text).not.toContain('com.microsoft');
      return Promise.resolve();
    }));

  test('stays as it is when the network is gone, and leaks nothing', async () => {
    await expectNoLeak(async () => {
      const [model, expected] = await withAdapted(cases['a dense network']!, (adapted) => Promise.resolve([adapted.toOnnx(), adapted.predict([[0.5]])] as const));
      const { values } = await runOnnx(model, [[0.5]], [1]);
      expect(values[0]).toBeCloseTo((expected as number[][])[0]![0]!, 5);
    });
  });

  test('refuses several samples, no batch, and a network after dispose()', async () => {
    await withAdapted(cases['a dense network']!, async (adapted) => {
      expect(() => adapted.toOnnx()).toThrow('toOnnx: expected one adaptation, got 2 samples; adapt without samples.');
      expect(() => adapted.toSafetensors()).toThrow('toSafetensors: expected one adaptation, got 2 samples; adapt without samples.');
    }, { samples: 2 });
    const gone = await withAdapted(cases['a dense network']!, async (adapted) => {
      expect(() => adapted.toOnnx({ batch: 0 })).toThrow('toOnnx: batch: expected a whole number of at least 1, got 0.');
      return adapted;
    });
    expect(() => gone.toOnnx()).toThrow('expected an adapted network that is in use, got one after dispose().');
    expect(() => gone.toSafetensors()).toThrow('toSafetensors: expected an adapted network that is in use, got one after dispose().');
  });
});

test('the adapted weights as safetensors, without a task axis', () =>
  withAdapted(cases['a dense network']!, (adapted) => {
    const { tensors } = readSafetensors(adapted.toSafetensors(), 'adapted');
    expect(Object.keys(tensors).sort()).toEqual(Object.keys(adapted.weights).sort());
    expect(tensors['dense1/kernel']!.shape).toEqual([1, 8]);
    expect([...tensors['dense1/kernel']!.values]).toEqual([...adapted.weights['dense1/kernel']!.dataSync()]);
    return Promise.resolve();
  }));

test('an adapted detector is exported in each format with the scores and edges that it predicts', async () => {
  const squares = { inputShape: [8, 8, 1], classes: [120, 240].map((level) => ({ name: `level ${level}`, examples: new Uint8Array(128).fill(level) })) };
  const scenes = characterScenes(squares, { size: 24, sides: [8, 8], characters: [1, 1], shots: 1, queryScenes: 2 });
  const { support, query } = scenes.sample('export', 0);
  const detector = maml(gridDetector({ inputShape: [24, 24, 1], strided: [2, 3], deep: [4] }));
  const trainer = await metaTrainer(detector, scenes, { metaBatchSize: 2, innerSteps: 1, runtime: 'onnxruntime-node' });
  const adapted = await trainer.adapt({ x: [support.x], y: [support.y] });
  const samples = [query.x.slice(0, 576), query.x.slice(576)];
  const found = (adapted.predict(samples) as readonly (readonly unknown[])[]).flat(Infinity) as number[];
  const agrees = (values: readonly number[] | Float32Array) => {
    expect(values).toHaveLength(found.length);
    values.forEach((value, index) => expect(Math.abs(value - found[index]!)).toBeLessThan(1e-4)); // edges are pixels
  };
  const { predict } = await importText(adapted.toJavaScript());
  agrees((predict(samples) as readonly (readonly unknown[])[]).flat(Infinity) as number[]);
  agrees(await predictWith(adapted.toTfjs({ batch: 2 }), tf.tensor(query.x, [2, 24, 24, 1])));
  agrees((await runOnnx(adapted.toOnnx({ batch: 2 }), samples.map((sample) => [...sample]), [24, 24, 1])).values);
  adapted.dispose();
  trainer.dispose();
});
