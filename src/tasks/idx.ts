import { DataError } from '../core/errors';
import { formatShape, sizeOf, type Shape } from '../core/shape';
import { labelledSet, type LabelledSet } from './labelled-set';

export type IdxValues = Uint8Array | Int8Array | Int16Array | Int32Array | Float32Array | Float64Array;

/** The content of an IDX file: numbers of one type in a shape. */
export interface Idx {
  readonly shape: Shape;
  readonly values: IdxValues;
}

/** What the first bytes of an IDX file promise. */
export interface IdxHeader {
  readonly shape: Shape;
  readonly type: IdxType;
  /** Length of the header in bytes. */
  readonly start: number;
  /** Length of the whole file in bytes. */
  readonly end: number;
}

interface IdxType {
  readonly bytes: number;
  readonly make: (length: number) => IdxValues;
  readonly read: (view: DataView, offset: number) => number;
}

/** By the third byte of the file. Numbers are big-endian. */
const types: Readonly<Record<number, IdxType>> = {
  0x08: { bytes: 1, make: (length) => new Uint8Array(length), read: (view, offset) => view.getUint8(offset) },
  0x09: { bytes: 1, make: (length) => new Int8Array(length), read: (view, offset) => view.getInt8(offset) },
  0x0b: { bytes: 2, make: (length) => new Int16Array(length), read: (view, offset) => view.getInt16(offset) },
  0x0c: { bytes: 4, make: (length) => new Int32Array(length), read: (view, offset) => view.getInt32(offset) },
  0x0d: { bytes: 4, make: (length) => new Float32Array(length), read: (view, offset) => view.getFloat32(offset) },
  0x0e: { bytes: 8, make: (length) => new Float64Array(length), read: (view, offset) => view.getFloat64(offset) },
};

/**
 * IDX bytes, as in MNIST: two zero bytes, a type, the number of axes, their sizes, the values. The size is checked
 * before memory is taken; unsigned bytes are not copied.
 *
 * @throws DataError for another format, or fewer or more bytes than the header says.
 */
export function parseIdx(bytes: Uint8Array, where: string): Idx {
  const { shape, type, start, end } = parseIdxHeader(bytes, where);
  if (bytes.length !== end)
    throw new DataError(`${where}: expected ${end} bytes for shape ${formatShape(shape)}, got ${bytes.length}.`);
  if (type === types[0x08]) return { shape, values: bytes.subarray(start) };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const values = type.make(sizeOf(shape));
  for (let i = 0; i < values.length; i++) values[i] = type.read(view, start + i * type.bytes);
  return { shape, values };
}

/** The header alone: from the first bytes of a file. */
export function parseIdxHeader(bytes: Uint8Array, where: string): IdxHeader {
  const [first, second, code = 0, axes = 0] = bytes;
  const type = types[code];
  if (first !== 0 || second !== 0 || !type || axes === 0)
    throw new DataError(`${where}: expected an IDX file, got one that starts with bytes [${bytes.slice(0, 4).join(', ')}].`);
  const start = 4 + 4 * axes;
  if (bytes.length < start) throw new DataError(`${where}: expected an IDX header of ${start} bytes, got ${bytes.length}.`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const shape = Array.from({ length: axes }, (_, axis) => view.getUint32(4 + 4 * axis));
  return { shape, type, start, end: start + sizeOf(shape) * type.bytes };
}

/**
 * Images and labels as a labelled set. Images `[n, height, width]` get one channel: inputShape `[height, width, 1]`.
 *
 * @throws DataError unless images are unsigned bytes and there is one label, below `names.length`, for each.
 */
export function idxLabelledSet(images: Idx, labels: Idx, names?: readonly string[]): LabelledSet {
  const [count = 0, ...imageShape] = images.shape;
  const inputShape = imageShape.length === 2 ? [...imageShape, 1] : imageShape;
  if (!(images.values instanceof Uint8Array) || images.values.length === 0 || imageShape.length < 2)
    throw new DataError(
      `images: expected unsigned bytes of shape [n, height, width] or [n, height, width, channels], got ${formatShape(images.shape)}.`,
    );
  if (labels.shape.length !== 1 || labels.shape[0] !== count)
    throw new DataError(`labels: expected shape [${count}], one for each image, got ${formatShape(labels.shape)}.`);
  const set = labelledSet({ x: images.values, y: labels.values, inputShape });
  if (!names) return set;
  const unnamed = set.classes.find(({ name }) => names[Number(name)] === undefined);
  if (unnamed) throw new DataError(`labels: expected labels from 0 to ${names.length - 1}, got ${unnamed.name}.`);
  return { ...set, classes: set.classes.map((member) => ({ ...member, name: names[Number(member.name)]! })) };
}
