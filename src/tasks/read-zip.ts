import { DataError, shown } from '../core/errors';
import { maxDeflateRatio } from './deflate';
import { orDataError } from './or-data-error';

export interface ZipFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/**
 * The files of a zip archive that `accept` names, sorted by name. Sizes that the archive declares are checked before
 * memory is taken. Nothing is written anywhere.
 *
 * @throws DataError for a truncated archive, one that does not unpack, or sizes above the limits or other than declared. Checksums are not
 * compared: damage that leaves sizes as they are is for the reader of a file to find, as PNG images have checksums of their own
 */
export async function readZip(
  archive: Uint8Array,
  where: string,
  accept: (name: string) => boolean,
  { maxFileBytes = 2 ** 26, maxTotalBytes = 2 ** 30 }: { readonly maxFileBytes?: number; readonly maxTotalBytes?: number } = {},
): Promise<readonly ZipFile[]> {
  const { unzipSync } = await import('fflate');
  const declared = new Map<string, number>();
  let total = 0;
  const isWanted = ({ name, size, originalSize }: { name: string; size: number; originalSize: number }) => {
    if (name === '' || !(size <= archive.length))
      throw new DataError(`${where}: expected a zip archive, got a truncated or corrupt one.`);
    if (!accept(name)) return false;
    if (originalSize > maxDeflateRatio * Math.max(size, 1))
      throw new DataError(`${where}: expected at most ${maxDeflateRatio * size} bytes in '${shown(name)}', as its ${size} can unpack to, got ${originalSize}.`);
    total += originalSize;
    if (!(originalSize <= maxFileBytes && total <= maxTotalBytes))
      throw new DataError(
        `${where}: expected files of at most ${maxFileBytes} bytes, ${maxTotalBytes} in all, ` +
          `got ${originalSize} in '${shown(name)}', ${total} so far.`,
      );
    declared.set(name, originalSize);
    return true;
  };
  const files = orDataError(where, 'a zip archive', () => unzipSync(archive, { filter: isWanted }));
  return [...declared.keys()].sort().map((name) => {
    const bytes = files[name];
    if (!bytes || bytes.length !== declared.get(name))
      throw new DataError(`${where}: expected ${declared.get(name)} bytes in '${shown(name)}', got ${bytes?.length ?? 0}.`);
    return { name, bytes };
  });
}
