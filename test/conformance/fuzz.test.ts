import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { compile } from '../../src/engine/compile';
import { valueAndGradients } from '../../src/ops/gradients';
import { createRng } from '../../src/core/rng';
import { difference, normal, type Tensors } from '../helpers/compiled';
import { isFull } from '../helpers/full';
import { evaluate, expressions, type Expression } from './expressions';

const seed = 7;
const cases = isFull ? 2000 : 200;

/** Opening a session is what takes time: so many expressions share one. */
const perSession = 25;

beforeAll(async () => {
  await tf.setBackend('cpu');
});

type Outcome = { readonly value: tf.Tensor; readonly gradients: Tensors };

function outcome(expression: Expression, given: Tensors, round?: (made: tf.Tensor) => tf.Tensor): Outcome {
  const weighting = given['weighting']!;
  const loss = (inputs: Tensors) => tf.sum<tf.Scalar>(tf.mul(evaluate(expression, Object.values(inputs), round), weighting));
  const inputs = Object.fromEntries(Object.entries(given).filter(([name]) => name !== 'weighting'));
  return { value: evaluate(expression, Object.values(inputs), round), gradients: valueAndGradients(loss, inputs).gradients };
}

function inputsOf(expression: Expression): Tensors {
  const inputs = Object.fromEntries(expression.inputs.map((shape, index) => [`x${index}`, normal(`input ${index}`, shape)]));
  const { shape } = tf.tidy(() => evaluate(expression, Object.values(inputs)));
  return { ...inputs, weighting: normal('weighting', shape) };
}

/** All values of the value and its gradients. */
function read({ value, gradients }: Outcome): readonly Float32Array[] {
  return [value, ...Object.values(gradients)].map((tensor) => tensor.dataSync<'float32'>());
}

function eager(expression: Expression, inputs: Tensors, round?: (made: tf.Tensor) => tf.Tensor): readonly Float32Array[] {
  const values = tf.tidy(() => read(outcome(expression, inputs, round)) as unknown as tf.TensorContainer); // tidy knows containers only
  return values as unknown as readonly Float32Array[];
}

/**
 * How far apart the runs are, where 1e-5 of the largest value is allowed or, where rounding alone changes more, that much:
 * how far the eager run moves when all that its steps make is off by 1e-6 or so.
 */
function worst(expression: Expression, inputs: Tensors, found: readonly Float32Array[]): number {
  const expected = eager(expression, inputs);
  const errors = expected.map((values, index) => difference(found[index]!, values, 0.1));
  if (Math.max(...errors) <= 1e-5) return Math.max(...errors);
  const rng = createRng('rounding');
  const rounded = (made: tf.Tensor) => tf.mul(made, tf.tensor(Float32Array.from({ length: made.size }, () => 1 + 1e-6 * rng.normal()), made.shape));
  const moved = eager(expression, inputs, rounded).map((values, index) => difference(values, expected[index]!, 0.1));
  return Math.max(...errors.map((error, index) => error / Math.max(1, moved[index]! / 1e-5)));
}

/** Errors of the expressions, all in one compiled function. */
async function errorsOf(chosen: readonly Expression[]): Promise<readonly number[]> {
  const inputs = chosen.map((expression) => inputsOf(expression));
  const compiled = compile((given: readonly Tensors[]) => given.map((each, index) => outcome(chosen[index]!, each)), { runtime: 'onnxruntime-node' });
  const found = await compiled.run(inputs);
  const errors = chosen.map((expression, index) => worst(expression, inputs[index]!, read(found[index]!)));
  tf.dispose([found, inputs]);
  await compiled.dispose();
  return errors;
}

test(`${cases} random expressions and their gradients, compiled as eager`, async () => {
  const chosen = fc.sample(expressions, { numRuns: cases, seed });
  let worstError = 0;
  for (let from = 0; from < cases; from += perSession) {
    const part = chosen.slice(from, from + perSession);
    const errors = await errorsOf(part);
    const index = errors.findIndex((error) => !(error <= 1e-5));
    if (index >= 0) await shrink(part[index]!);
    worstError = Math.max(worstError, ...errors);
  }
  expect(worstError).toBeLessThanOrEqual(1e-5);
}, 600_000);

/** Fails with a small expression that differs still. */
async function shrink(expression: Expression): Promise<void> {
  const error = async (each: Expression) => (await errorsOf([each]).catch(() => [Infinity]))[0]!;
  let smallest = expression;
  for (let at = smallest.steps.length - 1; at >= 0; at--) {
    const without = { ...smallest, steps: smallest.steps.filter((_, index) => index !== at) };
    if (!((await error(without)) <= 1e-5)) smallest = without;
  }
  expect(await error(smallest), JSON.stringify(smallest)).toBeLessThanOrEqual(1e-5);
}
