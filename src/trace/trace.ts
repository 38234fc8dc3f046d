import * as tf from '@tensorflow/tfjs';
import { EngineError } from '../core/errors';
import type { Noise } from '../core/noise';
import { formatShape, type Shape } from '../core/shape';
import { spell } from '../core/spell';
import type { DataType } from '../core/host-tensor';
import { reachable, type Graph, type GraphNode } from '../graph/graph';
import { record, tensorOf } from './trace-backend';
import { explainMissingKernel, registerTraceKernels } from './trace-kernels';

/** Shape and type of one input. */
export interface TensorType {
  readonly shape: Shape;
  readonly dtype: DataType;
}

/** Random values that a function asks for, refilled before each run. */
export interface NoiseRequest {
  readonly kind: keyof Noise;
  readonly shape: Shape;
}

/** A function as a graph. Its inputs: those declared, then the noise, then the captured tensors, each in order. */
export interface Trace {
  readonly graph: Graph;
  readonly noise: readonly NoiseRequest[];
  /** Tensors and variables from outside that the function uses: read anew before each run. */
  readonly captured: readonly tf.Tensor[];
}

/** A pure function of tensors and noise. */
export type Traceable = (inputs: readonly tf.Tensor[], noise: Noise) => readonly tf.Tensor[];

/**
 * Runs the function once on tensors without values and records what it would compute, its gradients included; then a
 * second time, to see that it computes the same (`first` is the first of the two, where it is there already). The back-end in use and all variables are as before.
 *
 * @throws EngineError for what cannot be compiled: values that are read, kernels that are unknown, chance or a count from
 * outside, an assignment to a variable
 */
export function trace(fn: Traceable, types: readonly TensorType[], first = traceOnce(fn, types)): Trace {
  const second = traceOnce(fn, types);
  const difference = findDifference(first.graph, second.graph);
  if (difference !== undefined)
    throw new EngineError(
      `compile: expected the same computation each time, got two that differ (${difference}); chance or a count from outside would be fixed for ever: draw from the noise that the function is given, or pass the value as an input.`,
    );
  return first;
}

/** The first half of `trace`: chance from outside goes unnoticed. */
export function traceOnce(fn: Traceable, types: readonly TensorType[]): Trace {
  registerTraceKernels();
  const engine = tf.engine();
  const variables = Object.values(engine.registeredVariables);
  const { assign } = tf.Variable.prototype;
  return record(({ ops, nodeOf, captured }) => {
    const inputs = types.map(({ shape, dtype }) => ops.input(shape, dtype));
    const requests: { readonly request: NoiseRequest; readonly node: GraphNode }[] = [];
    const ask = (kind: keyof Noise) => (shape: Shape) => {
      const node = ops.input([...shape], 'float32');
      requests.push({ request: { kind, shape: [...shape] }, node });
      return tensorOf(node);
    };
    engine.startScope();
    tf.Variable.prototype.assign = refuseAssignment;
    try {
      const made = fn(inputs.map((node) => tensorOf(node)), { normal: ask('normal'), uniform: ask('uniform') });
      const outputs = made.map((tensor) => nodeOf(tensor));
      expectNoNew(variables);
      return {
        graph: { inputs: [...inputs, ...requests.map(({ node }) => node), ...captured.values()], outputs },
        noise: requests.map(({ request }) => request),
        captured: [...captured.keys()],
      };
    } catch (error) {
      throw explainMissingKernel(error);
    } finally {
      tf.Variable.prototype.assign = assign;
      for (const variable of Object.values(engine.registeredVariables)) if (!variables.includes(variable)) variable.dispose();
      engine.endScope();
    }
  });
}

/** In place of tfjs's own, which frees the values that the variable had. */
function refuseAssignment(this: tf.Variable): never {
  throw new EngineError(`compile: expected a function without side effects, got an assignment to the variable '${this.name}'; return the new value.`);
}

function expectNoNew(variables: readonly tf.Variable[]): void {
  if (Object.keys(tf.engine().registeredVariables).length > variables.length)
    throw new EngineError('compile: expected a function without side effects, got one that makes a variable; make it outside.');
}

/** Where two traces part, in words; undefined where they do not. */
function findDifference(first: Graph, second: Graph): string | undefined {
  const [one, other] = [reachable(first.outputs), reachable(second.outputs)];
  if (one.length !== other.length) return `${one.length} and ${other.length} operations`;
  const places = new Map<GraphNode, number>();
  for (const [index, node] of one.entries()) places.set(node, index).set(other[index]!, index);
  for (const [index, node] of one.entries()) {
    const twin = other[index]!;
    const describe = ({ kernel, shape, dtype, attributes, inputs }: GraphNode) =>
      `${kernel} ${formatShape(shape)} ${dtype} ${spell(attributes)} of ${inputs.map((input) => places.get(input)).join()}`;
    if (describe(node) !== describe(twin)) return `${node.kernel} ${formatShape(node.shape)} and ${twin.kernel} ${formatShape(twin.shape)}`;
    const sameValues = node.values?.length === twin.values?.length && (node.values ?? []).every((value, at) => Object.is(value, twin.values![at]));
    if (!sameValues) return `a constant of shape ${formatShape(node.shape)} with other values`;
  }
  return undefined;
}
