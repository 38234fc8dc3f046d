import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import protobuf from 'protobufjs';
import { afterAll, describe, expect, test } from 'vitest';
import { tensorBoardLog, withTensorBoard } from '../../src/report/tensor-board-node';
import type { TrainEvent } from '../../src/trainer/train';

const out = mkdtempSync(join(tmpdir(), 'hypermeta-tensor-board-'));
afterAll(() => rmSync(out, { recursive: true, force: true }));

/** The part of TensorFlow's event.proto and summary.proto that scalars need. */
const schema = `syntax = "proto3";
message Event {
  double wall_time = 1;
  int64 step = 2;
  string file_version = 3;
  Summary summary = 5;
  SessionLog session_log = 7;
}
message SessionLog { int32 status = 1; }
message Summary {
  message Value { string tag = 1; float simple_value = 2; }
  repeated Value value = 1;
}`;
const Event = protobuf.parse(schema, { keepCase: true }).root.lookupType('Event');

/** The same checksum bit by bit, of RFC 3720: reflected polynomial 0x82f63b78. */
function crc32c(bytes: Uint8Array): number {
  let rest = 0xffffffffn;
  for (const byte of bytes) {
    rest ^= BigInt(byte);
    for (let bit = 0; bit < 8; bit++) rest = rest & 1n ? (rest >> 1n) ^ 0x82f63b78n : rest >> 1n;
  }
  return Number(rest ^ 0xffffffffn);
}

/** TensorFlow's unmasking: minus a constant, rotated to the left by 15. */
function unmask(masked: number): number {
  const rotated = (masked - 0xa282ead8) >>> 0;
  return ((rotated >>> 17) | (rotated << 15)) >>> 0;
}

interface ReadEvent {
  readonly wall_time: number;
  readonly step?: string;
  readonly file_version?: string;
  readonly session_log?: { readonly status: number };
  readonly summary?: { readonly value: readonly { readonly tag: string; readonly simple_value: number }[] };
}

/** All events of a file; every record's lengths and checksums are looked at. */
function readEvents(path: string): readonly ReadEvent[] {
  const bytes = readFileSync(path);
  const events: ReadEvent[] = [];
  let at = 0;
  while (at < bytes.length) {
    const length = Number(bytes.readBigUInt64LE(at));
    expect(unmask(bytes.readUInt32LE(at + 8))).toBe(crc32c(bytes.subarray(at, at + 8)));
    const record = bytes.subarray(at + 12, at + 12 + length);
    expect(unmask(bytes.readUInt32LE(at + 12 + length))).toBe(crc32c(record));
    events.push(Event.toObject(Event.decode(record), { longs: String }) as ReadEvent);
    at += length + 16;
  }
  expect(at).toBe(bytes.length);
  return events;
}

const scalarsOf = ({ summary }: ReadEvent) => Object.fromEntries(summary!.value.map(({ tag, simple_value: value }) => [tag, value]));

describe('tensorBoardLog', () => {
  test('the reader knows the checksum of the RFC', () => expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283));

  test('writes records that another reader understands', () => {
    const log = tensorBoardLog(join(out, 'one/deeper'));
    log.scalars(0, { loss: 0.5, 'größe ü': -3 });
    log.scalars(2 ** 40, { loss: NaN });
    log.scalars(3, Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`value ${index}`, index])));
    log.close();
    const [first, ...rest] = readEvents(log.path);
    expect(first!.file_version).toBe('brain.Event:2');
    expect(Math.abs(first!.wall_time - Date.now() / 1000)).toBeLessThan(3600);
    expect(scalarsOf(rest[0]!)).toEqual({ loss: 0.5, 'größe ü': -3 });
    expect([rest[0]!.step ?? '0', rest[1]!.step, rest[2]!.step]).toEqual(['0', String(2 ** 40), '3']);
    expect(scalarsOf(rest[1]!)).toEqual({ loss: NaN });
    expect(scalarsOf(rest[2]!)['value 199']).toBe(199);
  });

  test('is on the disk at once, in a file that TensorBoard looks for; a second log of the folder is another file', () => {
    const dir = join(out, 'two');
    const log = tensorBoardLog(dir);
    log.scalars(1, { loss: 1 });
    expect(readEvents(log.path)).toHaveLength(2);
    const other = tensorBoardLog(dir);
    expect(readdirSync(dir).map((name) => /^events\.out\.tfevents\.\d{10}\./.test(name))).toEqual([true, true]);
    for (const each of [log, other, log]) each.close();
  });

  test('a run that is taken up marks where, so that TensorBoard leaves out the steps that it takes again', () => {
    const started = [0, 2].map((from) => {
      const log = tensorBoardLog(join(out, 'taken up'), { from });
      for (const step of [1, 2, 3]) log.scalars(from + step, { loss: 1 });
      log.close();
      return readEvents(log.path);
    });
    expect(started.map(([, mark]) => [mark!.session_log, mark!.step])).toEqual([[{ status: 1 }, '1'], [{ status: 1 }, '3']]); // START
    expect(started.map(([, , first]) => first!.step)).toEqual(['1', '3']);
    expect(() => tensorBoardLog(join(out, 'taken up'), { from: 0.5 })).toThrow('tensorBoardLog: from: expected a whole number of at least 0, got 0.5.');
  });

  test('refuses a step that is no count, and values after close', () => {
    const log = tensorBoardLog(join(out, 'three'));
    expect(() => log.scalars(-1, {})).toThrow('scalars: step: expected a whole number of at least 0, got -1.');
    log.close();
    expect(() => log.scalars(1, {})).toThrow('scalars: expected a log that is open, got one after close().');
  });
});

describe('withTensorBoard', () => {
  const validation = { steps: 1, mean: 0.8, interval: 0.1, count: 4, values: [], metric: 'accuracy', isBest: true };
  async function* events(): AsyncGenerator<TrainEvent> {
    yield { step: 1, queryLoss: 2, gradientNorm: 4 };
    yield { step: 2, queryLoss: 1, gradientNorm: 8, validation };
  }

  test('passes events through and writes what they say; a loop that is left closes the file', async () => {
    const dir = join(out, 'four');
    const seen: number[] = [];
    for await (const { step } of withTensorBoard(events(), dir)) {
      seen.push(step);
      if (step === 2) break;
    }
    expect(seen).toEqual([1, 2]);
    const [, first, second] = readEvents(join(dir, readdirSync(dir)[0]!));
    expect(scalarsOf(first!)).toEqual({ 'query loss': 2, 'gradient norm': 4 });
    const { 'validation accuracy': accuracy, 'validation accuracy, interval': interval } = scalarsOf(second!);
    expect([accuracy, interval]).toEqual([Math.fround(0.8), Math.fround(0.1)]);
  });
});
