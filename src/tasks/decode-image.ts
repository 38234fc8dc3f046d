import type { DecodedPng } from 'fast-png';
import { unpackedSize } from './deflate';
import { orDataError } from './or-data-error';
import { pngImage } from './png-image';

/** An image as levels 0 to 255, row-major, channels last: 1 grey or 3 RGB. */
export interface DecodedImage {
  readonly height: number;
  readonly width: number;
  readonly channels: 1 | 3;
  readonly levels: Uint8Array;
}

/** Bytes of a file → image. `where` names the file in errors. */
export type ImageDecoder = (bytes: Uint8Array, where: string) => DecodedImage;

/** Larger images are refused before memory is taken for them. */
const maxPixels = 2 ** 26;
/** Each block of 8 x 8 pixels takes a bit at least: a JPEG that promises more pixels than these is broken. */
const maxJpegPixelsPerByte = 512;
/** Each takes the time of a whole image; a progressive JPEG has about ten. */
const maxJpegScans = 500;

/** Loads the PNG decoder. Every kind of PNG becomes 8 bits a channel; transparent pixels are laid on white. */
export async function pngDecoder(): Promise<ImageDecoder> {
  const { decode } = await import('fast-png');
  const fits = await unpackedSize();
  return (bytes, where) => {
    const image = pngImage(bytes, where, maxPixels);
    return orDataError(where, 'a PNG image', () => {
      if (!fits(image.packed, image.mostUnpacked)) throw new Error('more pixels than its header says');
      return flattenPng(decode(image.bytes, { checkCrc: true }));
    });
  };
}

/** Loads the JPEG decoder. Images are RGB. */
export async function jpegDecoder(): Promise<ImageDecoder> {
  const { default: jpeg } = await import('jpeg-js');
  const options = { useTArray: true, formatAsRGBA: false, tolerantDecoding: false } as const;
  return (bytes, where) =>
    orDataError(where, 'a JPEG image', () => {
      if (countScans(bytes) > maxJpegScans) throw new Error(`more than ${maxJpegScans} scans`);
      const maxResolutionInMP = Math.min(maxPixels, maxJpegPixelsPerByte * bytes.length) / 1e6;
      const { height, width, data } = jpeg.decode(bytes, { ...options, maxResolutionInMP });
      if (!(width > 0 && height > 0)) throw new Error(`${width} x ${height} pixels`);
      return { height, width, channels: 3, levels: data };
    });
}

/** The same image with 1 or 3 channels. Grey is the luma 0.299 R + 0.587 G + 0.114 B (ITU-R BT.601). */
export function withChannels(image: DecodedImage, channels: 1 | 3): DecodedImage {
  if (image.channels === channels) return image;
  const { levels } = image;
  const pixels = image.height * image.width;
  const converted = new Uint8Array(pixels * channels);
  for (let pixel = 0; pixel < pixels; pixel++)
    if (channels === 3) converted.fill(levels[pixel]!, pixel * 3, pixel * 3 + 3);
    else
      converted[pixel] = Math.round(0.299 * levels[pixel * 3]! + 0.587 * levels[pixel * 3 + 1]! + 0.114 * levels[pixel * 3 + 2]!);
  return { ...image, channels, levels: converted };
}

/** How often the marker of a scan stands in a JPEG. */
function countScans(bytes: Uint8Array): number {
  let scans = 0;
  for (let i = bytes.indexOf(0xff); i >= 0; i = bytes.indexOf(0xff, i + 1)) if (bytes[i + 1] === 0xda) scans++;
  return scans;
}

function flattenPng(png: DecodedPng): DecodedImage {
  const { height, width, palette } = png;
  const samples = unpackSamples(png);
  const isKey = colourKey(png, samples);
  const hasColour = palette !== undefined || png.channels >= 3;
  const channels = hasColour ? 3 : 1;
  const hasAlpha = png.channels === 2 || png.channels === 4;
  const toLevel = palette ? 1 : 255 / (2 ** png.depth - 1);
  const levelOf = (sample: number) => (png.depth === 16 ? sample >> 8 : sample * toLevel);
  const levels = new Uint8Array(height * width * channels);
  for (let pixel = 0; pixel < height * width; pixel++) {
    const entry = palette?.[samples[pixel]!];
    if (palette && !entry) throw new Error(`no palette entry ${samples[pixel]}`);
    const opacity = entry ? (entry[3] ?? 255) : hasAlpha ? levelOf(samples[(pixel + 1) * png.channels - 1]!) : 255;
    const alpha = isKey?.(pixel) ? 0 : opacity / 255;
    for (let channel = 0; channel < channels; channel++) {
      const level = entry ? entry[channel]! : levelOf(samples[pixel * png.channels + channel]!);
      levels[pixel * channels + channel] = Math.round(255 + alpha * (level - 255));
    }
  }
  return { height, width, channels, levels };
}

/** Whether a pixel has the one colour that stands for transparency, in images that have such a colour. */
function colourKey({ channels, depth, transparency }: DecodedPng, samples: Uint8Array | Uint16Array): ((pixel: number) => boolean) | undefined {
  if (!transparency) return undefined; // of a palette, it is in there
  if (transparency.length !== channels) throw new Error(`a transparent colour of ${transparency.length} values in an image of ${channels}`);
  const key = transparency.map((value) => value & (2 ** depth - 1));
  return (pixel) => key.every((value, channel) => value === samples[pixel * channels + channel]);
}

/** The samples as the file has them, or positions in the palette. Rows of less than 8 bits a sample are packed. */
function unpackSamples({ height, width, channels, depth, data }: DecodedPng): Uint8Array | Uint16Array {
  if (depth >= 8) return data as Uint8Array | Uint16Array; // as many bits as they have
  const line = width * channels;
  const bytesPerLine = Math.ceil((line * depth) / 8);
  const samples = new Uint8Array(height * line);
  for (let row = 0; row < height; row++)
    for (let i = 0; i < line; i++) {
      const bit = i * depth;
      const byte = data[row * bytesPerLine + (bit >> 3)]!;
      samples[row * line + i] = (byte >> (8 - depth - (bit & 7))) & (2 ** depth - 1);
    }
  return samples;
}
