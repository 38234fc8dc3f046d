import * as tf from '@tensorflow/tfjs';
import type { HostParams } from '../core/host-tensor';
import { scopeRecord, unscopeRecord, type Params } from '../core/params';
import type { BesideMemory, ShapesByName } from './guard';

/** What both guards of single weights remember: how much each one counts, and where it was. */
export function remember(importance: HostParams, anchor: HostParams): HostParams {
  return { ...scopeRecord(importance, 'importance'), ...scopeRecord(anchor, 'anchor') };
}

/** Shapes of both: nothing before a first task. */
export function rememberedShapes({ tasks, shared }: BesideMemory): ShapesByName {
  return tasks === 0 ? {} : { ...scopeRecord(shared, 'importance'), ...scopeRecord(shared, 'anchor') };
}

/** Σ importance · (value − anchor)², a scalar: over all that is important. */
export function pullBack(shared: Params, reminder: Params): tf.Tensor {
  const anchor = unscopeRecord(reminder, 'anchor');
  const terms = Object.entries(unscopeRecord(reminder, 'importance')).map(([name, importance]) =>
    tf.sum(tf.mul(importance, tf.square(tf.sub(shared[name]!, anchor[name]!)))),
  );
  return tf.addN(terms);
}
