import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readLabelledIdx, type LabelledSet, type LabelledSplits } from 'hypermeta';

/** Caltech-FS: 97 classes of photographs, 32 × 32 RGB, in its own three splits; or a sentence that says what is missing. */
export function readPhotographs(data: string): LabelledSplits | string {
  const folder = join(data, 'caltech-fs');
  const missing = ['train', 'val', 'test'].flatMap(filesOf).concat('classes.json').find((file) => !existsSync(join(folder, file)));
  if (missing) return `skipped, because ${join(folder, missing)} is not there: give --data DIR, a folder whose folder caltech-fs holds the data set.`;
  const { splits } = JSON.parse(readFileSync(join(folder, 'classes.json'), 'utf8')) as { readonly splits: Readonly<Record<string, { readonly classes: readonly string[] }>> }; // the data set's own
  const read = (split: string): LabelledSet => {
    const [images, labels] = filesOf(split).map((file) => join(folder, file)) as [string, string];
    return readLabelledIdx({ images, labels, names: splits[split]!.classes });
  };
  return { train: read('train'), validation: read('val'), test: read('test') };
}

const filesOf = (split: string): string[] => [`${split}-images-idx4-ubyte.gz`, `${split}-labels-idx1-ubyte.gz`];
