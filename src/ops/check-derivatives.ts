import * as tf from '@tensorflow/tfjs';
import { mapParams, mapRecord, type Params } from '../core/params';
import { createRng, type Rng } from '../core/rng';
import type { Shape } from '../core/shape';
import { valueAndGradients } from './gradients';

export interface CheckDerivativesOptions {
  /** Random directions along which derivatives are compared. @default 4 */
  readonly directions?: number;
  /** Largest error that passes, relative to the size of the derivatives. @default 0.01 */
  readonly tolerance?: number;
  /** Step of the central differences, relative to values of size 1. @default 0.01 */
  readonly step?: number;
  /** Draws the inputs that are given as shapes, and the directions. @default 'derivatives' */
  readonly seed?: string;
}

/** One comparison: the worst direction of one input. */
export interface DerivativeCheck {
  readonly order: 'first' | 'second';
  /** Which input moves: `input 1`. */
  readonly input: string;
  /** Largest |analytic − difference| over the size of both; infinite where the derivative threw. */
  readonly error: number;
  /** What tfjs said, where the derivative threw. */
  readonly thrown?: string;
  readonly passed: boolean;
}

export interface DerivativeReport {
  readonly passed: boolean;
  readonly checks: readonly DerivativeCheck[];
  /** A line per check, for people. */
  readonly text: string;
}

/**
 * Compares the first and second derivatives of a function of tensors with central differences: first those of a random
 * weighting of its values, then those of the slope along a random direction through all inputs, so that mixed second
 * derivatives count too. Point it at your own network: tfjs gets several second derivatives silently wrong.
 *
 * Inputs are tensors, or shapes to fill with seeded normal values. Float32 differences resolve about 0.1 %. Smooth
 * functions only: next to a kink, a difference means nothing. Leaves no tensor behind.
 *
 * @example
 * checkDerivatives((x) => tf.tanh(x).square(), [[3, 4]]).passed // true
 */
export function checkDerivatives(
  fn: (...inputs: tf.Tensor[]) => tf.Tensor,
  inputs: readonly (Shape | tf.Tensor)[],
  options: CheckDerivativesOptions = {},
): DerivativeReport {
  const { directions = 4, tolerance = 0.01, step = 0.01, seed = 'derivatives' } = options;
  const rng = createRng(seed);
  const engine = tf.engine();
  engine.startScope();
  try {
    const point: Params = Object.fromEntries(
      inputs.map((input, index) => [`input ${index + 1}`, input instanceof tf.Tensor ? input : normal(rng.fork(`${index}`), input)]),
    );
    const weighting = normal(rng.fork('weighting'), fn(...Object.values(point)).shape);
    const value = (params: Params) => tf.sum<tf.Scalar>(tf.mul(fn(...Object.values(params)), weighting));
    const along = mapParams(point, (tensor, name) => normal(rng.fork(`along ${name}`), tensor.shape));
    const slope = (params: Params) => dot(valueAndGradients(value, params).gradients, along);
    const compare = { point, directions, tolerance, step, rng };
    const checks = [...compareWithDifferences('first', value, compare), ...compareWithDifferences('second', slope, compare)];
    return { passed: checks.every(({ passed }) => passed), checks, text: checks.map((check) => line(check)).join('\n') };
  } finally {
    engine.endScope();
  }
}

interface Comparison {
  readonly point: Params;
  readonly directions: number;
  readonly tolerance: number;
  readonly step: number;
  readonly rng: Rng;
}

/** The gradient of `value`, along random directions of each input, against differences of `value`. */
function compareWithDifferences(
  order: DerivativeCheck['order'],
  value: (params: Params) => tf.Scalar,
  { point, directions, tolerance, step, rng }: Comparison,
): readonly DerivativeCheck[] {
  const names = Object.keys(point);
  let gradients: Params;
  try {
    gradients = valueAndGradients(value, point).gradients;
  } catch (error) {
    const thrown = error instanceof Error ? error.message : String(error);
    return names.map((input) => ({ order, input, error: Infinity, thrown, passed: false }));
  }
  return names.map((input) => {
    const pairs = Array.from({ length: directions }, (_, index) =>
      tf.tidy(() => {
        const direction = { [input]: normal(rng.fork(`${order} ${input} ${index}`), point[input]!.shape) };
        const difference = richardson((by) => read(value(moved(point, direction, by))), step);
        return [read(dot({ [input]: gradients[input]! }, direction)), difference] as const;
      }),
    );
    const size = Math.sqrt(pairs.reduce((sum, [analytic, difference]) => sum + analytic ** 2 + difference ** 2, 0) / (2 * directions));
    const worst = Math.max(...pairs.map(([analytic, difference]) => Math.abs(analytic - difference)));
    // Below this, float32 differences are noise.
    const floor = (1e-5 * (1 + Math.abs(tf.tidy(() => read(value(point)))))) / step;
    const error = worst / Math.max(size, floor / tolerance, Number.MIN_VALUE);
    return { order, input, error, passed: error <= tolerance };
  });
}

/** Central difference whose errors of order step² cancel (Richardson, 1911). */
function richardson(value: (by: number) => number, step: number): number {
  const central = (by: number) => (value(by) - value(-by)) / (2 * by);
  return (4 * central(step / 2) - central(step)) / 3;
}

function moved(point: Params, direction: Params, by: number): Params {
  return mapRecord(point, (tensor, name) => (direction[name] ? tf.add(tensor, tf.mul(direction[name], by)) : tensor));
}

function dot(left: Params, right: Params): tf.Scalar {
  return tf.addN<tf.Scalar>(Object.keys(left).map((name) => tf.sum<tf.Scalar>(tf.mul(left[name]!, right[name]!))));
}

function normal(rng: Rng, shape: Shape): tf.Tensor {
  const size = shape.reduce((product, axis) => product * axis, 1);
  return tf.tensor(Float32Array.from({ length: size }, () => rng.normal()), [...shape]);
}

function read(scalar: tf.Tensor): number {
  return scalar.dataSync()[0]!;
}

function line({ order, input, error, thrown, passed }: DerivativeCheck): string {
  const verdict = passed ? 'ok' : 'WRONG';
  return `${order.padEnd(6)} derivative, ${input}: ${verdict}${thrown ? `, threw: ${thrown}` : `, error ${(100 * error).toFixed(3)} %`}`;
}
