import * as tf from '@tensorflow/tfjs';
import type { HostBatch, HostExamples, Examples } from '../core/task';

/** Examples whose weights are left out where none is padding: a compiled step then has fewer things to compute. */
export interface Unpadded<Tensor = tf.Tensor> {
  readonly x: Tensor;
  readonly y: Tensor;
  readonly weight?: Tensor;
}

/** Leaves the weights out where they are all 1. */
export function unpadded({ x, y, weight }: HostExamples): Unpadded<HostExamples['x']> {
  return weight.values.every((value) => value === 1) ? { x, y } : { x, y, weight };
}

/** The same for what a learner sees of T tasks. */
export function unpaddedTask<Task extends Pick<HostBatch, 'support'>>(task: Task) {
  return { ...task, support: unpadded(task.support) };
}

/** With weights of 1 where they were left out. The caller disposes those. */
export function withWeights({ x, y, weight }: Unpadded): Examples {
  const [tasks, n] = x.shape as [number, number];
  return { x, y, weight: weight ?? tf.ones([tasks, n]) };
}
