import type { ExampleArrays } from '../core/task';

/** Images with their targets, one after another; there is one at least. */
export function packBoxed(examples: readonly { readonly pixels: Float32Array; readonly target: Float32Array }[]): ExampleArrays {
  return { x: join(examples.map(({ pixels }) => pixels)), y: join(examples.map(({ target }) => target)), count: examples.length };
}

/** Arrays of one length. */
function join(parts: readonly Float32Array[]): Float32Array {
  const joined = new Float32Array(parts.length * parts[0]!.length);
  parts.forEach((part, index) => joined.set(part, index * part.length));
  return joined;
}
