import { DataError, expectOneOf, shown } from '../core/errors';
import { hostFloats, type HostFloats, type HostParams } from '../core/host-tensor';
import { formatShape, sizeOf } from '../core/shape';
import { isRecord } from '../core/is-record';
import { packHalfFloats, unpackHalfFloats } from './half-floats';

/** Named tensors of a file, with the file's own notes: text under any names. */
export interface Safetensors {
  readonly tensors: HostParams;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Before the header: its length, a little-endian 64-bit number. */
const lengthBytes = 8;
/** The format's own limit. */
const maxHeaderBytes = 100_000_000;
const metadataKey = '__metadata__';

/** How values are written: float32 as they are, or float16, half the bytes, rounded to 11 significant bits. */
export type SafetensorsType = 'F32' | 'F16';

const valueBytes: Readonly<Record<SafetensorsType, number>> = { F32: 4, F16: 2 };

/**
 * Float32 tensors as the bytes of a safetensors file: the length of the header, the header as JSON, then the values, in
 * order of the names.
 *
 * Source: https://github.com/huggingface/safetensors, "Format".
 *
 * @throws RangeError for a tensor of the name that the format keeps for notes, or a value that float16 does not hold
 */
export function writeSafetensors(
  tensors: HostParams,
  metadata: Readonly<Record<string, string>> = {},
  { dtype = 'F32' }: { readonly dtype?: SafetensorsType } = {},
): Uint8Array {
  expectOneOf('writeSafetensors: dtype', dtype, Object.keys(valueBytes));
  if (metadataKey in tensors) throw new RangeError(`writeSafetensors: expected names of tensors, got ${metadataKey}, which the format keeps.`);
  let end = 0;
  const names = Object.keys(tensors).sort();
  const entries = names.map((name) => {
    const { values, shape } = tensors[name]!;
    const large = dtype === 'F16' ? values.find((value) => Math.abs(value) >= 65520 && Number.isFinite(value)) : undefined; // rounds to infinity
    if (large !== undefined) throw new RangeError(`writeSafetensors: tensor '${shown(name)}': expected values within ±65504 for F16, got ${large}; write it as F32.`);
    const begin = end;
    end += values.length * valueBytes[dtype];
    return [name, { dtype, shape, data_offsets: [begin, end] }] as const;
  });
  const json = JSON.stringify(Object.fromEntries([...(Object.keys(metadata).length > 0 ? [[metadataKey, metadata] as const] : []), ...entries]));
  const unpadded = new TextEncoder().encode(json);
  const headerBytes = Math.ceil(unpadded.length / 8) * 8; // values then lie on a multiple of 8
  const bytes = new Uint8Array(lengthBytes + headerBytes + end);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(headerBytes), true);
  bytes.set(unpadded, lengthBytes);
  bytes.fill(0x20, lengthBytes + unpadded.length, lengthBytes + headerBytes);
  let at = lengthBytes + headerBytes;
  for (const name of names) {
    const { values } = tensors[name]!;
    if (dtype === 'F16') bytes.set(packHalfFloats(values), at);
    else for (let i = 0; i < values.length; i++) view.setFloat32(at + 4 * i, values[i]!, true);
    at += values.length * valueBytes[dtype];
  }
  return bytes;
}

/**
 * The tensors of a safetensors file of float32 and float16 values. All sizes are checked before memory is taken. `where` names the file in
 * errors.
 *
 * @throws DataError for a truncated or foreign file, tensors of another type, sizes that do not fit
 */
export function readSafetensors(bytes: Uint8Array, where: string): Safetensors {
  const { header, start } = readHeader(bytes, where);
  const { [metadataKey]: metadata = {}, ...entries } = header;
  if (!isRecord(metadata) || !Object.values(metadata).every((text) => typeof text === 'string'))
    throw new DataError(`${where}: expected ${metadataKey} to hold text, got ${shown(metadata)}.`);
  const places = Object.entries(entries).map(([name, entry]) => readEntry(entry, `${where}: tensor '${shown(name)}'`, name));
  expectCovered(places, bytes.length - start, where);
  const view = new DataView(bytes.buffer, bytes.byteOffset + start, bytes.length - start);
  const tensors = places.map(({ name, dtype, shape, begin, end }): [string, HostFloats] => {
    if (dtype === 'F16') return [name, hostFloats(unpackHalfFloats(bytes.subarray(start + begin, start + end)), shape)];
    const values = new Float32Array(sizeOf(shape));
    for (let i = 0; i < values.length; i++) values[i] = view.getFloat32(begin + 4 * i, true);
    return [name, hostFloats(values, shape)];
  });
  return { tensors: Object.fromEntries(tensors), metadata: metadata as Readonly<Record<string, string>> }; // checked above
}

/** Where a tensor's values lie, in bytes from the end of the header. */
interface Place {
  readonly name: string;
  readonly dtype: SafetensorsType;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

function readHeader(bytes: Uint8Array, where: string): { readonly header: Readonly<Record<string, unknown>>; readonly start: number } {
  const foreign = (found: string) => new DataError(`${where}: expected a safetensors file, got ${found}.`);
  if (bytes.length < lengthBytes) throw foreign(`${bytes.length} bytes`);
  const declared = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getBigUint64(0, true);
  const room = bytes.length - lengthBytes;
  if (declared > BigInt(Math.min(room, maxHeaderBytes)))
    throw foreign(`a truncated one, or none: a header of ${declared} bytes in ${bytes.length}`);
  const start = lengthBytes + Number(declared);
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(lengthBytes, start)));
  } catch (cause) {
    throw new DataError(`${where}: expected a safetensors file, got one whose header is no JSON.`, { cause });
  }
  if (!isRecord(header)) throw foreign('one whose header is no record');
  return { header, start };
}

function readEntry(entry: unknown, where: string, name: string): Place {
  const { dtype, shape, data_offsets: offsets } = isRecord(entry) ? entry : {};
  if (dtype !== 'F32' && dtype !== 'F16') throw new DataError(`${where}: expected dtype F32 or F16, got ${shown(dtype)}.`);
  if (!isSizes(shape)) throw new DataError(`${where}: expected a shape of whole numbers, got ${shown(shape)}.`);
  if (!isSizes(offsets) || offsets.length !== 2) throw new DataError(`${where}: expected two data_offsets, got ${shown(offsets)}.`);
  const [begin, end] = offsets as readonly [number, number];
  const expected = valueBytes[dtype] * sizeOf(shape);
  if (end - begin !== expected)
    throw new DataError(`${where}: expected ${expected} bytes for shape ${formatShape(shape)}, got ${end - begin}.`);
  return { name, dtype, shape, begin, end };
}

/** The format allows neither gaps nor overlaps. */
function expectCovered(places: readonly Place[], length: number, where: string): void {
  let covered = 0;
  for (const { name, begin, end } of [...places].sort((one, other) => one.begin - other.begin || one.end - other.end)) {
    if (begin !== covered) throw new DataError(`${where}: tensor '${shown(name)}': expected values from byte ${covered}, after those before it, got ${begin}.`);
    covered = end;
  }
  if (covered !== length) throw new DataError(`${where}: expected ${covered} bytes of values, got ${length}; the file is truncated or has more at its end.`);
}

function isSizes(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}
