import { createRng, mlp, type Mean } from 'hypermeta';
import { twoSampleTest } from './classifier';
import { frechetInterval } from './frechet-distance';
import type { ScoringSettings } from './settings';

/** Features that images are compared by. */
export const featureCount = 64;

/**
 * How far images are from as many real ones, by their features `[N, 64]`. Real images that are compared with others show how far
 * such figures are from 0, and from being told apart half of the time, by chance.
 */
export async function compareSets(name: string, features: Float32Array, real: Float32Array, { redrawings, testSteps }: ScoringSettings): Promise<Readonly<Record<string, Mean>>> {
  const toldApart = await twoSampleTest(mlp([featureCount, 64, 2]), features, real, { steps: testSteps, seed: 'two samples' });
  return {
    [`Fréchet distance of ${name}`]: frechetInterval(features, real, { size: featureCount, draws: redrawings, rng: createRng('redrawings') }),
    [`told apart: ${name}`]: toldApart,
  };
}
