import { readFileBytes } from '../core/read-file-node';
import { maxDeflateRatio } from './deflate';
import { idxLabelledSet, parseIdx, parseIdxHeader, type Idx } from './idx';
import type { LabelledSet } from './labelled-set';
import { orDataError } from './or-data-error';

/**
 * An IDX file, plain or compressed with gzip (told by its first bytes).
 *
 * @throws DataError naming the file when it is missing, truncated or corrupt.
 */
export function readIdx(path: string): Idx {
  const bytes = readFileBytes(path);
  const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
  return parseIdx(isGzip ? gunzip(bytes, path) : bytes, path);
}

export interface LabelledIdxPaths {
  /** Unsigned bytes `[n, height, width]` or `[n, height, width, channels]`. */
  readonly images: string;
  /** `[n]`. */
  readonly labels: string;
  /** Class names in order of the labels. @default the labels */
  readonly names?: readonly string[];
}

/**
 * MNIST, Fashion-MNIST and whatever shares their format, as a labelled set.
 *
 * @example
 * const digits = readLabelledIdx({ images: 'train-images-idx3-ubyte.gz', labels: 'train-labels-idx1-ubyte.gz' });
 */
export function readLabelledIdx({ images, labels, names }: LabelledIdxPaths): LabelledSet {
  return idxLabelledSet(readIdx(images), readIdx(labels), names);
}

/** Unpacks no more than the IDX header inside says, so that a small file cannot fill the memory. */
function gunzip(bytes: Uint8Array, where: string): Uint8Array {
  const { constants, gunzipSync } = process.getBuiltinModule('node:zlib');
  return orDataError(where, 'a gzip file with an IDX file inside', () => {
    const head = gunzipSync(bytes.subarray(0, 2048), { finishFlush: constants.Z_SYNC_FLUSH });
    const { end } = parseIdxHeader(head, where);
    if (!(end <= maxDeflateRatio * bytes.length)) throw new Error(`${bytes.length} bytes cannot unpack to ${end}`);
    const chunkSize = Math.max(64, Math.min(end, 2 ** 22)); // zlib's own 16 KiB make many pieces to join
    return gunzipSync(bytes, { maxOutputLength: end, chunkSize });
  });
}
