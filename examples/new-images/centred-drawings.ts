import { warpImage, type LabelledSet } from 'hypermeta';
import { countDrawings, readDrawings } from './character-tasks';
import { pixelCount, side } from './image-tasks';

/** Where the middle of the ink goes, and how far from it the ink is (root of the mean square), in pixels. */
const [middle, radius] = [(side - 1) / 2, 7.5];
/** A dot stays small. */
const mostTimes = 1.6;

/** The same characters, every drawing brought to one place and size. */
export function centredDrawings(set: LabelledSet): LabelledSet {
  return {
    ...set,
    classes: set.classes.map((character, index) => {
      const drawings = readDrawings(set, index, Array.from({ length: countDrawings(set, index) }, (_, drawing) => drawing));
      const examples = new Float32Array(drawings.length);
      for (let first = 0; first < drawings.length; first += pixelCount) centre(drawings.subarray(first, first + pixelCount), examples.subarray(first, first + pixelCount));
      return { ...character, examples };
    }),
  };
}

function centre(drawing: Float32Array, into: Float32Array): void {
  const ink = (weigh: (row: number, column: number) => number) => drawing.reduce((sum, value, pixel) => sum + value * weigh(Math.floor(pixel / side), pixel % side), 0);
  const all = ink(() => 1);
  if (all === 0) return;
  const [row, column] = [ink((each) => each) / all, ink((_, each) => each) / all];
  const spread = Math.sqrt(ink((y, x) => (y - row) ** 2 + (x - column) ** 2) / all);
  const step = Math.max(spread / radius, 1 / mostTimes);
  warpImage(drawing, [side, side, 1], { matrix: [step, 0, 0, step], shift: [(row - middle) / side, (column - middle) / side] }, into);
}
