import { expectCount } from '../core/errors';
import { createRng, type Rng } from '../core/rng';
import type { ExampleArrays, TaskSource } from '../core/task';
import { regression } from './objectives';

/** Lowest and highest value of a uniform draw. */
export type Range = readonly [low: number, high: number];

export interface SinusoidOptions {
  /** Support examples. @default 10 */
  readonly shots?: number;
  /** Query examples. @default shots */
  readonly queryShots?: number;
  /** @default [0.1, 5] */
  readonly amplitude?: Range;
  /** In radians. @default [0, π] */
  readonly phase?: Range;
  /** @default [-5, 5] */
  readonly x?: Range;
}

/**
 * Regression tasks y = amplitude · sin(x − phase), without noise; inputs and targets are `[1]`. An episode's `about`
 * holds its amplitude and phase. A source of your own is an object of the same few lines:
 *
 * @example
 * const lines: TaskSource = {
 *   inputShape: [1],
 *   targetShape: [1],
 *   objective: regression,
 *   sample(seed, index) {
 *     const slope = createRng(`${seed}/${index}`).normal();
 *     const points = (...x: number[]) => ({ x: Float32Array.from(x), y: Float32Array.from(x, (value) => slope * value), count: x.length });
 *     return { support: points(-1, 1), query: points(-2, 0, 2) };
 *   },
 * };
 *
 * Source: Finn et al., "Model-Agnostic Meta-Learning", 2017 (arXiv 1703.03400), section 5.1.
 */
export function sinusoids(options: SinusoidOptions = {}): TaskSource {
  const { shots = 10, queryShots = shots, amplitude = [0.1, 5], phase = [0, Math.PI], x = [-5, 5] } = options;
  expectCount('sinusoids: shots', shots);
  expectCount('sinusoids: queryShots', queryShots);
  Object.entries({ amplitude, phase, x }).forEach(([name, range]) => expectRange(`sinusoids: ${name}`, range));
  return {
    inputShape: [1],
    targetShape: [1],
    objective: regression,
    sample(seed, index) {
      const rng = createRng(`${seed}/${index}`);
      const about = { amplitude: draw(rng, amplitude), phase: draw(rng, phase) };
      const truth = sinusoid(about.amplitude, about.phase);
      return { support: sampleExamples(rng, truth, x, shots), query: sampleExamples(rng, truth, x, queryShots), about };
    },
  };
}

/** The true function of one task, for a picture or a grid: `sinusoid(2, 0)(Math.PI / 2)` is 2. */
export function sinusoid(amplitude: number, phase: number): (x: number) => number {
  return (x) => amplitude * Math.sin(x - phase);
}

function sampleExamples(rng: Rng, truth: (x: number) => number, range: Range, count: number): ExampleArrays {
  const x = Float32Array.from({ length: count }, () => draw(rng, range));
  return { x, y: x.map((value) => truth(value)), count };
}

function draw(rng: Rng, [low, high]: Range): number {
  return low + (high - low) * rng.uniform();
}

/** @throws RangeError unless both are finite and in order */
export function expectRange(where: string, [low, high]: Range): void {
  if (!(Number.isFinite(low) && Number.isFinite(high) && low <= high))
    throw new RangeError(`${where}: expected [low, high] with low at most high, got [${low}, ${high}].`);
}
