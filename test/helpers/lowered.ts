import * as tf from '@tensorflow/tfjs';
import { expect } from 'vitest';
import type {  } from '../../src/core/host-tensor';
import type { DataType, HostValues } from '../../src/core/host-tensor';
import { graphBuilder } from '../../src/graph/graph';
import type { Attributes, Graph } from '../../src/graph/graph';
import { lower } from '../../src/onnx/lower';
import { loadRuntime } from '../../src/onnx/onnxruntime';

export const runtimes = ['onnxruntime-node', 'onnxruntime-web'] as const;

/** What an error is measured by: the value itself or, for sums in which values cancel, the largest of them. */
export type ErrorScale = 'value' | 'largest';

/** One lowered kernel gives what TensorFlow.js gives, on every runtime, to 1e-6. */
export async function expectAgreement(
  kernel: string,
  attributes: Attributes,
  inputs: readonly tf.Tensor[],
  compute: (...inputs: tf.Tensor[]) => tf.Tensor,
  scale: ErrorScale = 'value',
): Promise<void> {
  const expected = tf.tidy(() => compute(...inputs));
  const { input, node } = graphBuilder();
  const nodes = inputs.map(({ shape, dtype }) => input(shape, dtype as DataType)); // tests make no other types
  const graph = { inputs: nodes, outputs: [node(kernel, nodes, attributes, expected.shape, expected.dtype as DataType)] };
  await expectOutputs(graph, inputs.map(hostValues), [hostValues(expected)], scale);
  expected.dispose();
}

/** A lowered graph gives these outputs on every runtime. */
export async function expectOutputs(
  graph: Graph,
  inputs: readonly HostValues[],
  expected: readonly ArrayLike<number>[],
  scale: ErrorScale = 'value',
): Promise<void> {
  const model = lower(graph);
  const feeds = Object.fromEntries(inputs.map((values, i) => [`input${i}`, values]));
  for (const name of runtimes) {
    const session = await (await loadRuntime(name)).open(model);
    const outputs = await session.run(feeds);
    for (const [i, values] of expected.entries()) expectClose(outputs[`output${i}`]!, values, scale, `output${i} on ${name}`);
    await session.release();
  }
}

export function hostValues(tensor: tf.Tensor): HostValues {
  return tensor.dataSync<'float32' | 'int32' | 'bool'>(); // tests make no texts
}

function expectClose(actual: HostValues, expected: ArrayLike<number>, scale: ErrorScale, what: string): void {
  expect(actual.length, `${what}: number of values`).toBe(expected.length);
  const sizes = Array.from(expected, (value) => Math.abs(value));
  const largest = Math.max(...sizes);
  for (const [i, size] of sizes.entries()) {
    const [found, value] = [actual[i]!, expected[i]!];
    if (found === value || Object.is(found, value)) continue;
    const error = Math.abs(found - value);
    if (!(error <= 1e-6 * (scale === 'largest' ? largest : size))) expect.fail(`${what}: value ${i}: expected ${value}, got ${found}`);
  }
}
