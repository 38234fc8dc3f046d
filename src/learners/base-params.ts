import * as tf from '@tensorflow/tfjs';
import { expectOneOf } from '../core/errors';
import { layerNoise } from '../core/layer-noise';
import type { TaskInputs } from '../core/learner';
import type { Network } from '../core/network';
import { filterRecord, mapRecord, scopeRecord, unscopeRecord, type Params, type ParamSpecs } from '../core/params';

/**
 * How a learner holds the last layer. `'any-ways'`: one learned column, copied to every class of the episode, so that
 * one learner serves any number of classes. `'columns'`: one column for each output, as in MAML's own code, and for
 * regression with several outputs.
 */
export type HeadStart = 'any-ways' | 'columns';

/** What a learner does unless told: any number of ways where the network ends in several outputs. */
export function defaultHead(base: Network): HeadStart {
  return base.head && base.outputShape.at(-1)! > 1 ? 'any-ways' : 'columns';
}

/** Specs of the base network as meta-parameters, under `base/`. */
export function baseSpecs(base: Network, head: HeadStart): ParamSpecs {
  expectOneOf('head', head, ['any-ways', 'columns']);
  return scopeRecord(head === 'columns' ? base.specs : oneColumn(base), 'base');
}

/** Trained base parameters out of the meta-parameters, statistics left out. */
export function baseParams(base: Network, meta: Params): Params {
  return filterRecord(unscopeRecord(meta, 'base'), (name) => base.specs[name]?.role !== 'statistic');
}

/**
 * All base weights: those of the state, the others as in the meta-parameters; running statistics among them, but for the meta-step,
 * which trains without and measures them.
 */
export function baseWeights(meta: Params, state: Params = {}): Params {
  return { ...unscopeRecord(meta, 'base'), ...state };
}

/** Trained parameters of the last linear layer, out of the meta-parameters. */
export function headParams(base: Network, meta: Params): Params {
  return filterRecord(baseParams(base, meta), (name) => headNames(base).includes(name));
}

/** Trained parameters of what lies in front of it. */
export function bodyParams(base: Network, meta: Params): Params {
  return filterRecord(baseParams(base, meta), (name) => !headNames(base).includes(name));
}

/** Specs of what lies in front of the head, under `base/`: for learners that make a head of their own. */
export function bodySpecs(base: Network): ParamSpecs {
  return scopeRecord(filterRecord(base.specs, (name) => !headNames(base).includes(name)), 'base');
}

/** Specs of what inner steps on base weights change, by their own names: all parameters but statistics. */
export function steppedSpecs(base: Network, head: HeadStart): ParamSpecs {
  return filterRecord(unscopeRecord(baseSpecs(base, head), 'base'), (_name, { role }) => role !== 'statistic');
}

/** What the head sees of the support set through a body that all tasks share: `[T, n, features]`. */
export function supportFeatures(base: Network, meta: Params, task: TaskInputs): tf.Tensor {
  const { support } = task;
  return expectHead('supportFeatures', base).features(baseWeights(meta), support.x, { weight: support.weight, ...layerNoise(task) });
}

/** What a generated bias adds, from the number of each class's examples: −1e9 to a class that the support set does not show. */
export function absence(counts: tf.Tensor): tf.Tensor {
  return tf.mul(tf.cast(tf.equal(counts, 0), 'float32'), ofAbsent);
}

/** The classes that the support set shows, as 1, from what `absence` gave; steps may have moved it a little. */
export function shownClasses(missing: tf.Tensor): tf.Tensor {
  return tf.cast(tf.greater(missing, ofAbsent / 10), 'float32');
}

const ofAbsent = -1e9;

/** The head's entries copied to `ways` columns where there is one; a head with a column for each output stays as it is. */
export function tileHead(base: Network, params: Params, ways: number): Params {
  return mapRecord(params, (value, name) => {
    const columns = value.shape.at(-1)!;
    if (!headNames(base).includes(name) || columns !== 1 || ways === 1) return value;
    return tf.tile(value, [...value.shape.slice(0, -1).map(() => 1), ways]);
  });
}

/** Names of the last linear layer's parameters. */
export function headNames(base: Network): readonly string[] {
  return base.head ? [base.head.kernel, base.head.bias] : [];
}

/** @throws RangeError if the base network has no linear last layer */
export function expectHead(where: string, base: Network): NonNullable<Network['head']> {
  if (!base.head)
    throw new RangeError(`${where}: expected a base network whose last layer is dense, got one without; end it with dense(ways).`);
  return base.head;
}

/** T: the number of tasks. */
export function tasksOf(task: TaskInputs): number {
  return task.support.x.shape[0];
}

/** The number of outputs that a task's targets ask for: its classes, or the values of a regression. */
export function waysOf(task: TaskInputs): number {
  return task.support.y.shape.at(-1)!;
}

function oneColumn(base: Network): ParamSpecs {
  expectHead(`head: 'any-ways'`, base);
  return mapRecord(base.specs, (spec, name) =>
    headNames(base).includes(name) ? { ...spec, shape: [...spec.shape.slice(0, -1), 1] } : spec,
  );
}
