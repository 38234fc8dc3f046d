import * as tf from '@tensorflow/tfjs';
import { DataError, shown } from '../core/errors';
import type { Learner } from '../core/learner';
import { seededNoise } from '../core/noise';
import { mapRecord, type Params } from '../core/params';
import { createRng } from '../core/rng';
import { sizeOf, type Shape } from '../core/shape';
import type { EpisodeBatch, Examples, TaskSource } from '../core/task';
import { innerLoop, queryLoss } from '../meta/inner-loop';
import type { Optimizer } from '../optim/optimizer';

/** What a learner computes, as a few numbers by name. Who changes how one comes about gives it another name: such are not compared. */
export type Fingerprint = Readonly<Record<string, number>>;

/**
 * Tries a learner out, the same way each time: meta-parameters from its own initializers, a made-up task of a few examples, two
 * inner steps; losses, slopes and penalty are what it is known by. Two learners with meta-parameters of the same names and
 * shapes are told apart where any of these differs by more than a thousandth, also where they start from other values alone. Not seen
 * are smaller differences, those in the meta-gradient alone, such as where it is stopped, and those that begin after the second step,
 * but for how many steps are distinct.
 *
 * Takes the time of two uncompiled steps on one task of three examples: some milliseconds, seconds for deep networks of large images.
 * Nothing where the learner refuses what was made up, or numbers are not finite.
 */
export async function fingerprint(learner: Learner, source: TaskSource): Promise<Fingerprint | undefined> {
  for (const size of sizesToTry(learner, source)) {
    let measured: tf.NamedTensorMap;
    try {
      measured = tf.tidy(() => measure(learner, source, size));
    } catch {
      continue; // a learner may ask more of its examples than can be known here
    }
    const numbers: Record<string, number> = { 'number of distinct steps': learner.distinctSteps ?? 1, 'number of those that change something': changingSteps(learner) };
    for (const [name, value] of Object.entries(measured)) numbers[name] = (await value.data())[0]!; // a scalar
    tf.dispose(measured);
    return Object.values(numbers).every((value) => Number.isFinite(value)) ? numbers : undefined;
  }
  return undefined;
}

/** More than the rounding of another back-end makes of it. */
const tolerance = { relative: 1e-3, absolute: 1e-4 };

/** @throws DataError naming the first number by which a learner is another one than that of a checkpoint */
export function expectFingerprint(own: Fingerprint | undefined, saved: Fingerprint, where: string): void {
  for (const [name, theirs] of Object.entries(saved)) {
    const ours = own && Object.hasOwn(own, name) ? own[name]! : theirs; // one that is not there cannot be compared
    if (Math.abs(ours - theirs) > tolerance.absolute + tolerance.relative * Math.max(Math.abs(ours), Math.abs(theirs)))
      throw new DataError(
        `${where}: expected a learner whose ${shown(name)} on made-up examples is ${short(theirs)}, as that of the learner that was saved, got ${short(ours)}; ` +
          "make the learner, and its base network, with the same options, or take over the weights alone with load(path, { only: 'weights' }).",
      );
  }
}

const short = (value: number) => String(Number(value.toPrecision(4)));

interface Size {
  readonly count: number;
  readonly targetShape: Shape;
}

/** As small as can be; larger for learners that must see a certain number of classes, or all points of an image. */
function sizesToTry({ ways, base }: Learner, { targetShape, objective }: TaskSource): readonly Size[] {
  const isFree = ways !== undefined && objective.target === 'class'; // whatever number the tasks of a run have
  const own = isFree ? base.outputShape : targetShape;
  const large = 4096;
  const sizes = [{ count: 3, targetShape: isFree ? [2] : own }, { count: 3, targetShape: own }];
  return large * sizeOf(base.inputShape) < 1e6 ? [...sizes, { count: large, targetShape: own }] : sizes;
}

function measure(learner: Learner, { objective: { loss, target }, rows, conditionSize }: TaskSource, { count, targetShape }: Size): tf.NamedTensorMap {
  const set = (name: string, firstClass: number): Examples => ({
    x: made(`${name}/x`, [1, count, ...learner.base.inputShape]),
    y: target === 'class' ? oneHot([1, count, ...targetShape], firstClass) : made(`${name}/y`, [1, count, ...targetShape]),
    weight: tf.ones([1, count]),
  });
  const batch: EpisodeBatch = {
    support: set('support', 0),
    query: set('query', 1), // of other classes than examples like them: a loss of 0 would say nothing
    ...(rows === undefined ? {} : { row: oneHot([1, rows], 0) }),
    ...(conditionSize === undefined ? {} : { condition: made('condition', [1, conditionSize]) }),
  };
  const meta = startOf(learner);
  const steps = changingSteps(learner) === 0 ? 0 : 2;
  const path = innerLoop(learner, meta, { ...batch, noise: seededNoise(createRng('fingerprint/noise')) }, { ...inner, steps, loss });
  const found: Record<string, tf.Tensor> = {};
  for (const { step, losses, moments } of path) {
    if (!losses) continue; // no step led here
    found[`support loss before step ${step}`] = tf.sum(losses);
    found[`slope of step ${step}`] = tf.sqrt(sumOfSquares(Object.values(moments)));
  }
  for (const at of new Set([path[0]!, path.at(-1)!])) found[`query loss after ${at.step} steps`] = tf.sum(queryLoss(learner, meta, at, batch.query, loss));
  return { ...found, penalty: learner.penalty ? tf.sum(learner.penalty(meta, path)) : tf.scalar(0) };
}

/** None in closed form. */
function changingSteps(learner: Learner): number {
  return Array.from({ length: learner.distinctSteps ?? 1 }, (_, step) => learner.adapts?.(step)).filter((names) => names?.length !== 0).length;
}

/** Steps of a length below their rate, however steep the loss is: what is rounded off must not grow. Remembers slopes. */
const carefully: Optimizer = {
  name: 'careful',
  start: (value) => ({ slope: tf.zerosLike(value) }),
  update: (value, slope, _moments, rate) => ({
    value: tf.sub(value, tf.mul(slope, tf.div(rate, tf.add(tf.sqrt(sumOfSquares([slope])), 1)))),
    moments: { slope },
  }),
};

const inner = { learningRate: 0.1, optimizer: carefully, order: 'first' } as const;

function sumOfSquares(values: readonly tf.Tensor[]): tf.Tensor {
  return values.reduce<tf.Tensor>((sum, value) => tf.add(sum, tf.sum(tf.square(value))), tf.scalar(0));
}

/** Meta-parameters as they are before training, with small values in place of zeros, which would hide what they are multiplied with. */
function startOf({ specs }: Learner): Params {
  const rng = createRng('fingerprint/start');
  return mapRecord(specs, ({ shape, init, fanIn }, name) => {
    const small = rng.fork(`${name}/small`);
    const values = init(rng.fork(name), shape).map((value) => (value === 0 ? (0.1 * small.normal()) / Math.sqrt(Math.max(1, fanIn)) : value));
    return tf.tensor(values, [1, ...shape], 'float32');
  });
}

/** Values in [0, 1], pixels or coordinates maybe; those of the first example and every third one are whole, tokens maybe. */
function made(name: string, shape: Shape): tf.Tensor {
  const rng = createRng(`fingerprint/${name}`);
  const size = sizeOf(shape.slice(2));
  const values = Float32Array.from({ length: sizeOf(shape) }, (_, index) => (Math.floor(index / size) % 3 ? rng.uniform() : rng.integer(2)));
  return tf.tensor(values, [...shape], 'float32');
}

/** One class after the other, over and over. */
function oneHot(shape: Shape, first: number): tf.Tensor {
  const ways = shape.at(-1)!;
  const values = Float32Array.from({ length: sizeOf(shape) }, (_, index) => Number(index % ways === (Math.floor(index / ways) + first) % ways));
  return tf.tensor(values, [...shape], 'float32');
}
