import * as tf from '@tensorflow/tfjs';
import { DivergenceError, expectOneOf } from '../core/errors';
import type { HostParams } from '../core/host-tensor';
import { sizeOf } from '../core/shape';
import { meanInterval } from '../evaluation/interval';
import { readInputs, type UserExamples } from '../tasks/examples';
import { mostProbable, type Label } from '../tasks/labels';
import type { NumberSource } from '../tasks/read-arrays';
import type { Numbers } from '../trainer/adapted';
import type { ContinualTrainer, EvaluateTaskOptions, TaskScore } from './continual';
import { entropies } from './entropy';
import type { Forward } from './forward';
import type { ContinualSettings } from './options';
import { readTask, type ContinualTask } from './read-task';

/** What predictions look at. */
export interface PredictionContext {
  readonly settings: ContinualSettings;
  readonly passes: Forward;
  readonly tasks: readonly ContinualTask[];
  shared(): HostParams;
  ownOf(task: number): HostParams;
  headFor(task: ContinualTask): Float32Array | undefined;
  /** @throws Error after dispose() */
  expectInUse(where: string): void;
}

/** Samples, row-major. */
interface Samples {
  readonly x: Float32Array;
  readonly count: number;
}

/** The half of a continual trainer that predicts. */
export function predictions(context: PredictionContext): Pick<ContinualTrainer, 'predict' | 'classify' | 'inferTask' | 'evaluate'> {
  const { settings: { learner: { base }, objective }, passes, tasks, headFor } = context;
  const width = sizeOf(base.outputShape);

  function expectTask(where: string, task: number): ContinualTask {
    context.expectInUse(where);
    return taskOf(where, tasks, task);
  }

  function expectClasses(where: string): void {
    context.expectInUse(where);
    if (objective.target !== 'class') throw new RangeError(`${where}: expected a classifier, got an objective of values; use predict(x, { task }).`);
    if (tasks.length === 0) throw new RangeError(`${where}: expected at least 1 task, got none; add one with addTask.`);
  }

  async function outputsOf(task: number, { x, count }: Samples): Promise<Float32Array> {
    const weights = await passes.weights(context.shared(), context.ownOf(task));
    return passes.outputs(weights, x, count, headFor(tasks[task]!));
  }

  /** Values `[count, ...]`, or probabilities of the task's own classes `[count, classes]`. */
  async function valuesOf(task: number, samples: Samples): Promise<readonly (readonly number[])[]> {
    const outputs = await outputsOf(task, samples);
    const { classes, outputs: own } = tasks[task]!;
    const values = tf.tidy(() => objective.readout(tf.tensor(outputs, [1, samples.count, ...base.outputShape])).dataSync());
    const columns = classes ? own : Array.from({ length: values.length / samples.count }, (_, column) => column);
    const row = values.length / samples.count;
    return Array.from({ length: samples.count }, (_, index) => columns.map((column) => values[index * row + column]!));
  }

  /** For each sample the surest task, and the class that it says. @throws DivergenceError */
  async function infer(where: string, samples: Samples): Promise<{ readonly task: readonly number[]; readonly label: readonly Label[] }> {
    const [task, lowest, label] = [new Array<number>(samples.count).fill(0), new Float64Array(samples.count).fill(Infinity), new Array<Label>(samples.count)];
    for (const index of tasks.keys()) {
      const values = await valuesOf(index, samples);
      const labels = labelsOf(where, values, tasks[index]!, index);
      for (const [sample, entropy] of entropies(values).entries()) {
        if (entropy >= lowest[sample]!) continue;
        lowest[sample] = entropy;
        task[sample] = index;
        label[sample] = labels[sample]!;
      }
    }
    return { task, label };
  }

  const classesOf = async (task: number, samples: Samples) => labelsOf('classify', await valuesOf(task, samples), tasks[task]!, task);

  return {
    async predict(x, { task }) {
      expectTask('predict', task);
      const samples = readInputs(base.inputShape, x);
      const rows = (await valuesOf(task, samples)).map((row) => nested(row, tasks[task]!.classes ? [row.length] : base.outputShape));
      return samples.form === 'sample' ? rows[0]! : rows;
    },
    async classify(x: NumberSource, { task } = {}) {
      expectClasses('classify');
      if (task !== undefined) expectTask('classify', task);
      const samples = readInputs(base.inputShape, x);
      const labels = task === undefined ? (await infer('classify', samples)).label : await classesOf(task, samples);
      return samples.form === 'sample' ? labels[0]! : labels;
    },
    async inferTask(x: NumberSource) {
      expectClasses('inferTask');
      const samples = readInputs(base.inputShape, x);
      const { task } = await infer('inferTask', samples);
      return samples.form === 'sample' ? task[0]! : task;
    },
    async evaluate(examples: UserExamples, { task: number, identity = 'given' }: EvaluateTaskOptions): Promise<TaskScore> {
      const task = expectTask('evaluate', number);
      expectOneOf('evaluate: identity', identity, ['given', 'inferred']);
      const { classes, outputs } = task;
      const { arrays } = readTask(base, objective, { ...examples, ...(classes ? { classes } : {}) }, classes && outputs, 'evaluate');
      const { name: metric, measure } = objective.metric;
      if (identity === 'given') {
        const found = await outputsOf(number, arrays);
        const broken = found.findIndex((value) => !Number.isFinite(value));
        if (broken >= 0) throw new DivergenceError(`evaluate: sample ${Math.floor(broken / width)}: expected finite outputs, got ${found[broken]}${whence(number)}.`);
        const each = tf.tidy(() => {
          const shape = [arrays.count, 1, ...base.outputShape];
          return measure(tf.tensor(found, shape), tf.tensor(arrays.y, shape), tf.ones([arrays.count, 1])).dataSync();
        });
        return { metric, ...meanInterval(each) };
      }
      expectClasses('evaluate');
      const { label, task: recognized } = await infer('evaluate', arrays);
      const truth = (sample: number) => classes![outputs.findIndex((output) => arrays.y[sample * width + output] === 1)]; // class targets
      const isRight = label.map((each, sample) => Number(each === truth(sample)));
      return { metric, ...meanInterval(isRight), recognized: meanInterval(recognized.map((each) => Number(each === number))).mean };
    },
  };
}

/** @throws RangeError for a number that none of them has */
export function taskOf<Task>(where: string, tasks: readonly Task[], task: number): Task {
  const found = tasks[task];
  if (!found) throw new RangeError(`${where}: task: expected the number of one of ${tasks.length} tasks, got ${task}.`);
  return found;
}

/** The class of each row of probabilities. @throws DivergenceError for NaN */
function labelsOf(where: string, rows: readonly (readonly number[])[], { classes }: ContinualTask, task: number): readonly Label[] {
  return rows.map((row, sample) => mostProbable(`${where}: sample ${sample}`, row, classes!, whence(task))); // only for class targets
}

function whence(task: number): string {
  return ` from task ${task}: its training went astray, or the sample is far from those it was learned on`;
}

/** A flat list as nested ones. */
function nested(values: readonly number[], shape: readonly number[]): Numbers {
  const [first = 1, ...rest] = shape;
  if (rest.length === 0) return values;
  const size = values.length / first;
  return Array.from({ length: first }, (_, index) => nested(values.slice(index * size, (index + 1) * size), rest));
}
