import { DataError, shown } from '../core/errors';
import { sizeOf, type Shape } from '../core/shape';
import { boxArea, type Box, type LabelledBox } from './boxes';

/** Cells over an image: `rows × columns` of them, each `stride × stride` pixels. */
export interface Grid {
  readonly rows: number;
  readonly columns: number;
  readonly stride: number;
}

/** Numbers of a cell: class, weight, centre right, centre down, log width, log height. */
export const targetChannels = 6;

/** The grid of a detector with this stride on images `[height, width, channels]`. */
export function gridOn([height, width]: Shape, stride: number): Grid {
  return { rows: Math.ceil(height! / stride), columns: Math.ceil(width! / stride), stride };
}

/**
 * Boxes as one dense tensor `[rows, columns, 6]`, row-major. Each cell says:
 *
 * - class: 1 + the label of the box that the cell answers for, 0 for background;
 * - weight: what the cell counts for in a loss: 1 for background, the cells of a box together 1, and 0 where nothing shall be
 *   said: around the middle of a box, and in `ignored` boxes;
 * - where the box's centre lies, right and down of the cell's own, and the logarithms of its width and height; all in strides.
 *
 * A box is answered for by the cells whose centres lie in its middle, half as wide and half as high, and by the one that its centre
 * lies in. Where two boxes ask for a cell, the smaller has it, but for the cell of the other's centre. Of two boxes with
 * their centres in one cell the smaller is kept.
 *
 * Source: Tian et al., "FCOS", 2019 (arXiv 1904.01355), section 3.1, with the sampling near the centre of its later version.
 *
 * @throws DataError for a box without an inside, one with its centre outside of the grid, or a label that is no whole number from 0
 */
export function encodeBoxes(grid: Grid, boxes: readonly LabelledBox[], ignored: readonly Box[] = []): Float32Array {
  const wrong = boxes.find(({ label }) => !Number.isInteger(label) || label < 0);
  if (wrong) throw new DataError(`encodeBoxes: label: expected the number of a class, a whole number from 0, got ${shown(wrong.label)}.`);
  for (const box of [...boxes.map((each) => each.box), ...ignored]) expectBox(grid, box);
  const cells = grid.rows * grid.columns;
  const largestFirst = [...boxes].sort((one, other) => boxArea(other.box) - boxArea(one.box));
  const target = new Float32Array(cells * targetChannels);
  for (let cell = 0; cell < cells; cell++) target[cell * targetChannels + 1] = 1;
  for (const box of [...ignored, ...boxes.map((each) => each.box)])
    for (const cell of [...cellsIn(grid, box), centreCell(grid, box)]) target[cell * targetChannels + 1] = 0;
  const owners = new Map<number, LabelledBox>();
  for (const each of largestFirst) for (const cell of cellsIn(grid, middleOf(each.box))) owners.set(cell, each);
  for (const each of largestFirst) owners.set(centreCell(grid, each.box), each);
  const counts = new Map<LabelledBox, number>();
  for (const owner of owners.values()) counts.set(owner, (counts.get(owner) ?? 0) + 1);
  for (const [cell, owner] of owners) target.set(describe(grid, cell, owner, 1 / counts.get(owner)!), cell * targetChannels); // an owner was counted
  return target;
}

/** The boxes that a target `[rows, columns, 6]` was made of, in order of their centre cells. */
export function decodeBoxes({ rows, columns, stride }: Grid, target: ArrayLike<number>): readonly LabelledBox[] {
  if (target.length !== sizeOf([rows, columns, targetChannels]))
    throw new DataError(`decodeBoxes: expected ${sizeOf([rows, columns, targetChannels])} values, got ${target.length}.`);
  const found: LabelledBox[] = [];
  for (let cell = 0; cell < rows * columns; cell++) {
    const [kind, , right, down, width, height] = Array.from({ length: targetChannels }, (_, channel) => target[cell * targetChannels + channel]!);
    const isCentre = kind! > 0 && right! >= -0.5 && right! < 0.5 && down! >= -0.5 && down! < 0.5;
    if (isCentre) found.push({ label: kind! - 1, box: boxAt({ columns, stride }, cell, [right!, down!, width!, height!]) });
  }
  return found;
}

/** The box that a cell describes: its centre right and down of the cell's, log width and log height, in strides. */
export function boxAt({ columns, stride }: Pick<Grid, 'columns' | 'stride'>, cell: number, [right, down, width, height]: readonly [number, number, number, number]): Box {
  const x = ((cell % columns) + 0.5 + right) * stride;
  const y = (Math.floor(cell / columns) + 0.5 + down) * stride;
  const [halfWidth, halfHeight] = [(Math.exp(width) * stride) / 2, (Math.exp(height) * stride) / 2];
  return [x - halfWidth, y - halfHeight, x + halfWidth, y + halfHeight];
}

function describe({ columns, stride }: Grid, cell: number, { box, label }: LabelledBox, weight: number): readonly number[] {
  const [left, top, right, bottom] = box;
  const x = (left + right) / 2 / stride - (cell % columns) - 0.5;
  const y = (top + bottom) / 2 / stride - Math.floor(cell / columns) - 0.5;
  return [1 + label, weight, inSingle(x), inSingle(y), Math.log((right - left) / stride), Math.log((bottom - top) / stride)];
}

/** In single precision, what is below a half, or minus a half, stays there: it tells the cell of the centre. */
function inSingle(offset: number): number {
  return offset < -0.5 ? Math.min(offset, -0.5 - 2 ** -24) : offset < 0.5 ? Math.min(offset, 0.5 - 2 ** -25) : offset;
}

/** Cells whose centres lie in the box. */
function cellsIn({ rows, columns, stride }: Grid, [left, top, right, bottom]: Box): readonly number[] {
  const first = (edge: number) => Math.max(0, Math.ceil(edge / stride - 0.5));
  const last = (edge: number, count: number) => Math.min(count - 1, Math.floor(edge / stride - 0.5));
  const cells: number[] = [];
  for (let row = first(top); row <= last(bottom, rows); row++)
    for (let column = first(left); column <= last(right, columns); column++) cells.push(row * columns + column);
  return cells;
}

function centreCell({ columns, stride }: Grid, [left, top, right, bottom]: Box): number {
  return Math.floor((top + bottom) / 2 / stride) * columns + Math.floor((left + right) / 2 / stride);
}

function middleOf([left, top, right, bottom]: Box): Box {
  const [insetX, insetY] = [(right - left) / 4, (bottom - top) / 4];
  return [left + insetX, top + insetY, right - insetX, bottom - insetY];
}

function expectBox({ rows, columns, stride }: Grid, box: Box): void {
  const [x, y] = [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2];
  if (!(boxArea(box) > 0) || !(x >= 0 && x < columns * stride && y >= 0 && y < rows * stride))
    throw new DataError(`encodeBoxes: expected boxes [left, top, right, bottom] with their centres in ${columns * stride} × ${rows * stride} pixels, got [${box.join(', ')}].`);
}
