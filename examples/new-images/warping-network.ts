import * as tf from '@tensorflow/tfjs';
import { activation, constantInit, dense, normalInit, pixelGrid, scopeRecord, sequential, unscopeRecord, type Network } from 'hypermeta';
import { pixelCount, side } from './image-tasks';

export interface WarpSettings {
  /** How far a move of 1 leads, in halves of the image. */
  readonly reach: number;
  /** A pixel takes up ink from within so many pixels of where its move leads: one kind of seeing for each. */
  readonly widths: readonly number[];
}

/**
 * A drawing `[784]` → another one of the same character, `[784]`, as logits: `field/` moves every pixel to a place of the drawing,
 * smoothly, and `ink/` judges by the ink around there. So strokes stay strokes, whatever the weights of the field. A context, behind the
 * drawing, is what the field is told beside the place. At the start it hardly moves: a place outside the drawing sees no ink, and
 * without ink there is no gradient that would lead back.
 *
 * Source of the sampling: Jaderberg et al., "Spatial Transformer Networks", 2015 (arXiv 1506.02025), equations 3 and 5.
 */
export function warpingNetwork({ reach, widths }: WarpSettings, hidden: readonly number[], context = 0): Network {
  const still = dense(2, { init: (fanIn) => normalInit(0.1 / Math.sqrt(fanIn)) });
  const field = sequential([2 + context], [...hidden.flatMap((units) => [dense(units), activation('tanh')]), still]);
  const ink = sequential([widths.length], [dense(1, { init: () => constantInit(6 / widths.length), biasInit: () => constantInit(-3) })]);
  const grid = pixelGrid([side, side]);
  return {
    specs: {
      ...scopeRecord(field.specs, 'field'),
      ...scopeRecord(ink.specs, 'ink'),
    },
    inputShape: [pixelCount + context],
    outputShape: [pixelCount],
    apply: (params, x, pass) =>
      tf.tidy(() => {
        const places = tf.tile(tf.tensor3d(grid, [1, pixelCount, 2]), [x.shape[0], 1, 1]);
        const moves = field.apply(unscopeRecord(params, 'field'), context === 0 ? places : tf.concat([places, contextOf(x)], 2), pass);
        const moved = tf.add(places, tf.mul(moves, reach));
        const [columns, rows] = tf.split(tf.add(tf.mul(moved, side / 2), (side - 1) / 2), 2, 2) as [tf.Tensor, tf.Tensor];
        const drawings = tf.slice(x, [0, 0, 0], [-1, -1, pixelCount]);
        const seen = tf.stack(widths.map((width) => inkAround(drawings, { rows, columns, width })), 3);
        const logits = ink.apply(unscopeRecord(params, 'ink'), tf.reshape(seen, [x.shape[0], -1, widths.length]), pass);
        return tf.transpose(tf.reshape(logits, [x.shape[0], pixelCount, x.shape[1]!]), [0, 2, 1]);
      }),
  };
}

/** What is behind the first drawing of each task, for every place: `[T, 784, context]`. */
function contextOf(x: tf.Tensor): tf.Tensor {
  return tf.tile(tf.slice(x, [0, 0, pixelCount], [-1, 1, -1]), [1, pixelCount, 1]);
}

/** Drawings `[T, n, 784]`, rows and columns of places `[T, 784, 1]` → the mean ink around each, `[T, 784, n]`, nearer pixels counting more. */
function inkAround(x: tf.Tensor, { rows, columns, width }: { readonly rows: tf.Tensor; readonly columns: tf.Tensor; readonly width: number }): tf.Tensor {
  const [tasks, n] = x.shape as [number, number, number];
  const byRow = tf.reshape(tf.transpose(tf.reshape(x, [tasks, n, side, side]), [0, 2, 1, 3]), [tasks, side, n * side]);
  const inRows = tf.reshape(tf.matMul(shares(rows, width), byRow), [tasks, pixelCount, n, side]);
  return tf.sum(tf.mul(inRows, tf.expandDims(shares(columns, width), 2)), 3);
}

/** How much each of the 28 pixels of a line counts at a place on it: `[T, 784, 1]` → `[T, 784, 28]`. */
function shares(places: tf.Tensor, width: number): tf.Tensor {
  const distances = tf.abs(tf.sub(places, tf.range(0, side)));
  return tf.div(tf.relu(tf.sub(1, tf.div(distances, width))), width);
}
