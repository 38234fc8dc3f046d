import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { encode } from 'fast-png';
import fc from 'fast-check';
import jpeg from 'jpeg-js';
import { expect, test } from 'vitest';
import { sizeOf } from '../../src/core/shape';
import { jpegDecoder, pngDecoder, type DecodedImage } from '../../src/tasks/decode-image';
import { parseIdx, type Idx } from '../../src/tasks/idx';
import { readIdx, readLabelledIdx } from '../../src/tasks/idx-node';
import { readImageFolder } from '../../src/tasks/image-folder-node';
import { expectLabelledSet, type LabelledSet } from '../../src/tasks/labelled-set';
import { readOmniglot } from '../../src/tasks/omniglot-node';
import type { OmniglotRuns } from '../../src/tasks/omniglot-runs';
import { readOmniglotRuns } from '../../src/tasks/omniglot-runs-node';
import { damaged, damagedText, expectReadOrRefused, hostileRuns, hostileTimeout } from '../helpers/hostile';
import { drawing, idxBytes, omniglotZip, runFiles, withFiles } from './files';
import { zipSync } from 'fflate';

const noise = Uint8Array.from({ length: 400 }, (_, i) => (i * 7919) % 256);
const idx = idxBytes([4, 5, 5], [...noise.subarray(0, 100)]);
const labels = idxBytes([4], [0, 1, 1, 0]);
const png = encode({ width: 10, height: 10, channels: 4, data: noise });
const jpg = new Uint8Array(jpeg.encode({ width: 10, height: 10, data: noise }, 90).data);

const isImage = ({ height, width, channels, levels }: DecodedImage) => expect(levels.length).toBe(height * width * channels);
const isIdx = ({ shape, values }: Idx) => expect(values.length).toBe(sizeOf(shape));
const isSet = (set: LabelledSet) => expectLabelledSet('read', set);
const areRuns = ({ inputShape, runs }: OmniglotRuns) => {
  for (const { training, test: tested, labels: classes } of runs) {
    for (const levels of [...training, ...tested]) expect(levels.length).toBe(sizeOf(inputShape));
    for (const label of classes) expect(training[label]).toBeDefined();
  }
};

/** Bytes in memory. */
function fuzz<Result>(format: string, bytes: Uint8Array, prepare: () => Promise<(bytes: Uint8Array) => Result>, check: (result: Result) => void): void {
  test(`damaged ${format} bytes are read or refused in a sentence`, async () => {
    const read = await prepare();
    check(read(bytes)); // the whole file is good
    await fc.assert(fc.asyncProperty(damaged(bytes), (broken) => expectReadOrRefused(() => read(broken), check).then(() => undefined)), hostileRuns);
  }, hostileTimeout);
}

/** A file, among others that are good. */
function fuzzFile<Result>(what: string, files: Readonly<Record<string, Uint8Array>>, name: string, read: (dir: string) => Result | Promise<Result>, check: (result: Result) => void, change: fc.Arbitrary<Uint8Array> = damaged(files[name]!)): void {
  test(`damaged ${what} are read or refused in a sentence`, () =>
    withFiles(files, async (dir) => {
      check(await read(dir));
      await fc.assert(
        fc.asyncProperty(change, (broken) => {
          writeFileSync(join(dir, name), broken);
          return expectReadOrRefused(() => read(dir), check).then(() => undefined);
        }),
        hostileRuns,
      );
    }), hostileTimeout);
}

fuzz('IDX', idx, async () => (bytes) => parseIdx(bytes, 'file'), isIdx);
fuzz('PNG', png, async () => {
  const decode = await pngDecoder();
  return (bytes) => decode(bytes, 'file');
}, isImage);
fuzz('JPEG', jpg, async () => {
  const decode = await jpegDecoder();
  return (bytes) => decode(bytes, 'file');
}, isImage);

fuzzFile('gzip files', { 'idx.gz': new Uint8Array(gzipSync(idx)) }, 'idx.gz', (dir) => readIdx(join(dir, 'idx.gz')), isIdx);
fuzzFile('images of an IDX set', { idx, labels }, 'idx', (dir) => readLabelledIdx({ images: join(dir, 'idx'), labels: join(dir, 'labels'), names: ['a', 'b'] }), isSet);
fuzzFile('labels of an IDX set', { idx, labels }, 'labels', (dir) => readLabelledIdx({ images: join(dir, 'idx'), labels: join(dir, 'labels') }), isSet);
fuzzFile('images of a folder', { 'a/1.png': png, 'b/1.jpg': jpg }, 'a/1.png', (dir) => readImageFolder(dir, { size: 4 }), isSet, fc.oneof(damaged(png), damaged(jpg)));
fuzzFile('archives of Omniglot', { 'o.zip': omniglotZip('images_background', ['Greek'], 2, 2) }, 'o.zip', (dir) => readOmniglot(join(dir, 'o.zip')), isSet);

const run = runFiles('run01', 2);
const inZip = zipSync(Object.fromEntries(Object.entries(run)));
const labelText = new TextDecoder().decode(run['run01/class_labels.txt']);
fuzzFile('labels of challenge runs', run, 'run01/class_labels.txt', (dir) => readOmniglotRuns(dir, { ways: 2 }), areRuns, damagedText(labelText).map((text) => new TextEncoder().encode(text)));
fuzzFile('drawings of challenge runs', run, 'run01/test/item01.png', (dir) => readOmniglotRuns(dir, { ways: 2 }), areRuns, damaged(drawing(9)));
fuzzFile('archives of challenge runs', { 'runs.zip': inZip }, 'runs.zip', (dir) => readOmniglotRuns(join(dir, 'runs.zip'), { ways: 2 }), areRuns);
