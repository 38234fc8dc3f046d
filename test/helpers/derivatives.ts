import * as tf from '@tensorflow/tfjs';
import { expect } from 'vitest';
import { checkDerivatives, type CheckDerivativesOptions } from '../../src/ops/check-derivatives';
import { onEveryBackend } from './backends';
import { isFull } from './full';

/** A shape to fill with seeded normal values, or a maker of a tensor (tensors do not survive a change of back-end). */
export type Input = readonly number[] | (() => tf.Tensor);

/** Fails, with a readable report, unless first and second derivatives are right on every back-end; in the short form along fewer directions. */
export function expectDerivatives(fn: (...inputs: tf.Tensor[]) => tf.Tensor, ...inputs: readonly Input[]): Promise<void> {
  return expectDerivativesWith({}, fn, ...inputs);
}

/** Directions of each input in the short form: a network has many inputs, each of which takes its time. */
const fewDirections = (inputs: number) => ({ directions: inputs > 6 ? 1 : 2 });

/** The same with options of `checkDerivatives`. */
export async function expectDerivativesWith(
  options: CheckDerivativesOptions,
  fn: (...inputs: tf.Tensor[]) => tf.Tensor,
  ...inputs: readonly Input[]
): Promise<void> {
  await onEveryBackend((backend) => {
    const made = inputs.map((input) => (typeof input === 'function' ? input() : input));
    const before = tf.memory().numTensors;
    const report = checkDerivatives(fn, made, { ...(isFull ? {} : fewDirections(made.length)), ...options });
    expect(tf.memory().numTensors, `${backend}: tensors left behind`).toBe(before);
    for (const input of made) if (input instanceof tf.Tensor) input.dispose();
    expect(report.passed, `on ${backend}\n${report.text}`).toBe(true);
  });
}
