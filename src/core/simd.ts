import { simdBytes } from './simd-bytes';

/** What `simd.wat` exports; arrays are byte offsets in the memory that it was given, and `bytes` a multiple of 16, not 0. */
interface Exports {
  adam(x: number, g: number, m: number, v: number, bytes: number, rate: number, correction: number, floor: number, decay1: number, rise1: number, decay2: number, rise2: number): void;
  sumOfSquares(x: number, bytes: number): number;
  scale(y: number, x: number, bytes: number, a: number): void;
}

let compiled: WebAssembly.Module | 'unavailable' | undefined;

/** Which functions reach the arrays of a buffer. */
const reaching = new WeakMap<ArrayBufferLike, Exports>();

/** A memory of so many bytes with the functions that reach it; undefined where there are no vector instructions, or no memory. */
function startMemory(bytes: number): ArrayBuffer | undefined {
  try {
    compiled ??= new WebAssembly.Module(Uint8Array.from(atob(simdBytes), (letter) => letter.charCodeAt(0)));
    if (compiled === 'unavailable') return undefined;
    const memory = new WebAssembly.Memory({ initial: Math.ceil(bytes / 65536) });
    reaching.set(memory.buffer, new WebAssembly.Instance(compiled, { memory: { memory } }).exports as unknown as Exports); // our own module
    return memory.buffer;
  } catch {
    compiled ??= 'unavailable'; // a page that forbids WebAssembly, or an old browser: plain loops do the same
    return undefined;
  }
}

/** Fewer values are not worth a memory of their own. */
const worthwhile = 1 << 18;

/**
 * Makes arrays of zeros, in a memory that vector instructions reach without copies as long as there is room among `values`
 * of them; ordinary ones else. The memory goes with its last array.
 */
export function vectorArrays(values: number): (length: number) => Float32Array {
  const padded = (length: number) => Math.ceil(length / 16) * 64; // whole lines of the cache: onnxruntime reads these arrays too
  const buffer = values < worthwhile ? undefined : startMemory(values * 4);
  let used = 0;
  return (length) => {
    if (!buffer || used + padded(length) > buffer.byteLength) return new Float32Array(length);
    const made = new Float32Array(buffer, used, length);
    used += padded(length);
    return made;
  };
}

export interface AdamStep {
  /** learningRate / (1 − β₁ᵗ). */
  readonly rate: number;
  /** 1 / (1 − β₂ᵗ). */
  readonly correction: number;
  /** ε². */
  readonly floor: number;
  readonly beta1: number;
  readonly beta2: number;
}

/** Adam's update of one tensor in place, in one pass over its value, gradient, mean and square. */
export function adamInPlace(value: Float32Array, gradient: Float32Array, mean: Float32Array, square: Float32Array, step: AdamStep): void {
  const { rate, correction, floor, beta1, beta2 } = step;
  const arrays = [value, gradient, mean, square] as const;
  const done = throughVectors(arrays, [0, 2, 3], ({ adam }, [x, g, m, v], bytes) =>
    adam(x!, g!, m!, v!, bytes, rate, correction, floor, beta1, 1 - beta1, beta2, 1 - beta2),
  );
  for (let i = done; i < value.length; i++) {
    const slope = gradient[i]!;
    mean[i] = beta1 * mean[i]! + (1 - beta1) * slope;
    square[i] = beta2 * square[i]! + (1 - beta2) * slope * slope;
    value[i]! -= (rate * mean[i]!) / Math.sqrt(square[i]! * correction + floor);
  }
}

/** Σ x², in float64. */
export function sumOfSquares(values: Float32Array): number {
  let sum = 0;
  const done = throughVectors([values], [], (exports, [x], bytes) => (sum += exports.sumOfSquares(x!, bytes)));
  for (let i = done; i < values.length; i++) sum += values[i]! * values[i]!;
  return sum;
}

/** `into` [rows × columns] ← column · rowᵀ. */
export function outerProduct(into: Float32Array, column: Float32Array, row: Float32Array): void {
  const { length } = row;
  for (const [index, factor] of column.entries()) {
    const part = into.subarray(index * length, (index + 1) * length);
    const done = throughVectors([part, row], [0], ({ scale }, [y, x], bytes) => scale(y!, x!, bytes, factor));
    for (let i = done; i < length; i++) part[i] = factor * row[i]!;
  }
}

/** Values of each array that go through the small memory at a time: they stay in the processor's cache. */
const chunk = 8192;

let small: ArrayBuffer | 'none' | undefined;

/**
 * Lets vector instructions work on arrays of one length: where they lie or, where they are ordinary ones, chunk by chunk
 * in a small memory, from which those that change are copied back. Gives how many values are done, whole vectors of four only, as
 * what lies beyond an array may be another one; none where no memory is to be had, or not worth it. The rest is the caller's.
 */
function throughVectors(arrays: readonly Float32Array[], changed: readonly number[], work: (exports: Exports, offsets: readonly number[], bytes: number) => void): number {
  const [{ length, buffer }] = arrays as readonly [Float32Array];
  if (length < 16) return 0;
  const whole = length - (length % 4);
  const own = reaching.get(buffer);
  if (own && arrays.every((array) => array.buffer === buffer)) {
    work(own, arrays.map(({ byteOffset }) => byteOffset), whole * 4);
    return whole;
  }
  small ??= startMemory(4 * chunk * 4) ?? 'none';
  if (small === 'none') return 0;
  const windows = arrays.map((_, index) => new Float32Array(small as ArrayBuffer, index * chunk * 4, chunk));
  for (let from = 0; from < whole; from += chunk) {
    const count = Math.min(chunk, whole - from);
    arrays.forEach((array, index) => windows[index]!.set(array.subarray(from, from + count)));
    work(reaching.get(small)!, windows.map(({ byteOffset }) => byteOffset), count * 4);
    for (const index of changed) arrays[index]!.set(windows[index]!.subarray(0, count), from);
  }
  return whole;
}
