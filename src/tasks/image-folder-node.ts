import { DataError, expectCount, expectOneOf } from '../core/errors';
import { jpegDecoder, pngDecoder, withChannels } from './decode-image';
import { areaResizer } from './images';
import type { LabelledClass, LabelledSet } from './labelled-set';
import { listFolder, readFileBytes } from './read-file-node';

export interface ImageFolderOptions {
  /** Height and width of the images, or both in one number. */
  readonly size: number | readonly [height: number, width: number];
  /** @default 'rgb' */
  readonly colour?: 'grey' | 'rgb';
}

/**
 * A folder with one sub-folder per class, each with PNG or JPEG images (`.png`, `.jpg`, `.jpeg`; other files are not
 * looked at). Images are resized by area, without keeping proportions. Classes and examples are in order of their
 * names; inputs are `[height, width, 1]` or `[height, width, 3]`. A turn that a camera noted (EXIF) is not applied.
 *
 * @throws DataError for a missing folder, no classes, an empty class, a truncated or corrupt image.
 */
export async function readImageFolder(path: string, { size, colour = 'rgb' }: ImageFolderOptions): Promise<LabelledSet> {
  expectOneOf('readImageFolder: colour', colour, ['grey', 'rgb']);
  const [height, width] = typeof size === 'number' ? [size, size] : size;
  expectCount('readImageFolder: size', height);
  expectCount('readImageFolder: size', width);
  const { join } = process.getBuiltinModule('node:path');
  const names = listFolder(path, 'folders');
  if (names.length === 0) throw new DataError(`${path}: expected one sub-folder per class, got none.`);
  const [decodePng, decodeJpeg] = await Promise.all([pngDecoder(), jpegDecoder()]);
  const channels = colour === 'grey' ? 1 : 3;
  const readImage = (file: string): Uint8Array => {
    const decode = file.toLowerCase().endsWith('.png') ? decodePng : decodeJpeg;
    const image = withChannels(decode(readFileBytes(file), file), channels);
    return areaResizer([image.height, image.width, channels], [height, width])(image.levels);
  };
  const classes = names.map((name): LabelledClass => {
    const files = listFolder(join(path, name), 'files').filter((file) => /\.(png|jpe?g)$/i.test(file));
    if (files.length === 0) throw new DataError(`${join(path, name)}: expected PNG or JPEG images, got none.`);
    const examples = new Uint8Array(files.length * height * width * channels);
    files.forEach((file, index) => examples.set(readImage(join(path, name, file)), index * height * width * channels));
    return { name, examples };
  });
  return { inputShape: [height, width, channels], classes };
}
