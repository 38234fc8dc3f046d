import * as tf from '@tensorflow/tfjs';
import { EngineError } from '../core/errors';
import { formatShape, type Shape } from '../core/shape';
import { traceBackendName } from '../ops/kernels';
import type { HostValues } from '../core/host-tensor';
import type { GraphNode, GraphBuilder } from '../graph/graph';
import { graphBuilder } from '../graph/graph';
import { graphOps, type GraphOps } from '../graph/graph-ops';

type DataId = tf.Tensor['dataId'];

/** What one trace records. */
export interface Recording {
  readonly ops: GraphOps;
  /** The node that a tensor stands for; one from outside the trace becomes an input. */
  nodeOf(tensor: tf.TensorInfo): GraphNode;
  /** Tensors from outside the trace, with their inputs; not by their values, which clones, views and variables share for a while. */
  readonly captured: ReadonlyMap<tf.Tensor, GraphNode>;
}

let current: (Recording & { readonly nodes: WeakMap<object, GraphNode> }) | undefined;

/** What is being recorded. @throws EngineError outside of a trace */
export function recording(): Recording {
  if (!current) throw new EngineError('Internal: the tracing back-end is in use outside of a trace.');
  return current;
}

/** Records all that `work` computes. tfjs's back-end is the tracing one meanwhile, and the one before afterwards. */
export function record<Result>(work: (recording: Recording) => Result): Result {
  if (current) throw new EngineError('compile: expected one trace at a time, got a compiled function inside another; call the plain function there.');
  const before = tf.engine().backendName;
  current = startRecording(graphBuilder());
  switchTo(traceBackendName);
  try {
    return work(current);
  } finally {
    current = undefined;
    switchTo(before);
  }
}

/** A tensor that stands for a node. */
export function tensorOf(node: GraphNode): tf.Tensor {
  return tf.engine().makeTensorFromTensorInfo(infoOf(node));
}

export function infoOf(node: GraphNode): tf.TensorInfo {
  return { dataId: backend.stand(node), shape: [...node.shape], dtype: node.dtype };
}

function startRecording(builder: GraphBuilder) {
  const nodes = new WeakMap<object, GraphNode>();
  const captured = new Map<tf.Tensor, GraphNode>();
  return {
    ops: graphOps(builder),
    nodes,
    captured,
    nodeOf(given: tf.TensorInfo): GraphNode {
      const tensor = given as tf.Tensor; // what reaches a kernel is a tensor
      const { dataId, shape, dtype } = tensor;
      if (shape.includes(0)) refuseEmpty(shape, nodes.get(dataId)?.kernel);
      const known = nodes.get(dataId) ?? captured.get(tensor);
      if (known) return known;
      if (!tf.engine().state.tensorInfo.has(dataId)) throw new EngineError('compile: expected tensors in use, got a disposed one, or one of another trace.');
      if (dtype === 'string' || dtype === 'complex64') throw new EngineError(`compile: expected tensors of numbers, got ${dtype}.`);
      const node = builder.input([...shape], dtype);
      captured.set(tensor, node);
      return node;
    },
  };
}

/** Over no values onnxruntime leaves a product of matrices unwritten, and reduces to other numbers than TensorFlow.js. */
function refuseEmpty(shape: Shape, maker = 'Input'): never {
  const what = maker === 'Input' ? 'an input, or a tensor from outside,' : `a result of ${maker}`;
  throw new EngineError(`compile: expected tensors with values, got ${what} of shape ${formatShape(shape)}; leave out what is empty, or run it with runtime: 'tfjs'.`);
}

/** tfjs's own call is asynchronous for those that start asynchronously; these have started. */
function switchTo(name: string | undefined): void {
  const engine = tf.engine();
  if (!name) engine.backendName = '';
  else void engine.setBackend(name);
}

/** Shapes and types only: a tensor's data is the node that would make it. */
class TraceBackend extends tf.KernelBackend {
  private readonly counts = new Map<object, number>();

  stand(node: GraphNode): DataId {
    const dataId = {} as DataId;
    current?.nodes.set(dataId, node);
    this.counts.set(dataId, 1);
    return dataId;
  }

  override write(values: tf.backend_util.BackendValues, shape: number[], dtype: tf.DataType): DataId {
    if (dtype === 'string' || dtype === 'complex64') throw new EngineError(`compile: expected tensors of numbers, got ${dtype}.`);
    return this.stand(recording().ops.constant(values as HostValues, [...shape], dtype)); // not strings
  }

  override readSync(): never {
    throw new EngineError(
      'compile: expected a function that only computes with tensors, got one that reads their values (dataSync, arraySync, print, an if on a value); return the tensor, or pass what is decided as an input.',
    );
  }

  override read(): never {
    return this.readSync();
  }

  override incRef(dataId: DataId): void {
    this.counts.set(dataId, this.refCount(dataId) + 1);
  }

  override refCount(dataId: DataId): number {
    return this.counts.get(dataId) ?? 0;
  }

  override disposeData(dataId: DataId): boolean {
    const left = this.refCount(dataId) - 1;
    if (left > 0) this.counts.set(dataId, left);
    else this.counts.delete(dataId);
    return left <= 0;
  }

  override numDataIds(): number {
    return this.counts.size;
  }

  override memory(): { unreliable: boolean; reasons: string[] } {
    return { unreliable: true, reasons: ['a trace holds no values'] };
  }

  override floatPrecision(): 32 {
    return 32;
  }

  override epsilon(): number {
    return 1e-7;
  }

  override timerAvailable(): boolean {
    return false;
  }

  override dispose(): void {
    this.counts.clear();
  }
}

const backend = new TraceBackend();
if (!tf.findBackendFactory(traceBackendName)) tf.registerBackend(traceBackendName, () => backend, 0);
