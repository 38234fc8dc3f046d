import * as tf from '@tensorflow/tfjs';
import { hostFloats, type HostParams } from '../core/host-tensor';
import { mapRecord, tileParams, type Params } from '../core/params';
import type { Rng } from '../core/rng';
import { sizeOf } from '../core/shape';
import type { ExampleArrays } from '../core/task';
import { compile, orUncompiled } from '../engine/compile';
import { valueAndGradients } from '../ops/gradients';
import type { ContinualSettings } from './options';

/** How much a task's outputs depend on each of its base weights. */
export interface Sensitivity {
  /**
   * Mean over some examples of the sum over outputs of (∂ output / ∂ weight)², `[1, ...]`: the diagonal of JᵀJ, which makes of a
   * weight's squared change that of the outputs. Each example's sum is estimated, without bias, by the squared derivative of
   * Σ ± output with signs drawn by chance. `outputs` are those of the task's classes; none are given for values, and all count.
   */
  of(weights: HostParams, examples: ExampleArrays, how: { readonly count: number; readonly outputs: readonly number[]; readonly rng: Rng }): Promise<HostParams>;
  dispose(): Promise<void>;
}

/** Examples whose derivatives are taken at once: each has weights of its own, as a task has. */
const together = 16;

export function sensitivity({ learner: { base, name }, runtime }: ContinualSettings): Sensitivity {
  const squares = compile(({ weights, x, signs }: { weights: Params; x: tf.Tensor; signs: tf.Tensor }) => {
    const each = tileParams(weights, x.shape[0]);
    const { gradients } = valueAndGradients((at) => tf.sum<tf.Scalar>(tf.mul(base.apply(at, x), signs)), each);
    return mapRecord(gradients, (gradient) => tf.sum(tf.square(gradient), 0, true));
  }, { name: `the sensitivity of the ${name} learner's tasks`, ...orUncompiled(runtime) });
  const [inputs, width] = [sizeOf(base.inputShape), sizeOf(base.outputShape)];

  return {
    async of(weights, { x, count: all }, { count, outputs, rng }) {
      const chosen = rng.shuffle(Array.from({ length: all }, (_, index) => index)).slice(0, count);
      const asked = outputs.length > 0 ? outputs : Array.from({ length: width }, (_, output) => output);
      const sums = mapRecord(weights, ({ values: { length }, shape }) => hostFloats(new Float32Array(length), shape));
      for (let first = 0; first < chosen.length; first += together) {
        const rows = chosen.slice(first, first + together);
        const [batch, signs] = [new Float32Array(together * inputs), new Float32Array(together * width)]; // rows that are left have no sign
        rows.forEach((row, place) => {
          batch.set(x.subarray(row * inputs, (row + 1) * inputs), place * inputs);
          for (const output of asked) signs[place * width + output] = rng.uniform() < 0.5 ? -1 : 1;
        });
        const made = (await squares.runOnHost({
          weights,
          x: hostFloats(batch, [together, 1, ...base.inputShape]),
          signs: hostFloats(signs, [together, 1, ...base.outputShape]),
        })) as HostParams; // all floats
        for (const [entry, { values }] of Object.entries(sums)) values.forEach((sum, i) => (values[i] = sum + made[entry]!.values[i]! / chosen.length));
        squares.recycle(made);
      }
      return sums;
    },
    dispose: () => squares.dispose(),
  };
}
