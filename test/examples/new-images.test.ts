import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { Matrix } from 'ml-matrix';
import { createRng } from 'hypermeta';
import { describe, expect, test } from 'vitest';
import { frechetDistance, frechetInterval, momentsOf, type FeatureMoments } from '../../examples/new-images/frechet-distance';
import { drawCode, fitMixture, logDensity } from '../../examples/new-images/mixture-prior';
import { isFull } from '../helpers/full';

const root = fileURLToPath(new URL('../..', import.meta.url));
const data = join(root, '../shared/data');
const runs = { numRuns: isFull ? 10_000 : 200 };

const normal = (mean: readonly number[], covariance: number[][]): FeatureMoments => ({ mean, covariance: new Matrix(covariance) });
/** A covariance L Lᵀ of three values. */
const anyNormal = fc.array(fc.integer({ min: -300, max: 300 }), { minLength: 12, maxLength: 12 }).map((hundredths) => {
  const values = hundredths.map((value) => value / 100);
  const factor = new Matrix([values.slice(3, 6), values.slice(6, 9), values.slice(9, 12)]);
  return { mean: values.slice(0, 3), covariance: factor.mmul(factor.transpose()) };
});

describe('the Fréchet distance', () => {
  test('of two normal distributions of one value is (μ₁ − μ₂)² + (σ₁ − σ₂)²', () => {
    expect(frechetDistance(normal([1], [[4]]), normal([4], [[25]]))).toBeCloseTo(9 + 9);
  });

  test('of covariances that commute is the sum over their directions', () => {
    const turn = new Matrix([[0.6, -0.8], [0.8, 0.6]]);
    const along = (first: number, second: number) => turn.mmul(Matrix.diag([first, second])).mmul(turn.transpose());
    const [one, other] = [{ mean: [0, 0], covariance: along(1, 9) }, { mean: [3, 4], covariance: along(4, 1) }];
    expect(frechetDistance(one, other)).toBeCloseTo(25 + 1 + 4);
  });

  test('is that of the general matrix root, where covariances do not commute', () => {
    const [one, other] = [normal([0, 0], [[2, 1], [1, 2]]), normal([0, 0], [[3, 0], [0, 1]])];
    // tr (C₁ C₂)^½ of a 2 × 2 matrix is √(tr C₁C₂ + 2 √det C₁C₂)
    expect(frechetDistance(one, other)).toBeCloseTo(4 + 4 - 2 * Math.sqrt(8 + 2 * Math.sqrt(9)));
  });

  test('is a distance: 0 to itself, the same both ways, never less than nothing', () => {
    fc.assert(
      fc.property(anyNormal, anyNormal, (one, other) => {
        expect(Math.abs(frechetDistance(one, one))).toBeLessThan(1e-5);
        expect(frechetDistance(one, other)).toBeGreaterThan(-1e-5);
        expect(frechetDistance(one, other)).toBeCloseTo(frechetDistance(other, one), 3);
      }),
      runs,
    );
  });

  test('is measured on samples, with an interval', () => {
    const rng = createRng('samples');
    const draw = (shift: number) => Float32Array.from({ length: 3000 }, (_, index) => rng.normal() + (index % 2) * shift);
    const [one, other] = [draw(0), draw(2)];
    expect(momentsOf(one, 2).covariance.get(0, 0)).toBeCloseTo(1, 0);
    const { mean, interval, count } = frechetInterval(one, other, { size: 2, draws: 50, rng });
    expect(count).toBe(1500);
    expect(Math.abs(mean - 4)).toBeLessThan(2 * interval);
    expect(interval).toBeLessThan(0.5);
  });
});

describe('the mixture that is fitted to codes', () => {
  const rng = createRng('mixture');
  test('finds both clouds, their shares and how their values go together', () => {
    // round (0, 0) with values that go together, and round (6, −6) with values that go apart
    const points = Array.from({ length: 1000 }, (_, code) => {
      const [x, noise] = [rng.normal(), 0.3 * rng.normal()];
      return code % 4 === 0 ? [6 + x, -6 - x + noise] : [x, x + noise];
    });
    const mixture = fitMixture(Float32Array.from(points.flat()), 2, { parts: 2, rounds: 30, rng: createRng('parts') });
    const [near, far] = [...mixture.parts].sort((one, other) => one.mean[0]! - other.mean[0]!);
    expect([near!.share, far!.share]).toEqual([expect.closeTo(0.75, 1), expect.closeTo(0.25, 1)]);
    expect([near!.factor[2]! > 0.8, far!.factor[2]! < -0.8]).toEqual([true, true]); // L₂₁: the second value for the first
    const drawn = Array.from({ length: 2000 }, () => drawCode(mixture, rng));
    expect(drawn.filter(([x]) => x! > 3).length / 2000).toBeCloseTo(0.25, 1);
    expect(logDensity(mixture, [0, 0])).toBeGreaterThan(logDensity(mixture, [0, 2]) + 3);
  });

  test('has the density of a normal distribution where it has one part', () => {
    const values = Float32Array.from({ length: 4000 }, () => 2 * rng.normal());
    const mixture = fitMixture(values, 1, { parts: 1, rounds: 1, rng });
    expect(logDensity(mixture, [0])).toBeCloseTo(-Math.log(2 * Math.sqrt(2 * Math.PI)), 1);
  });
});

const items = ['items', 'Fréchet distance of fitted prior'] as const;
const characters = ['characters', 'named right: K = 1'] as const;

test.skipIf(!existsSync(join(data, 'fashion-mnist')) || !existsSync(join(data, 'omniglot')))('npm run new-images -- --quick trains, scores and draws all models', { timeout: 120_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'hypermeta-new-images-'));
  try {
    const words = ['--import', 'tsx', 'examples/new-images/new-images.ts', '--quick', '--data', data, '--out', folder, '--work', folder, ...(isFull ? [] : ['--only', 'items'])];
    execFileSync(process.execPath, words, { cwd: root, encoding: 'utf8' });
    for (const [part, metric] of isFull ? [items, characters] : [items]) {
      const { runs: found } = JSON.parse(readFileSync(join(folder, `${part}.json`), 'utf8')) as { runs: { model: string; values: Record<string, { mean: number }> }[] };
      expect(found.map(({ model }) => model)).toEqual([expect.stringMatching(/^real/), 'variational hypernetwork', 'plain decoder']);
      for (const { values } of found.slice(1)) expect(values[metric]!.mean).toBeGreaterThanOrEqual(0);
      for (const budget of ['hypernetwork', 'plain']) expect(existsSync(join(folder, `${part}-${budget}.png`))).toBe(true);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
