import { EngineError } from '../core/errors';
import { sameShape, sizeOf } from '../core/shape';
import type { Shape } from '../core/shape';
import { reachable, uniformValue } from '../graph/graph';
import type { Graph, GraphNode } from '../graph/graph';
import { broadcastShape } from '../graph/graph-ops';
import { binaryLowerings } from './lower-binary';
import { onnxEmitter } from './lower-emitter';
import type { Emitter, Lowerings } from './lower-emitter';
import { matrixLowerings } from './lower-matrices';
import { reductionLowerings } from './lower-reductions';
import { shapeLowerings } from './lower-shapes';
import { unaryLowerings } from './lower-unary';
import { windowLowerings } from './lower-windows';
import { writeModel } from './onnx-writer';
import type { OnnxNode, Operators } from './onnx-writer';
import type { Model, Port } from './runtime';

const lowerings: Lowerings = {
  ...binaryLowerings,
  ...unaryLowerings,
  ...shapeLowerings,
  ...reductionLowerings,
  ...matrixLowerings,
  ...windowLowerings,
};

/** Kernels that take a scalar in place of a tensor of equal values. */
const broadcasting = new Set([...Object.keys(binaryLowerings), 'Select', 'BroadcastTo']);

/** A uniform constant of more values is made where it is needed rather than stored. */
const storedValues = 4096;

/**
 * A graph in ONNX's format. Its inputs are `input0`, `input1` … by their place in the graph, those left out that no
 * output depends on; its outputs are `output0`, `output1` …
 *
 * @throws EngineError naming a kernel that has no lowering
 */
export function lower(graph: Graph, operators: Operators = 'all', metadata?: Readonly<Record<string, string>>): Model {
  const onnx = onnxEmitter(operators);
  const live = reachable(graph.outputs);
  const names = new Map<GraphNode, string>(graph.inputs.map((node, i) => [node, `input${i}`]));
  const operand = (node: GraphNode, consumer?: GraphNode) => names.get(node) ?? constant(node, consumer, onnx);

  for (const node of live) {
    if (node.kernel === 'Input' || node.kernel === 'Constant') continue;
    const lowering = Object.hasOwn(lowerings, node.kernel) ? lowerings[node.kernel] : undefined;
    if (!lowering)
      throw new EngineError(
        `compile: expected kernels that can be compiled, got ${node.kernel}; write the step with other operations, or run it uncompiled.`,
      );
    const inputs = node.inputs.map((input) => operand(input, node));
    names.set(node, lowering(node, inputs, onnx));
  }

  const nodes = nameOutputs(onnx.nodes, graph.outputs.map((node) => operand(node)));
  const used = new Set(live);
  const inputs = graph.inputs.map((node, i) => ({ node, port: port(`input${i}`, node) })).filter(({ node }) => used.has(node));
  const ports = { inputs: inputs.map(({ port }) => port), outputs: graph.outputs.map((node, i) => port(`output${i}`, node)) };
  return { bytes: writeModel({ nodes, initializers: onnx.initializers, ...ports }, operators, metadata), ...ports, nodeCount: nodes.length };
}

function port(name: string, { shape, dtype }: GraphNode): Port {
  return { name, shape, dtype };
}

/** A constant as a consumer wants it: one value where that broadcasts to the same result. */
function constant(node: GraphNode, consumer: GraphNode | undefined, onnx: Emitter): string {
  const value = uniformValue(node);
  if (value === undefined) return onnx.constant(node.values!, node.shape, node.dtype);
  const scalar = () => onnx.scalar(value, node.dtype);
  if (consumer && takesScalar(consumer, node)) return scalar();
  const size = sizeOf(node.shape);
  if (size > storedValues) return onnx.emit('Expand', [scalar(), onnx.integers(node.shape)]);
  return onnx.constant(new Float64Array(size).fill(value), node.shape, node.dtype);
}

function takesScalar(consumer: GraphNode, node: GraphNode): boolean {
  if (!broadcasting.has(consumer.kernel)) return false;
  if (consumer.kernel === 'BroadcastTo') return true;
  const others = consumer.inputs.filter((input) => input !== node && uniformValue(input) === undefined);
  return sameShape(others.reduce<Shape>((joined, { shape }) => broadcastShape(joined, shape), []), consumer.shape);
}

/**
 * The nodes, their results called `output0` … where they are the outputs; an output that is an input, a constant or
 * another output too is copied.
 */
function nameOutputs(nodes: readonly OnnxNode[], results: readonly string[]): readonly OnnxNode[] {
  const made = new Set(nodes.flatMap(({ outputs }) => outputs));
  const renamed = new Map<string, string>();
  const copies: OnnxNode[] = [];
  for (const [i, result] of results.entries()) {
    if (made.has(result) && !renamed.has(result)) renamed.set(result, `output${i}`);
    else copies.push({ operator: 'Identity', inputs: [result], outputs: [`output${i}`], attributes: {} });
  }
  const rename = (names: readonly string[]) => names.map((name) => renamed.get(name) ?? name);
  // A loop's body needs no new names: what it takes from outside is constant or double, never an output.
  return [...nodes, ...copies].map((node) => ({ ...node, inputs: rename(node.inputs), outputs: rename(node.outputs) }));
}
