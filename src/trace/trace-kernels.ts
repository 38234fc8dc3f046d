import * as tf from '@tensorflow/tfjs';
import { EngineError } from '../core/errors';
import { traceBackendName } from '../ops/kernels';
import type { GraphNode } from '../graph/graph';
import type { GraphOps } from '../graph/graph-ops';
import { infoOf, recording } from './trace-backend';
import { convolutionKernels } from './trace-convolutions';
import { depthwiseKernels } from './trace-depthwise';
import { elementwiseKernels } from './trace-elementwise';
import { layoutKernels } from './trace-layout';
import { poolingKernels } from './trace-pooling';
import { reductionKernels } from './trace-reductions';

/** A kernel's inputs by name; those of a kernel with a list of inputs are named `0`, `1`, … */
export type TracedInputs = Readonly<Record<string, GraphNode>>;

/** What a kernel of tfjs computes, as nodes. */
export type TraceKernel = (inputs: TracedInputs, attributes: Readonly<Record<string, unknown>>, ops: GraphOps) => GraphNode | readonly GraphNode[];

export type TraceKernels = Readonly<Record<string, TraceKernel>>;

const tables: readonly TraceKernels[] = [elementwiseKernels, layoutKernels, reductionKernels, convolutionKernels, depthwiseKernels, poolingKernels];

let isRegistered = false;

/** Registers every kernel with the tracing back-end; kernels of ours that are not in a table are traced by their composition. */
export function registerTraceKernels(): void {
  if (isRegistered) return;
  isRegistered = true;
  for (const table of tables) for (const [kernelName, trace] of Object.entries(table)) register(kernelName, trace);
}

function register(kernelName: string, trace: TraceKernel): void {
  if (tf.getKernel(kernelName, traceBackendName)) tf.unregisterKernel(kernelName, traceBackendName);
  tf.registerKernel({
    kernelName,
    backendName: traceBackendName,
    kernelFunc({ inputs, attrs }) {
      const { nodeOf, ops } = recording();
      const nodes = Object.fromEntries(
        Object.entries(inputs).flatMap(([name, tensor]) => (tensor ? [[name, nodeOf(tensor)]] : [])),
      );
      const made = trace(nodes, attrs ?? {}, ops);
      return Array.isArray(made) ? made.map((node: GraphNode) => infoOf(node)) : infoOf(made as GraphNode);
    },
  });
}

/** A sentence about an error that tfjs throws while tracing, where it names a kernel that is not there. */
export function explainMissingKernel(error: unknown): unknown {
  const name = error instanceof Error ? /Kernel '(\w+)' not registered for backend '([\w-]+)'/.exec(error.message) : null;
  if (name?.[2] !== traceBackendName) return error;
  return new EngineError(`compile: expected kernels that can be compiled, got ${name[1]}; compute its result outside and pass it as an input.`);
}
