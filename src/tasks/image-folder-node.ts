import { DataError, expectCount, expectOneOf } from '../core/errors';
import { listFolder, readFileBytes } from '../core/read-file-node';
import { jpegDecoder, pngDecoder, withChannels } from './decode-image';
import { areaResizer } from './images';
import type { LabelledClass, LabelledSet } from './labelled-set';

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
export async function readImageFolder(path: string, options: ImageFolderOptions): Promise<LabelledSet> {
  const { shape, size, read } = await imageReader('readImageFolder', options);
  const { join } = process.getBuiltinModule('node:path');
  const names = listFolder(path, 'folders');
  if (names.length === 0) throw new DataError(`${path}: expected one sub-folder per class, got none.`);
  const classes = names.map((name): LabelledClass => {
    const files = listFolder(join(path, name), 'files').filter((file) => isImage(file));
    if (files.length === 0) throw new DataError(`${join(path, name)}: expected PNG or JPEG images, got none.`);
    const examples = new Uint8Array(files.length * size);
    files.forEach((file, index) => examples.set(read(join(path, name, file)), index * size));
    return { name, examples };
  });
  return { inputShape: shape, classes };
}

/** Images without classes, as `readImageFolder` reads them. */
export interface ReadImages {
  /** In order of their names; the path itself where that is one image. */
  readonly files: readonly string[];
  /** Levels 0 to 255, each `[height, width, 1]` or `[height, width, 3]`, row-major: what `adapted.predict` takes. */
  readonly images: readonly Uint8Array[];
}

/**
 * An image, or all images of a folder; those in its sub-folders are left out.
 *
 * @throws DataError for nothing there, no images, a truncated or corrupt image.
 */
export async function readImages(path: string, options: ImageFolderOptions): Promise<ReadImages> {
  const { read } = await imageReader('readImages', options);
  const { join } = process.getBuiltinModule('node:path');
  if (isImage(path)) return { files: [path], images: [read(path)] };
  const files = listFolder(path, 'files').filter((file) => isImage(file)).map((file) => join(path, file));
  if (files.length === 0) throw new DataError(`${path}: expected PNG or JPEG images, got none.`);
  return { files, images: files.map((file) => read(file)) };
}

async function imageReader(where: string, { size, colour = 'rgb' }: ImageFolderOptions) {
  expectOneOf(`${where}: colour`, colour, ['grey', 'rgb']);
  const [height, width] = typeof size === 'number' ? [size, size] : size;
  expectCount(`${where}: size`, height);
  expectCount(`${where}: size`, width);
  const [decodePng, decodeJpeg] = await Promise.all([pngDecoder(), jpegDecoder()]);
  const channels = colour === 'grey' ? 1 : 3;
  return {
    shape: [height, width, channels],
    size: height * width * channels,
    read(file: string): Uint8Array {
      const decode = file.toLowerCase().endsWith('.png') ? decodePng : decodeJpeg;
      const image = withChannels(decode(readFileBytes(file), file), channels);
      return areaResizer([image.height, image.width, channels], [height, width])(image.levels);
    },
  };
}

function isImage(file: string): boolean {
  return /\.(png|jpe?g)$/i.test(file);
}
