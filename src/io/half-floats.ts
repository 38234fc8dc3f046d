/**
 * Float32 values as float16, two bytes each, little-endian, rounded to the nearest: 11 significant bits, from 6e-8 to 65504.
 *
 * Source: IEEE 754-2019, binary16.
 */
export function packHalfFloats(values: Float32Array): Uint8Array {
  const bytes = new Uint8Array(values.length * 2);
  const view = new DataView(bytes.buffer);
  values.forEach((value, index) => view.setUint16(2 * index, toHalf(value), true));
  return bytes;
}

/** The values of `packHalfFloats`. */
export function unpackHalfFloats(bytes: Uint8Array): Float32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Float32Array.from({ length: bytes.length / 2 }, (_, index) => fromHalf(view.getUint16(2 * index, true)));
}

/** The smallest normal number is 2⁻¹⁴; below it steps are 2⁻²⁴ wide. */
const [lowestExponent, significandBits, infinity] = [-14, 10, 0x7c00];

function toHalf(value: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  if (Number.isNaN(size)) return 0x7e00;
  if (size === Infinity) return sign | infinity;
  const exponent = Math.max(lowestExponent, Math.floor(Math.log2(size || 2 ** lowestExponent)));
  const steps = roundToEven(size / 2 ** (exponent - significandBits)); // of the unit in the last place: up to 2048
  return sign | Math.min(infinity, ((exponent - lowestExponent) << significandBits) + steps); // a carry goes into the exponent
}

function roundToEven(value: number): number {
  const low = Math.floor(value);
  const rest = value - low;
  return rest > 0.5 || (rest === 0.5 && low % 2 === 1) ? low + 1 : low;
}

function fromHalf(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half & infinity) >> significandBits;
  const fraction = half & (2 ** significandBits - 1);
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  if (exponent === 0) return sign * fraction * 2 ** (lowestExponent - significandBits);
  return sign * (fraction + 2 ** significandBits) * 2 ** (exponent - 1 + lowestExponent - significandBits);
}
