import * as tf from '@tensorflow/tfjs';
import type { Noise } from '../core/noise';
import type { Objective } from '../core/task';
import { compile, type CompileOptions } from '../engine/compile';

/** What the query sets are measured with: a network's outputs, and what they should be. */
export interface QueryOutputs {
  readonly output: tf.Tensor;
  readonly y: tf.Tensor;
  readonly weight: tf.Tensor;
}

/** Objectives whose programs are kept; those of the one unused for longest go first. */
const mostObjectives = 8;

/** Compiled functions that score and read outputs, a pair for each objective, made when it is first asked for. */
export function measures<Queried>(outputs: (queried: Queried, noise: Noise) => QueryOutputs, options: CompileOptions) {
  const made = new Map<Objective, ReturnType<typeof make>>();
  let isDisposed = false;

  const make = (objective: Objective) => ({
    score: compile((queried: Queried, noise: Noise) => {
      const { output, y, weight } = outputs(queried, noise);
      const isFinite = tf.all(tf.reshape(tf.isFinite(output), [output.shape[0], -1]), 1);
      return { metric: objective.metric.measure(output, y, weight), isFinite: tf.cast(isFinite, 'float32') };
    }, options),
    predict: compile((queried: Queried, noise: Noise) => {
      const { output } = outputs(queried, noise);
      const deviation = objective.deviation?.(output);
      return { values: objective.readout(output), ...(deviation ? { deviation } : {}) };
    }, options),
  });

  const end = async (objective: Objective) => {
    const { score, predict } = made.get(objective)!; // one of the map
    made.delete(objective);
    await Promise.all([score.dispose(), predict.dispose()]); // after the runs that are under way
  };

  return {
    by(objective: Objective) {
      const found = made.get(objective) ?? make(objective);
      made.delete(objective);
      made.set(objective, found); // last used, last to go
      const [oldest] = made.keys();
      if (made.size > mostObjectives) void end(oldest!);
      if (isDisposed) void end(objective); // its run is refused
      return found;
    },
    async dispose() {
      isDisposed = true;
      await Promise.all([...made.keys()].map((objective) => end(objective)));
    },
  };
}
