import * as tf from '@tensorflow/tfjs';
import { compile, maml, metaTrainer, mlp, sinusoids, type Learner, type MetaTrainer, type TaskSource } from 'hypermeta';
import { convolutionNetwork, noiseEpisodes } from './images';
import type { Bar, Row } from './measure';

/**
 * What a trainer's first step takes more than its second: tracing, simplifying, writing and opening the graph. First of the
 * process, when Node has not yet optimized any of this code, and later. The runtime, which is loaded once, has been.
 */
export async function benchCompileTime(): Promise<readonly Row[]> {
  await loadRuntime();
  return [
    ...(await rowsOf('sinusoid MAML, 25 tasks, 1 inner step', maml(mlp([1, 40, 40, 1])), sinusoids({ shots: 10 }), 25, { ms: 150 })),
    ...(await rowsOf('conv4-64 strided MAML, 8 tasks', maml(convolutionNetwork('strided'), { head: 'columns' }), noiseEpisodes(), 8, { ms: 1000 })),
  ];
}

async function loadRuntime(): Promise<void> {
  const negative = compile(({ x }: { x: tf.Tensor }) => tf.neg(x));
  const x = tf.ones([1]);
  (await negative.run({ x })).dispose();
  x.dispose();
  await negative.dispose();
}

async function rowsOf(what: string, learner: Learner, source: TaskSource, metaBatchSize: number, must: Bar): Promise<readonly Row[]> {
  const times: number[] = [];
  for (let trial = 0; trial < 6; trial++) {
    const trainer = await metaTrainer(learner, source, { metaBatchSize });
    const [first, second] = [await stepTime(trainer), await stepTime(trainer)];
    times.push(first - second);
    trainer.dispose();
  }
  const [cold, ...warm] = times as [number, ...number[]];
  const median = warm.sort((a, b) => a - b)[2]!; // of five
  const row = (who: string, ms: number): Row => ({
    what: `compile: ${what}`,
    who,
    median_ms: Number(ms.toFixed(1)),
    cpu_median_ms: Number(ms.toFixed(1)),
    ratio: 1,
    cpu_ratio: 1,
    ratio_quartiles: [1, 1],
    repeats: 1,
    rounds: who === 'ours, first' ? 1 : warm.length,
    must,
    must_met: ms <= must.ms!,
  });
  return [row('ours, first', cold), row('ours, later', median)];
}

async function stepTime(trainer: MetaTrainer): Promise<number> {
  const start = performance.now();
  for await (const event of trainer.train({ steps: 1 })) void event;
  return performance.now() - start;
}
