import * as tf from '@tensorflow/tfjs';
import type { Learner } from '../core/learner';
import type { Network } from '../core/network';
import { filterRecord, mapParams, mapRecord, type Initializer, type ParamSpecs } from '../core/params';
import { sizeOf, type Shape } from '../core/shape';
import { taskMatMul } from '../ops/task-mat-mul';
import { defaultHead, headNames, steppedSpecs, type HeadStart } from './base-params';
import { maml } from './maml';

/**
 * MAML whose gradients are multiplied by learned matrices, one along each axis (mode) of a parameter, that start as
 * identities: MC(G) = G ×₃ M_f ×₂ M_i ×₁ M_o. A convolution's kernel `[h, w, in, out]` has three: over its h · w
 * positions, its inputs and its outputs; a matrix `[in, out]` two. A vector (a bias, the scale of a norm) has one full
 * matrix over its values. An identity leaves the gradient and the inner learning rate as they are.
 *
 * The number of columns of a head of any ways is not known: it has no matrix over its outputs, and its bias none at all.
 * Matrices have the square of an axis's size in values: a head of 1600 inputs adds 2.6 million.
 *
 * Source: Park, Oliva, "Meta-Curvature", 2019 (arXiv 1902.03356), section 4.
 */
export function metaCurvature(base: Network, { head = defaultHead(base) }: { readonly head?: HeadStart } = {}): Learner {
  const learner = maml(base, { head });
  const hasOpenOutputs = (name: string) => head === 'any-ways' && headNames(base).includes(name);
  const modes = mapRecord(steppedSpecs(base, head), ({ shape }, name) => {
    const all = modesOf(shape);
    return hasOpenOutputs(name) ? filterRecord(all, (mode) => mode !== 'output') : all;
  });
  return {
    ...learner,
    name: 'Meta-Curvature',
    specs: { ...learner.specs, ...curvatureSpecs(modes) },
    direction: (meta, _at, gradients) =>
      mapParams(gradients, (gradient, name) => {
        const { shape } = gradient;
        const viewed = tf.reshape(gradient, [shape[0], ...viewOf(shape.slice(1))]);
        const product = Object.entries(modes[name]!).reduce<tf.Tensor>(
          (value, [mode, { axis }]) => modeProduct(value, meta[matrixName(name, mode)]!, axis),
          viewed,
        );
        return tf.reshape(product, shape);
      }),
  };
}

/** An axis that has a matrix; counted with the task axis. */
interface Mode {
  readonly axis: number;
  readonly size: number;
}

type Modes = Readonly<Record<string, Mode>>;

const modeNames = ['filter', 'input', 'output'] as const;

/** A kernel's positions as one axis: `[h, w, in, out]` → `[h · w, in, out]`. */
function viewOf(shape: Shape): Shape {
  return shape.length > 2 ? [sizeOf(shape.slice(0, -2)), ...shape.slice(-2)] : shape;
}

/** The last axis is the output, the one before it the input. */
function modesOf(shape: Shape): Modes {
  const sizes = viewOf(shape);
  const names = modeNames.slice(modeNames.length - sizes.length);
  return Object.fromEntries(names.map((name, index) => [name, { axis: index + 1, size: sizes[index]! }]));
}

function curvatureSpecs(modes: Readonly<Record<string, Modes>>): ParamSpecs {
  const matrices = Object.entries(modes).flatMap(([name, own]) =>
    Object.entries(own).map(([mode, { size }]) => [matrixName(name, mode), size] as const),
  );
  return mapRecord(Object.fromEntries(matrices), (size) => ({ shape: [size, size], role: 'rate', fanIn: size, init: identity }));
}

function matrixName(name: string, mode: string): string {
  return `curvature/${name}/${mode}`;
}

const identity: Initializer = (_rng, shape) =>
  Float32Array.from({ length: sizeOf(shape) }, (_, index) => Number(index % (shape[0]! + 1) === 0));

/** Σ_j x[…, j, …] · matrix[j, i] along an axis. */
function modeProduct(x: tf.Tensor, matrix: tf.Tensor, axis: number): tf.Tensor {
  const last = x.rank - 1;
  const swap = x.shape.map((_, index) => (index === axis ? last : index === last ? axis : index)); // undoes itself
  const turned = tf.transpose(x, swap);
  const rows = tf.reshape(turned, [x.shape[0], -1, x.shape[axis]!]);
  return tf.transpose(tf.reshape(taskMatMul(rows, matrix), turned.shape), swap);
}
