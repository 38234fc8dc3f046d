import * as tf from '@tensorflow/tfjs';
import { hostFloats, type HostParams } from '../core/host-tensor';
import type { Params } from '../core/params';
import { sizeOf } from '../core/shape';
import { compile, orUncompiled } from '../engine/compile';
import type { ContinualSettings } from './options';

/** What tasks' networks put out. */
export interface Forward {
  /** Base weights of tasks, from what they share and what each has of its own, `[tasks, ...]`. */
  weights(shared: HostParams, own: HostParams): Promise<HostParams>;
  /** Outputs `[count * outputs]` of one task's weights; those that are not the task's are near −1e9. */
  outputs(weights: HostParams, x: Float32Array, count: number, head: Float32Array | undefined): Promise<Float32Array>;
  dispose(): Promise<void>;
}

/** Examples that go through a network at once. */
const mostRows = 512;

export function forward({ learner, runtime }: ContinualSettings): Forward {
  const { base, name } = learner;
  const how = { name: `the ${name} learner's tasks`, ...orUncompiled(runtime) };
  const generate = compile(({ shared, own }: { shared: Params; own: Params }) => learner.weights(shared, own), how);
  const apply = compile(({ weights, x }: { weights: Params; x: tf.Tensor }) => base.apply(weights, x), how);
  const [inputs, width] = [sizeOf(base.inputShape), sizeOf(base.outputShape)];

  return {
    weights: async (shared, own) => (await generate.runOnHost({ shared, own })) as HostParams, // all floats
    async outputs(weights, x, count, head) {
      const found = new Float32Array(count * width);
      for (let first = 0; first < count; first += mostRows) {
        const rows = Math.min(mostRows, count - first);
        const padded = new Float32Array(2 ** Math.ceil(Math.log2(rows)) * inputs); // few sizes, few graphs
        padded.set(x.subarray(first * inputs, (first + rows) * inputs));
        const made = await apply.runOnHost({ weights, x: hostFloats(padded, [1, padded.length / inputs, ...base.inputShape]) });
        found.set((made.values as Float32Array).subarray(0, rows * width), first * width);
        apply.recycle(made);
      }
      if (head) for (let i = 0; i < found.length; i++) found[i]! += head[i % width]!;
      return found;
    },
    async dispose() {
      await Promise.all([generate.dispose(), apply.dispose()]);
    },
  };
}
