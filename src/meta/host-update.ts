import type * as tf from '@tensorflow/tfjs';
import { hostFloats, type HostParams } from '../core/host-tensor';
import { filterRecord, mapRecord, unscopeRecord, type Params } from '../core/params';
import { compile, orUncompiled, type RuntimeName } from '../engine/compile';
import { updateParams, type Optimizer } from '../optim/optimizer';

/** Moves parameters on the host along their gradients, in place, and the moments that it keeps with them. */
export interface HostUpdate {
  apply(params: HostParams, gradients: HostParams, learningRate: number): Promise<void>;
  dispose(): Promise<void>;
}

/** One pass over the values where the optimizer knows how; its `update`, compiled, where it does not. */
export function hostUpdate(optimizer: Optimizer, moments: HostParams, runtime?: RuntimeName): HostUpdate {
  return optimizer.updateInPlace ? inOnePass(optimizer, moments) : compiledUpdate(optimizer, moments, runtime);
}

function inOnePass(optimizer: Optimizer, moments: HostParams): HostUpdate {
  const byName = new Map<string, Readonly<Record<string, Float32Array>>>();
  const momentsOf = (name: string) => {
    const own = byName.get(name) ?? mapRecord(unscopeRecord(moments, name), ({ values }) => values);
    byName.set(name, own);
    return own;
  };
  return {
    apply(params, gradients, learningRate) {
      for (const [name, { values }] of Object.entries(params))
        optimizer.updateInPlace!(values, gradients[name]!.values, momentsOf(name), learningRate);
      return Promise.resolve();
    },
    dispose: () => Promise.resolve(),
  };
}

function compiledUpdate(optimizer: Optimizer, moments: HostParams, runtime?: RuntimeName): HostUpdate {
  type Inputs = { params: Params; gradients: Params; moments: Params; learningRate: tf.Scalar };
  const compiled = compile(
    ({ params, gradients, moments, learningRate }: Inputs) => updateParams(optimizer, params, gradients, moments, learningRate),
    { name: `the ${optimizer.name} optimizer`, ...orUncompiled(runtime) },
  );
  return {
    async apply(params, gradients, learningRate) {
      const rate = hostFloats(Float32Array.of(learningRate), []);
      const slopes = filterRecord(gradients, (name) => name in params);
      const moved = await compiled.runOnHost({ params, gradients: slopes, moments, learningRate: rate });
      for (const [name, { values }] of Object.entries(moved.params)) params[name]!.values.set(values);
      for (const [name, { values }] of Object.entries(moved.moments)) moments[name]!.values.set(values);
    },
    dispose: () => compiled.dispose(),
  };
}
