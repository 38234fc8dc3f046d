/** What the visitor may choose to compute with. */
export const engineChoices = [
  { choice: 'automatic', title: 'the first that works' },
  { choice: 'onnxruntime-wasm', title: 'onnxruntime, wasm' },
  { choice: 'onnxruntime-webgpu', title: 'onnxruntime, WebGPU' },
  { choice: 'tfjs-wasm', title: 'TensorFlow.js, wasm' },
  { choice: 'tfjs-webgl', title: 'TensorFlow.js, WebGL' },
] as const;

export type EngineChoice = (typeof engineChoices)[number]['choice'];
