import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { Matrix } from 'ml-matrix';
import * as tf from '@tensorflow/tfjs';
import { createRng, initParams, tileParams } from 'hypermeta';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { centredDrawings } from '../../examples/new-images/centred-drawings';
import { readJson, writeJson } from '../../examples/json-file';
import { openCharacters } from '../../examples/new-images/characters';
import { frechetDistance, frechetInterval, momentsOf, type FeatureMoments } from '../../examples/new-images/frechet-distance';
import { drawCode, fitMixture, logDensity } from '../../examples/new-images/mixture-prior';
import { openItems } from '../../examples/new-images/items';
import { readRuns, recorder, type ImageRun } from '../../examples/new-images/results';
import { characterSettings, itemSettings, quickItems } from '../../examples/new-images/settings';
import { warpingHypernetwork } from '../../examples/new-images/character-models';
import { warpingNetwork } from '../../examples/new-images/warping-network';
import { runExample } from '../helpers/examples';
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

describe('a drawing that is drawn anew', () => {
  const drawing = (ink: readonly (readonly [row: number, column: number])[]) => {
    const pixels = new Float32Array(28 * 28);
    for (const [row, column] of ink) pixels[row * 28 + column] = 1;
    return pixels;
  };
  const stroke = [[5, 4], [6, 4], [7, 5], [7, 6]] as const;
  const { apply, specs } = warpingNetwork({ reach: 1, widths: [1] }, [2]);
  const moved = (right: number, down: number) =>
    tf.tidy(() => {
      const params = Object.fromEntries(Object.entries(specs).map(([name, { shape }]) => [name, name === 'field/dense2/bias' ? tf.tensor2d([[right / 14, down / 14]]) : tf.fill([1, ...shape], name === 'ink/dense1/kernel' ? 1 : 0)]));
      return Array.from(apply(params, tf.tensor3d(drawing(stroke), [1, 1, 784])).dataSync(), (value) => Math.round(value * 1e4) / 1e4);
    });

  test('is itself where nothing moves', () => expect(moved(0, 0)).toEqual([...drawing(stroke)]));

  test('has its ink where the moves find it: a pixel looks to the right and down, so that the stroke goes left and up', () => {
    expect(moved(2, 1)).toEqual([...drawing(stroke.map(([row, column]) => [row - 1, column - 2]))]);
  });

  test('shares ink between pixels where moves end between two', () => {
    const half = moved(0.5, 0);
    expect([half[5 * 28 + 3], half[5 * 28 + 4], half[7 * 28 + 5]]).toEqual([0.5, 0.5, 1]);
  });

  test('moves as the field is told by what stands behind it', () => {
    const told = warpingNetwork({ reach: 1, widths: [1] }, [], 1); // the field is one linear layer: of x, y and the context
    expect([told.inputShape, told.outputShape]).toEqual([[785], [784]]);
    const found = tf.tidy(() => {
      const kernel = tf.tensor3d([0, 0, 0, 0, 1 / 14, 0], [1, 3, 2]); // so many pixels to the right
      const params = { ...Object.fromEntries(Object.entries(told.specs).map(([name, { shape }]) => [name, tf.zeros([1, ...shape])])), 'field/dense1/kernel': kernel, 'ink/dense1/kernel': tf.ones([1, 1, 1]) };
      return Array.from(told.apply(params, tf.tensor3d([...drawing(stroke), 3], [1, 1, 785])).dataSync(), (value) => Math.round(value * 1e4) / 1e4);
    });
    expect(found).toEqual([...drawing(stroke.map(([row, column]) => [row, column - 3]))]);
  });

  test('stays near where it is at the start of training, whatever the seed and the code', () => {
    const learner = warpingHypernetwork(characterSettings.model);
    const shown = drawing(Array.from({ length: 12 }, (_, index) => [[8, 8 + index], [9, 8 + index], [8 + index, 8], [8 + index, 9]] as const).flat());
    for (const seed of ['1', '2', '3', '4', '5', '6']) {
      const rng = createRng(seed);
      const ink = tf.tidy(() => {
        const codes = Array.from({ length: 20 }, () => Array.from({ length: characterSettings.model.latent }, () => rng.normal()));
        const weights = learner.weights(tileParams(initParams(learner.specs, rng), 20), { embedding: tf.tensor2d(codes) });
        const logits = learner.base.apply(weights, tf.tile(tf.tensor3d(shown, [1, 1, 784]), [20, 1, 1]));
        const seen = tf.mean(tf.reshape(tf.sigmoid(logits), [20, 784]), 0);
        return tf.div(tf.dot(seen, tf.tensor1d(shown)), tf.sum(tf.tensor1d(shown))).dataSync()[0]!;
      });
      expect(ink).toBeGreaterThan(0.4); // of a pixel of the strokes, on average; 0.16 and less where the field starts as any layer does
    }
  });

  test('is brought to the middle and to one size first', () => {
    const square = (size: number, at: number) => drawing(Array.from({ length: size }, (_, index) => [[at, at + index], [at + size - 1, at + index], [at + index, at], [at + index, at + size - 1]] as const).flat());
    const { classes } = centredDrawings({ inputShape: [28, 28, 1], classes: [{ name: 'square', examples: Float32Array.from([...square(12, 1), ...square(16, 10), ...new Float32Array(784)]) }] });
    const drawings = [0, 1, 2].map((index) => Array.from(classes[0]!.examples.slice(index * 784, (index + 1) * 784)));
    const [one, other] = drawings.map((pixels) => {
      const all = pixels.reduce((sum, value) => sum + value, 0);
      const mean = (weigh: (pixel: number) => number) => pixels.reduce((sum, value, pixel) => sum + value * weigh(pixel), 0) / all;
      const [row, column] = [mean((pixel) => Math.floor(pixel / 28)), mean((pixel) => pixel % 28)];
      return [row, column, Math.sqrt(mean((pixel) => (Math.floor(pixel / 28) - row) ** 2 + ((pixel % 28) - column) ** 2))];
    });
    for (const [row, column, radius] of [one!, other!]) expect([row, column, radius]).toEqual([expect.closeTo(13.5, 1), expect.closeTo(13.5, 1), expect.closeTo(7.5, 0)]);
    expect(drawings[2]).toEqual(Array.from({ length: 784 }, () => 0)); // no ink: nothing to centre
  });
});

describe('of recorded runs', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hypermeta-new-images-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'items.json');
  const made = (model: string, seed: string, steps: number) => ({ model, seed, settings: { steps } }) as ImageRun; // what is looked at
  const settings = { 'plain decoder': { steps: 3 }, 'real images': { steps: 0 } };
  const names = () => readRuns(path).map(({ model, seed }) => `${model} ${seed}`);

  test('those of other seeds and models stay when one is made anew', () => {
    writeJson(path, { runs: [made('real images', '-', 0), made('plain decoder', '1', 3), made('plain decoder', '2', 3), made('an older one', '1', 7)] });
    const { has, record } = recorder(path, 'Clothing', { settings, seeds: ['2'], resume: false });
    expect([has('plain decoder', '1'), has('plain decoder', '2')]).toEqual([true, false]);
    record(made('plain decoder', '2', 3));
    expect(names()).toEqual(['real images -', 'plain decoder 1', 'an older one 1', 'plain decoder 2']);
    expect(readJson(path)).toMatchObject({ title: 'Clothing', runs: { 3: { settings: { steps: 3 } } } });
    expect(recorder(path, 'Clothing', { settings, seeds: ['2'], resume: true }).has('plain decoder', '2')).toBe(true);
  });

  test('those of other settings are refused with resume, and dropped with a word without', () => {
    writeJson(path, { runs: [made('plain decoder', '1', 4), made('plain decoder', '2', 3)] });
    const open = (resume: boolean) => recorder(path, 'Clothing', { settings, seeds: ['3'], resume });
    expect(() => open(true)).toThrow(`${path}: --resume: expected runs with the settings asked for, got plain decoder, seed 1 (steps 4, not 3)`);
    const log = vi.spyOn(console, 'log').mockImplementation(() => undefined);
    const { has } = open(false);
    expect([has('plain decoder', '1'), has('plain decoder', '2')]).toEqual([false, true]);
    expect(log.mock.calls.flat()).toEqual([`${path}: recorded runs of other settings are dropped, 1 of 2: plain decoder, seed 1 (steps 4, not 3).`]);
    log.mockRestore();
  });

  test('the recorded files are gone on from, and not in the quick form', () => {
    const common = { data, seeds: ['2'], out: join(root, 'results/new-images'), work: folder, resume: true };
    expect(openItems({ ...common, settings: itemSettings })).toBeInstanceOf(Function);
    expect(openCharacters({ ...common, settings: characterSettings })).toBeInstanceOf(Function);
    expect(() => openItems({ ...common, settings: quickItems })).toThrow('items.json: --resume: expected runs with the settings asked for, got real images, seed - (scored 4000, not 40, ');
  });
});

const models = {
  items: ['real images', 'variational hypernetwork', 'plain decoder'],
  characters: ['real drawings', 'copies of those given', 'variational hypernetwork', 'one field, told the code', 'plain decoder'],
};
const items = ['items', 'Fréchet distance of fitted prior'] as const;
const characters = ['characters', 'named right: K = 1'] as const;

test.skipIf(!existsSync(join(data, 'fashion-mnist')) || !existsSync(join(data, 'omniglot')))('npm run new-images -- --quick trains, scores and draws all models', { timeout: 120_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'hypermeta-new-images-'));
  try {
    runExample('new-images/new-images', '--quick', '--data', data, '--out', folder, '--work', folder, ...(isFull ? [] : ['--only', 'items']));
    for (const [part, metric] of isFull ? [items, characters] : [items]) {
      const { runs: found } = JSON.parse(readFileSync(join(folder, `${part}.json`), 'utf8')) as { runs: { model: string; values: Record<string, { mean: number }> }[] };
      expect(found.map(({ model }) => model)).toEqual(models[part]);
      for (const { values } of found.filter(({ model }) => !model.startsWith('real'))) expect(values[metric]!.mean).toBeGreaterThanOrEqual(0);
      for (const budget of ['hypernetwork', 'plain']) expect(existsSync(join(folder, `${part}-${budget}.png`))).toBe(true);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
