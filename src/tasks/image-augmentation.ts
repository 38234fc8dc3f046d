import type { Image } from 'image-js';
import { expectCount, expectOneOf, ShapeError } from '../core/errors';
import { loadPackage } from '../core/load-package';
import { createRng, type Rng } from '../core/rng';
import { formatShape, type Shape } from '../core/shape';
import { imageSize } from './images';

/**
 * A chance variant of one image, of the same shape: values as the set has them, 0 to 1 where they were levels. It draws from
 * `rng` alone, so that an episode stays a function of its seed and index, and keeps the image as it is.
 *
 * @example
 * const noisy: Augment = (image, rng) => image.map((value) => value + 0.05 * rng.normal());
 */
export type Augment = (image: Float32Array, rng: Rng, shape: Shape) => Float32Array;

/** Bounds of chance changes to a photograph. */
export interface ImageAugmentationOptions {
  /** A part whose sides are at most this share shorter, anywhere in the image, is enlarged to its size; below 1. @default 0 */
  readonly crop?: number;
  /** `'horizontal'`: every second image has left and right changed. @default 'none' */
  readonly flip?: 'none' | 'horizontal';
  /** How much lighter or darker, as a share of white; below 1. @default 0 */
  readonly brightness?: number;
  /** By how much differences from middle grey grow or shrink: 0.2 is from 1 / 1.2 to 1.2. @default 0 */
  readonly contrast?: number;
  /** How much lighter or darker each channel is on its own, as a share of white: another light; below 1. @default 0 */
  readonly tint?: number;
  /**
   * So many variants of each image are made, each when it is first drawn, and kept, a byte a value, up to 256 MB in all: a draw is
   * then five times as quick. Of images that are distorted by chance before, none comes again. @default none kept, each draw another variant
   */
  readonly variants?: number;
}

/**
 * What photographs are augmented with: crops, mirror images, and other light, by image-js at 8 bits a channel. Images are grey,
 * `[height, width]` or `[height, width, 1]`, or RGB, values 0 to 1. A colour image of 32 × 32 takes about 0.3 ms, a kept
 * variant a fifth of that.
 *
 * @example
 * const augment = await imageAugmentation({ crop: 0.25, flip: 'horizontal', brightness: 0.2, contrast: 0.2, tint: 0.05 });
 * const tasks = fewShotSplits(sets, { ways: 5, train: { augment } }); // in meta-training alone
 *
 * @throws RangeError for an option out of range; Error without image-js, naming the command that installs it; from the
 * augmentation, ShapeError for what is no image, RangeError for values outside 0 to 1
 */
export async function imageAugmentation(options: ImageAugmentationOptions = {}): Promise<Augment> {
  const { crop = 0, flip = 'none', brightness = 0, contrast = 0, tint = 0, variants } = options;
  Object.entries({ crop, brightness, tint }).forEach(([name, share]) => expectShare(name, share, 1));
  expectShare('contrast', contrast, Infinity);
  expectOneOf('imageAugmentation: flip', flip, ['none', 'horizontal']);
  if (variants !== undefined) expectCount('imageAugmentation: variants', variants);
  const { Image } = await loadPackage<typeof import('image-js')>('imageAugmentation', 'image-js', 'image-js');
  const hasPlaces = crop > 0 || flip !== 'none';
  const hasLevels = brightness > 0 || contrast > 0 || tint > 0;

  function vary(data: Uint8Array, rng: Rng, [height, width, channels]: readonly [number, number, number]): Levels {
    let image = new Image(width, height, { data, colorModel: channels === 1 ? 'GREY' : 'RGB' });
    if (hasPlaces) image = takePart(image, drawPart(rng, { crop, flip }));
    if (hasLevels) image = relight(image, drawLight(rng, { brightness, contrast, tint }, channels));
    return image.getRawImage().data;
  }

  const draw = variants === undefined ? vary : keptVariants(vary, variants);
  return (values, rng, shape) => {
    const size = imageSize('imageAugmentation', shape);
    if (size[2] !== 1 && size[2] !== 3)
      throw new ShapeError(`imageAugmentation: expected images of 1 or 3 channels, got ${formatShape(shape)}.`);
    return toValues(draw(toLevels(values), rng, size));
  };
}

type Levels = Uint8Array | Uint8ClampedArray | Uint16Array;
type Vary = (levels: Uint8Array, rng: Rng, size: readonly [number, number, number]) => Levels;

/** Bytes of variants and of the images that they are of. */
const mostKept = 2 ** 28;

/** One of so many variants of each image, made when it is first asked for: which one is chance, what it looks like is not. */
function keptVariants(vary: Vary, count: number): Vary {
  const kept = new Map<string, Levels>();
  let bytes = 0;
  const latin = new TextDecoder('latin1'); // a letter a byte
  return (levels, rng, size) => {
    const key = `${rng.integer(count)}/${size.join('x')}/${latin.decode(levels)}`;
    const known = kept.get(key);
    if (known) return known;
    const variant = vary(levels, createRng(key), size);
    bytes += key.length + variant.byteLength;
    if (bytes <= mostKept) kept.set(key, variant);
    return variant;
  };
}

/** By how much arithmetic in single precision may leave 0 to 1. */
const rounding = 1e-3;

/** @throws RangeError for a value outside 0 to 1 */
function toLevels(values: Float32Array): Uint8Array {
  const levels = new Uint8Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (!(value >= -rounding && value <= 1 + rounding))
      throw new RangeError(`imageAugmentation: expected values from 0 to 1, got ${value}; scale the images first.`);
    levels[i] = Math.round(255 * Math.min(1, Math.max(0, value)));
  }
  return levels;
}

function toValues(levels: Levels): Float32Array {
  const values = new Float32Array(levels.length);
  for (let i = 0; i < levels.length; i++) values[i] = levels[i]! / 255;
  return values;
}

/** Where the new image lies in the old: its first pixel, and old pixels per new one, below 0 where it is mirrored. */
interface Part {
  readonly top: number;
  readonly left: number;
  readonly scale: number;
  readonly mirror: 1 | -1;
}

/** Places are shares of what the crop leaves free. */
function drawPart(rng: Rng, { crop, flip }: Required<Pick<ImageAugmentationOptions, 'crop' | 'flip'>>): Part {
  const cut = crop * rng.uniform();
  return {
    top: cut * rng.uniform(),
    left: cut * rng.uniform(),
    scale: 1 - cut,
    mirror: flip === 'horizontal' && rng.uniform() < 0.5 ? -1 : 1,
  };
}

function takePart(image: Image, { top, left, scale, mirror }: Part): Image {
  const [lastRow, lastColumn] = [image.height - 1, image.width - 1];
  const firstColumn = left * lastColumn + (mirror < 0 ? scale * lastColumn : 0);
  // `inverse`: the matrix says where a new pixel comes from.
  return image.transform(
    [
      [mirror * scale, 0, firstColumn],
      [0, scale, top * lastRow],
    ],
    { inverse: true, borderType: 'replicate' },
  );
}

/** Of each channel, the levels that become black and white. */
interface Light {
  readonly black: number[];
  readonly white: number[];
}

/** new = contrast · (old − ½) + ½ + lighter, turned round: black and white are what becomes 0 and 1. */
function drawLight(rng: Rng, { brightness, contrast, tint }: Required<Pick<ImageAugmentationOptions, 'brightness' | 'contrast' | 'tint'>>, channels: number): Light {
  const upTo = (limit: number) => limit * (2 * rng.uniform() - 1);
  const factor = (1 + contrast) ** upTo(1);
  const lighter = upTo(brightness);
  const middles = Array.from({ length: channels }, () => 0.5 - (lighter + upTo(tint)) / factor);
  return { black: middles.map((middle) => 255 * (middle - 0.5 / factor)), white: middles.map((middle) => 255 * (middle + 0.5 / factor)) };
}

function relight(image: Image, { black, white }: Light): Image {
  return image.level({ inputMin: black, inputMax: white, outputMin: 0, outputMax: 255 });
}

function expectShare(name: string, value: number, limit: number): void {
  if (!(value >= 0 && value < limit))
    throw new RangeError(`imageAugmentation: ${name}: expected a number from 0${limit === Infinity ? '' : ` and below ${limit}`}, got ${value}.`);
}
