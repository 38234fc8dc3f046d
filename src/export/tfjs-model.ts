import type * as tf from '@tensorflow/tfjs';
import type { HostTensor } from '../core/host-tensor';
import type { Shape } from '../core/shape';
import type { StandardLayers } from '../core/standard-layer';
import { boundTrace } from './bound-trace';
import { graphModel } from './graph-model';
import { layersModel } from './layers-model';

/**
 * A model of TensorFlow.js, for programs without this library: `tf.loadLayersModel(tf.io.fromMemory(model))` or
 * `tf.loadGraphModel(tf.io.fromMemory(model))`.
 */
export interface TfjsModel extends tf.io.ModelArtifacts {
  /** `'layers'` can be taken apart and trained further, but for dilated convolutions, of which TensorFlow.js has no gradient; `'graph'` predicts. */
  readonly kind: 'layers' | 'graph';
  /** Of a graph model: why it is no layers model. */
  readonly reason?: string;
  /**
   * The number of samples that it takes at once, and why; absent where it takes any. More samples go through in parts, the last
   * one filled up with any rows, whose outputs are not looked at; unless what depends on the number is the samples
   * themselves, as with batch norm over the batch at hand.
   */
  readonly fixed?: { readonly samples: number; readonly reason: string };
  readonly modelTopology: object;
  readonly weightSpecs: tf.io.WeightsManifestEntry[];
  readonly weightData: ArrayBuffer;
  readonly userDefinedMetadata: Readonly<Record<string, string | number | object>>;
}

/** What is exported: a function of samples, and its layers where they are known. */
export interface ExportedFunction {
  readonly inputShape: Shape;
  /** `[n, ...inputShape]` → outputs of the base network `[n, ...outputShape]`. */
  apply(x: tf.Tensor): tf.Tensor;
  /** Outputs as they are read: probabilities, or the outputs themselves. Changes each sample alone. */
  read(output: tf.Tensor): tf.Tensor;
  readonly outputShape: Shape;
  readonly layers: StandardLayers;
  /** Notes that go with the model, such as the names of the classes. */
  readonly metadata: TfjsModel['userDefinedMetadata'];
}

/**
 * A layers model where every layer has a counterpart in tf.layers, else a graph model.
 *
 * @param batch samples at once, for a graph model whose operations depend on their number
 * @throws EngineError for a function that draws noise, or has an operation without a counterpart
 */
export function tfjsModel(fn: ExportedFunction, batch: number): TfjsModel {
  const { inputShape, metadata } = fn;
  const layers = withReadout(fn);
  if (typeof layers !== 'string') {
    const { modelTopology, weights } = layersModel(layers, inputShape);
    return { kind: 'layers', format: 'layers-model', modelTopology, ...packWeights(weights), ...notes(metadata) };
  }
  const { modelTopology, signature, weights, fixed } = graphModel((x) => fn.read(fn.apply(x)), inputShape, batch);
  const about = { kind: 'graph', reason: layers, ...(fixed ? { fixed } : {}) } as const;
  return { ...about, format: 'graph-model', modelTopology, signature, ...packWeights(weights), ...notes({ ...metadata, ...about }) };
}

/** The layers, with one more for how outputs are read where that is a softmax. */
function withReadout({ layers, outputShape, read }: ExportedFunction): StandardLayers {
  if (typeof layers === 'string') return layers;
  const { outputs: [output] } = boundTrace('toTfjs', read, [1, ...outputShape]);
  if (output!.kernel === 'Input') return layers;
  const isSoftmax = output!.kernel === 'Softmax' && output!.inputs[0]!.kernel === 'Input';
  return isSoftmax ? [...layers, { className: 'Activation', config: { activation: 'softmax' } }] : 'the readout of its objective has no counterpart in tf.layers';
}

function notes(userDefinedMetadata: TfjsModel['userDefinedMetadata']) {
  return { generatedBy: 'hypermeta', convertedBy: null, userDefinedMetadata };
}

/** Values one after another, as TensorFlow.js stores them. */
function packWeights(weights: Readonly<Record<string, HostTensor>>): Pick<TfjsModel, 'weightSpecs' | 'weightData'> {
  const entries = Object.entries(weights);
  const bytes = new Uint8Array(entries.reduce((sum, [, { values }]) => sum + values.byteLength, 0));
  let at = 0;
  for (const [, { values }] of entries) {
    bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), at);
    at += values.byteLength;
  }
  return { weightSpecs: entries.map(([name, { shape, dtype }]) => ({ name, shape: [...shape], dtype })), weightData: bytes.buffer };
}
