import * as tf from '@tensorflow/tfjs';
import { compile, createRng, disposeBatch, disposeParams, initParams, metaGradients, sampleBatch, seededNoise, type MetaTrainer } from 'hypermeta';

/** Multiplications and additions of all matrix products in one training step as it is written, uncompiled. */
export async function countOperations({ learner, settings, tasks }: MetaTrainer): Promise<number> {
  const source = 'train' in tasks ? tasks.train : tasks;
  const meta = initParams(learner.specs, createRng('operations'));
  const batch = sampleBatch(source, 'operations', 0, settings.metaBatchSize);
  const { kernels } = await tf.profile(() => {
    tf.tidy(() => void metaGradients(learner, meta, batch, seededNoise(createRng('operations')), settings));
    return tf.tensor([]); // it wants one
  });
  disposeParams(meta);
  disposeBatch(batch);
  return kernels.filter(({ name }) => name === 'BatchMatMul').reduce((sum, { inputShapes, outputShapes }) => sum + productOperations(inputShapes, outputShapes), 0);
}

/** 2 · M · K · N for each product `[…, M, K]` × `[…, K, N]`, either of them transposed. */
function productOperations(inputs: readonly (number[] | undefined)[], outputs: readonly (number[] | undefined)[]): number {
  const [one, other, product] = [inputs[0]!, inputs[1]!, outputs[0]!]; // a product has them
  const area = (shape: readonly number[]) => shape.slice(-2).reduce((size, side) => size * side, 1);
  const inner = Math.sqrt((area(one) * area(other)) / area(product)); // MK · KN / MN = K²
  return 2 * inner * product.reduce((size, side) => size * side, 1);
}

const side = 768;

/** A product of square matrices, as nearly at the processor's peak as there is, and how many operations it has. */
export function peakProduct(): { readonly operations: number; readonly run: () => Promise<void>; readonly dispose: () => Promise<void> } {
  const product = compile(({ one, other }: { readonly one: tf.Tensor; readonly other: tf.Tensor }) => tf.matMul(one, other));
  const matrix = { values: new Float32Array(side * side).fill(0.5), shape: [side, side], dtype: 'float32' as const };
  return {
    operations: 2 * side ** 3,
    run: async () => product.recycle(await product.runOnHost({ one: matrix, other: matrix })),
    dispose: () => product.dispose(),
  };
}
