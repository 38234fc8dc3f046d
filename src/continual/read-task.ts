import { DataError } from '../core/errors';
import { sizeOf, type Shape } from '../core/shape';
import type { ExampleArrays, Objective } from '../core/task';
import { readExamples, type UserExamples } from '../tasks/examples';
import type { Label } from '../tasks/labels';

/** What a continual trainer knows of a task beside its numbers. */
export interface ContinualTask {
  /** The classes in the order of its outputs; none for values. */
  readonly classes?: readonly Label[];
  /** Which of the base network's outputs are the task's. */
  readonly outputs: readonly number[];
  /** Steps it was learned for. */
  readonly steps: number;
}

/** Examples and targets as the base network's outputs are compared with. */
export interface TaskExamples extends Pick<ContinualTask, 'classes' | 'outputs'> {
  readonly arrays: ExampleArrays;
}

/** What an output that is not the task's is moved by: its probability is 0. */
const absent = -1e9;

/**
 * The user's examples of a task, its classes in the columns of its outputs.
 *
 * @throws RangeError unless there is an output for each class, each once and within the base network's; what `readExamples` throws
 */
export function readTask(
  network: { readonly inputShape: Shape; readonly outputShape: Shape },
  objective: Objective,
  examples: UserExamples,
  outputs: readonly number[] | undefined,
  where: string,
): TaskExamples {
  const source = { inputShape: network.inputShape, targetShape: network.outputShape, objective };
  const { arrays, classes } = readExamples(source, examples, where);
  if (!classes) {
    if (outputs) throw new RangeError(`${where}: outputs: expected none for values, got ${outputs.join(', ')}.`);
    return { arrays, outputs: [] };
  }
  const width = sizeOf(network.outputShape);
  if (!outputs && classes.length > width)
    throw new DataError(`${where}.y: expected at most ${width} classes, as many as the base network has outputs, got ${classes.length}.`);
  const chosen = outputs ?? classes.map((_, index) => index);
  if (!areOutputs(chosen, width)) throw new RangeError(`${where}: outputs: expected different whole numbers below ${width}, the outputs of the base network, got ${chosen.join(', ')}.`);
  if (chosen.length !== classes.length)
    throw new DataError(`${where}: expected ${chosen.length} classes, one for each output, got ${classes.length}.`);
  const y = new Float32Array(arrays.count * width);
  for (let example = 0; example < arrays.count; example++)
    chosen.forEach((output, index) => (y[example * width + output] = arrays.y[example * classes.length + index]!));
  return { arrays: { ...arrays, y }, classes, outputs: chosen };
}

/** Whether these are different outputs of a base network that has so many. */
export function areOutputs(chosen: readonly number[], width: number): boolean {
  return chosen.every((output) => Number.isInteger(output) && output >= 0 && output < width) && new Set(chosen).size === chosen.length;
}

/** What is added to a task's outputs `[outputs]`: 0 where they are its own, −1e9 elsewhere; nothing for values. */
export function headOf({ classes, outputs }: Pick<ContinualTask, 'classes' | 'outputs'>, outputShape: Shape): Float32Array {
  const head = new Float32Array(sizeOf(outputShape));
  if (classes) head.fill(absent);
  for (const output of outputs) head[output] = 0;
  return head;
}
