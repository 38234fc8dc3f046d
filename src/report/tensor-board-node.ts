import protobuf from 'protobufjs/minimal.js';
import { expectCount } from '../core/errors';
import type { TrainEvent } from '../trainer/train';

export interface TensorBoardOptions {
  /**
   * Outer steps that the run has, 0 for a new one: what earlier logs of the folder hold of later steps, which a run that is taken up takes
   * again, TensorBoard then leaves out. It takes the first such mark of a folder for the run's beginning, so give it from the first log on;
   * and two logs that are open at once need a folder each.
   * @default no mark: steps that are taken again are shown twice
   */
  readonly from?: number;
}

/** An event file of TensorBoard. */
export interface TensorBoardLog {
  /** The file that is written. */
  readonly path: string;
  /** One value for each name at an outer step. On the disk when the call returns. @throws RangeError for a step that is no count */
  scalars(step: number, values: Readonly<Record<string, number>>): void;
  /** Later calls of `scalars` are refused; a second `close` does nothing. */
  close(): void;
}

/**
 * Writes numbers for TensorBoard (`tensorboard --logdir DIR`), each run into a folder of its own; a run that goes on in the
 * same folder adds a file, which TensorBoard joins to the earlier ones. Node only.
 *
 * No package for this is kept up but tfjs-node's `summaryFileWriter`, which needs its native library; so this is the format
 * itself: records framed as in TensorFlow's TFRecord, each a protocol buffer `Event`.
 *
 * Sources: https://github.com/tensorflow/tensorflow/blob/master/tensorflow/core/lib/io/record_writer.h,
 * https://github.com/tensorflow/tensorflow/blob/master/tensorflow/core/util/event.proto; what a mark does:
 * https://github.com/tensorflow/tensorboard/blob/master/tensorboard/backend/event_processing/plugin_event_accumulator.py
 *
 * @example
 * const log = tensorBoardLog('runs/one', { from: trainer.step });
 * for await (const { step, queryLoss } of trainer.train({ steps: 1000 })) log.scalars(step, { queryLoss });
 * log.close();
 *
 * @throws RangeError for a `from` that is no count; the file system's error, if the folder cannot be made or written to
 */
export function tensorBoardLog(dir: string, { from }: TensorBoardOptions = {}): TensorBoardLog {
  if (from !== undefined) expectCount('tensorBoardLog: from', from, 0);
  const fs = process.getBuiltinModule('node:fs');
  const { join } = process.getBuiltinModule('node:path');
  const { hostname } = process.getBuiltinModule('node:os');
  fs.mkdirSync(dir, { recursive: true });
  const seconds = Math.floor(secondsNow()); // TensorBoard reads files in the order of their names
  const path = join(dir, `events.out.tfevents.${seconds}.${hostname()}.${process.pid}.${logs++}`);
  let file: number | undefined = fs.openSync(path, 'ax');
  const write = (event: Uint8Array) => fs.writeSync(file!, frame(event)); // open: checked before
  write(protobuf.Writer.create().uint32(tag.wallTime).double(secondsNow()).uint32(tag.fileVersion).string('brain.Event:2').finish());
  if (from !== undefined) write(startEvent(from + 1));

  return {
    path,
    scalars(step, values) {
      if (file === undefined) throw new Error('scalars: expected a log that is open, got one after close().');
      expectCount('scalars: step', step, 0);
      write(scalarsEvent(step, values));
    },
    close() {
      if (file !== undefined) fs.closeSync(file);
      file = undefined;
    },
  };
}

/**
 * Passes the events of meta-training through and writes them for TensorBoard: `query loss`, `gradient norm`, and
 * `validation METRIC` with the half-width of its interval. Closed when the events end, or the loop is left. Node only.
 *
 * @example
 * const events = trainer.train({ steps: 1000 });
 * for await (const event of withTensorBoard(events, 'runs/one', { from: trainer.step })) history.push(event);
 */
export async function* withTensorBoard<Event extends TrainEvent>(
  events: AsyncIterable<Event>,
  dir: string,
  options: TensorBoardOptions = {},
): AsyncGenerator<Event, void, undefined> {
  const log = tensorBoardLog(dir, options);
  try {
    for await (const event of events) {
      const { step, queryLoss, gradientNorm, validation } = event;
      const name = `validation ${validation?.metric}`;
      const validated = validation ? { [name]: validation.mean, [`${name}, interval`]: validation.interval } : {};
      log.scalars(step, { 'query loss': queryLoss, 'gradient norm': gradientNorm, ...validated });
      yield event;
    }
  } finally {
    log.close();
  }
}

/** Logs opened so far, so that two of one second have different names. */
let logs = 0;

/** What stands before a field: 8 · its number + how it is written. */
const tag = { wallTime: 0x09, step: 0x10, fileVersion: 0x1a, summary: 0x2a, value: 0x0a, name: 0x0a, simpleValue: 0x15, sessionLog: 0x3a, status: 0x08 } as const;

/** SessionLog's status START, at the step from which on earlier values are left out. */
function startEvent(step: number): Uint8Array {
  const writer = protobuf.Writer.create();
  writer.uint32(tag.wallTime).double(secondsNow()).uint32(tag.step).int64(step);
  return writer.uint32(tag.sessionLog).fork().uint32(tag.status).int32(1).ldelim().finish();
}

function scalarsEvent(step: number, values: Readonly<Record<string, number>>): Uint8Array {
  const writer = protobuf.Writer.create();
  writer.uint32(tag.wallTime).double(secondsNow()).uint32(tag.step).int64(step).uint32(tag.summary).fork();
  for (const [name, value] of Object.entries(values))
    writer.uint32(tag.value).fork().uint32(tag.name).string(name).uint32(tag.simpleValue).float(value).ldelim();
  return writer.ldelim().finish();
}

function secondsNow(): number {
  return Date.now() / 1000;
}

/** A record: its length in 8 bytes and their checksum, its bytes and their checksum; little-endian. */
function frame(bytes: Uint8Array): Uint8Array {
  const record = new Uint8Array(bytes.length + 16);
  const view = new DataView(record.buffer);
  view.setBigUint64(0, BigInt(bytes.length), true);
  view.setUint32(8, maskedChecksum(record.subarray(0, 8)), true);
  record.set(bytes, 12);
  view.setUint32(12 + bytes.length, maskedChecksum(bytes), true);
  return record;
}

/** TensorFlow's way to keep checksums of checksums apart. */
function maskedChecksum(bytes: Uint8Array): number {
  const checksum = crc32c(bytes);
  return (((checksum >>> 15) | (checksum << 17)) + 0xa282ead8) >>> 0;
}

/** Castagnoli's checksum (RFC 3720, section B.4); zlib's is of another polynomial. */
function crc32c(bytes: Uint8Array): number {
  let checksum = ~0;
  for (const byte of bytes) checksum = (checksum >>> 8) ^ crcTable[(checksum ^ byte) & 255]!;
  return ~checksum >>> 0;
}

const crcTable = Uint32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte;
  for (let bit = 0; bit < 8; bit++) rest = rest & 1 ? (rest >>> 1) ^ 0x82f63b78 : rest >>> 1;
  return rest;
});
