import * as tf from '@tensorflow/tfjs';
import { expect } from 'vitest';
import { checkDerivatives, type CheckDerivativesOptions } from '../../src/ops/check-derivatives';
import { onEveryBackend } from './backends';
import { isFull } from './full';

/** A shape to fill with seeded normal values, or a maker of a tensor (tensors do not survive a change of back-end). */
export type Input = readonly number[] | (() => tf.Tensor);

/** Fails, with a readable report, unless first and second derivatives are right on every back-end; in the short form along half as many directions. */
export function expectDerivatives(fn: (...inputs: tf.Tensor[]) => tf.Tensor, ...inputs: readonly Input[]): Promise<void> {
  return expectDerivativesWith({}, fn, ...inputs);
}

/** The same with options of `checkDerivatives`. */
export async function expectDerivativesWith(
  options: CheckDerivativesOptions,
  fn: (...inputs: tf.Tensor[]) => tf.Tensor,
  ...inputs: readonly Input[]
): Promise<void> {
  await onEveryBackend((backend) => {
    const made = inputs.map((input) => (typeof input === 'function' ? input() : input));
    const before = tf.memory().numTensors;
    const report = checkDerivatives(fn, made, { ...(isFull ? {} : { directions: 2 }), ...options });
    expect(tf.memory().numTensors, `${backend}: tensors left behind`).toBe(before);
    for (const input of made) if (input instanceof tf.Tensor) input.dispose();
    expect(report.passed, `on ${backend}\n${report.text}`).toBe(true);
  });
}
