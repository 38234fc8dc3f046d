import { describe, expect, test } from 'vitest';
import type { HostParams } from '../../src/core/host-tensor';
import { createRng } from '../../src/core/rng';
import type { RuntimeName } from '../../src/engine/compile';
import { outerSteps } from '../../src/meta/outer-steps';
import { sampleOnHost } from '../../src/tasks/stack-episodes';
import { isFull } from '../helpers/full';
import { combinations, settings, type Combination } from './combinations';

const updates = 20;

interface Path {
  readonly start: HostParams;
  readonly end: HostParams;
  readonly losses: readonly number[];
}

async function train(combination: Combination, runtime: RuntimeName): Promise<Path> {
  const { learner, source, tasks = 4 } = combination;
  const { learningRate, ...options } = settings(combination);
  const steps = outerSteps(learner(), { ...options, runtime }, createRng('meta'));
  const start = steps.meta;
  const losses: number[] = [];
  for (let step = 0; step < updates; step++) {
    const { loss } = await steps.take(sampleOnHost(source, 'train', tasks * step, tasks), { step, learningRate }, createRng(`noise ${step}`));
    losses.push(loss);
  }
  const end = steps.meta;
  await steps.dispose();
  return { start, end, losses };
}

/** Norm of the difference of two sets of parameters. */
function distance(left: HostParams, right: HostParams): number {
  const squares = Object.entries(left).map(([name, { values }]) =>
    values.reduce((sum, value, index) => sum + (value - right[name]!.values[index]!) ** 2, 0),
  );
  return Math.sqrt(squares.reduce((sum, square) => sum + square, 0));
}

const chosen = isFull ? combinations : createRng('slice').shuffle(combinations).slice(0, 7);

describe(`${updates} outer steps, compiled as eager`, () => {
  test.each(chosen.map((each) => [each.name, each] as const))('%s', async (_name, combination) => {
    const [compiled, eager] = [await train(combination, 'onnxruntime-node'), await train(combination, 'tfjs')];
    const change = distance(eager.start, eager.end);
    expect(change).toBeGreaterThan(0);
    const error = distance(compiled.end, eager.end) / change;
    expect(error).toBeLessThan(1e-5);
    // Looser: where an inner step is large, a loss shows what its rounding grew to, and clipping hides it from the update.
    compiled.losses.forEach((loss, step) => expect(Math.abs(loss - eager.losses[step]!)).toBeLessThan(1e-4 * eager.losses[step]!));
  });
});
