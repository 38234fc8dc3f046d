import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createRng, labelledSet, readIdx, readLabelledIdx, type Idx, type LabelledSet, type LabelledSplits } from 'hypermeta';

/** A data set for completion. */
export interface CompletionImages {
  readonly name: string;
  readonly sets: LabelledSplits;
  /** Numbers of given pixels: few, some, many. */
  readonly given: readonly [number, number, number];
}

/** Fashion-MNIST: no classes are held out, but images are. Caltech-FS: classes of its own for each split. Or what is missing. */
export function readCompletionImages(data: string): readonly (CompletionImages | string)[] {
  const fashion = join(data, 'fashion-mnist');
  const caltech = join(data, 'caltech-fs');
  const files = (folder: string, part: string, axes: number) => ({
    images: join(folder, `${part}-images-idx${axes}-ubyte.gz`),
    labels: join(folder, `${part}-labels-idx1-ubyte.gz`),
  });
  return [
    orMissing(Object.values(files(fashion, 't10k', 3)), (): CompletionImages => {
      const { train, validation } = holdOut(readLabelledIdx(files(fashion, 'train', 3)), 500);
      return { name: 'Fashion-MNIST', sets: { train, validation, test: readLabelledIdx(files(fashion, 't10k', 3)) }, given: [10, 100, 500] };
    }),
    orMissing(Object.values(files(caltech, 'test', 4)), (): CompletionImages => {
      const [train, validation, test] = ['train', 'val', 'test'].map((part) => readLabelledIdx(files(caltech, part, 4))) as [LabelledSet, LabelledSet, LabelledSet];
      return { name: 'Caltech-FS', sets: { train, validation, test }, given: [10, 100, 1000] };
    }),
  ];
}

/** The last images of each class, for validation, apart from the others. */
function holdOut({ inputShape, classes }: LabelledSet, count: number): Pick<LabelledSplits, 'train' | 'validation'> {
  const size = inputShape.reduce((product, length) => product * length, 1);
  const part = (start: number, end?: number): LabelledSet => ({ inputShape, classes: classes.map((each) => ({ ...each, examples: each.examples.slice(start, end) })) });
  return { train: part(0, -count * size), validation: part(-count * size) };
}

/** Photographs as classes, each of two images. */
export interface Photographs {
  /** 18 photographs. */
  readonly train: LabelledSet;
  /** The same 18, of which rates are chosen on three that are not learned from meanwhile. */
  readonly tuning: Pick<LabelledSplits, 'train' | 'validation'>;
  /** Six others. */
  readonly test: LabelledSet;
}

/** Kodak's photographs at 178 × 178. Or what is missing. */
export function readPhotographs(data: string): Photographs | string {
  const path = join(data, 'natural-images', 'kodak-178x178-idx4-ubyte.gz');
  return orMissing([path], () => splitPhotographs(readIdx(path)));
}

function splitPhotographs({ values, shape }: Idx): Photographs {
  const [count, ...inputShape] = shape as [number, number, number, number];
  const size = values.length / count;
  const part = (start: number, end: number): LabelledSet => {
    const x = (values as Uint8Array).slice(start * size, end * size); // unsigned bytes, by the file's name
    return labelledSet({ x, y: Array.from({ length: end - start }, (_, image) => image >> 1), inputShape });
  };
  return { train: part(0, 36), tuning: { train: part(0, 30), validation: part(30, 36) }, test: part(36, 48) };
}

/** Small images of coloured blobs, in place of data, for a quick look whether all runs. */
export function madeUpImages(name: string, channels: 1 | 3): CompletionImages {
  const side = 8;
  const rng = createRng(name);
  const images = Array.from({ length: 24 }, () => {
    const [middle, width] = [Array.from({ length: 2 * channels }, () => rng.uniform() * side), 2 + 4 * rng.uniform()];
    return Uint8Array.from({ length: side * side * channels }, (_, i) => {
      const [place, channel] = [Math.floor(i / channels), i % channels];
      const distance = ((place % side) - middle[2 * channel]!) ** 2 + (Math.floor(place / side) - middle[2 * channel + 1]!) ** 2;
      return 255 * Math.exp(-distance / width);
    });
  });
  const set = labelledSet({ x: images, y: images.map((_, image) => image % 4), inputShape: [side, side, channels] });
  return { name, sets: { train: set, validation: set, test: set }, given: [4, 16, 32] };
}

function orMissing<Read>(paths: readonly string[], read: () => Read): Read | string {
  const missing = paths.find((path) => !existsSync(path));
  return missing ? `skipped, because ${missing} is not there: give --data DIR, a folder with a folder for each data set.` : read();
}
