import { fontFamily, ink } from './chart';
import { imageUrl, type PictureImage } from './image-url';
import { escapeText } from './markup';

/** Images side by side under one heading. */
export interface SheetRow {
  readonly name: string;
  readonly images: readonly PictureImage[];
}

export interface ImageSheet {
  readonly rows: readonly SheetRow[];
  /** @default 'Images' */
  readonly title?: string;
  /** Width of an image in the picture, in pixels of the picture. @default 40 */
  readonly imageWidth?: number;
  /** So many images in a line; a row that has more goes on in the next line. @default all */
  readonly perLine?: number;
}

const [left, top, gap] = [16, 52, 3];
const heading = 22;

/**
 * Rows of images, grey or in colour, as an SVG document: samples of a model, what it was given, what it made of it. Images of
 * all sizes are drawn equally wide, pixels as squares.
 *
 * @throws RangeError for no rows, a row without images, or pixels out of range
 */
export async function imageSheet({ rows, title = 'Images', imageWidth = 40, perLine = Infinity }: ImageSheet): Promise<string> {
  if (rows.length === 0) throw new RangeError('imageSheet: expected at least 1 row, got 0.');
  const parts: string[] = [];
  let y = top;
  let widest = 0;
  for (const { name, images } of rows) {
    if (images.length === 0) throw new RangeError(`imageSheet: row ${name}: expected at least 1 image, got 0.`);
    parts.push(text(left, y + 14, name, `font-size="12" fill="${ink.title}"`));
    y += heading;
    for (let first = 0; first < images.length; first += perLine) {
      const line = images.slice(first, first + perLine);
      const urls = await Promise.all(line.map((each) => imageUrl(`imageSheet: row ${name}`, each)));
      const heights = line.map(({ width, height }) => (imageWidth * height) / width);
      urls.forEach((url, index) => parts.push(image(url, left + index * (imageWidth + gap), y, imageWidth, heights[index]!)));
      y += Math.max(...heights) + gap;
      widest = Math.max(widest, line.length);
    }
    y += gap;
  }
  const width = Math.max(2 * left + widest * (imageWidth + gap), 320);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${y + 10}" viewBox="0 0 ${width} ${y + 10}" font-family="${fontFamily}" fill="${ink.text}" role="img" aria-label="${escapeText(title)}">`,
    `<rect width="100%" height="100%" fill="${ink.paper}"/>`,
    text(left, 32, title, `font-size="16" font-weight="600" fill="${ink.title}"`),
    ...parts,
    '</svg>',
  ].join('\n');
}

function image(url: string, x: number, y: number, width: number, height: number): string {
  return `<image x="${x}" y="${y}" width="${width}" height="${height}" image-rendering="optimizeSpeed" href="${url}"/>`;
}

function text(x: number, y: number, words: string, look: string): string {
  return `<text x="${x}" y="${y}" ${look}>${escapeText(words)}</text>`;
}
