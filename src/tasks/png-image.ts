import { DataError } from '../core/errors';
import { maxDeflateRatio } from './deflate';

/** A PNG file without what is no part of its image, and what it promises. */
export interface PngImage {
  /** The file again, of these chunks alone. */
  readonly bytes: Uint8Array;
  /** The compressed pixels. */
  readonly packed: readonly Uint8Array[];
  /** More than the unpacked pixels take. */
  readonly mostUnpacked: number;
}

const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
/** Others, such as colour profiles, are compressed texts of any size. */
const imageChunks = ['IHDR', 'PLTE', 'tRNS', 'IDAT', 'IEND'];
/** Of a chunk, beside its content: length and type before it, a checksum behind. */
const frameBytes = 12;
/** By colour type. */
const channelsOf: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

/**
 * Looks at a PNG file's sizes before memory is taken for them.
 *
 * @throws DataError for another or a truncated file, or one that promises more than `maxPixels`, or than its bytes can hold
 */
export function pngImage(bytes: Uint8Array, where: string, maxPixels: number): PngImage {
  if (signature.some((byte, index) => bytes[index] !== byte))
    throw new DataError(`${where}: expected a PNG image, got ${bytes.length} bytes that do not start as one.`);
  const chunks = readChunks(bytes, where);
  const [header] = chunks;
  if (header?.type !== 'IHDR' || header.content.length !== 13 || chunks.filter(({ type }) => type === 'IHDR').length > 1)
    throw new DataError(`${where}: expected a PNG image with a header of 13 bytes first, got another.`);
  const view = new DataView(bytes.buffer, header.content.byteOffset, 13);
  const [width, height, depth, colour] = [view.getUint32(0), view.getUint32(4), view.getUint8(8), view.getUint8(9)];
  const most = Math.min(maxPixels, 8 * maxDeflateRatio * bytes.length);
  if (width * height === 0 || width * height > most)
    throw new DataError(`${where}: expected a PNG image of 1 to ${most} pixels, got ${width} x ${height}.`);
  const line = 1 + Math.ceil((width * depth * (channelsOf[colour] ?? 4)) / 8);
  return {
    bytes: joined([bytes.subarray(0, signature.length), ...chunks.map(({ whole }) => whole)]),
    packed: chunks.filter(({ type }) => type === 'IDAT').map(({ content }) => content),
    mostUnpacked: 2 * height * line + 64, // interlaced, there are up to twice as many lines
  };
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

interface Chunk {
  readonly type: string;
  readonly content: Uint8Array;
  readonly whole: Uint8Array;
}

function readChunks(bytes: Uint8Array, where: string): readonly Chunk[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const chunks: Chunk[] = [];
  for (let start = signature.length; start + frameBytes <= bytes.length; ) {
    const end = start + frameBytes + view.getUint32(start);
    const type = String.fromCharCode(...bytes.subarray(start + 4, start + 8));
    if (end > bytes.length) break;
    if (imageChunks.includes(type)) chunks.push({ type, content: bytes.subarray(start + 8, end - 4), whole: bytes.subarray(start, end) });
    if (type === 'IEND') return chunks;
    start = end;
  }
  throw new DataError(`${where}: expected a PNG image, got a truncated or corrupt one of ${bytes.length} bytes.`);
}
