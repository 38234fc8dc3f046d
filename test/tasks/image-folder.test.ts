import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import { encode } from 'fast-png';
import jpeg from 'jpeg-js';
import { describe, expect, test } from 'vitest';
import { jpegDecoder, pngDecoder } from '../../src/tasks/decode-image';
import { readImageFolder } from '../../src/tasks/image-folder-node';
import { withFiles } from './files';

const red = encode({ width: 2, height: 2, channels: 3, data: Uint8Array.from({ length: 12 }, (_, i) => (i % 3 === 0 ? 255 : 0)) });
const blueJpeg = jpeg.encode({ width: 8, height: 8, data: Uint8Array.from({ length: 256 }, (_, i) => (i % 4 >= 2 ? 255 : 0)) }, 100).data;

describe('readImageFolder', () => {
  test('one class per sub-folder, PNG and JPEG, resized; other and hidden files are not looked at', () =>
    withFiles({ 'cats/1.png': red, 'cats/notes.txt': red.subarray(0, 3), 'dogs/1.JPG': blueJpeg, '.hidden/1.png': red, 'readme.md': red }, async (dir) => {
      const { inputShape, classes } = await readImageFolder(dir, { size: 1 });
      expect(inputShape).toEqual([1, 1, 3]);
      expect(classes[0]).toEqual({ name: 'cats', examples: Uint8Array.of(255, 0, 0) });
      const [, dogs] = classes;
      expect([dogs!.name, classes.length]).toEqual(['dogs', 2]);
      [0, 0, 255].forEach((level, channel) => expect(Math.abs(dogs!.examples[channel]! - level)).toBeLessThan(4));
    }));

  test('grey is the luma, and height and width may differ', () =>
    withFiles({ 'cats/1.png': red, 'cats/2.png': red }, async (dir) => {
      const { inputShape, classes } = await readImageFolder(dir, { size: [1, 2], colour: 'grey' });
      expect(inputShape).toEqual([1, 2, 1]);
      expect([...classes[0]!.examples]).toEqual([76, 76, 76, 76]); // 0.299 · 255
    }));

  test('refuses a missing folder, one without classes, an empty class, a broken image', () =>
    withFiles({ 'empty/class/notes.txt': red, 'flat/1.png': red, 'png/a/1.png': red.subarray(0, 45), 'jpg/a/1.jpg': blueJpeg.subarray(0, 200), 'fake/a/1.png': blueJpeg }, async (dir) => {
      const refuse = (folder: string, message: RegExp) => expect(readImageFolder(join(dir, folder), { size: 2 })).rejects.toThrow(message);
      await refuse('absent', /absent: expected a folder, got nothing there\.$/);
      await refuse('flat/1.png', /1\.png: expected a folder, got a file\.$/);
      await refuse('flat', /flat: expected one sub-folder per class, got none\.$/);
      await refuse('empty', /class: expected PNG or JPEG images, got none\.$/);
      await refuse('png', /1\.png: expected a PNG image, got a truncated or corrupt one/);
      await refuse('jpg', /1\.jpg: expected a JPEG image, got a truncated or corrupt one/);
      await refuse('fake', /1\.png: expected a PNG image, got \d+ bytes that do not start as one\.$/);
    }));
});

test('a link that leads nowhere is no image', () =>
  withFiles({ 'cats/1.png': red }, async (dir) => {
    symlinkSync(join(dir, 'absent'), join(dir, 'cats/2.png'));
    symlinkSync(join(dir, 'absent'), join(dir, 'dogs'));
    await expect(readImageFolder(dir, { size: 1 })).rejects.toThrow('2.png: expected a file, got nothing there.');
  }));

describe('pngDecoder', () => {
  test('reads every depth as 8 bits, and lays transparency on white', async () => {
    const decode = await pngDecoder();
    const levels = (image: Parameters<typeof encode>[0]) => [...decode(encode(image), 'png').levels];
    expect(levels({ width: 3, height: 1, depth: 1, channels: 1, data: Uint8Array.of(0b10100000) })).toEqual([255, 0, 255]);
    expect(levels({ width: 1, height: 1, depth: 16, channels: 1, data: Uint16Array.of(0x8000) })).toEqual([128]);
    expect(levels({ width: 1, height: 1, channels: 2, data: Uint8Array.of(0, 51) })).toEqual([204]);
    expect(levels({ width: 1, height: 1, channels: 4, data: Uint8Array.of(9, 9, 9, 0) })).toEqual([255, 255, 255]);
  });

  test('one colour that stands for transparency is white too, exactly that one', async () => {
    const decode = await pngDecoder();
    const levels = (image: Parameters<typeof encode>[0], ...key: number[]) => [...decode(withKey(encode(image), key), 'png').levels];
    expect(levels({ width: 3, height: 1, channels: 1, data: Uint8Array.of(0, 100, 1) }, 0)).toEqual([255, 100, 1]);
    expect(levels({ width: 3, height: 1, channels: 3, data: Uint8Array.of(0, 0, 9, 0, 0, 8, 0, 9, 0) }, 0, 0, 9)).toEqual([255, 255, 255, 0, 0, 8, 0, 9, 0]);
    expect(levels({ width: 2, height: 1, depth: 16, channels: 1, data: Uint16Array.of(0x1234, 0x1235) }, 0x1234)).toEqual([255, 0x12]);
    expect(levels({ width: 4, height: 1, depth: 1, channels: 1, data: Uint8Array.of(0b01010000) }, 0)).toEqual([255, 255, 255, 255]);
    expect(levels({ width: 4, height: 1, depth: 1, channels: 1, data: Uint8Array.of(0b01010000) }, 0xff00)).toEqual([255, 255, 255, 255]); // the lowest bit counts
    expect(() => levels({ width: 3, height: 1, channels: 1, data: Uint8Array.of(0, 1, 2) }, 0, 0, 0)).toThrow('a transparent colour of 3 values in an image of 1');
  });

  test('a size that the bytes cannot hold is refused before memory is taken', async () => {
    const decode = await pngDecoder();
    const liar = Uint8Array.from(red);
    new DataView(liar.buffer).setUint32(16, 1_000_000);
    expect(() => decode(liar, 'liar.png')).toThrow(/^liar\.png: expected a PNG image of 1 to \d+ pixels, got 1000000 x 2\.$/);
    expect(() => decode(withChunk(red, 'IHDR', liar.subarray(16, 29)), 'twice.png')).toThrow('twice.png: expected a PNG image with a header of 13 bytes first, got another.');
  });

  test('what a few bytes unpack to is counted before memory is taken; what is no part of the image is not unpacked', async () => {
    const decode = await pngDecoder();
    const bomb = new Uint8Array(deflateSync(new Uint8Array(2 ** 25))); // 32 kB
    expect(() => decode(withChunk(red, 'IDAT', bomb), 'bomb.png')).toThrow('bomb.png: expected a PNG image, got a truncated or corrupt one (more pixels than its header says).');
    const profile = Uint8Array.from([0x61, 0, 0, ...bomb]); // a name, the method, what is compressed
    expect(decode(withChunk(red, 'iCCP', profile), 'profile.png')).toEqual(decode(red, 'red.png'));
  });
});

/** A PNG with one more chunk behind its header. Its checksum is wrong: it must be of no use. */
function withChunk(png: Uint8Array, type: string, content: Uint8Array): Uint8Array {
  const chunk = new Uint8Array(12 + content.length);
  new DataView(chunk.buffer).setUint32(0, content.length);
  chunk.set([...type].map((letter) => letter.charCodeAt(0)), 4);
  chunk.set(content, 8);
  const made = new Uint8Array(png.length + chunk.length);
  made.set(png.subarray(0, 33));
  made.set(chunk, 33);
  made.set(png.subarray(33), 33 + chunk.length);
  return made;
}

/** A PNG with the colour that stands for transparency, 16 bits a value. */
function withKey(png: Uint8Array, values: readonly number[]): Uint8Array {
  const content = Uint8Array.from(values.flatMap((value) => [value >> 8, value & 255]));
  const made = withChunk(png, 'tRNS', content);
  const end = 33 + 8 + content.length;
  new DataView(made.buffer).setUint32(end, crc32(made.subarray(37, end)));
  return made;
}

describe('jpegDecoder', () => {
  test('a size that the bytes cannot hold, and more scans than an image has, are refused', async () => {
    const decode = await jpegDecoder();
    const sizeAt = blueJpeg.findIndex((byte, index) => byte === 0xff && blueJpeg[index + 1] === 0xc0) + 5;
    const liar = Uint8Array.from(blueJpeg);
    new DataView(liar.buffer).setUint16(sizeAt, 8000);
    new DataView(liar.buffer).setUint16(sizeAt + 2, 8000);
    expect(() => decode(liar, 'liar.jpg')).toThrow(/^liar\.jpg: expected a JPEG image, got a truncated or corrupt one \(maxResolutionInMP limit exceeded by 64MP\)\.$/);
    const slow = Uint8Array.from([...blueJpeg, ...Array.from({ length: 501 }, () => [0xff, 0xda]).flat()]);
    expect(() => decode(slow, 'slow.jpg')).toThrow('slow.jpg: expected a JPEG image, got a truncated or corrupt one (more than 500 scans).');
  });
});
