/** Deflate cannot shrink by more: what promises to unpack to more is broken. */
export const maxDeflateRatio = 1032;

/** So much memory is taken without asking. */
const spareBytes = 2 ** 24;
/** Unpacked one after another, so that each takes little. */
const pieceBytes = 2 ** 14;

/** Loads a check that a zlib stream, in parts, unpacks to at most so many bytes, which takes no memory for them. */
export async function unpackedSize(): Promise<(parts: readonly Uint8Array[], most: number) => boolean> {
  const { Unzlib } = await import('fflate');
  return (parts, most) => {
    const packed = parts.reduce((sum, { length }) => sum + length, 0);
    if (packed * maxDeflateRatio <= Math.max(most, spareBytes)) return true;
    let size = 0;
    const stream = new Unzlib((piece) => (size += piece.length));
    for (const part of parts)
      for (let start = 0; start < part.length && size <= most; start += pieceBytes) stream.push(part.subarray(start, start + pieceBytes));
    return size <= most;
  };
}
