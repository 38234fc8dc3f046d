import * as tf from '@tensorflow/tfjs';
import { ShapeError } from './errors';
import type { Rng } from './rng';
import { formatShape, sizeOf, type Shape } from './shape';

/**
 * Weights as a value: a record from name to tensor. Every entry has a leading task axis: `[T, ...shape]` where each
 * task has its own, `[1, ...shape]` where all tasks share one.
 */
export type Params = Readonly<Record<string, tf.Tensor>>;

/**
 * What a parameter does in its network. `statistic` marks running statistics: measured, never trained or generated.
 */
export type ParamRole = 'kernel' | 'bias' | 'scale' | 'shift' | 'embedding' | 'rate' | 'statistic';

/** Fills a new parameter: the values of one tensor in row-major order. */
export type Initializer = (rng: Rng, shape: Shape) => Float32Array;

/** One parameter of a network, before it has a value. `shape` has no task axis. */
export interface ParamSpec {
  readonly shape: Shape;
  readonly role: ParamRole;
  /** Number of inputs that one output value sums over: what initialization scales by. */
  readonly fanIn: number;
  readonly init: Initializer;
  /** How many of the last axes tell the output features apart: 2 where a kernel is `[..., channels, results of each]`. @default 1 */
  readonly featureAxes?: 1 | 2;
}

/** All parameters of a network, by name, before they have values. */
export type ParamSpecs = Readonly<Record<string, ParamSpec>>;

/** Fresh values for the specs, each `[1, ...shape]`. Each name draws from a stream of its own. The caller disposes. @throws ShapeError */
export function initParams(specs: ParamSpecs, rng: Rng): Params {
  const drawn = mapRecord(specs, ({ shape, init }, name) => {
    const values = init(rng.fork(name), shape);
    if (values.length !== sizeOf(shape)) throw new ShapeError(`${name}: init: expected ${sizeOf(shape)} values for shape ${formatShape(shape)}, got ${values.length}.`);
    return { values, shape };
  });
  return mapRecord(drawn, ({ values, shape }) => tf.tensor(values, [1, ...shape], 'float32'));
}

/** A new record with every value replaced. The record `map` of the library: for params, specs and options alike. */
export function mapRecord<From, To>(
  record: Readonly<Record<string, From>>,
  change: (value: From, name: string) => To,
): Readonly<Record<string, To>> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value, name)]));
}

/** A new record with every tensor replaced. */
export function mapParams(params: Params, change: (value: tf.Tensor, name: string) => tf.Tensor): Params {
  return mapRecord(params, change);
}

/** Only the entries whose name passes. */
export function filterRecord<Value>(
  record: Readonly<Record<string, Value>>,
  keep: (name: string, value: Value) => boolean,
): Readonly<Record<string, Value>> {
  return Object.fromEntries(Object.entries(record).filter(([name, value]) => keep(name, value)));
}

/** `{ kernel }` → `{ 'hyper/kernel' }`: how a learner joins the parameters of its parts. */
export function scopeRecord<Value>(record: Readonly<Record<string, Value>>, scope: string): Readonly<Record<string, Value>> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [`${scope}/${name}`, value]));
}

/** The entries under a scope, without its name: undoes `scopeRecord`. */
export function unscopeRecord<Value>(record: Readonly<Record<string, Value>>, scope: string): Readonly<Record<string, Value>> {
  const start = `${scope}/`;
  return Object.fromEntries(
    Object.entries(record).flatMap(([name, value]) => (name.startsWith(start) ? [[name.slice(start.length), value]] : [])),
  );
}

/** Copies of shared entries for each of `tasks` tasks: `[1, ...shape]` → `[tasks, ...shape]`. */
export function tileParams(params: Params, tasks: number): Params {
  return mapParams(params, (value) => tf.tile(value, [tasks, ...value.shape.slice(1).map(() => 1)]));
}

/** Number of values in all the specs together: an exact parameter count. */
export function countParams(specs: ParamSpecs): number {
  return Object.values(specs).reduce((total, { shape }) => total + sizeOf(shape), 0);
}

/** Disposes every tensor. */
export function disposeParams(params: Params): void {
  for (const value of Object.values(params)) value.dispose();
}

/** `block1/dense2` of `block1/dense2/kernel`; empty where a name has one part. */
export function layerOf(name: string): string {
  return name.slice(0, Math.max(0, name.lastIndexOf('/')));
}
