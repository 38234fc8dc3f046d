import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { annotatedImages } from '../../src/tasks/annotated-images';
import { readBloodCells } from '../../src/tasks/blood-cells-node';
import { realData, withFiles } from './files';

const header = (count: number) => [0, 0, 8, 4, 0, 0, 0, count, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 3];
const images = gzipSync(Uint8Array.from([...header(2), ...new Uint8Array(36).map((_, at) => at)]));
const box = { label: 'WBC', box: [0, 0, 2, 1.5] };
const annotations = (content: unknown) => JSON.stringify(content);
const bytes = (text: string) => new TextEncoder().encode(text);
const files = (content: string) => ({ 'images-160x120-idx4-ubyte.gz': images, 'annotations.json': bytes(content) });

describe('blood cells', () => {
  test('each image is in the split that its annotations say', () =>
    withFiles(files(annotations({ images: [{ split: 'test', boxes: [box] }, { split: 'train', boxes: [] }] })), (dir) => {
      const { train, validation, test: held } = readBloodCells(dir);
      expect([held.inputShape, held.images.length, held.images[0]!.boxes]).toEqual([[2, 3, 3], 1, [box]]);
      expect(Array.from(held.images[0]!.pixels)).toEqual(Array.from({ length: 18 }, (_, at) => at));
      expect([train.images.length, validation.images.length]).toEqual([1, 0]);
    }));

  test.each([
    ['{', 'annotations.json: expected JSON, got a truncated or corrupt one'],
    [annotations([]), 'annotations.json: expected a list of images, got undefined.'],
    [annotations({ images: [] }), 'annotations.json: expected annotations of 2 images, got 0.'],
    [annotations({ images: [1, 2] }), 'annotations.json: image 0: expected a split and boxes, got 1.'],
    [annotations({ images: [{ split: 'train', boxes: [{ label: 'WBC', box: [1, 2, 3] }] }, 0] }), 'annotations.json: image 0: expected a box with a label and four edges, got {"label":"WBC","box":[1,2,3]}.'],
  ])('refuses %s in a sentence', (content, message) => withFiles(files(content), (dir) => expect(() => readBloodCells(dir)).toThrow(message)));

  const real = realData('bccd');
  test.skipIf(!real)('the real ones are all there (skipped without the data beside the checkout)', () => {
    const { train, validation, test: held } = readBloodCells(real!);
    const count = (label: string) => [train, validation, held].map((set) => set.images.flatMap(({ boxes }) => boxes).filter((each) => each.label === label).length);
    expect([train, validation, held].map((set) => set.images.length)).toEqual([205, 87, 72]);
    expect([count('RBC'), count('WBC'), count('Platelets')]).toEqual([[2381, 967, 805], [214, 87, 71], [209, 83, 69]]);
    const source = annotatedImages(train, { shots: 5, queryImages: 2, ignored: ['WBC'] });
    expect(source.sample('cells', 0).support.x.length).toBe(5 * 120 * 160 * 3);
  });
});
