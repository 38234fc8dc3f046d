import * as tf from '@tensorflow/tfjs';
import { expect } from 'vitest';

/** Fails if `work` leaves more (or fewer) live tensors than it found. Dispose what you own inside `work`. */
export async function expectNoLeak(work: () => unknown): Promise<void> {
  const before = tf.memory().numTensors;
  await work();
  expect(tf.memory().numTensors - before).toBe(0);
}
