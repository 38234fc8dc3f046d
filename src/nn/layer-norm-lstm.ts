import * as tf from '@tensorflow/tfjs';
import { constantInit } from '../core/initializers';
import type { Initializer, Params, ParamRole, ParamSpecs } from '../core/params';
import { taskMatMul } from '../ops/task-mat-mul';
import { scaleAndShift } from './feature-rows';
import { gateFunctions, kernelCell } from './kernel-cell';
import type { Layer } from './layer';
import { normalized } from './layer-norm';
import { forgetInit, remember, type LstmOptions } from './lstm';
import { recurrentLayer } from './recurrent';

/**
 * An LSTM whose gates, each on its own, and carry are normalized over their units, so that what flows through many steps keeps
 * its size: LN scales and shifts what has mean 0 and variance 1,
 *
 *     c ← f · c + i · tanh(LN(x W_c + h U_c))
 *     h ← o · tanh(LN(c))
 *
 * with gates i, f, c, o side by side as in `lstm`; their shifts are the biases, and that of f starts at 1.
 *
 * Sources: Ba, Kiros, Hinton, "Layer Normalization", 2016 (arXiv 1607.06450), section 3.1; where the norms stand: Ha, Dai, Le,
 * "HyperNetworks", 2016 (arXiv 1609.09106), appendix A.2.
 *
 * @throws RangeError for an unknown option; ShapeError, when it is joined, for an input that is no sequence
 */
export function layerNormLstm(units: number, options: Omit<LstmOptions, 'bias'> = {}): Layer {
  const functions = gateFunctions('layerNormLstm', options);
  const cell = kernelCell(
    units,
    {
      name: 'layerNormLstm',
      gates: [4],
      keeps: 'carry',
      biasInit: forgetInit,
      specs: gateNormSpecs(units),
      step({ input, recurrentKernels: [recurrentKernel], params, before, candidateMask: mask }) {
        const sums = before ? tf.add(input, taskMatMul(before.seen, recurrentKernel!)) : input;
        const show = (carry: tf.Tensor) => normalizeCarry(params, carry);
        return remember(normalizeGates(params, sums), before?.['carry'], { ...functions, show, ...(mask ? { mask } : {}) });
      },
    },
    { ...options, bias: 'none' },
  );
  return recurrentLayer(cell, options);
}

/** Scales and shifts of the gates, side by side, and of the carry. */
export function gateNormSpecs(units: number): ParamSpecs {
  const spec = (role: ParamRole, size: number, init: Initializer) => ({ shape: [size], role, fanIn: units, init });
  return {
    gateScale: spec('scale', 4 * units, constantInit(1)),
    gateShift: spec('shift', 4 * units, forgetInit),
    carryScale: spec('scale', units, constantInit(1)),
    carryShift: spec('shift', units, constantInit(0)),
  };
}

/** The sums `[T, n, 4 · units]` of gates side by side, each gate normalized. Call it within a tidy. */
export function normalizeGates({ gateScale, gateShift }: Params, sums: tf.Tensor): tf.Tensor {
  const [tasks, n, width] = sums.shape as [number, number, number];
  const apart = tf.reshape(sums, [tasks, n, 4, width / 4]);
  return scaleAndShift(tf.reshape(normalized(apart, epsilon), [tasks, n, width]), gateScale, gateShift);
}

/** Call it within a tidy. */
export function normalizeCarry({ carryScale, carryShift }: Params, carry: tf.Tensor): tf.Tensor {
  return scaleAndShift(normalized(carry, epsilon), carryScale, carryShift);
}

/** Added to the variance: that of `layerNorm`, and of the authors' code. */
const epsilon = 1e-3;
