import { gzipSync } from 'node:zlib';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encode } from 'fast-png';
import fc from 'fast-check';
import jpeg from 'jpeg-js';
import { expect, test } from 'vitest';
import { DataError } from '../../src/core/errors';
import { jpegDecoder, pngDecoder } from '../../src/tasks/decode-image';
import { parseIdx } from '../../src/tasks/idx';
import { readIdx } from '../../src/tasks/idx-node';
import { readOmniglot } from '../../src/tasks/omniglot-node';
import { idxBytes, omniglotZip, withFiles } from './files';

const runs = { numRuns: Number(process.env.FUZZ_RUNS ?? 200), seed: 1 };

/** The same bytes with a few of them changed and the end cut off. */
function damaged(bytes: Uint8Array): fc.Arbitrary<Uint8Array> {
  const flip = fc.tuple(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }));
  return fc.tuple(fc.array(flip, { maxLength: 4 }), fc.option(fc.nat(bytes.length))).map(([flips, length]) => {
    const changed = Uint8Array.from(bytes);
    for (const [index, mask] of flips) changed[index]! ^= mask;
    return changed.subarray(0, length ?? bytes.length);
  });
}

/** Reads, or refuses with a DataError: nothing else. */
async function expectReadOrRefused(read: () => unknown): Promise<void> {
  try {
    await read();
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    expect(error.message).toMatch(/: expected .*, got /s);
  }
}

function fuzz(format: string, bytes: Uint8Array, prepare: () => Promise<(bytes: Uint8Array) => unknown>): void {
  test(`damaged ${format} bytes are read or refused with a DataError`, async () => {
    const read = await prepare();
    await read(bytes); // the whole file is good
    await fc.assert(fc.asyncProperty(damaged(bytes), (broken) => expectReadOrRefused(() => read(broken))), runs);
  });
}

const noise = Uint8Array.from({ length: 400 }, (_, i) => (i * 7919) % 256);
const idx = idxBytes([4, 5, 5], [...noise.subarray(0, 100)]);

fuzz('IDX', idx, async () => (bytes) => parseIdx(bytes, 'file'));
fuzz('PNG', encode({ width: 10, height: 10, channels: 4, data: noise }), async () => {
  const decode = await pngDecoder();
  return (bytes) => decode(bytes, 'file');
});
fuzz('JPEG', jpeg.encode({ width: 10, height: 10, data: noise }, 90).data, async () => {
  const decode = await jpegDecoder();
  return (bytes) => decode(bytes, 'file');
});

test.each([
  ['gzip', gzipSync(idx), readIdx],
  ['zip', omniglotZip('images_background', ['Greek'], 2, 2), readOmniglot],
])('damaged %s files are read or refused with a DataError', (_format, bytes, read) =>
  withFiles({ whole: bytes }, async (dir) => {
    await read(join(dir, 'whole'));
    const file = join(dir, 'broken');
    await fc.assert(
      fc.asyncProperty(damaged(bytes), (broken) => {
        writeFileSync(file, broken);
        return expectReadOrRefused(() => read(file));
      }),
      runs,
    );
  }));
