import type { ExampleArrays } from '../core/task';

/** Inputs with their targets, one after another; there is one at least. */
export function packExamples(examples: readonly { readonly x: Float32Array; readonly y: Float32Array }[]): ExampleArrays {
  return { x: join(examples.map(({ x }) => x)), y: join(examples.map(({ y }) => y)), count: examples.length };
}

/** Arrays of one length. */
function join(parts: readonly Float32Array[]): Float32Array {
  const joined = new Float32Array(parts.length * parts[0]!.length);
  parts.forEach((part, index) => joined.set(part, index * part.length));
  return joined;
}
