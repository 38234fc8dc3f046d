import { DataError, expectCount, expectOneOf } from '../core/errors';
import type { Rng } from '../core/rng';
import { boxArea, sharedArea, type Box, type LabelledBox } from './boxes';
import { areaResizer, imageSize, turnOrder } from './images';
import { countExamples, expectLabelledSet, readExample, type LabelledSet } from './labelled-set';
import type { Range } from './sinusoids';

/** How characters are put on a scene. */
export interface SceneOptions {
  /** Height and width of a scene in pixels. @default 64 */
  readonly size?: number;
  /** 1, or 3 alike. @default 1 */
  readonly channels?: 1 | 3;
  /** Smallest and largest side of a drawing in pixels. @default [14, 28] */
  readonly sides?: Range;
  /** `'classes'`: a character turned by 90°, 180° and 270° is three more classes. @default 'none' */
  readonly rotations?: 'none' | 'classes';
}

/** An image with boxes. */
export interface Scene {
  /** `[size, size, channels]`, row-major, in [0, 1]. */
  readonly pixels: Float32Array;
  readonly boxes: readonly LabelledBox[];
}

/** Draws scenes of characters. */
export interface SceneDrawer {
  readonly classes: readonly string[];
  /** Any drawing of each character, in this order; one that finds no room is left out, but never the first. Labels are the numbers. */
  draw(rng: Rng, characters: readonly number[]): Scene;
}

/** Levels of ink, of 255, that a box must hold. */
const inkLevel = 64;
/** How much of the smaller of two boxes may be shared. */
const mostShared = 0.1;
const tries = 30;

/** @throws DataError for a set without drawings, ShapeError unless they are square with one channel, RangeError for an option out of range */
export function sceneDrawer(where: string, set: LabelledSet, options: SceneOptions): SceneDrawer {
  const { size = 64, channels = 1, sides = [14, 28], rotations = 'none' } = options;
  expectLabelledSet(where, set);
  expectOneOf(`${where}: rotations`, rotations, ['none', 'classes']);
  const [height, width, own] = imageSize(where, set.inputShape);
  if (height !== width || own !== 1) throw new DataError(`${where}: expected square drawings with 1 channel, got ${set.inputShape.join(' × ')}.`);
  expectCount(`${where}: sides: smallest`, sides[0], 2);
  expectCount(`${where}: sides: largest`, sides[1], sides[0]);
  if (sides[1] > size) throw new RangeError(`${where}: sides: expected at most the size of a scene, ${size}, got ${sides[1]}.`);
  const turns = rotations === 'classes' ? [0, 1, 2, 3] : [0];
  const orders = turns.map((turn) => turnOrder(where, set.inputShape, turn));
  const members = turns.flatMap((turn) => set.classes.map((member) => ({ member, turn, name: turn === 0 ? member.name : `${member.name} (${turn * 90}°)` })));
  const resizers = Array.from({ length: sides[1] + 1 }, (_, side) => (side < sides[0] ? undefined : areaResizer(set.inputShape, [side, side])));

  /** One drawing of a character in a size by chance: levels of its ink alone. */
  function ink(rng: Rng, character: number): Ink {
    const { member, turn } = members[character]!;
    const values = new Float32Array(height * width);
    readExample(member, rng.integer(countExamples(set, member)), values);
    const side = sides[0] + rng.integer(sides[1] - sides[0] + 1);
    const order = orders[turn]!; // one for each turn
    const levels = new Uint8Array(order.length);
    for (let at = 0; at < levels.length; at++) levels[at] = Math.round(255 * values[order[at]!]!);
    return cropInk(resizers[side]!(levels), side); // one for each side
  }

  return {
    classes: members.map(({ name }) => name),
    draw(rng, characters) {
      const pixels = new Float32Array(size * size * channels);
      const boxes: LabelledBox[] = [];
      for (const label of characters) {
        const drawn = ink(rng, label);
        const box = findRoom(rng, size, drawn, boxes);
        if (!box) continue;
        paste(drawn, box, pixels, size, channels);
        boxes.push({ box, label });
      }
      return { pixels, boxes };
    },
  };
}

interface Ink {
  readonly levels: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** The smallest part that holds all ink; one pixel of a blank drawing. */
function cropInk(levels: Uint8Array, side: number): Ink {
  let [left, top, right, bottom] = [side, side, 0, 0];
  for (let row = 0; row < side; row++)
    for (let column = 0; column < side; column++) {
      if (levels[row * side + column]! < inkLevel) continue;
      left = Math.min(left, column);
      top = Math.min(top, row);
      right = Math.max(right, column + 1);
      bottom = Math.max(bottom, row + 1);
    }
  if (right === 0) [left, top, right, bottom] = [0, 0, 1, 1];
  const [width, height] = [right - left, bottom - top];
  const cropped = new Uint8Array(width * height);
  for (let row = 0; row < height; row++) cropped.set(levels.subarray((top + row) * side + left, (top + row) * side + right), row * width);
  return { levels: cropped, width, height };
}

function findRoom(rng: Rng, size: number, { width, height }: Ink, boxes: readonly LabelledBox[]): Box | undefined {
  for (let attempt = 0; attempt < tries; attempt++) {
    const [left, top] = [rng.integer(size - width + 1), rng.integer(size - height + 1)];
    const box: Box = [left, top, left + width, top + height];
    const isFree = boxes.every((other) => sharedArea(box, other.box) <= mostShared * Math.min(boxArea(box), boxArea(other.box)));
    if (isFree) return box;
  }
  return undefined;
}

/** The darker of two inks stays. */
function paste({ levels, width, height }: Ink, [left, top]: Box, pixels: Float32Array, size: number, channels: number): void {
  for (let row = 0; row < height; row++)
    for (let column = 0; column < width; column++) {
      const start = ((top + row) * size + left + column) * channels;
      const level = levels[row * width + column]! / 255;
      for (let at = start; at < start + channels; at++) pixels[at] = Math.max(pixels[at]!, level);
    }
}
