import type { TfjsModel } from './tfjs-model';

/** A format that an adapted network is exported in. */
export type ExportFormat = 'onnx' | 'tfjs' | 'javascript' | 'safetensors';

/** What is written for a format: one file, or several that belong together in a folder. */
export interface ExportedFiles {
  readonly format: ExportFormat;
  /** The bytes of each file, by a name that suits it. */
  readonly files: Readonly<Record<string, Uint8Array>>;
  /** What a person should know about it, in a sentence; absent where there is nothing. */
  readonly note?: string;
}

/** The files of a TensorFlow.js model, as `tf.loadLayersModel` and `tf.loadGraphModel` read them from a folder or server. */
export function tfjsFiles(model: TfjsModel): ExportedFiles {
  const { kind, reason, fixed, weightData, weightSpecs, format, modelTopology, signature, generatedBy, convertedBy, userDefinedMetadata } = model;
  const weightsManifest = [{ paths: ['weights.bin'], weights: weightSpecs }];
  const json = { format, generatedBy, convertedBy, modelTopology, ...(signature ? { signature } : {}), userDefinedMetadata, weightsManifest };
  const limit = fixed ? `, for ${fixed.samples} samples at once since ${fixed.reason}` : '';
  return {
    format: 'tfjs',
    files: { 'model.json': new TextEncoder().encode(JSON.stringify(json)), 'weights.bin': new Uint8Array(weightData) },
    note: kind === 'layers' ? 'A layers model, for tf.loadLayersModel.' : `A graph model, for tf.loadGraphModel, since ${reason}${limit}.`,
  };
}
