import { judgeDetections } from '../evaluation/average-precision';
import type { Box } from '../tasks/boxes';
import { fontFamily, ink } from './chart';
import { imageUrl, type PictureImage } from './image-url';
import { escapeText } from './markup';

/** An image with the boxes that are there and those that were found. */
export interface BoxedImage extends PictureImage {
  readonly truth: readonly Box[];
  /** @default none: an image with annotated boxes alone */
  readonly found?: readonly { readonly box: Box; readonly score: number }[];
}

export interface DetectionPicture {
  /** A row each, such as one episode: its name, of one or more lines, and its images from left to right. */
  readonly rows: readonly { readonly name: string; readonly images: readonly BoxedImage[] }[];
  /** @default 'What was found' */
  readonly title?: string;
  /** Width of an image in the picture. @default 150 */
  readonly width?: number;
}

const left = 150;
const top = 84;
const gap = 12;
const looks = {
  truth: { color: '#009e73', width: 2, dash: '4 3' },
  right: { color: '#0072b2', width: 2, dash: 'none' },
  wrong: { color: '#d55e00', width: 2.5, dash: 'none' },
} as const;

/**
 * Images with boxes as an SVG document: dashed green what is there, blue what was found and is right, as AP50 counts it, orange
 * what was found and is wrong, a box found twice among it, with its score.
 *
 * @throws RangeError if there is nothing to draw, or a pixel is out of range
 */
export async function detectionPicture({ rows, title = 'What was found', width = 150 }: DetectionPicture): Promise<string> {
  const first = rows[0]?.images[0];
  if (!first || rows.some(({ images }) => images.length === 0)) throw new RangeError('detectionPicture: expected at least 1 image in each row, got none.');
  const height = Math.max(...rows.flatMap(({ images }) => images.map((image) => (image.height / image.width) * width)));
  const size = { width: left + Math.max(...rows.map(({ images }) => images.length)) * (width + gap) + 8, height: top + rows.length * (height + gap) + 4 };
  const cells = rows.flatMap(({ images }, row) => images.map((image, column) => drawImage(image, left + column * (width + gap), top + row * (height + gap), width)));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${size.width}" height="${size.height}" viewBox="0 0 ${size.width} ${size.height}" font-family="${fontFamily}" font-size="11" fill="${ink.text}" role="img" aria-label="${escapeText(title)}">`,
    `<rect width="100%" height="100%" fill="${ink.paper}"/>`,
    `<text x="16" y="34" font-size="16" font-weight="600" fill="${ink.title}">${escapeText(title)}</text>`,
    legend(),
    ...rows.map(({ name }, row) => name.split('\n').map((line, index) => `<text x="16" y="${top + row * (height + gap) + 16 + 15 * index}" font-size="12" fill="${ink.title}">${escapeText(line)}</text>`).join('')),
    ...(await Promise.all(cells)),
    '</svg>',
  ].join('\n');
}

async function drawImage(image: BoxedImage, x: number, y: number, width: number): Promise<string> {
  const scale = width / image.width;
  const { truth, found = [] } = image;
  const frame = (box: Box, { color, width: line, dash }: (typeof looks)[keyof typeof looks]) =>
    `<rect x="${round(x + box[0] * scale)}" y="${round(y + box[1] * scale)}" width="${round((box[2] - box[0]) * scale)}" height="${round((box[3] - box[1]) * scale)}" fill="none" stroke="${color}" stroke-width="${line}" stroke-dasharray="${dash}"/>`;
  const drawn = judgeDetections({ truth, found }).map(({ box, score, isRight }) => {
    const look = isRight ? looks.right : looks.wrong;
    const words = `<text x="${round(x + box[0] * scale + 2)}" y="${round(y + box[1] * scale - 3)}" font-size="10" font-weight="600" fill="${look.color}" stroke="${ink.paper}" stroke-width="2.5" paint-order="stroke">${score.toFixed(2)}</text>`;
    return frame(box, look) + words;
  });
  return [
    `<image x="${x}" y="${y}" width="${width}" height="${round(image.height * scale)}" image-rendering="optimizeSpeed" href="${await imageUrl('detectionPicture', image)}"/>`,
    `<rect x="${x - 0.5}" y="${y - 0.5}" width="${width + 1}" height="${round(image.height * scale + 1)}" fill="none" stroke="${ink.axis}"/>`,
    ...truth.map((box) => frame(box, looks.truth)),
    ...drawn,
  ].join('');
}

function legend(): string {
  const words = { truth: 'there', right: 'found, right', wrong: 'found, wrong' } as const;
  return (Object.keys(words) as (keyof typeof words)[])
    .map((name, index) => {
      const { color, width, dash } = looks[name];
      const x = 16 + 110 * index;
      return `<rect x="${x}" y="50" width="14" height="12" fill="none" stroke="${color}" stroke-width="${width}" stroke-dasharray="${dash}"/><text x="${x + 20}" y="60">${words[name]}</text>`;
    })
    .join('');
}

function round(value: number): number {
  return Number(value.toFixed(1));
}
