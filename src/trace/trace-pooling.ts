import * as tf from '@tensorflow/tfjs';
import type { GraphNode } from '../graph/graph';
import type { GraphOps } from '../graph/graph-ops';
import { expectType } from './expect-type';
import type { TraceKernels } from './trace-kernels';
import { geometryFrom, sideBySideIndex, tapIndex, windowIndex, type Geometry } from '../graph/windows';

/** Pooling, of ours (`[T, n, H, W, C]`) and of tfjs (`[n, H, W, C]`). */
export const poolingKernels: TraceKernels = {
  HypermetaMaxPool: ({ x }, attributes, ops) => maxPool(x!, taskWindows(x!.shape, attributes), ops),
  HypermetaMaxPoolGradient: ({ x, dy }, attributes, ops) => route(x!, dy!, taskWindows(x!.shape, attributes), ops),
  HypermetaMaxPoolPick: ({ x, values }, attributes, ops) => pick(x!, values!, taskWindows(x!.shape, attributes), ops),
  HypermetaAveragePool: ({ x }, attributes, ops) => averagePool(x!, taskWindows(x!.shape, attributes), ops),
  HypermetaAveragePoolGradient({ dy }, attributes, ops) {
    const shape = attributes['shape'] as number[];
    return spread(dy!, shape, taskWindows(shape, attributes), ops);
  },
  MaxPool: ({ x }, attributes, ops) => maxPool(x!, windowsOf(x!, attributes), ops),
  MaxPoolGrad: ({ dy, input }, attributes, ops) => route(input!, dy!, windowsOf(input!, attributes), ops),
  MaxPoolWithArgmax({ x }, attributes, ops) {
    const geometry = windowsOf(x!, attributes);
    return [maxPool(x!, geometry, ops), winningPlaces(x!, geometry, Boolean(attributes['includeBatchInIndex']), ops)];
  },
  // tfjs averages what a window holds, but its gradient kernel spreads over the whole window.
  AvgPool({ x }, attributes, ops) {
    const geometry = windowsOf(x!, attributes);
    return ops.binary('Multiply', averagePool(x!, geometry, ops), ops.constant(...overHeld(geometry)));
  },
  AvgPoolGrad: ({ dy, input }, attributes, ops) => spread(dy!, input!.shape, windowsOf(input!, attributes), ops),
};

function maxPool(x: GraphNode, geometry: Geometry, ops: GraphOps): GraphNode {
  expectType('MaxPool', x, ['float32']); // no whole number is below all others, as padding must be
  const largest = parts(x, geometry, -Infinity, ops).reduce((winner, part) => ops.binary('Maximum', winner, part));
  return toImages(largest, x.shape, geometry.positions, ops);
}

/** dy to the first of the largest values of each window. */
function route(x: GraphNode, dy: GraphNode, geometry: Geometry, ops: GraphOps): GraphNode {
  const slopes = toRows(dy, ops);
  const zero = ops.constant(0, []);
  const received = winners(x, geometry, ops).map((isWinner) => ops.select(isWinner, slopes, zero));
  return toImages(putBack(received, geometry, ops), x.shape, geometry.size, ops);
}

/** Of `values`, those where x has the first of the largest values of each window. */
function pick(x: GraphNode, values: GraphNode, geometry: Geometry, ops: GraphOps): GraphNode {
  const zero = ops.constant(0, []);
  const taps = parts(values, geometry, 0, ops);
  const picked = winners(x, geometry, ops).map((isWinner, tap) => ops.select(isWinner, taps[tap]!, zero));
  return toImages(picked.reduce((sum, part) => ops.binary('Add', sum, part)), x.shape, geometry.positions, ops);
}

function averagePool(x: GraphNode, geometry: Geometry, ops: GraphOps): GraphNode {
  const sum = parts(x, geometry, 0, ops).reduce((total, part) => ops.binary('Add', total, part));
  return toImages(ops.binary('Multiply', sum, shareOf(geometry, ops)), x.shape, geometry.positions, ops);
}

function spread(dy: GraphNode, shape: readonly number[], geometry: Geometry, ops: GraphOps): GraphNode {
  const share = ops.binary('Multiply', toRows(dy, ops), shareOf(geometry, ops));
  const taps = geometry.window[0] * geometry.window[1];
  const back = Array.from({ length: taps }, (_, tap) => ops.windows(share, indexNode(tapIndex(geometry, tap), ops)));
  return toImages(back.reduce((sum, part) => ops.binary('Add', sum, part)), shape, geometry.size, ops);
}

/** The size of a window over the number of pixels in it: `[1, height, width, 1]`. */
function overHeld(geometry: Geometry): readonly [Float32Array, readonly number[]] {
  const { values, shape } = windowIndex(geometry);
  const [positions, taps] = shape;
  const pixels = geometry.size[0] * geometry.size[1];
  const held = Float32Array.from({ length: positions }, (_, row) => taps / values.subarray(row * taps, (row + 1) * taps).filter((pixel) => pixel < pixels).length);
  return [held, [1, ...geometry.positions, 1]];
}

/** Where in x each window's winner lies, counted in its own image or in all: int32 `[n, height, width, C]`. */
function winningPlaces(x: GraphNode, geometry: Geometry, countsImages: boolean, ops: GraphOps): GraphNode {
  const [images, height, width, channels] = x.shape as [number, number, number, number];
  const { values, shape } = windowIndex(geometry);
  const [positions, taps] = shape;
  const places = winners(x, geometry, ops).map((isWinner, tap) => {
    const place = Int32Array.from({ length: images * positions * channels }, (_, index) => {
      const [image, position, channel] = [Math.floor(index / (positions * channels)), Math.floor(index / channels) % positions, index % channels];
      const before = countsImages ? image * height * width : 0;
      return (before + values[position * taps + tap]!) * channels + channel;
    });
    return ops.select(isWinner, ops.constant(place, [images, positions, channels], 'int32'), ops.constant(0, [], 'int32'));
  });
  return toImages(places.reduce((sum, place) => ops.binary('Add', sum, place)), x.shape, geometry.positions, ops);
}

function shareOf({ window }: Geometry, ops: GraphOps): GraphNode {
  return ops.constant(1 / (window[0] * window[1]), []);
}

/** What each tap of the windows gives, at its pixel: in one move where windows lie side by side, added up where they overlap. */
function putBack(parts: readonly GraphNode[], geometry: Geometry, ops: GraphOps): GraphNode {
  const { window, strides, before } = geometry;
  if (window.join() === strides.join() && before.join() === '0,0') return ops.windows(ops.concat(parts, 1), indexNode(sideBySideIndex(geometry), ops));
  const moved = parts.map((part, tap) => ops.windows(part, indexNode(tapIndex(geometry, tap), ops)));
  return moved.reduce((sum, part) => ops.binary('Add', sum, part));
}

/** For each tap of a window, whether its value wins: is the largest and has no equal before it. */
function winners(x: GraphNode, geometry: Geometry, ops: GraphOps): readonly GraphNode[] {
  const values = parts(x, geometry, -Infinity, ops);
  const largest = values.reduce((winner, part) => ops.binary('Maximum', winner, part));
  const isLargest = values.map((part) => ops.compare('Equal', part, largest));
  let taken = isLargest[0]!;
  return isLargest.map((here, tap) => {
    if (tap === 0) return here;
    const isFirst = ops.compare('LogicalAnd', here, ops.unary('LogicalNot', taken));
    taken = ops.compare('LogicalOr', taken, here);
    return isFirst;
  });
}

/** The values under each tap of the windows: rows `[images, positions, C]`. */
function parts(x: GraphNode, geometry: Geometry, fill: number, ops: GraphOps): readonly GraphNode[] {
  const rows = toRows(x, ops);
  const { values, shape } = windowIndex(geometry);
  const [positions, taps] = shape;
  return Array.from({ length: taps }, (_, tap) => {
    const index = Int32Array.from({ length: positions }, (_each, row) => values[row * taps + tap]!);
    return ops.windows(rows, ops.constant(index, [positions, 1], 'int32'), fill);
  });
}

function indexNode({ values, shape }: { readonly values: Int32Array; readonly shape: readonly [number, number] }, ops: GraphOps): GraphNode {
  return ops.constant(values, shape, 'int32');
}

/** Images → rows, one image a batch entry: `[images, pixels, C]`. */
function toRows(x: GraphNode, ops: GraphOps): GraphNode {
  const [height, width, channels] = x.shape.slice(-3) as [number, number, number];
  return ops.reshape(x, [x.shape.slice(0, -3).reduce((product, size) => product * size, 1), height * width, channels]);
}

function toImages(rows: GraphNode, like: readonly number[], [height, width]: readonly [number, number], ops: GraphOps): GraphNode {
  return ops.reshape(rows, [...like.slice(0, -3), height, width, like.at(-1)!]);
}

function taskWindows(shape: readonly number[], { window, strides, padding }: Readonly<Record<string, unknown>>): Geometry {
  return windowsOf({ shape: shape.slice(1) }, { filterSize: window, strides, pad: padding });
}

function windowsOf({ shape }: Pick<GraphNode, 'shape'>, { filterSize, strides, pad, dimRoundingMode }: Readonly<Record<string, unknown>>): Geometry {
  return geometryFrom(tf.backend_util.computePool2DInfo(
    [...shape] as [number, number, number, number],
    filterSize as number,
    strides as number,
    1,
    pad as 'same',
    dimRoundingMode as 'floor' | undefined,
  ));
}
