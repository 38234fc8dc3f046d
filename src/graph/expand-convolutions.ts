import { areaOf } from '../core/pair';
import type { GraphNode } from './graph';
import type { Candidate, Make, Rules } from './simplify';
import { phases, windowIndex, type Geometry } from './windows';

/**
 * Convolutions as products of matrices: patches × kernel, patchesᵀ × slopes, and, for the gradient of the input, one product
 * for each phase of the stride at exact cost. Patches are rows picked by constant indices, made once for the
 * convolution and the gradient of its kernel.
 */
export const convolutionExpansions: Rules = {
  Convolve: [expandConvolve],
  ConvolveKernelGradient: [expandKernelGradient],
  ConvolveInputGradient: [expandInputGradient],
};

interface Images extends Geometry {
  /** Of one task. */
  readonly images: number;
}

const read = (attributes: Candidate['attributes']) => attributes as unknown as Images;

function expandConvolve({ inputs: [rows, kernel], attributes }: Candidate, make: Make): GraphNode {
  return make.matMul(patches(rows!, read(attributes), make), kernel!);
}

function expandKernelGradient({ inputs: [rows, slopes], attributes }: Candidate, make: Make): GraphNode {
  return make.matMul(patches(rows!, read(attributes), make), slopes!, { transposeA: true });
}

/** Rows `[T, n · pixels, C]` → `[T, n · positions, taps · C]`. */
function patches(rows: GraphNode, geometry: Images, make: Make): GraphNode {
  const [tasks, , channels] = rows.shape as [number, number, number];
  if (seesEachPixelOnce(geometry)) return rows;
  const { images, window, positions } = geometry;
  const { values, shape } = windowIndex(geometry);
  const seen = make.windows(perImage(rows, images, make), make.constant(values, shape, 'int32'));
  return make.reshape(seen, [tasks, images * areaOf(positions), areaOf(window) * channels]);
}

function expandInputGradient({ inputs: [slopes, kernel], attributes, shape }: Candidate, make: Make): GraphNode {
  const geometry = read(attributes);
  if (seesEachPixelOnce(geometry)) return make.matMul(slopes!, kernel!, { transposeB: true });
  const { images, window, size } = geometry;
  const [tasks, , channels] = shape as [number, number, number];
  const [owners, , filters] = kernel!.shape as [number, number, number];
  const perTap = make.transpose(make.reshape(kernel!, [owners, areaOf(window), channels, filters]), [0, 1, 3, 2]);
  const bySlopes = perImage(slopes!, images, make);
  const split = phases(geometry);
  const parts = split.phases.map(({ taps, index }) => {
    const seen = make.windows(bySlopes, make.constant(index.values, index.shape, 'int32'));
    const [pixels] = index.shape;
    const taken = pickTaps(perTap, taps, make);
    const product = make.matMul(make.reshape(seen, [tasks, images * pixels, taps.length * filters]), make.reshape(taken, [owners, taps.length * filters, channels]));
    return make.reshape(product, [tasks * images, pixels, channels]);
  });
  const together = make.concat(parts, 1);
  const inOrder = make.windows(together, make.constant(split.order.values, split.order.shape, 'int32'));
  return make.reshape(inOrder, [tasks, images * areaOf(size), channels]);
}

/** `[T, taps, F, C]` → the taps of a phase. */
function pickTaps(perTap: GraphNode, taps: readonly number[], make: Make): GraphNode {
  const [owners, all, filters, channels] = perTap.shape as [number, number, number, number];
  if (taps.length === all) return perTap;
  const index = make.constant(Int32Array.from(taps), [taps.length], 'int32');
  return make.node('GatherV2', [perTap, index], { axis: 1 }, [owners, taps.length, filters, channels]);
}

function perImage(rows: GraphNode, images: number, make: Make): GraphNode {
  const [tasks, pixels, channels] = rows.shape as [number, number, number];
  return make.reshape(rows, [tasks * images, pixels / images, channels]);
}

/** A 1 × 1 convolution is a product of matrices as it is. */
function seesEachPixelOnce({ window, size, positions, before }: Geometry): boolean {
  return areaOf(window) === 1 && before.join() === '0,0' && size.join() === positions.join();
}
