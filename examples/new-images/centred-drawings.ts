import type { LabelledSet } from 'hypermeta';
import { pixelCount, side } from './image-tasks';

/** Where the middle of the ink goes, and how far from it the ink is (root of the mean square), in pixels. */
const [middle, radius] = [(side - 1) / 2, 7.5];
/** A dot stays small. */
const mostTimes = 1.6;

/** The same characters, every drawing brought to one place and size. */
export function centredDrawings(set: LabelledSet): LabelledSet {
  return {
    ...set,
    classes: set.classes.map((character) => {
      const { examples } = character;
      const scale = examples instanceof Uint8Array ? 1 / 255 : 1;
      const centred = new Float32Array(examples.length);
      for (let first = 0; first < examples.length; first += pixelCount) {
        const drawing = Float32Array.from(examples.subarray(first, first + pixelCount), (level) => level * scale);
        centred.set(centre(drawing), first);
      }
      return { ...character, examples: centred };
    }),
  };
}

function centre(drawing: Float32Array): Float32Array {
  const ink = (weigh: (row: number, column: number) => number) => drawing.reduce((sum, value, pixel) => sum + value * weigh(Math.floor(pixel / side), pixel % side), 0);
  const all = ink(() => 1);
  if (all === 0) return drawing;
  const [row, column] = [ink((each) => each) / all, ink((_, each) => each) / all];
  const spread = Math.sqrt(ink((y, x) => (y - row) ** 2 + (x - column) ** 2) / all);
  const step = Math.max(spread / radius, 1 / mostTimes);
  return drawing.map((_, pixel) => valueAt(drawing, row + step * (Math.floor(pixel / side) - middle), column + step * ((pixel % side) - middle)));
}

/** Between four pixels; 0 outside. */
function valueAt(drawing: Float32Array, row: number, column: number): number {
  const [top, left] = [Math.floor(row), Math.floor(column)];
  const at = (y: number, x: number) => (y >= 0 && y < side && x >= 0 && x < side ? drawing[y * side + x]! : 0);
  const [down, right] = [row - top, column - left];
  return (1 - down) * ((1 - right) * at(top, left) + right * at(top, left + 1)) + down * ((1 - right) * at(top + 1, left) + right * at(top + 1, left + 1));
}
