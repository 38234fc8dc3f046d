/** A drawing's lines, one pixel wide, as a pen would follow them. */

type Pixel = readonly [row: number, column: number];

/** Paths along the skeleton of what is set, each a list of pixels; a dot is a path of one. */
export function traceSkeleton(isInk: (row: number, column: number) => boolean, size: number): readonly (readonly Pixel[])[] {
  const ink = thin(Uint8Array.from({ length: size * size }, (_, at) => (isInk(Math.floor(at / size), at % size) ? 1 : 0)), size);
  const neighbours = ([row, column]: Pixel) => around.map(([down, right]): Pixel => [row + down, column + right]).filter(([r, c]) => r >= 0 && c >= 0 && r < size && c < size && ink[r * size + c] === 1);
  const pixels = Array.from(ink, (value, at): Pixel | undefined => (value === 1 ? [Math.floor(at / size), at % size] : undefined)).filter((pixel) => pixel !== undefined);
  const isLeft = new Set(pixels.map(([row, column]) => row * size + column));
  const paths: Pixel[][] = [];
  const follow = (start: Pixel) => {
    const path = [start];
    isLeft.delete(start[0] * size + start[1]);
    for (;;) {
      const next = neighbours(path.at(-1)!).find(([row, column]) => isLeft.has(row * size + column));
      if (!next) break;
      path.push(next);
      isLeft.delete(next[0] * size + next[1]);
    }
    const joint = neighbours(path.at(-1)!).find((pixel) => !path.slice(-3).includes(pixel) && !isLeft.has(pixel[0] * size + pixel[1])); // closes loops, and meets other lines
    if (joint && path.length > 2) path.push(joint);
    paths.push(path);
  };
  const ends = pixels.filter((pixel) => neighbours(pixel).length === 1);
  for (const pixel of [...ends, ...pixels]) if (isLeft.has(pixel[0] * size + pixel[1])) follow(pixel);
  return paths.filter((path) => path.length > 2 || paths.length === 1);
}

/** Straight neighbours first, so that a path does not jump a corner. */
const around: readonly Pixel[] = [[-1, 0], [0, 1], [1, 0], [0, -1], [-1, 1], [1, 1], [1, -1], [-1, -1]];

/** Source: Zhang, Suen, "A fast parallel algorithm for thinning digital patterns", 1984 (CACM 27). */
function thin(ink: Uint8Array, size: number): Uint8Array {
  const left = ink.slice();
  const at = (row: number, column: number) => (row < 0 || column < 0 || row >= size || column >= size ? 0 : left[row * size + column]!);
  for (let isChanged = true; isChanged; ) {
    isChanged = false;
    for (const pass of [0, 1]) {
      const gone: number[] = [];
      for (let row = 0; row < size; row++)
        for (let column = 0; column < size; column++) {
          if (!at(row, column)) continue;
          const ring = ([[-1, 0], [-1, 1], [0, 1], [1, 1], [1, 0], [1, -1], [0, -1], [-1, -1]] as const).map(([down, right]) => at(row + down, column + right));
          const [north, , east, , south, , west] = ring as [number, number, number, number, number, number, number];
          const count = ring.reduce((sum, value) => sum + value, 0);
          const turns = ring.filter((value, index) => value === 0 && ring[(index + 1) % 8] === 1).length;
          const isEdge = pass === 0 ? north * east * south === 0 && east * south * west === 0 : north * east * west === 0 && north * south * west === 0;
          if (count >= 2 && count <= 6 && turns === 1 && isEdge) gone.push(row * size + column);
        }
      for (const place of gone) left[place] = 0;
      isChanged ||= gone.length > 0;
    }
  }
  return left;
}
