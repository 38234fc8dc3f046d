import * as tf from '@tensorflow/tfjs';
import { expect } from 'vitest';
import { createRng } from '../../src/core/rng';
import { sizeOf, type Shape } from '../../src/core/shape';
import { compile, type RuntimeName } from '../../src/engine/compile';
import { valueAndGradients } from '../../src/ops/gradients';

export type Operation = (...inputs: tf.Tensor[]) => tf.Tensor;
export type Tensors = Readonly<Record<string, tf.Tensor>>;

/** A shape to fill with seeded normal values, or a maker of a tensor. */
export type Given = Shape | (() => tf.Tensor);

/** An operation on which a compiled run must agree with an eager one. */
export interface Case {
  readonly name: string;
  readonly inputs: readonly Given[];
  readonly compute: Operation;
  /** What is right, where eager tfjs is not. */
  readonly reference?: Operation;
  /** Derivatives that exist. @default 2 */
  readonly order?: 0 | 1 | 2;
  /** Whether finite differences mean something. @default true, with derivatives */
  readonly isSmooth?: boolean;
  /** Error allowed, relative to the largest value. @default 1e-5 */
  readonly tolerance?: number;
}

/** A value, its gradients, and the gradients of their component along a direction. */
export interface Differentiated {
  /** Operands by name, then what their gradients are weighted with. */
  readonly inputs: Tensors;
  readonly compute: (inputs: Tensors) => Tensors;
  readonly reference: (inputs: Tensors) => Tensors;
}

/** The operation with its derivatives as a function of named tensors, all of which vary. The caller disposes the inputs. */
export function differentiated({ name, inputs, compute, reference = compute, order = 2 }: Case): Differentiated {
  const operands = Object.fromEntries(inputs.map((given, index) => [`x${index}`, make(given, `${name} ${index}`)]));
  const names = Object.keys(operands);
  const floats = names.filter((each) => operands[each]!.dtype === 'float32');
  const { shape } = tf.tidy(() => reference(...Object.values(operands)).clone());
  const along = Object.fromEntries(floats.map((each) => [`along ${each}`, normal(`${name} along ${each}`, operands[each]!.shape)]));
  const weights = { ...(order > 0 ? { weighting: normal(`${name} weighting`, shape) } : {}), ...(order > 1 ? along : {}) };
  const evaluation = (operation: Operation) => (given: Tensors): Tensors => {
      const only = (kept: readonly string[]) => Object.fromEntries(kept.map((each) => [each, given[each]!]));
      const evaluate = (moved: Tensors) => operation(...names.map((each) => moved[each] ?? given[each]!));
      const value = evaluate({});
      if (order === 0) return { value };
      const loss = (moved: Tensors) => tf.sum<tf.Scalar>(tf.mul(evaluate(moved), given['weighting']!));
      const slope = (moved: Tensors) => {
        const { gradients } = valueAndGradients(loss, { ...only(floats), ...moved });
        return tf.addN(floats.map((each) => tf.sum(tf.mul(gradients[each]!, given[`along ${each}`]!))));
      };
      const { gradients } = valueAndGradients(loss, only(floats));
      const curvatures = order > 1 ? valueAndGradients(slope, only(floats)).gradients : {};
      return { value, ...prefixed('first', gradients), ...prefixed('second', curvatures) };
  };
  return { inputs: { ...operands, ...weights }, compute: evaluation(compute), reference: evaluation(reference) };
}

export interface Comparison {
  /** @default onnxruntime-node */
  readonly runtime?: RuntimeName;
  /** @default 1e-5 */
  readonly tolerance?: number;
  /** What the eager run computes. @default the same */
  readonly reference?: (inputs: Tensors) => Tensors;
}

/** Compiled and eager runs of the same function on the same inputs give the same tensors. */
export async function expectCompiled(
  compute: (inputs: Tensors) => Tensors,
  inputs: Tensors,
  { runtime = 'onnxruntime-node', tolerance = 1e-5, reference = compute }: Comparison = {},
): Promise<void> {
  const compiled = compile(compute, { runtime });
  const found = await compiled.run(inputs);
  const expected = tf.tidy(() => cloned(reference(inputs)));
  expect(Object.keys(found)).toEqual(Object.keys(expected));
  for (const [name, tensor] of Object.entries(expected)) expectAlike(name, found[name]!, tensor, tolerance);
  tf.dispose([found, expected]);
  await compiled.dispose();
}

/** Of one shape and type, and apart by less than the tolerance, relative to the largest value. */
export function expectAlike(name: string, found: tf.Tensor, expected: tf.Tensor, tolerance: number): void {
  expect([found.shape, found.dtype], name).toEqual([expected.shape, expected.dtype]);
  const error = difference(found.dataSync(), expected.dataSync());
  expect(error, `${name}: ${preview(found)}, expected ${preview(expected)}`).toBeLessThanOrEqual(expected.dtype === 'float32' ? tolerance : 0);
}

/** The largest difference over the largest value, or over 0.01 where all are smaller; infinite where only one is finite. */
export function difference(found: ArrayLike<number>, expected: ArrayLike<number>, smallest = 0.01): number {
  let [largest, worst] = [smallest, 0];
  for (let i = 0; i < expected.length; i++) {
    const [one, other] = [found[i]!, expected[i]!];
    if (Object.is(one, other) || one === other) continue;
    if (!Number.isFinite(one) || !Number.isFinite(other)) return Infinity;
    worst = Math.max(worst, Math.abs(one - other));
  }
  for (let i = 0; i < expected.length; i++) if (Number.isFinite(expected[i])) largest = Math.max(largest, Math.abs(expected[i]!));
  return worst / largest;
}

export function normal(label: string, shape: Shape): tf.Tensor {
  const rng = createRng(label);
  return tf.tensor(Float32Array.from({ length: sizeOf(shape) }, () => rng.normal()), [...shape], 'float32');
}

/** A maker of seeded values between two numbers. */
export function between(low: number, high: number, shape: Shape): () => tf.Tensor {
  return () => {
    const rng = createRng(`${low} ${high} ${shape.join()}`);
    return tf.tensor(Float32Array.from({ length: sizeOf(shape) }, () => low + (high - low) * rng.uniform()), [...shape], 'float32');
  };
}

/** A maker of seeded whole numbers below a limit. */
export function whole(limit: number, shape: Shape): () => tf.Tensor {
  return () => {
    const rng = createRng(`${limit} ${shape.join()}`);
    return tf.tensor(Int32Array.from({ length: sizeOf(shape) }, () => rng.integer(limit)), [...shape], 'int32');
  };
}

export function make(given: Given, label: string): tf.Tensor {
  return typeof given === 'function' ? given() : normal(label, given);
}

function prefixed(prefix: string, tensors: Tensors): Tensors {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [`${prefix} ${name}`, tensor]));
}

/** A result that is an input is not disposed with it. */
function cloned(tensors: Tensors): Record<string, tf.Tensor> {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, tensor.clone()]));
}

function preview(tensor: tf.Tensor): string {
  return Array.from(tensor.dataSync().slice(0, 6), (value: number) => value.toPrecision(7)).join(' ');
}
