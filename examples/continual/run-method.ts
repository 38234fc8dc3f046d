import { continualTrainer, cosine, type TaskScore } from 'hypermeta';
import type { Benchmark, Part, TaskData } from './benchmarks';
import type { Method } from './methods';

export interface RunOptions {
  readonly seed: string;
  /** Which images are scored. */
  readonly part: Exclude<Part, 'train'>;
  /** In place of the benchmark's. */
  readonly steps?: number;
  /** Fewer examples of each task. */
  readonly limit?: number;
  /** Sees each step. */
  readonly watch?: (task: number, step: number, loss: number) => void;
}

/** What a run measures. */
export interface Measured {
  /** `[after task][of task]`, task given. */
  readonly accuracy: readonly (readonly number[])[];
  /** Of each task at the end, nothing given. */
  readonly inferred: readonly number[];
  /** The share of examples whose task was recognized, of each task at the end. */
  readonly recognized: readonly number[];
  readonly seconds: number;
  /** Of a task more, learned from a few examples by what it has of its own, the others as they were. */
  readonly few?: { readonly examples: number; readonly steps: number; readonly accuracy: number };
}

/** Steps on a few examples. */
const fewSteps = 500;


/** Learns all tasks of a benchmark one after another. */
export async function runMethod(benchmark: Benchmark, method: Method, data: TaskData, options: RunOptions): Promise<Measured> {
  const { seed, part, steps = benchmark.steps, limit, watch } = options;
  const { learner, guard, learningRate, hasOwn } = method;
  const { batchSize, clip, taskCount, fewExamples } = benchmark;
  const rate = cosine(learningRate, steps, { end: learningRate / 50 });
  const trainer = await continualTrainer(learner, { ...(guard ? { guard } : {}), learningRate: rate, batchSize, ...(clip ? { clip } : {}), seed });
  const score = (task: number, identity: 'given' | 'inferred'): Promise<TaskScore> => trainer.evaluate(data(task, part, limit), { task, identity });
  const accuracy: number[][] = [];
  let seconds = 0;
  try {
    for (let task = 0; task < taskCount; task++) {
      const examples = data(task, 'train', limit);
      const start = performance.now();
      for await (const { step, loss } of trainer.addTask(examples, { steps, outputs: benchmark.outputs(task) })) watch?.(task, step, loss);
      seconds += (performance.now() - start) / 1000;
      const row: number[] = [];
      for (let known = 0; known <= task; known++) row.push((await score(known, 'given')).mean);
      accuracy.push(row);
    }
    const ends: TaskScore[] = [];
    for (let task = 0; task < taskCount; task++) ends.push(await score(task, 'inferred'));
    let few: Measured['few'];
    if (hasOwn && fewExamples) {
      const own = { steps: Math.min(steps, fewSteps), outputs: benchmark.outputs(taskCount), moves: 'own', learningRate: learningRate / 2 } as const;
      for await (const _ of trainer.addTask(data(taskCount, 'train', fewExamples), own));
      few = { examples: fewExamples, steps: own.steps, accuracy: (await score(taskCount, 'given')).mean };
    }
    return { ...(few ? { few } : {}), accuracy, inferred: ends.map(({ mean }) => mean), recognized: ends.map(({ recognized }) => recognized!), seconds };
  } finally {
    trainer.dispose();
  }
}
