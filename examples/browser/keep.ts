import { packHalfFloats, unpackHalfFloats } from '../../src/io/half-floats';
import { mostClasses, mostDrawings, type DrawnClass } from './class-cards';
import type { Point } from './curve';
import { classEmbeddingSize, curveEmbeddingSize } from './learners';
import { isEmpty, type Drawing } from './strokes';
import type { KeptTask } from './workbench';

/** What a file of this page holds: an adapted task, and what it was adapted from. */
export interface KeptFile {
  readonly format: typeof format;
  readonly version: 1;
  readonly classes?: readonly DrawnClass[];
  readonly points?: readonly Point[];
  /** As `adapted.saveTask()` gives it. */
  readonly task: unknown;
}

const format = 'hypermeta page';

/** More than any file of this page has. */
const mostBytes = 4_000_000;

export function keptFile(parts: Pick<KeptFile, 'classes' | 'points' | 'task'>): KeptFile {
  return { format, version: 1, ...parts };
}

/**
 * The fragment of a link to a task: its embedding in float16, the names of its classes, and the checksum of the model.
 * `#task=…&classes=star,heart&model=1a2b3c4d`; a curve has no classes.
 */
export function toFragment({ embedding, classes }: KeptTask, model: string): string {
  const text = btoa(String.fromCharCode(...packHalfFloats(embedding)));
  const task = text.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
  return `#task=${task}${classes ? `&classes=${classes.map((name) => encodeURIComponent(name)).join(',')}` : ''}&model=${model}`;
}

/** @throws Error, one sentence, for a fragment that is no task of this page, or one of another model; nothing for an empty one */
export function fromFragment(fragment: string, models: { readonly drawings: string; readonly curve: string }): KeptTask | undefined {
  if (fragment.length < 2) return undefined;
  const parts = new URLSearchParams(fragment.slice(1).replaceAll('+', '%2B'));
  const task = parts.get('task');
  if (task === null) return undefined; // a link to a place on the page
  const classes = /(?:^#|&)classes=([^&]*)/.exec(fragment)?.[1]!.split(',').map((name) => decoded(name));
  const expected = classes ? models.drawings : models.curve;
  if (parts.get('model') !== expected) throw new Error(`The link is of another version of this page: its model is ${parts.get('model') ?? 'not named'}, here it is ${expected}.`);
  const size = classes ? classes.length * classEmbeddingSize : curveEmbeddingSize;
  const embedding = readEmbedding(task);
  if (embedding?.length !== size) throw new Error(`The link is damaged: expected ${size} values, got ${embedding?.length ?? 'none'}.`);
  if (classes) expectNames(classes, 'The link');
  return { embedding, ...(classes ? { classes } : {}) };
}

/** What is in a file, as far as it can be told without the model. @throws Error, one sentence, for anything else */
export function readFile(text: string): KeptFile {
  if (text.length > mostBytes) throw new Error(`The file is too large: expected at most ${mostBytes} characters, got ${text.length}.`);
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch {
    throw new Error('The file is no JSON: expected one that this page has saved.');
  }
  if (!isRecord(found)) throw new Error('The file is no task: expected one that this page has saved.');
  if (found['format'] === 'hypermeta task') return keptFile({ task: found });
  if (found['format'] !== format || found['version'] !== 1 || !isRecord(found['task'])) throw new Error('The file is no task of this page: expected one that it has saved.');
  const { classes, points, task } = found;
  if (classes !== undefined && !areClasses(classes)) throw new Error(`The file is damaged: expected 2 to ${mostClasses} classes of 1 to ${mostDrawings} drawings.`);
  if (points !== undefined && !arePoints(points)) throw new Error('The file is damaged: expected points with numbers x and y.');
  return keptFile({ task, ...(classes ? { classes } : {}), ...(points ? { points } : {}) });
}

/** The drawings that a task was adapted from: the classes but for cards that stand empty; nothing where those are not the task's. */
export function drawnFrom({ classes: names }: KeptTask, classes: readonly DrawnClass[]): readonly DrawnClass[] | undefined {
  const drawn = classes.filter(({ drawings }) => drawings.some((drawing) => !isEmpty(drawing)));
  return names?.length === drawn.length && drawn.every(({ name }, index) => name === names[index]) ? drawn : undefined;
}

/** Whether these are classes as the page keeps them, in a file or in the browser. */
export function areClasses(found: unknown): found is readonly DrawnClass[] {
  const isSpot = (spot: unknown) => Array.isArray(spot) && spot.length === 2 && spot.every((part) => typeof part === 'number' && part >= 0 && part <= 1);
  const isDrawing = (drawing: unknown): drawing is Drawing => Array.isArray(drawing) && drawing.every((stroke) => Array.isArray(stroke) && stroke.every(isSpot));
  const isClass = (each: unknown) =>
    isRecord(each) && typeof each['name'] === 'string' && Array.isArray(each['drawings']) && each['drawings'].length >= 1 && each['drawings'].length <= mostDrawings && each['drawings'].every(isDrawing);
  return Array.isArray(found) && found.length <= mostClasses && found.every(isClass);
}

export function arePoints(found: unknown): found is readonly Point[] {
  return Array.isArray(found) && found.length <= 200 && found.every((point) => isRecord(point) && Number.isFinite(point['x']) && Number.isFinite(point['y']));
}

function expectNames(names: readonly string[], where: string): void {
  if (names.length < 2 || names.length > mostClasses || new Set(names).size < names.length || names.some((name) => name === '' || name.length > 24))
    throw new Error(`${where} is damaged: expected 2 to ${mostClasses} different names of classes, each of 1 to 24 letters, got ${names.length}.`);
}

function readEmbedding(text: string): Float32Array | undefined {
  try {
    const bytes = Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (letter) => letter.charCodeAt(0));
    const values = bytes.length % 2 === 0 ? unpackHalfFloats(bytes) : undefined;
    return values?.every((value) => Number.isFinite(value)) ? values : undefined;
  } catch {
    return undefined;
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}

function isRecord(found: unknown): found is Readonly<Record<string, unknown>> {
  return typeof found === 'object' && found !== null && !Array.isArray(found);
}

/** Hands bytes over as a file. */
export function download(name: string, content: string | Uint8Array): void {
  const url = URL.createObjectURL(new Blob([content as BlobPart]));
  const anchor = document.createElement('a');
  [anchor.href, anchor.download] = [url, name];
  anchor.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
