import { fontFamily, ink } from './chart';
import { imageUrl, type PictureImage } from './image-url';
import { escapeText } from './markup';

/** An image with its class: a place in `classes`. */
export interface LabelledImage extends PictureImage {
  readonly label: number;
}

/** A query image with what was made of it. */
export interface PredictedImage extends LabelledImage {
  readonly predicted: number;
  /** Of the predicted class, in [0, 1]. */
  readonly probability: number;
}

export interface EpisodePicture {
  /** Names of the classes; an episode of N ways has N. */
  readonly classes: readonly string[];
  readonly support: readonly LabelledImage[];
  /** @default none: a sheet of the support images alone */
  readonly queries?: readonly PredictedImage[];
  /** @default 'One episode' */
  readonly title?: string;
}

const image = 84;
const cell = { width: 112, support: 98, query: 130 };
const left = 92;
const top = 98;
const right = { color: '#0072b2', width: 2, dash: 'none' };
const wrong = { color: '#d55e00', width: 4, dash: '7 4' };

/**
 * One few-shot episode as an SVG document. A column per class: its support images on top, its query images below, each
 * with the predicted class, its probability and a mark: a tick in a thin solid frame if right, a cross in a thick dashed
 * frame if wrong.
 *
 * @throws RangeError if a label, a probability or a pixel is out of range.
 */
export async function episodePicture(picture: EpisodePicture): Promise<string> {
  const { classes, support, queries = [], title = 'One episode' } = picture;
  checkEpisode(picture);
  const supportRows = inColumns(support, classes.length);
  const queryRows = inColumns(queries, classes.length);
  const supportEnd = top + rowCount(supportRows) * cell.support;
  const queryTop = supportEnd + 26;
  const end = queries.length > 0 ? queryTop + rowCount(queryRows) * cell.query : supportEnd;
  const size = { width: left + classes.length * cell.width + 20, height: end + 14 };
  const correct = queries.filter(({ label, predicted }) => label === predicted).length;
  const headline = queries.length > 0 ? `${title}: ${correct} of ${queries.length} right` : title;
  const supportCells = supportRows.flatMap((column, x) =>
    column.map(async (each, y) => supportCell(await imageUrl('episodePicture: support', each), place(x, top + y * cell.support))),
  );
  const queryCells = queryRows.flatMap((column, x) =>
    column.map(async (each, y) =>
      queryCell(await imageUrl('episodePicture: query', each), each, classes, place(x, queryTop + y * cell.query)),
    ),
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${size.width}" height="${size.height}"`,
    ` viewBox="0 0 ${size.width} ${size.height}" font-family="${fontFamily}" font-size="11" fill="${ink.text}" role="img" aria-label="${escapeText(headline)}">`,
    `<rect width="100%" height="100%" fill="${ink.paper}"/>`,
    text(16, 34, headline, `font-size="16" font-weight="600" fill="${ink.title}"`),
    ...classes.map((name, x) => columnHeader(name, place(x, top - 12))),
    ...(queries.length > 0 ? rowHeaders(queryTop, size.width) : []),
    ...(await Promise.all([...supportCells, ...queryCells])),
    '</svg>',
  ].join('\n');
}

/** What stands beside the images, and a line between the two kinds. */
function rowHeaders(queryTop: number, width: number): string[] {
  return [
    text(16, top + image / 2 + 4, 'support', `font-size="12" fill="${ink.title}"`),
    `<path d="M16 ${queryTop - 19}H${width - 16}" stroke="${ink.grid}" stroke-width="1.5"/>`,
    text(16, queryTop + image / 2 - 4, 'query and', `font-size="12" fill="${ink.title}"`),
    text(16, queryTop + image / 2 + 12, 'prediction', `font-size="12" fill="${ink.title}"`),
  ];
}

interface Point {
  readonly x: number;
  readonly y: number;
}

function place(column: number, y: number): Point {
  return { x: left + column * cell.width + (cell.width - image) / 2, y };
}

function supportCell(url: string, { x, y }: Point): string {
  return imageTag(url, { x, y }) + frame({ x, y }, { color: ink.axis, width: 1, dash: 'none' });
}

function queryCell(url: string, query: PredictedImage, classes: readonly string[], { x, y }: Point): string {
  const isRight = query.label === query.predicted;
  const look = isRight ? right : wrong;
  const name = classes[query.predicted]!; // checked
  const words = isRight ? 'right' : `wrong: it is ${classes[query.label]}`;
  const says = `${name}, ${percent(query.probability)}; ${words}`;
  const mark = isRight ? 'm-4 0 3 4 5-8' : 'm-3.5-3.5 7 7m0-7-7 7';
  const line = y + image + 15;
  return [
    `<g class="${isRight ? 'right' : 'wrong'}"><title>${escapeText(says)}</title>`,
    imageTag(url, { x, y }),
    frame({ x, y }, look),
    `<path d="M${x + 4} ${line - 4}${mark}" fill="none" stroke="${look.color}" stroke-width="2.2" stroke-linecap="round"/>`,
    text(x + 14, line, captionOf(name, classes)),
    text(x + 14, line + 13, percent(query.probability)),
    '</g>',
  ].join('');
}

function imageTag(url: string, { x, y }: Point): string {
  const place = `x="${x}" y="${y}" width="${image}" height="${image}"`;
  return `<image ${place} image-rendering="optimizeSpeed" href="${url}"/>`;
}

function frame({ x, y }: Point, { color, width, dash }: typeof right): string {
  const edge = width / 2;
  const place = `x="${x - edge}" y="${y - edge}" width="${image + width}" height="${image + width}"`;
  return `<rect ${place} fill="none" stroke="${color}" stroke-width="${width}" stroke-dasharray="${dash}"/>`;
}

function text(x: number, y: number, words: string, look = ''): string {
  return `<text x="${x}" y="${y}" ${look}>${escapeText(words)}</text>`;
}

/** The name of a class above its column; `Futurama/character07` in two lines. */
function columnHeader(name: string, { x, y }: Point): string {
  const { group, leaf } = parts(name);
  const middle = x + image / 2;
  const groupLine = group && text(middle, y - 15, shorten(group, 15), 'text-anchor="middle"');
  const leafLine = text(middle, y, shorten(leaf, 14), `text-anchor="middle" font-weight="600" fill="${ink.title}"`);
  return `<g><title>${escapeText(name)}</title>${groupLine}${leafLine}</g>`;
}

/** What stands below a query: the last part of a class name where that tells the classes apart, else all of it. */
function captionOf(name: string, classes: readonly string[]): string {
  const leaves = classes.map((each) => parts(each).leaf);
  return shorten(new Set(leaves).size === classes.length ? parts(name).leaf : name, 12);
}

function parts(name: string): { readonly group: string; readonly leaf: string } {
  const end = name.lastIndexOf('/');
  return { group: name.slice(0, Math.max(0, end)), leaf: name.slice(end + 1) };
}

/** The end of a name tells more than its start. */
function shorten(words: string, length: number): string {
  return words.length <= length ? words : `…${words.slice(1 - length)}`;
}

function percent(probability: number): string {
  return `${Math.round(100 * probability)} %`;
}

function inColumns<Image extends LabelledImage>(images: readonly Image[], count: number): Image[][] {
  return Array.from({ length: count }, (_, label) => images.filter((each) => each.label === label));
}

function rowCount(columns: readonly (readonly unknown[])[]): number {
  return Math.max(...columns.map(({ length }) => length));
}

function checkEpisode({ classes, support, queries = [] }: EpisodePicture): void {
  if (classes.length === 0) throw new RangeError('episodePicture: expected at least 1 class, got 0.');
  const expectLabel = (where: string, label: number) => {
    if (classes[label] === undefined)
      throw new RangeError(`episodePicture: ${where}: expected a whole number below ${classes.length}, got ${label}.`);
  };
  support.forEach(({ label }) => expectLabel('label of a support image', label));
  for (const { label, predicted, probability } of queries) {
    expectLabel('label of a query image', label);
    expectLabel('predicted class', predicted);
    if (!(probability >= 0 && probability <= 1))
      throw new RangeError(`episodePicture: probability: expected a number in [0, 1], got ${probability}.`);
  }
}
