import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DataError } from 'hypermeta';

/** A text as numbers of its characters. */
export interface Text {
  /** All characters of the whole text, in their order. */
  readonly vocabulary: string;
  /** The first 90 %. */
  readonly train: Float32Array;
  /** The next 5 %. */
  readonly validation: Float32Array;
  /** The last 5 %. */
  readonly test: Float32Array;
}

/** Sequences that are read side by side, one piece of them: each `[n · length]`, row after row. */
export interface Piece {
  readonly x: Float32Array;
  /** The characters that follow. */
  readonly y: Float32Array;
  /** 0 beyond the end of a sequence. */
  readonly weight: Float32Array;
}

/** Shakespeare's plays, where the data are; else undefined. */
export function readPlays(data: string): string | undefined {
  const path = join(data, 'text', 'tinyshakespeare.txt');
  return existsSync(path) ? readFileSync(path, 'latin1') : undefined;
}

export function splitText(characters: string): Text {
  const vocabulary = [...new Set(characters)].sort().join('');
  const tokens = encode(characters, vocabulary);
  const [first, second] = [Math.floor(0.9 * tokens.length), Math.floor(0.95 * tokens.length)];
  return { vocabulary, train: tokens.subarray(0, first), validation: tokens.subarray(first, second), test: tokens.subarray(second) };
}

/** @throws DataError for a character that the vocabulary does not have */
export function encode(characters: string, vocabulary: string): Float32Array {
  const numbers = new Map(Array.from(vocabulary, (character, index) => [character, index]));
  return Float32Array.from(characters, (character) => {
    const number = numbers.get(character);
    if (number === undefined) throw new DataError(`language: expected characters of the text, got ${JSON.stringify(character)}.`);
    return number;
  });
}

/**
 * The whole text as `streams` sequences side by side, cut into pieces of `length`: what is remembered of a piece goes to the next.
 * Every character but the first is predicted once.
 */
export function pieces(tokens: Float32Array, streams: number, length: number): readonly Piece[] {
  const each = Math.ceil((tokens.length - 1) / streams);
  return Array.from({ length: Math.ceil(each / length) }, (_, index) => {
    const piece: Piece = { x: new Float32Array(streams * length), y: new Float32Array(streams * length), weight: new Float32Array(streams * length) };
    for (let stream = 0; stream < streams; stream++)
      for (let step = 0; step < length; step++) {
        const within = index * length + step;
        const at = stream * each + within;
        if (within >= each || at + 1 >= tokens.length) continue;
        const place = stream * length + step;
        piece.x[place] = tokens[at]!;
        piece.y[place] = tokens[at + 1]!;
        piece.weight[place] = 1;
      }
    return piece;
  });
}
