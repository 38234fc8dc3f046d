import * as tf from '@tensorflow/tfjs';
import { expectCount, expectOneOf, expectPositive, ShapeError } from '../core/errors';
import type { Objective } from '../core/task';
import { formatShape } from '../core/shape';
import { targetChannels } from './box-targets';

export interface DetectionOptions {
  /** Pixels of a cell of the grid, each way. */
  readonly stride: number;
  /** Classes that are told apart. @default 1 */
  readonly classes?: number;
  /**
   * `'focal'` counts a cell less the surer it is right, so that the many easy cells of the background do not drown the few of
   * objects; `'crossEntropy'` counts all alike. @default 'focal'
   */
  readonly objectness?: 'focal' | 'crossEntropy';
  /** `'l1'`: distance of centre, log width and log height, in strides; `'iou'`: 1 − intersection over union. @default 'l1' */
  readonly box?: 'l1' | 'iou';
  /** What the box loss counts for beside objectness. @default 1 */
  readonly boxWeight?: number;
}

/**
 * Boxes on a grid. Targets are `[rows, columns, 6]`, as `encodeBoxes` makes them; outputs `[rows, columns, classes + 4]`: a logit
 * for each class, then where the box's centre lies right and down of the cell's own and the logarithms of its size, in strides. The
 * loss of a task is summed over its cells and divided by the number of its boxes, or by 1 where it has none; cells of weight 0 do not
 * count. The readout holds scores in [0, 1] and left, top, right and bottom in pixels: what `readDetections` takes.
 *
 * Sources: Lin et al., "Focal Loss", 2017 (arXiv 1708.02002), equation 4 with γ = 2; Yu et al., "UnitBox", 2016
 * (arXiv 1608.01471), for the overlap as a loss.
 *
 * @throws RangeError for an option out of range
 */
export function detection(options: DetectionOptions): Objective {
  const { stride, classes = 1, objectness = 'focal', box = 'l1', boxWeight = 1 } = options;
  expectCount('detection: stride', stride);
  expectCount('detection: classes', classes);
  expectOneOf('detection: objectness', objectness, Object.keys(objectnessLosses));
  expectOneOf('detection: box', box, Object.keys(boxLosses));
  expectPositive('detection: boxWeight', boxWeight);

  const loss: Objective['loss'] = (output, y, weight) => {
    expectGrid(output, y, classes);
    return tf.tidy(() => {
      const [kind, counted, place] = tf.split(y, [1, 1, 4], -1) as [tf.Tensor, tf.Tensor, tf.Tensor];
      const [logits, predicted] = tf.split(output, [classes, 4], -1) as [tf.Tensor, tf.Tensor];
      const isClass = tf.cast(tf.equal(kind, tf.range(1, classes + 1)), 'float32');
      const cells = tf.mul(counted, tf.reshape(weight, [...weight.shape, 1, 1, 1]));
      const owned = tf.mul(cells, tf.cast(tf.greater(kind, 0), 'float32'));
      const axes = [1, 2, 3, 4];
      const ofClasses = tf.sum(tf.mul(cells, objectnessLosses[objectness](logits, isClass)), axes);
      const ofBoxes = tf.sum(tf.mul(owned, boxLosses[box](predicted, place)), axes);
      return tf.div(tf.add(ofClasses, tf.mul(ofBoxes, boxWeight)), tf.maximum(tf.sum(owned, axes), 1));
    });
  };

  return {
    loss,
    metric: { name: 'detection loss', better: 'lower', measure: loss },
    readout: (output) =>
      tf.tidy(() => {
        const [logits, place] = tf.split(output, [classes, 4], -1) as [tf.Tensor, tf.Tensor];
        return tf.concat([tf.sigmoid(logits), toPixels(place, stride)], -1);
      }),
    outputShape: ([rows, columns]) => [rows!, columns!, classes + 4],
    target: 'value',
  };
}

type CellLoss = (predicted: tf.Tensor, wanted: tf.Tensor) => tf.Tensor;

/** Logits and 0 or 1 `[..., classes]` → `[..., classes]`. log(1 + exp z) − z y is the cross-entropy of sigmoid(z). */
const objectnessLosses = {
  focal(logits, isClass) {
    const miss = tf.sub(isClass, tf.sigmoid(logits)); // 1 − p where it is the class, −p elsewhere
    return tf.mul(tf.square(miss), objectnessLosses.crossEntropy(logits, isClass));
  },
  crossEntropy: (logits, isClass) => tf.sub(tf.softplus(logits), tf.mul(logits, isClass)),
} satisfies Record<string, CellLoss> as { readonly [Name in 'focal' | 'crossEntropy']: CellLoss };

/** Places `[..., 4]` → `[..., 1]`. */
const boxLosses = {
  l1: (predicted, wanted) => tf.sum(tf.abs(tf.sub(predicted, wanted)), -1, true),
  iou: (predicted, wanted) => tf.sub(1, overlap(toEdges(predicted), toEdges(wanted))),
} satisfies Record<string, CellLoss> as { readonly [Name in 'l1' | 'iou']: CellLoss };

interface Edges {
  readonly lows: tf.Tensor;
  readonly highs: tf.Tensor;
}

/** Left and top, right and bottom, each `[..., 2]`, seen from the centre of the cell in strides. */
function toEdges(place: tf.Tensor): Edges {
  const [centre, logSize] = tf.split(place, 2, -1) as [tf.Tensor, tf.Tensor];
  const half = tf.mul(tf.exp(tf.minimum(logSize, largestLogSize)), 0.5);
  return { lows: tf.sub(centre, half), highs: tf.add(centre, half) };
}

/** Cells that nobody looks at may say anything: exp of it must stay finite. */
const largestLogSize = 8;

/** Intersection over union `[..., 1]`. */
function overlap(one: Edges, other: Edges): tf.Tensor {
  const area = ({ lows, highs }: Edges) => productOf(tf.relu(tf.sub(highs, lows)));
  const shared = area({ lows: tf.maximum(one.lows, other.lows), highs: tf.minimum(one.highs, other.highs) });
  return tf.div(shared, tf.sub(tf.add(area(one), area(other)), shared));
}

function productOf(sizes: tf.Tensor): tf.Tensor {
  const [width, height] = tf.split(sizes, 2, -1) as [tf.Tensor, tf.Tensor];
  return tf.mul(width, height);
}

/** Places `[..., rows, columns, 4]` as edges in pixels of the image: an exported network has no task axis. */
function toPixels(place: tf.Tensor, stride: number): tf.Tensor {
  const [rows, columns] = place.shape.slice(-3) as [number, number, number];
  const { lows, highs } = toEdges(place);
  const across = tf.tile(tf.reshape(tf.add(tf.range(0, columns), 0.5), [1, columns, 1]), [rows, 1, 1]);
  const down = tf.tile(tf.reshape(tf.add(tf.range(0, rows), 0.5), [rows, 1, 1]), [1, columns, 1]);
  const centres = tf.concat([across, down], -1);
  return tf.mul(tf.concat([tf.add(lows, centres), tf.add(highs, centres)], -1), stride);
}

function expectGrid(output: tf.Tensor, y: tf.Tensor, classes: number): void {
  const [tasks, n, rows, columns] = output.shape;
  const fits = output.rank === 5 && output.shape[4] === classes + 4 && y.rank === 5 && y.shape[2] === rows && y.shape[3] === columns && y.shape[4] === targetChannels;
  if (!fits)
    throw new ShapeError(
      `detection: expected outputs [*, *, rows, columns, ${classes + 4}] and targets [${tasks}, ${n}, ${rows}, ${columns}, ${targetChannels}], got ${formatShape(output.shape)} and ${formatShape(y.shape)}.`,
    );
}
