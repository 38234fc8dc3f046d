import type { Shape } from '../core/shape';
import type { DataType, HostValues } from '../core/host-tensor';
import type { WorkerHost } from './workers-node';

/** An input or output of a model. */
export interface Port {
  readonly name: string;
  readonly shape: Shape;
  readonly dtype: DataType;
}

/** A graph in ONNX's format. */
export interface Model {
  readonly bytes: Uint8Array;
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  /** ONNX nodes: what a run's overhead grows with. */
  readonly nodeCount: number;
}

export interface SessionOptions {
  /** Worker threads that have the model open, each for one run at a time; 1: none, runs are on this thread. @default 1 */
  readonly threads?: number;
  /** Threads that have other models open too; in place of `threads`. @default none */
  readonly workers?: WorkerHost;
}

/** A model that is ready to run. */
export interface Session {
  /**
   * Values by input name → values by output name. Where `into` has an array for an output, that array is filled and
   * returned. Runs on worker threads may overlap; arrays stay as they are until the runs that have them are done.
   */
  run(feeds: Readonly<Record<string, HostValues>>, into?: Readonly<Record<string, HostValues>>): Promise<Readonly<Record<string, HostValues>>>;
  /** Frees the model, after runs on worker threads that wait. */
  release(): Promise<void>;
}

/** What runs models. */
export interface Runtime {
  readonly name: 'onnxruntime-node' | 'onnxruntime-web';
  readonly version: string;
  /** @throws EngineError for a model that it cannot open, and for more threads than one where it has none, or they cannot start */
  open(model: Model, options?: SessionOptions): Promise<Session>;
}
