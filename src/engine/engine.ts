/** The back-ends of TensorFlow.js that this library knows: `tensorflow` is tfjs-node. */
export type EngineName = 'tensorflow' | 'wasm' | 'cpu' | 'webgl' | 'webgpu';

export const engineNames: readonly EngineName[] = ['tensorflow', 'wasm', 'cpu', 'webgl', 'webgpu'];

/** What became of one back-end while choosing. */
export interface EngineAttempt {
  readonly name: EngineName;
  /** `works`, or why not. */
  readonly outcome: string;
}

/** Which back-end computes, and why. */
export interface EngineDescription {
  readonly name: string;
  /** Why this one, in half a sentence. */
  readonly reason: string;
  readonly tried: readonly EngineAttempt[];
  /** Of TensorFlow.js. */
  readonly version: string;
  /** How many threads wasm computes with, where `useEngine` started it. */
  readonly threads?: number;
  /** All of it in a sentence. */
  readonly text: string;
}
