import * as tf from '@tensorflow/tfjs';
import type { Memory } from '../core/network';
import { expectShape } from '../core/shape';
import type { Layer } from './layer';
import { sequential } from './sequential';

/**
 * x plus what the layers make of it.
 *
 * Source: He et al., "Deep Residual Learning for Image Recognition", 2015 (arXiv 1512.03385), equation 1.
 *
 * @throws ShapeError if the layers change the shape
 */
export function residual(layers: readonly Layer[]): Layer {
  return {
    name: 'residual',
    build(inputShape) {
      const branch = sequential(inputShape, layers, { name: 'residual' });
      expectShape('residual: output of its layers', { shape: branch.outputShape }, inputShape);
      return {
        specs: branch.specs,
        inputShape,
        outputShape: inputShape,
        apply: (params, x, pass) => tf.tidy(() => tf.add(x, branch.apply(params, x, pass))),
        standardLayers(weights) {
          const layers = branch.standardLayers!(weights); // a sequential one has it
          return typeof layers === 'string' ? layers : [...layers, { className: 'Add', from: [-1, layers.length - 1] }];
        },
        ...(branch.observe ? { observe: branch.observe } : {}),
        ...(branch.memory ? { memory: besideInput(branch.memory) } : {}),
      };
    },
  };
}

/** The memory of layers whose input is added to what they put out. */
function besideInput(memory: Memory): Memory {
  return {
    ...memory,
    proceed: (params, x, before, pass) =>
      tf.tidy(() => {
        const { output, after } = memory.proceed(params, x, before, pass);
        return { output: tf.add(x, output), after: { ...after } };
      }),
  };
}
