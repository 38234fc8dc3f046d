import * as tf from '@tensorflow/tfjs';
import type { Head, Network, Pass } from '../core/network';
import { scopeRecord, unscopeRecord, type Params, type ParamSpecs } from '../core/params';
import type { StandardLayer, StandardLayers } from '../core/standard-layer';
import type { HostParams } from '../core/host-tensor';
import { expectShape, type Shape } from '../core/shape';
import type { Layer } from './layer';

/** A layer in its place: its network and the scope of its parameters. */
interface Placed {
  readonly scope: string;
  readonly network: Network;
}

export interface SequentialOptions {
  /** How errors call the network. @default 'sequential' */
  readonly name?: string;
}

/**
 * Layers one after another. Parameters are named by layer and number: `dense1/kernel`, `norm2/scale`. A last dense
 * layer, with its bias, becomes the network's `head`.
 *
 * @throws ShapeError where a layer does not fit the one before it
 */
export function sequential(
  inputShape: Shape,
  layers: readonly Layer[],
  { name = 'sequential' }: SequentialOptions = {},
): Network {
  const placed = place(inputShape, layers);
  const outputShape = placed.at(-1)?.network.outputShape ?? inputShape;
  const specs: ParamSpecs = Object.assign({}, ...placed.map(({ scope, network }) => scopeRecord(network.specs, scope)));
  const head = headOf(placed);
  const network: Network = {
    specs,
    inputShape,
    outputShape,
    apply(params, x, pass) {
      expectShape(name, x, [null, null, ...inputShape]);
      return run(placed, params, x, pass);
    },
    standardLayers: (weights) => standardLayers(placed, weights),
    ...(head ? { head } : {}),
  };
  if (!placed.some((layer) => layer.network.observe)) return network;
  return {
    ...network,
    observe(params, x, pass) {
      expectShape(name, x, [null, null, ...inputShape]);
      return observe(placed, params, x, pass);
    },
  };
}

function place(inputShape: Shape, layers: readonly Layer[]): readonly Placed[] {
  const counts = new Map<string, number>();
  let shape = inputShape;
  return layers.map((layer) => {
    const network = layer.build(shape);
    shape = network.outputShape;
    const number = (counts.get(layer.name) ?? 0) + 1;
    counts.set(layer.name, number);
    return { scope: `${layer.name}${number}`, network };
  });
}

function run(placed: readonly Placed[], params: Params, x: tf.Tensor, pass?: Pass): tf.Tensor {
  return tf.tidy(() =>
    placed.reduce((value, { scope, network }) => network.apply(unscopeRecord(params, scope), value, pass), tf.clone(x)),
  );
}

/** Each layer is observed on what the observed layers before it put out. */
function observe(placed: readonly Placed[], params: Params, x: tf.Tensor, pass?: Pass): Params {
  const last = placed.map(({ network }) => network.observe !== undefined).lastIndexOf(true);
  return tf.tidy(() => {
    let value = x;
    let observed = params;
    for (const { scope, network } of placed.slice(0, last + 1)) {
      const own = unscopeRecord(params, scope);
      const seen = network.observe?.(own, value, pass) ?? own;
      observed = { ...observed, ...scopeRecord(seen, scope) };
      value = network.apply(seen, value, pass);
    }
    return observed;
  });
}

/** Those of each layer; the first that has none says why. */
function standardLayers(placed: readonly Placed[], weights: HostParams): StandardLayers {
  const joined: StandardLayer[] = [];
  for (const { scope, network } of placed) {
    if (!network.standardLayers) return `${scope} has no counterpart in tf.layers`;
    const own = network.standardLayers(unscopeRecord(weights, scope));
    if (typeof own === 'string') return `${scope}: ${own}`;
    joined.push(...own);
  }
  return joined;
}

function headOf(placed: readonly Placed[]): Head | undefined {
  const last = placed.at(-1);
  if (!last?.network.head) return undefined;
  const before = placed.slice(0, -1);
  const { kernel, bias, features } = last.network.head;
  return {
    kernel: `${last.scope}/${kernel}`,
    bias: `${last.scope}/${bias}`,
    features: (params, x, pass) =>
      tf.tidy(() => features(unscopeRecord(params, last.scope), run(before, params, x, pass), pass)),
  };
}
