import { expect, test } from 'vitest';
import type { Numbers } from '../../src/trainer/adapted';
import { renderImage } from '../../src/trainer/render-image';

/** A function of two coordinates as an adapted network. */
const adaptedTo = (colour: (x: number, y: number) => Numbers) => ({
  predict: ((places: readonly Float32Array[]) => places.map(([x, y]) => colour(x!, y!))) as never, // tensors are not asked for
});

test('samples the function at the middles of the pixels, at any size', () => {
  const slope = adaptedTo((x, y) => [x / 2 + 0.5, y / 2 + 0.5]);
  expect(renderImage(slope, [1, 2])).toEqual({ pixels: Float32Array.from([0.25, 0.5, 0.75, 0.5]), width: 2, height: 1, channels: 2 });
  const fine = renderImage(slope, [2, 4]);
  expect(fine.pixels.length).toBe(16);
  expect([...fine.pixels.subarray(0, 2)]).toEqual([0.125, 0.25]);
});

test('holds values in [0, 1]', () => expect([...renderImage(adaptedTo((x) => [3 * x]), [1, 2]).pixels]).toEqual([0, 1]));

test('refuses what has no channels', () =>
  expect(() => renderImage(adaptedTo((x) => x), [1, 2])).toThrow('renderImage: expected the channels of a pixel as output, got a single number.'));
