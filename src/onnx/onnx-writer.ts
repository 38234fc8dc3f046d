import protobuf from 'protobufjs/minimal.js';
import type { Shape } from '../core/shape';

/** What ONNX calls the types that we use. */
const typeNumbers = { float32: 1, int32: 6, int64: 7, bool: 9, float64: 11, uint32: 12 } as const;

export type OnnxType = keyof typeof typeNumbers;

/** A whole number (or a list of them), a text, a float, or a graph such as a loop's body. */
export type OnnxAttribute = number | string | readonly number[] | { readonly float: number } | { readonly graph: OnnxGraph };

export interface OnnxNode {
  readonly operator: string;
  /** Names of values; an empty one stands for an optional input that is left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, OnnxAttribute>>;
  /** @default ONNX's own */
  readonly domain?: string;
}

/** A named value, described. */
export interface OnnxValue {
  readonly name: string;
  readonly dtype: OnnxType;
  readonly shape: Shape;
}

/** A named constant: the bytes of its values, row-major, little-endian. */
export interface OnnxTensor extends OnnxValue {
  readonly bytes: Uint8Array;
}

/** `'standard'`: those of ONNX; `'all'`: onnxruntime's own besides. */
export type Operators = 'standard' | 'all';

export interface OnnxGraph {
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly OnnxTensor[];
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
}

const varint = 0;
const lengthDelimited = 2;
const fixed32 = 5;

/**
 * An ONNX model as a file's bytes: IR version 8, operator set 17, and onnxruntime's own operators besides, unless `'standard'`;
 * with notes, text under any names.
 *
 * Source of the field numbers: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
 */
export function writeModel(graph: OnnxGraph, operators: Operators = 'all', metadata: Readonly<Record<string, string>> = {}): Uint8Array {
  const writer = protobuf.Writer.create();
  integer(writer, 1, 8);
  text(writer, 2, 'hypermeta');
  message(writer, 7, () => writeGraph(writer, graph));
  const sets = [['', 17], ...(operators === 'all' ? [['com.microsoft', 1] as const] : [])] as const;
  for (const [domain, version] of sets)
    message(writer, 8, () => {
      text(writer, 1, domain);
      integer(writer, 2, version);
    });
  for (const [name, note] of Object.entries(metadata))
    message(writer, 14, () => {
      text(writer, 1, name);
      text(writer, 2, note);
    });
  return writer.finish();
}

function writeGraph(writer: protobuf.Writer, { nodes, initializers, inputs, outputs }: OnnxGraph): void {
  for (const node of nodes) message(writer, 1, () => writeNode(writer, node));
  text(writer, 2, 'graph');
  for (const tensor of initializers) message(writer, 5, () => writeTensor(writer, tensor));
  for (const value of inputs) message(writer, 11, () => writeValue(writer, value));
  for (const value of outputs) message(writer, 12, () => writeValue(writer, value));
}

function writeNode(writer: protobuf.Writer, { operator, inputs, outputs, attributes, domain }: OnnxNode): void {
  for (const name of inputs) text(writer, 1, name);
  for (const name of outputs) text(writer, 2, name);
  text(writer, 4, operator);
  for (const [name, value] of Object.entries(attributes)) message(writer, 5, () => writeAttribute(writer, name, value));
  if (domain !== undefined) text(writer, 7, domain);
}

function writeAttribute(writer: protobuf.Writer, name: string, value: OnnxAttribute): void {
  const type = (number: number) => integer(writer, 20, number);
  text(writer, 1, name);
  if (typeof value === 'number') {
    integer(writer, 3, value);
    type(2);
  } else if (typeof value === 'string') {
    text(writer, 4, value);
    type(3);
  } else if ('float' in value) {
    writer.uint32(tag(2, fixed32)).float(value.float);
    type(1);
  } else if ('graph' in value) {
    message(writer, 6, () => writeGraph(writer, value.graph));
    type(5);
  } else {
    for (const item of value) integer(writer, 8, item);
    type(7);
  }
}

function writeTensor(writer: protobuf.Writer, { name, dtype, shape, bytes }: OnnxTensor): void {
  for (const size of shape) integer(writer, 1, size);
  integer(writer, 2, typeNumbers[dtype]);
  text(writer, 8, name);
  writer.uint32(tag(9, lengthDelimited)).bytes(bytes);
}

function writeValue(writer: protobuf.Writer, { name, dtype, shape }: OnnxValue): void {
  text(writer, 1, name);
  message(writer, 2, () =>
    message(writer, 1, () => {
      integer(writer, 1, typeNumbers[dtype]);
      message(writer, 2, () => {
        for (const size of shape) message(writer, 1, () => integer(writer, 1, size));
      });
    }),
  );
}

/** What stands before a field. */
function tag(field: number, wireType: number): number {
  return field * 8 + wireType;
}

function integer(writer: protobuf.Writer, field: number, value: number): void {
  writer.uint32(tag(field, varint)).int32(value);
}

function text(writer: protobuf.Writer, field: number, value: string): void {
  writer.uint32(tag(field, lengthDelimited)).string(value);
}

function message(writer: protobuf.Writer, field: number, write: () => void): void {
  writer.uint32(tag(field, lengthDelimited)).fork();
  write();
  writer.ldelim();
}

/** The number by which ONNX knows a type. */
export function typeNumber(dtype: OnnxType): number {
  return typeNumbers[dtype];
}
