import * as tf from '@tensorflow/tfjs';

/** The leaves of lists and records of lists and records, in order, and the form of what they stood in. */
export interface Flat<Leaf> {
  readonly leaves: readonly Leaf[];
  /** A text that is equal for containers of one form. */
  readonly form: string;
}

/** @throws TypeError for anything but leaves, lists, records and undefined */
export function flattenContainer<Leaf>(container: unknown, isLeaf: (value: unknown) => value is Leaf): Flat<Leaf> {
  const leaves: Leaf[] = [];
  const visit = (value: unknown): string => {
    if (isLeaf(value)) {
      leaves.push(value);
      return '.';
    }
    if (value === undefined || value === null) return '-';
    if (value instanceof Promise)
      throw new TypeError('compile: expected tensors, in lists and records, got a promise; await it outside: a compiled function is not async.');
    if (typeof value !== 'object')
      throw new TypeError(`compile: expected tensors, in lists and records, got ${typeof value} ${String(value)}; pass a number as a tensor.`);
    let form = Array.isArray(value) ? '[' : '{';
    for (const name of Object.keys(value)) form += `${name}:${visit((value as Record<string, unknown>)[name])},`;
    return `${form}}`;
  };
  const form = visit(container);
  return { leaves, form };
}

/** A container like this one, with others in the places of its leaves: the n-th for the n-th. */
export function rebuildContainer<Leaf>(like: unknown, isLeaf: (value: unknown) => value is Leaf, leaves: readonly unknown[]): unknown {
  let next = 0;
  const build = (value: unknown): unknown => {
    if (isLeaf(value)) return leaves[next++];
    if (value === undefined || value === null) return value;
    if (Array.isArray(value)) return value.map((part) => build(part));
    const built: Record<string, unknown> = {};
    for (const name of Object.keys(value)) built[name] = build((value as Record<string, unknown>)[name]);
    return built;
  };
  return build(like);
}

export function isTensor(value: unknown): value is tf.Tensor {
  return value instanceof tf.Tensor;
}
