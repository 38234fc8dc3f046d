import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { compile } from '../../src/engine/compile';
import { clipPerTask, clipTogether, expectClip, globalNorm } from '../../src/optim/clip';
import { onEveryBackend } from '../helpers/backends';
import { expectDerivatives } from '../helpers/derivatives';

const values = (tensor: tf.Tensor | undefined) => Array.from(tensor!.dataSync());

test('each task is clipped by its own norm over all entries', () =>
  tf.tidy(() => {
    const gradients = { a: tf.tensor([[3], [0.3]]), b: tf.tensor([[4], [0.4]]) }; // norms 5 and 0.5
    const clipped = clipPerTask(gradients, { by: 'norm', limit: 1 });
    expect(values(clipped['a'])).toEqual([expect.closeTo(0.6), expect.closeTo(0.3)]);
    expect(values(clipped['b'])).toEqual([expect.closeTo(0.8), expect.closeTo(0.4)]);
  }));

test('together, all entries share one norm', () =>
  tf.tidy(() => {
    const clipped = clipTogether({ a: tf.tensor([[3]]), b: tf.tensor([[[4]]]) }, { by: 'norm', limit: 2.5 });
    expect([...values(clipped['a']), ...values(clipped['b'])]).toEqual([expect.closeTo(1.5), expect.closeTo(2)]);
    expect(clipped['b']!.shape).toEqual([1, 1, 1]);
  }));

test('together, values whose squares are past float32 keep their direction', () =>
  onEveryBackend((backend) =>
    tf.tidy(() => {
      const gradients = { a: tf.tensor([[3e19]]), b: tf.tensor([4e19]) };
      const clipped = clipTogether(gradients, { by: 'norm', limit: 1 });
      expect([...values(clipped['a']), ...values(clipped['b'])], backend).toEqual([expect.closeTo(0.6), expect.closeTo(0.8)]);
      expect(values(globalNorm(gradients))[0]! / 5e19, backend).toBeCloseTo(1, 5);
      expect(values(globalNorm({ a: tf.zeros([2]) }))[0], backend).toBeCloseTo(0);
    }),
  ));

test('a task whose squares are past float32 becomes NaN, and not a gradient of 0; the others are clipped', async () => {
  const clip = ({ a }: { readonly a: tf.Tensor }) => clipPerTask({ a }, { by: 'norm', limit: 1 })['a']!;
  const compiled = compile(clip, { runtime: 'onnxruntime-node' });
  const a = tf.tensor([[3e19, 4e19], [3, 4]]);
  const expected = [NaN, NaN, expect.closeTo(0.6), expect.closeTo(0.8)];
  expect(values(await compiled.run({ a }))).toEqual(expected);
  await onEveryBackend(() => expect(values(clip({ a: tf.tensor([[3e19, 4e19], [3, 4]]) }))).toEqual(expected));
  await compiled.dispose();
});

test('by value, every number is clamped', () =>
  tf.tidy(() => {
    const clipped = clipPerTask({ a: tf.tensor([[30, -30, 1]]) }, { by: 'value', limit: 10 });
    expect(values(clipped['a'])).toEqual([10, -10, 1]);
  }));

test('a zero gradient stays zero', () =>
  tf.tidy(() => {
    expect(values(clipPerTask({ a: tf.zeros([2, 2]) }, { by: 'norm', limit: 1 })['a'])).toEqual([0, 0, 0, 0]);
  }));

for (const clip of [clipPerTask, clipTogether])
  for (const limit of [0.5, 100])
    test(`${clip.name} at ${limit} is right to second order`, () =>
      expectDerivatives((a, b) => tf.addN(Object.values(clip({ a: a, b: b }, { by: 'norm', limit })).map((g) => tf.square(g))), [3, 2], [3, 2]));

test('refuses a limit of 0', () =>
  expect(() => expectClip('innerClip', { by: 'norm', limit: 0 })).toThrow('innerClip.limit: expected a finite number above 0, got 0.'));
