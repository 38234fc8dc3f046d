import * as tf from '@tensorflow/tfjs';
import { expectPositive } from '../core/errors';
import type { HypernetworkFamily } from '../core/hypernetwork';
import { sizeOf } from '../core/shape';
import { layerOf, mapRecord, scopeRecord, unscopeRecord, type ParamSpec, type ParamSpecs, type Params } from '../core/params';
import { hypernetworkFamily } from './family';
import { generateOnce } from './full-hypernetwork';
import type { GeneratorOptions, Piece } from './generator';

export interface ModulationHypernetworkOptions extends GeneratorOptions {
  readonly embeddingSize: number;
  /** Standard deviation of γ and β at the start; above zero, so that the embedding can move. @default 0.1 */
  readonly initialScale?: number;
}

/**
 * Learned base weights, and for every layer a generated scale 1 + γ and shift β per output feature:
 * y = (1 + γ)(W x + b) + β. Generates two values per feature instead of a whole matrix. The scale and shift of a norm
 * are modulated likewise.
 *
 * Source: Perez et al., "FiLM: Visual Reasoning with a General Conditioning Layer", 2018 (arXiv 1709.07871),
 * equations 1 and 2, with the scale written as 1 + Δγ as in its section 3.
 *
 * @example
 * modulationHypernetwork({ embeddingSize: 8, hidden: [] }).build(mlp([1, 40, 40, 1]).specs)
 */
export function modulationHypernetwork(options: ModulationHypernetworkOptions): HypernetworkFamily {
  const { embeddingSize, initialScale = 0.1 } = options;
  expectPositive('modulationHypernetwork: initialScale', initialScale);
  return hypernetworkFamily('modulationHypernetwork', embeddingSize, (target) => {
    const modulation = generateOnce(embeddingSize, modulationPieces(target, initialScale), options);
    return {
      specs: { ...scopeRecord(target, 'base'), ...scopeRecord(modulation.specs, 'modulation') },
      generate(params, embedding) {
        const modulations = modulation.generate(unscopeRecord(params, 'modulation'), embedding);
        return modulate(target, unscopeRecord(params, 'base'), modulations);
      },
    };
  });
}

function modulate(target: ParamSpecs, base: Params, modulations: Params): Params {
  return mapRecord(target, (spec, name) => {
    const axes = -(spec.featureAxes ?? 1);
    const alongFeatures = (value: tf.Tensor) =>
      tf.reshape(value, [value.shape[0], ...spec.shape.slice(0, axes).map(() => 1), ...spec.shape.slice(axes)]);
    const scale = tf.add(alongFeatures(modulations[gammaName(name, spec)]!), 1);
    const scaled = tf.mul(base[name]!, scale);
    return isShifted(spec) ? tf.add(scaled, alongFeatures(modulations[betaName(name, spec)]!)) : scaled;
  });
}

/** One γ per layer, shared by its kernel and bias, and one β where something is shifted. */
function modulationPieces(target: ParamSpecs, initialScale: number): Readonly<Record<string, Piece>> {
  const pieces = Object.entries(target).flatMap(([name, spec]): [string, Piece][] => {
    const piece = { shape: [featuresOf(spec)], mean: 0, deviation: initialScale };
    return [[gammaName(name, spec), piece], ...(isShifted(spec) ? [[betaName(name, spec), piece] as [string, Piece]] : [])];
  });
  return Object.fromEntries(pieces);
}

function isShifted({ role }: ParamSpec): boolean {
  return role === 'bias' || role === 'shift';
}

function featuresOf({ shape, featureAxes = 1 }: ParamSpec): number {
  return sizeOf(shape.slice(-featureAxes));
}

/** Tensors of one layer with as many features share a modulation: `dense1/gamma40`. */
function gammaName(name: string, spec: ParamSpec): string {
  return modulationName('gamma', name, spec);
}

function betaName(name: string, spec: ParamSpec): string {
  return modulationName('beta', name, spec);
}

function modulationName(kind: 'gamma' | 'beta', name: string, spec: ParamSpec): string {
  const layer = layerOf(name);
  return `${layer}${layer && '/'}${kind}${featuresOf(spec)}`;
}
