import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { DataError } from '../../src/core/errors';
import { parseIdx } from '../../src/tasks/idx';
import { readIdx, readLabelledIdx } from '../../src/tasks/idx-node';
import { countExamples } from '../../src/tasks/labelled-set';
import { idxBytes, realData, withFiles } from './files';

const images = idxBytes([3, 2, 2], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
const labels = idxBytes([3], [1, 0, 1]);

describe('parseIdx', () => {
  test('reads bytes in their shape, and other types big-endian', () => {
    expect(parseIdx(images, 'images')).toEqual({ shape: [3, 2, 2], values: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12) });
    expect(parseIdx(Uint8Array.of(0, 0, 0x0b, 1, 0, 0, 0, 2, 1, 0, 0xff, 0xff), 'short')).toEqual({ shape: [2], values: Int16Array.of(256, -1) });
    expect(parseIdx(Uint8Array.of(0, 0, 0x0d, 1, 0, 0, 0, 1, 0x3f, 0x80, 0, 0), 'float').values).toEqual(Float32Array.of(1));
  });

  test.each<[string, Uint8Array, string]>([
    ['a short file', images.subarray(0, 20), 'file: expected 28 bytes for shape [3, 2, 2], got 20.'],
    ['a long file', Uint8Array.of(...images, 0), 'file: expected 28 bytes for shape [3, 2, 2], got 29.'],
    ['a cut header', images.subarray(0, 9), 'file: expected an IDX header of 16 bytes, got 9.'],
    ['another format', Uint8Array.of(80, 75, 3, 4), 'file: expected an IDX file, got one that starts with bytes [80, 75, 3, 4].'],
    ['no bytes', new Uint8Array(0), 'file: expected an IDX file, got one that starts with bytes [].'],
    ['a huge promise', Uint8Array.of(0, 0, 8, 2, 255, 255, 255, 255, 255, 255, 255, 255), 'file: expected 18446744065119617000 bytes'],
  ])('refuses %s', (_name, bytes, message) => {
    expect(() => parseIdx(bytes, 'file')).toThrow(DataError);
    expect(() => parseIdx(bytes, 'file')).toThrow(message);
  });
});

describe('readLabelledIdx', () => {
  test('plain and gzip files give the same classes, grey images one channel', () =>
    withFiles({ images, labels, 'images.gz': gzipSync(images), 'labels.gz': gzipSync(labels) }, (dir) => {
      const plain = readLabelledIdx({ images: join(dir, 'images'), labels: join(dir, 'labels'), names: ['zero', 'one'] });
      expect(plain).toEqual({
        inputShape: [2, 2, 1],
        classes: [{ name: 'zero', examples: Uint8Array.of(5, 6, 7, 8) }, { name: 'one', examples: Uint8Array.of(1, 2, 3, 4, 9, 10, 11, 12) }],
      });
      const packed = readLabelledIdx({ images: join(dir, 'images.gz'), labels: join(dir, 'labels.gz'), names: ['zero', 'one'] });
      expect(packed).toEqual(plain);
    }));

  test('names the file that is missing, cut or corrupt', () => {
    const cut = gzipSync(images).subarray(0, 25);
    const flipped = Uint8Array.from(gzipSync(images), (byte, index) => (index === 20 ? byte ^ 255 : byte));
    const bomb = gzipSync(Uint8Array.of(...labels, ...new Uint8Array(100_000)));
    return withFiles({ cut, flipped, bomb, images, 'folder/file': labels }, (dir) => {
      expect(() => readIdx(join(dir, 'absent'))).toThrow(/absent: expected a file, got nothing there\.$/);
      expect(() => readIdx(join(dir, 'folder'))).toThrow(/folder: expected a file, got a folder\.$/);
      expect(() => readIdx(join(dir, 'cut'))).toThrow(/cut: expected a gzip file with an IDX file inside, got a truncated or corrupt one/);
      expect(() => readIdx(join(dir, 'flipped'))).toThrow(DataError);
      expect(() => readIdx(join(dir, 'bomb'))).toThrow(/bomb: expected a gzip file/);
    });
  });

  test('refuses labels that do not fit', () =>
    withFiles({ images, labels, few: idxBytes([2], [0, 1]) }, (dir) => {
      const read = (file: string, names?: string[]) => () =>
        readLabelledIdx({ images: join(dir, 'images'), labels: join(dir, file), ...(names ? { names } : {}) });
      expect(read('few')).toThrow('labels: expected shape [3], one for each image, got [2].');
      expect(read('labels', ['zero'])).toThrow('labels: expected labels from 0 to 0, got 1.');
    }));
});

const mnist = realData('mnist');
test.skipIf(!mnist)('MNIST: 10,000 test digits in 10 classes', () => {
  const digits = readLabelledIdx({ images: join(mnist!, 't10k-images-idx3-ubyte.gz'), labels: join(mnist!, 't10k-labels-idx1-ubyte.gz') });
  expect(digits.inputShape).toEqual([28, 28, 1]);
  expect(digits.classes.map((digit) => countExamples(digits, digit))).toEqual([980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]);
});

const caltech = realData('caltech-fs');
test.skipIf(!caltech)('Caltech-FS: colour images keep three channels', () => {
  const photographs = readLabelledIdx({ images: join(caltech!, 'val-images-idx4-ubyte.gz'), labels: join(caltech!, 'val-labels-idx1-ubyte.gz') });
  expect(photographs.inputShape).toEqual([32, 32, 3]);
  expect(photographs.classes.length).toBe(13);
});
