import { sameShape, sizeOf } from '../core/shape';
import { toValues, uniformValue, type GraphNode } from './graph';
import { alongside } from './graph-ops';
import type { Candidate, Make, Rule, Rules } from './simplify';

/** Moving values about: moves that change nothing, or undo each other, or of values that are all equal. */
export const layoutRules: Rules = {
  Reshape: [unmoved, uniformMoved, reshapeAgain, reshapeConstant, reshapeBroadcast],
  BroadcastTo: [unmoved, uniformMoved, broadcastAgain],
  Transpose: [uniformMoved, transposeAgain, transposeOfOnes],
  Slice: [unmoved, uniformMoved],
  Concat: [({ inputs }) => (inputs.length === 1 ? inputs[0] : undefined)],
  PadV2: [({ inputs, attributes }) => ((attributes['paddings'] as number[][]).every(([before, after]) => !before && !after) ? inputs[0] : undefined)],
  Cast: [({ inputs, dtype }) => (inputs[0]!.dtype === dtype ? inputs[0] : undefined), castConstant],
  Windows: [windowsOfUniform, windowsInPlace],
};

function unmoved({ inputs, shape }: Candidate): GraphNode | undefined {
  return sameShape(inputs[0]!.shape, shape) ? inputs[0] : undefined;
}

function uniformMoved({ inputs, shape, dtype }: Candidate, make: Make): GraphNode | undefined {
  const value = uniformValue(inputs[0]!);
  return value === undefined ? undefined : make.constant(value, shape, dtype);
}

function reshapeAgain({ inputs, shape }: Candidate, make: Make): GraphNode | undefined {
  const [x] = inputs as [GraphNode];
  return x.kernel === 'Reshape' ? make.reshape(x.inputs[0]!, shape) : undefined;
}

function reshapeConstant({ inputs, shape, dtype }: Candidate, make: Make): GraphNode | undefined {
  const { values } = inputs[0]!;
  return values ? make.constant(values, shape, dtype) : undefined;
}

/** Copies may be made last where the reshape adds or takes away axes of size 1 only. */
function reshapeBroadcast({ inputs, shape }: Candidate, make: Make): GraphNode | undefined {
  const [copied] = inputs as [GraphNode];
  if (copied.kernel !== 'BroadcastTo') return undefined;
  const small = copied.inputs[0]!;
  const reshaped = alongside(small.shape, copied.shape, shape);
  return reshaped && make.broadcast(make.reshape(small, reshaped), shape);
}

function broadcastAgain({ inputs, shape }: Candidate, make: Make): GraphNode | undefined {
  const [x] = inputs as [GraphNode];
  return x.kernel === 'BroadcastTo' ? make.broadcast(x.inputs[0]!, shape) : undefined;
}

function transposeAgain({ inputs, attributes }: Candidate, make: Make): GraphNode | undefined {
  const [x] = inputs as [GraphNode];
  const perm = attributes['perm'] as number[];
  if (perm.every((axis, at) => axis === at)) return x;
  if (x.kernel !== 'Transpose') return undefined;
  const before = x.attributes['perm'] as number[];
  return make.transpose(x.inputs[0]!, perm.map((axis) => before[axis]!));
}

/** Axes of size 1 may be moved by a reshape. */
function transposeOfOnes({ inputs, attributes, shape }: Candidate, make: Make): GraphNode | undefined {
  const [x] = inputs as [GraphNode];
  const moved = (attributes['perm'] as number[]).filter((axis) => x.shape[axis] !== 1);
  return moved.every((axis, at) => at === 0 || axis > moved[at - 1]!) ? make.reshape(x, shape) : undefined;
}

function castConstant({ inputs, shape, dtype }: Candidate, make: Make): GraphNode | undefined {
  const { values } = inputs[0]!;
  if (!values) return undefined;
  const cast = dtype === 'bool' ? Array.from(values, (value) => Number(value !== 0)) : Array.from(values, dtype === 'int32' ? Math.trunc : Number);
  return make.constant(toValues(cast, dtype), shape, dtype);
}

function windowsOfUniform({ inputs, attributes, shape, dtype }: Candidate, make: Make): GraphNode | undefined {
  const value = uniformValue(inputs[0]!);
  return value === attributes['fill'] ? make.constant(value as number, shape, dtype) : undefined;
}

/** Each row where it is already. */
function windowsInPlace({ inputs: [x, index] }: Candidate): GraphNode | undefined {
  const inPlace = index!.shape[1] === 1 && index!.shape[0] === x!.shape[1] && index!.values!.every((row: number, place) => row === place);
  return inPlace ? x : undefined;
}

/** An elementwise kernel of one input that is reshaped or copied: reshape or copy its result. */
export function elementwiseLast(kernel: string): Rule {
  return ({ inputs, attributes, shape, dtype }, make) => {
    const [moved] = inputs as [GraphNode];
    if (moved.kernel !== 'Reshape' && moved.kernel !== 'BroadcastTo') return undefined;
    const x = moved.inputs[0]!;
    if (moved.kernel === 'BroadcastTo' && sizeOf(x.shape) === sizeOf(shape)) return undefined;
    const made = make.node(kernel, [x], attributes, x.shape, dtype);
    return moved.kernel === 'Reshape' ? make.reshape(made, shape) : make.broadcast(made, shape);
  };
}
