import { DataError, shown } from '../core/errors';
import { isRecord } from '../core/is-record';
import { readFileBytes } from '../core/read-file-node';
import { sizeOf } from '../core/shape';
import type { AnnotatedImage, AnnotatedSet } from './annotated-images';
import type { Box } from './boxes';
import { readIdx } from './idx-node';
import { orDataError } from './or-data-error';

/** The images of each split, as their source has them. */
export interface BloodCells {
  readonly train: AnnotatedSet;
  readonly validation: AnnotatedSet;
  readonly test: AnnotatedSet;
}

/**
 * The blood cells of BCCD: microscope images `[120, 160, 3]` with boxes around red cells (`RBC`), white cells (`WBC`) and `Platelets`.
 * The folder holds `images-160x120-idx4-ubyte.gz` and `annotations.json`, whose `images[i]` has the `split` and `boxes` of image i.
 *
 * Source: the data set of cosmicad and akshaylamba, github.com/Shenggan/BCCD_Dataset, MIT licence.
 *
 * @throws DataError for a file that is missing or not as it should be
 */
export function readBloodCells(dir: string): BloodCells {
  const { join } = process.getBuiltinModule('node:path');
  const [imagesPath, annotationsPath] = [join(dir, 'images-160x120-idx4-ubyte.gz'), join(dir, 'annotations.json')];
  const { shape, values } = readIdx(imagesPath);
  const [count = 0, ...inputShape] = shape;
  if (!(values instanceof Uint8Array) || inputShape.length !== 3) throw new DataError(`${imagesPath}: expected unsigned bytes [n, height, width, channels], got ${shape.length} axes.`);
  const listed = readAnnotations(annotationsPath);
  if (listed.length !== count) throw new DataError(`${annotationsPath}: expected annotations of ${count} images, got ${listed.length}.`);
  const size = sizeOf(inputShape);
  const splitOf = (name: string): AnnotatedSet => ({
    inputShape,
    images: listed.flatMap(({ split, boxes }, index) => (split === name ? [{ pixels: values.subarray(index * size, (index + 1) * size), boxes }] : [])),
  });
  return { train: splitOf('train'), validation: splitOf('val'), test: splitOf('test') };
}

interface Annotations {
  readonly split: string;
  readonly boxes: AnnotatedImage['boxes'];
}

function readAnnotations(path: string): readonly Annotations[] {
  const text = new TextDecoder().decode(readFileBytes(path));
  const parsed = orDataError(path, 'JSON', () => JSON.parse(text) as unknown);
  const images = isRecord(parsed) ? parsed['images'] : undefined;
  if (!Array.isArray(images)) throw new DataError(`${path}: expected a list of images, got ${shown(images)}.`);
  return images.map((image: unknown, index) => {
    if (!isRecord(image) || typeof image['split'] !== 'string' || !Array.isArray(image['boxes']))
      throw new DataError(`${path}: image ${index}: expected a split and boxes, got ${shown(image)}.`);
    return { split: image['split'], boxes: image['boxes'].map((box: unknown) => readBox(`${path}: image ${index}`, box)) };
  });
}

function readBox(where: string, found: unknown): AnnotatedImage['boxes'][number] {
  const box = isRecord(found) ? found['box'] : undefined;
  const isBox = Array.isArray(box) && box.length === 4 && box.every((edge) => typeof edge === 'number' && Number.isFinite(edge));
  if (!isRecord(found) || typeof found['label'] !== 'string' || !isBox)
    throw new DataError(`${where}: expected a box with a label and four edges, got ${shown(found)}.`);
  return { label: found['label'], box: box as unknown as Box }; // four numbers
}
