import { prepareDrawing, type Raster } from '../../src/tasks/prepare-drawing';

/** A place on a pad: from the left, and from the top, both in [0, 1]. */
export type Spot = readonly [x: number, y: number];
export type Stroke = readonly Spot[];
export type Drawing = readonly Stroke[];

/** Of the pen, in parts of the pad. */
export const penWidth = 0.05;

const rasterSize = 112;

/**
 * A drawing as a network takes it, `[28, 28, 1]`; nothing for an empty one. Pixels are computed here and not read from a canvas:
 * they are the same in every browser and in Node, where browsers disturb what is read for the sake of privacy.
 */
export function prepare(drawing: Drawing): Float32Array | undefined {
  return isEmpty(drawing) ? undefined : prepareDrawing(rasterize(drawing));
}

export function isEmpty(drawing: Drawing): boolean {
  return drawing.every((stroke) => stroke.length === 0);
}

/** Dark lines with round ends on light paper, softened over a pixel. */
export function rasterize(drawing: Drawing, size = rasterSize): Raster {
  const data = new Float32Array(size * size).fill(1);
  const radius = (penWidth * size) / 2;
  for (const stroke of drawing)
    stroke.forEach((spot, index) => inkLine(data, size, scaled(stroke[index - 1] ?? spot, size), scaled(spot, size), radius));
  return { data, width: size, height: size };
}

const scaled = ([x, y]: Spot, size: number): Spot => [x * size, y * size];

function inkLine(data: Float32Array, size: number, [x1, y1]: Spot, [x2, y2]: Spot, radius: number): void {
  const reach = radius + 1;
  const clamp = (value: number) => Math.min(size - 1, Math.max(0, Math.floor(value)));
  const [dx, dy] = [x2 - x1, y2 - y1];
  const length2 = dx * dx + dy * dy;
  for (let row = clamp(Math.min(y1, y2) - reach); row <= clamp(Math.max(y1, y2) + reach); row++)
    for (let column = clamp(Math.min(x1, x2) - reach); column <= clamp(Math.max(x1, x2) + reach); column++) {
      const [px, py] = [column + 0.5 - x1, row + 0.5 - y1];
      const along = length2 === 0 ? 0 : Math.min(1, Math.max(0, (px * dx + py * dy) / length2));
      const distance = Math.hypot(px - along * dx, py - along * dy);
      const paper = Math.min(1, Math.max(0, distance - radius + 0.5));
      const at = row * size + column;
      data[at] = Math.min(data[at]!, paper);
    }
}
