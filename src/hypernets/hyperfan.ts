import { expectOneOf } from '../core/errors';
import { createRng } from '../core/rng';
import { layerOf, mapRecord, type ParamSpec, type ParamSpecs } from '../core/params';

/**
 * How a generator's output layer starts. `'hyperfan-in'` keeps the size of the base network's activations from layer
 * to layer, `'hyperfan-out'` that of its gradients; `'ordinary'` ignores that weights are generated: for comparison.
 */
export type HyperInit = 'hyperfan-in' | 'hyperfan-out' | 'ordinary';

/** Mean and standard deviation that the generated values of one tensor should start with. */
export interface Spread {
  readonly mean: number;
  readonly deviation: number;
}

/** Where the base network starts at a constant, generated values start this close to it. */
const nearConstant = 0.1;

/** Enough draws to know an initializer's variance to about 2 %. */
const draws = 4096;

/**
 * The spread of every generated tensor. A generator that ends in a linear layer of d_k inputs with second moment
 * Var(e) reaches it when that layer's variance is deviation² / (d_k · Var(e)):
 *
 *     hyperfan-in    kernel  gain / (fanIn · d_k · Var(e)), half of it where the layer's bias is generated too
 *                    bias    gain / (2 · d_k · Var(e))
 *     hyperfan-out   kernel  gain / (fanOut · d_k · Var(e))
 *                    bias    max(0, gain · (1 − fanIn / fanOut)) / (d_k · Var(e))
 *
 * `gain` is what the base network's own initializer gives: 2 for He's, 1 for a linear layer, less for sine layers.
 * Scales and shifts of a norm start near the constant that the base network starts them at.
 *
 * Source: Chang, Flokas, Lipson, "Principled Weight Initialization for Hypernetworks", 2020 (arXiv 2312.08399),
 * table 1.
 */
export function generatedSpread(target: ParamSpecs, init: HyperInit): Readonly<Record<string, Spread>> {
  expectOneOf('hypernetwork: init', init, ['hyperfan-in', 'hyperfan-out', 'ordinary']);
  const own = mapRecord(target, ownSpread);
  const gainOf = (kernel: string) => target[kernel]!.fanIn * own[kernel]!.deviation ** 2 || nearConstant ** 2;
  return mapRecord(target, (spec, name) => {
    const { mean, deviation } = own[name]!;
    if (init === 'ordinary') return { mean, deviation: Math.SQRT2 }; // He's, as if its outputs were activations
    if (spec.role === 'kernel') return { mean: 0, deviation: Math.sqrt(gainOf(name) / effectiveFan(target, name, init)) };
    const kernel = spec.role === 'bias' ? partner(target, name, 'kernel') : undefined;
    if (kernel === undefined) return { mean, deviation: deviation || nearConstant };
    return { mean, deviation: Math.sqrt(gainOf(kernel) * biasShare(target[kernel]!, init)) };
  });
}

/** What divides the gain of a kernel: the variance of a sum grows with this many values. */
function effectiveFan(target: ParamSpecs, name: string, init: HyperInit): number {
  const spec = target[name]!;
  if (init === 'hyperfan-out') return fanOut(spec);
  return spec.fanIn * (partner(target, name, 'bias') === undefined ? 1 : 2);
}

/** How much of the gain a generated bias adds. */
function biasShare(kernel: ParamSpec, init: HyperInit): number {
  return init === 'hyperfan-out' ? Math.max(0, 1 - kernel.fanIn / fanOut(kernel)) : 1 / 2;
}

/** Output values that one input value of the layer takes part in: `[..., inputs, outputs]`; 1 for a single column. */
function fanOut({ shape, fanIn, featureAxes = 1 }: ParamSpec): number {
  if (featureAxes === 2) return fanIn * shape.at(-1)!; // of one channel
  return shape.length < 2 ? 1 : (fanIn * shape.at(-1)!) / shape.at(-2)!;
}

/** The parameter of another role in the same layer: `dense1/kernel` and `dense1/bias`. */
function partner(target: ParamSpecs, name: string, role: ParamSpec['role']): string | undefined {
  const layer = Object.keys(target).filter((other) => layerOf(other) === layerOf(name));
  const kernels = layer.filter((other) => target[other]!.role === 'kernel');
  const isBefore = (kernel: string) => kernels.length > 1 && target[kernel]!.featureAxes === 2; // another kernel lies between it and the bias
  return isBefore(name) ? undefined : layer.find((other) => target[other]!.role === role && !isBefore(other));
}

/** What the base network's own initializer gives: a constant, or values around zero; given scales of a norm keep their mean. */
function ownSpread({ shape, init, role }: ParamSpec, name: string): Spread {
  const rng = createRng(`spread of ${name}`);
  const values = [...init(rng, shape)];
  if (values.every((value) => value === values[0]) && init(rng, shape)[0] === values[0]) return { mean: values[0] ?? 0, deviation: 0 };
  while (values.length < draws) values.push(...init(rng, shape));
  const mean = role === 'scale' ? values.reduce((sum, value) => sum + value, 0) / values.length : 0;
  return { mean, deviation: Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length) };
}
