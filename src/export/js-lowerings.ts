import { sizeOf, type Shape } from '../core/shape';
import { spell } from '../core/spell';
import { attribute, type GraphNode } from '../graph/graph';
import { readGeometry } from '../graph/windows';
import type { JsFunctionName } from './js-functions';
import { literal } from './js-expressions';
import { broadcastStrides, loops, stridesOf, type Walk } from './loops';

/** What a lowering may ask for while it writes a node. */
export interface JsWriter {
  /** The array of the node's values. */
  readonly out: string;
  /** The array of an input's values. */
  array(input: GraphNode): string;
  /** A new array beside. */
  scratch(size: number): string;
  /** The name of a function that the module then has. */
  call(name: JsFunctionName): string;
}

/** Statements that write a node's values. */
export type JsLowering = (node: GraphNode, write: JsWriter) => readonly string[];

type JsLowerings = Readonly<Record<string, JsLowering>>;


const reductions: Readonly<Record<string, { readonly start: string; readonly step: (value: string) => string; readonly end?: (count: number) => string }>> = {
  Sum: { start: '0', step: (value) => `made += ${value};` },
  Mean: { start: '0', step: (value) => `made += ${value};`, end: (count) => `made / ${count}` },
  Prod: { start: '1', step: (value) => `made *= ${value};` },
  Max: { start: '-Infinity', step: (value) => `made = Math.max(made, ${value});` },
  Min: { start: 'Infinity', step: (value) => `made = Math.min(made, ${value});` },
  All: { start: '1', step: (value) => `made = Math.min(made, ${value});` },
  Any: { start: '0', step: (value) => `made = Math.max(made, ${value});` },
};

/** Kernel → statements, for those that are not elementwise. */
export const jsLowerings: JsLowerings = {
  ...Object.fromEntries(Object.keys(reductions).map((name) => [name, reduce])),
  ArgMax: place('>'),
  ArgMin: place('<'),
  Softmax: ({ inputs: [x] }, write) => [`${write.call('softmax')}(${write.out}, ${write.array(x!)}, ${x!.shape.at(-1)});`],

  BroadcastTo: (node, write) => copy(node, write, { strides: broadcastStrides(node.inputs[0]!.shape, node.shape) }),
  Transpose(node, write) {
    const strides = stridesOf(node.inputs[0]!.shape);
    return copy(node, write, { strides: attribute<readonly number[]>(node, 'perm').map((axis) => strides[axis]!) });
  },
  Slice: (node, write) => copy(node, write, { strides: stridesOf(node.inputs[0]!.shape), offset: startOf(node, attribute(node, 'begin')) }),
  StridedSlice(node, write) {
    const steps = attribute<readonly number[]>(node, 'strides');
    const strides = stridesOf(node.inputs[0]!.shape).map((stride, axis) => stride * steps[axis]!);
    return copy(node, write, { strides, offset: startOf(node, attribute(node, 'begin')) });
  },
  Reverse(node, write) {
    const isTurned = (axis: number) => attribute<readonly number[]>(node, 'dims').includes(axis);
    const strides = stridesOf(node.shape).map((stride, axis) => (isTurned(axis) ? -stride : stride));
    return copy(node, write, { strides, offset: startOf(node, node.shape.map((size, axis) => (isTurned(axis) ? size - 1 : 0))) });
  },
  Concat(node, write) {
    const axis = attribute<number>(node, 'axis');
    let from = 0;
    return node.inputs.flatMap((part) => {
      const offset = from * sizeOf(node.shape.slice(axis + 1));
      from += part.shape[axis]!;
      const walks: readonly Walk[] = [{ strides: wholeStrides(node.shape), offset }, { strides: stridesOf(part.shape) }];
      return loops(part.shape, walks, ([to, at]) => [`${write.out}[${to}] = ${write.array(part)}[${at}];`]);
    });
  },
  PadV2(node, write) {
    const x = node.inputs[0]!;
    const paddings = attribute<readonly (readonly [number, number])[]>(node, 'paddings');
    const strides = wholeStrides(node.shape);
    const offset = paddings.reduce((sum, [before], axis) => sum + before * strides[axis]!, 0);
    const walks: readonly Walk[] = [{ strides, offset }, { strides: stridesOf(x.shape) }];
    return [`${write.out}.fill(${literal(attribute(node, 'constantValue'))});`, ...loops(x.shape, walks, ([to, at]) => [`${write.out}[${to}] = ${write.array(x)}[${at}];`])];
  },
  GatherV2: (node, write) => takeRows(node, write, attribute(node, 'axis')),
  Windows: (node, write) => takeRows(node, write, node.inputs[0]!.shape.length - 2, attribute(node, 'fill')),
  OneHot(node, write) {
    const [on, off] = [literal(attribute(node, 'onValue')), literal(attribute(node, 'offValue'))];
    const depth = attribute<number>(node, 'depth');
    return [`for (let i = 0; i < ${sizeOf(node.shape)}; i++) ${write.out}[i] = ${write.array(node.inputs[0]!)}[Math.floor(i / ${depth})] === i % ${depth} ? ${on} : ${off};`];
  },
  Cumsum,
  BatchMatMul: multiply,
  Convolve(node, write) {
    const [x, kernel] = node.inputs as [GraphNode, GraphNode];
    const { size, window, strides, dilations, before, positions } = readGeometry(node.attributes);
    const [channels, filters] = [x.shape[2]!, node.shape[2]!];
    const how = { images: (x.shape[0]! * x.shape[1]!) / (size[0] * size[1]), size, channels, filters, window, strides, dilations, before, positions };
    return [`${write.call('convolve')}(${write.out}, ${write.array(x)}, ${write.array(kernel)}, ${spell(how)});`];
  },
};

/** Every place of the result from one of the input. */
function copy(node: GraphNode, write: JsWriter, from: Walk): readonly string[] {
  return loops(node.shape, [{ strides: wholeStrides(node.shape) }, from], ([to, at]) => [`${write.out}[${to}] = ${write.array(node.inputs[0]!)}[${at}];`]);
}

/** Strides that step on along axes of size 1 too. */
function wholeStrides(shape: Shape): readonly number[] {
  return shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
}

function startOf({ inputs: [x] }: GraphNode, begin: readonly number[]): number {
  return stridesOf(x!.shape).reduce((sum, stride, axis) => sum + stride * begin[axis]!, 0);
}

/** Kept axes outside, the others inside: a sum stays in one number. */
function reduce(node: GraphNode, write: JsWriter): readonly string[] {
  const x = node.inputs[0]!;
  const axes = attribute<readonly number[]>(node, 'axes');
  const { start, step, end } = reductions[node.kernel]!; // of this table
  const split = (isReduced: boolean) => x.shape.map((size, axis) => (axes.includes(axis) === isReduced ? size : 1));
  const kept = split(false);
  const strides = stridesOf(x.shape);
  return loops(kept, [{ strides: wholeStrides(kept) }, { strides }], ([to, from], depth) => [
    `let made = ${start};`,
    ...loops(split(true), [{ strides }], ([at]) => [step(`${write.array(x)}[${joinIndex(from!, at!)}]`)], depth),
    `${write.out}[${to}] = ${end ? end(sizeOf(split(true))) : 'made'};`,
  ]);
}

function joinIndex(outer: string, inner: string): string {
  return outer === '0' ? inner : inner === '0' ? outer : `${outer} + ${inner}`;
}

/** The first place of the largest or the smallest along an axis. */
function place(sign: '<' | '>'): JsLowering {
  return (node, write) => {
    const x = node.inputs[0]!;
    const axis = attribute<number>(node, 'axis');
    const [count, size] = [x.shape[axis]!, sizeOf(x.shape.slice(axis + 1))];
    const kept = [sizeOf(x.shape.slice(0, axis)), size];
    return loops(kept, [{ strides: [size, 1] }, { strides: [count * size, 1] }], ([to, from]) => [
      'let best = 0;',
      `for (let at = 1; at < ${count}; at++) if (${write.array(x)}[${from} + at * ${size}] ${sign} ${write.array(x)}[${from} + best * ${size}]) best = at;`,
      `${write.out}[${to}] = best;`,
    ]);
  };
}

function Cumsum(node: GraphNode, write: JsWriter): readonly string[] {
  const { shape } = node;
  const axis = attribute<number>(node, 'axis');
  const [count, size] = [shape[axis]!, sizeOf(shape.slice(axis + 1))];
  const counting = attribute<boolean>(node, 'reverse') ? `let at = ${count - 1}; at >= 0; at--` : `let at = 0; at < ${count}; at++`;
  return loops([sizeOf(shape.slice(0, axis)), size], [{ strides: [count * size, 1] }], ([from]) => {
    const [to, add] = [`${write.out}[${from} + at * ${size}] = sum;`, `sum += ${write.array(node.inputs[0]!)}[${from} + at * ${size}];`];
    return ['let sum = 0;', `for (${counting}) {`, ...(attribute<boolean>(node, 'exclusive') ? [to, add] : [add, to]).map((line) => `  ${line}`), '}'];
  });
}

function takeRows(node: GraphNode, write: JsWriter, axis: number, fill?: number): readonly string[] {
  const [x, index] = node.inputs as [GraphNode, GraphNode];
  const how = { blocks: sizeOf(x.shape.slice(0, axis)), rows: x.shape[axis]!, size: sizeOf(x.shape.slice(axis + 1)), ...(fill === undefined ? {} : { fill }) };
  return [`${write.call('takeRows')}(${write.out}, ${write.array(x)}, ${write.array(index)}, ${spell(how)});`];
}

/** Products of matrices, one for each place of the axes in front; an operand that is turned is copied first. */
function multiply(node: GraphNode, write: JsWriter): readonly string[] {
  const { transposeA = false, transposeB = false, alpha = 1 } = node.attributes as { transposeA?: boolean; transposeB?: boolean; alpha?: number };
  const [rows, columns] = node.shape.slice(-2) as [number, number];
  const inner = node.inputs[0]!.shape.at(transposeA ? -2 : -1)!;
  const [turning, operands] = [[] as string[], [] as string[]];
  for (const [at, isTurned] of [transposeA, transposeB].entries()) {
    const x = node.inputs[at]!;
    operands.push(isTurned ? write.scratch(sizeOf(x.shape)) : write.array(x));
    if (!isTurned) continue;
    const [height, width] = x.shape.slice(-2) as [number, number];
    const walks: readonly Walk[] = [{ strides: [height * width, height, 1] }, { strides: [height * width, 1, width] }];
    turning.push(...loops([sizeOf(x.shape.slice(0, -2)), width, height], walks, ([to, from]) => [`${operands[at]}[${to}] = ${write.array(x)}[${from}];`]));
  }
  const batch = node.shape.slice(0, -2);
  const inside = [rows * columns, rows * inner, inner * columns];
  const shapes = [batch, ...node.inputs.map(({ shape }) => shape.slice(0, -2))];
  const walks = shapes.map((shape, at): Walk => ({ strides: broadcastStrides(shape, batch).map((stride) => stride * inside[at]!) }));
  const arrays = [write.out, ...operands];
  const products = loops(batch, walks, (starts) => {
    const parts = arrays.map((array, at) => (sizeOf(batch) === 1 ? array : `${array}.subarray(${starts[at]}, ${starts[at] === '0' ? '' : `${starts[at]} + `}${inside[at]})`));
    return [`${write.call('matMul')}(${parts.join(', ')}, ${rows}, ${inner}, ${columns});`];
  });
  const scaling = alpha === 1 ? [] : [`for (let i = 0; i < ${sizeOf(node.shape)}; i++) ${write.out}[i] *= ${literal(alpha)};`];
  return [...turning, ...products, ...scaling];
}
