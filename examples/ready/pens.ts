import { createRng, prepareDrawing, type LabelledClass, type LabelledSet } from 'hypermeta';
import { areaResizer } from '../../src/tasks/images';

/** Ink within so many pixels, drawn at random for each drawing; Omniglot's own lines are two or three pixels of 105 wide. */
const thickest = 2;

/** Which of a class's drawings are changed, by their number. */
type Which = (drawing: number) => boolean;

/**
 * Omniglot's drawings of full size, shrunk to 28 × 28 as `readOmniglot` does it. Those that `which` names are as somebody with
 * another pen and paper would hand them in: thickened by chance, then prepared as a user's own drawings are.
 */
export function withOtherPens({ inputShape, classes }: LabelledSet, which: Which, seed: string): LabelledSet {
  const [height, width] = inputShape as [number, number];
  const shrink = areaResizer(inputShape, [28, 28]);
  const rng = createRng(seed);
  const redraw = (drawing: Uint8Array) => {
    const data = thicken(drawing, width, rng.integer(thickest + 1));
    return prepareDrawing({ data, width, height }).map((level) => Math.round(255 * level));
  };
  const change = ({ examples, ...rest }: LabelledClass): LabelledClass => {
    const [from, to] = [height * width, 28 * 28];
    const changed = new Uint8Array((examples.length / from) * to);
    for (let drawing = 0; drawing * from < examples.length; drawing++) {
      const full = examples.subarray(drawing * from, (drawing + 1) * from) as Uint8Array; // as it was read
      changed.set(which(drawing) ? redraw(full) : shrink(full), drawing * to);
    }
    return { ...rest, examples: changed };
  };
  return { inputShape: [28, 28, 1], classes: classes.map((member) => change(member)) };
}

/** The most ink within `radius` pixels of each. */
function thicken(drawing: Uint8Array, width: number, radius: number): Uint8Array {
  const thick = drawing.slice();
  const disc: (readonly [down: number, right: number])[] = [];
  for (let down = -radius; down <= radius; down++)
    for (let right = -radius; right <= radius; right++) if (down * down + right * right <= radius * radius) disc.push([down, right]);
  for (let pixel = 0; pixel < drawing.length; pixel++) {
    if (drawing[pixel] === 0) continue;
    const column = pixel % width;
    for (const [down, right] of disc) {
      const at = pixel + down * width + right;
      if (at >= 0 && at < thick.length && column + right >= 0 && column + right < width) thick[at] = 255;
    }
  }
  return thick;
}
