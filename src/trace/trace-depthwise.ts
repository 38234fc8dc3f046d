import { areaOf } from '../core/pair';
import type { GraphNode } from '../graph/graph';
import type { GraphOps } from '../graph/graph-ops';
import { phases, windowIndex, type Geometry } from '../graph/windows';
import { linearKernels } from './trace-convolutions';
import type { TraceKernels } from './trace-kernels';

/**
 * Convolutions of each channel by itself: patches times the kernel, value by value, and a sum over the window. Where a
 * channel has M results, it is copied M times first.
 */
export const depthwiseKernels: TraceKernels = linearKernels(
  { own: 'HypermetaTaskDepthwiseConv2d', tfjs: 'DepthwiseConv2dNative' },
  { convolve, inputGradient, kernelGradient },
);

/** x `[T|1, n, H, W, C]`, kernel `[T|1, kh, kw, C, M]` → `[T, n, H', W', C · M]`. */
function convolve(x: GraphNode, kernel: GraphNode, geometry: Geometry, ops: GraphOps): GraphNode {
  const multiplier = kernel.shape[4]!;
  const products = ops.binary('Multiply', patches(x, multiplier, geometry, ops), weightsOf(kernel, ops));
  const [tasks, , , results] = products.shape as [number, number, number, number];
  return ops.reshape(ops.reduce('Sum', products, [2]), [tasks, x.shape[1]!, ...geometry.positions, results]);
}

/** dy → x's gradient, of the given shape; each phase of the stride has taps of its own. */
function inputGradient(dy: GraphNode, kernel: GraphNode, shape: readonly number[], geometry: Geometry, ops: GraphOps): GraphNode {
  const [tasks, n, , , results] = dy.shape as [number, number, number, number, number];
  const slopes = ops.reshape(dy, [tasks * n, areaOf(geometry.positions), results]);
  const { phases: found, order } = phases(geometry);
  const parts = found.map(({ taps, index }) => {
    const [pixels] = index.shape;
    const seen = ops.windows(slopes, ops.constant(index.values, index.shape, 'int32'));
    const products = ops.binary('Multiply', ops.reshape(seen, [tasks, n * pixels, taps.length, results]), pickTaps(weightsOf(kernel, ops), taps, ops));
    return ops.reshape(ops.reduce('Sum', products, [2]), [tasks * n, pixels, results]);
  });
  const inOrder = ops.windows(ops.concat(parts, 1), ops.constant(order.values, order.shape, 'int32'));
  const [channels, multiplier] = kernel.shape.slice(3) as [number, number];
  const perResult = ops.reshape(inOrder, [tasks, n * areaOf(geometry.size), channels, multiplier]);
  const perTask = ops.reshape(multiplier === 1 ? perResult : ops.reduce('Sum', perResult, [3]), [tasks, ...shape.slice(1)]);
  return shape[0] === tasks ? perTask : ops.reduce('Sum', perTask, [0], true);
}

function kernelGradient(x: GraphNode, dy: GraphNode, shape: readonly number[], geometry: Geometry, ops: GraphOps): GraphNode {
  const [tasks, n, height, width, results] = dy.shape as [number, number, number, number, number];
  const slopes = ops.reshape(dy, [tasks, n * height * width, 1, results]);
  const products = ops.binary('Multiply', patches(x, shape[4]!, geometry, ops), slopes);
  return ops.reshape(ops.reduce('Sum', products, shape[0] === tasks ? [1] : [0, 1]), shape);
}

/** What each window sees, each channel M times: `[T, n · positions, taps, C · M]`. */
function patches(x: GraphNode, multiplier: number, geometry: Geometry, ops: GraphOps): GraphNode {
  const [tasks, n, height, width, channels] = x.shape as [number, number, number, number, number];
  const apart = ops.reshape(x, [tasks * n, height * width, channels, 1]);
  const copied = ops.broadcast(apart, [tasks * n, height * width, channels, multiplier]);
  const rows = ops.reshape(copied, [tasks * n, height * width, channels * multiplier]);
  const { values, shape } = windowIndex(geometry);
  const seen = ops.windows(rows, ops.constant(values, shape, 'int32'));
  return ops.reshape(seen, [tasks, n * areaOf(geometry.positions), areaOf(geometry.window), channels * multiplier]);
}

/** A kernel as `[T, 1, taps, C · M]`. */
function weightsOf(kernel: GraphNode, ops: GraphOps): GraphNode {
  const [owners, height, width, channels, multiplier] = kernel.shape as [number, number, number, number, number];
  return ops.reshape(kernel, [owners, 1, height * width, channels * multiplier]);
}

function pickTaps(weights: GraphNode, taps: readonly number[], ops: GraphOps): GraphNode {
  const [owners, , all, results] = weights.shape as [number, number, number, number];
  if (taps.length === all) return weights;
  const index = ops.constant(Int32Array.from(taps), [taps.length], 'int32');
  return ops.node('GatherV2', [weights, index], { axis: 2 }, [owners, 1, taps.length, results]);
}
