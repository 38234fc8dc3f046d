import * as tf from '@tensorflow/tfjs';
import { expectCount, expectOneOf } from '../core/errors';
import { hostFloats, type HostParams } from '../core/host-tensor';
import type { Network } from '../core/network';
import { mapRecord, type Params } from '../core/params';
import type { TaskSource } from '../core/task';
import { javaScriptModule } from '../export/javascript';
import { functionToOnnx } from '../export/onnx';
import { tfjsModel, type ExportedFunction, type TfjsModel } from '../export/tfjs-model';
import { writeSafetensors } from '../io/safetensors';
import type { Label } from '../tasks/labels';

export interface ExportOptions {
  /** Samples that go through the model together. @default 1 */
  readonly batch?: number;
  /** `'logits'` gives a classifier's outputs before the softmax. @default 'values' */
  readonly output?: 'values' | 'logits';
}

/** An adapted network of one task. */
export interface ExportedNetwork {
  readonly base: Network;
  readonly source: TaskSource;
  /** `[1, ...shape]`. */
  readonly weights: Params;
  readonly hostWeights: HostParams;
  readonly classes?: readonly Label[];
}

/** As an ONNX model. */
export function networkToOnnx(network: ExportedNetwork, options: ExportOptions = {}): Uint8Array {
  const { batch = 1 } = options;
  expectCount('toOnnx: batch', batch);
  const { apply, read, inputShape, metadata } = exportedFunction(network, options);
  return functionToOnnx((x) => read(apply(x)), [batch, ...inputShape], asTexts(metadata));
}

/** As a model of TensorFlow.js. */
export function networkToTfjs(network: ExportedNetwork, options: ExportOptions = {}): TfjsModel {
  const { batch = 1 } = options;
  expectCount('toTfjs: batch', batch);
  return tfjsModel(exportedFunction(network, options), batch);
}

/** As the text of a JavaScript module. */
export function networkToJavaScript(network: ExportedNetwork, options: Pick<ExportOptions, 'output'> = {}): string {
  return javaScriptModule(exportedFunction(network, options));
}

/** Its weights without a task axis, as a safetensors file whose first note says who wrote it: `writeExport` replaces no other. */
export function networkToSafetensors(network: ExportedNetwork): Uint8Array {
  const { classes, hostWeights } = network;
  return writeSafetensors(mapRecord(hostWeights, ({ values, shape }) => hostFloats(values, shape.slice(1))), asTexts({ generatedBy: 'hypermeta', ...(classes ? { classes } : {}) }));
}

/** For formats whose notes are texts: JSON, but for what is text already. */
function asTexts(metadata: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  return mapRecord(metadata, (note) => (typeof note === 'string' ? note : JSON.stringify(note)));
}

function exportedFunction({ base, source, weights, hostWeights, classes }: ExportedNetwork, { output = 'values' }: ExportOptions): ExportedFunction {
  expectOneOf('export: output', output, ['values', 'logits']);
  const { inputShape, objective } = source;
  return {
    inputShape,
    outputShape: classes ? [...base.outputShape.slice(0, -1), classes.length] : base.outputShape,
    apply: (x) => tf.tidy(() => tf.squeeze(base.apply(weights, tf.expandDims(x, 0)), [0])),
    read: (raw) => (output === 'logits' ? tf.clone(raw) : objective.readout(raw)),
    layers: base.standardLayers?.(hostWeights) ?? 'the base network is not made of layers',
    metadata: { inputShape, output: classes ? (output === 'logits' ? 'logits' : 'probabilities') : 'values', ...(classes ? { classes } : {}) },
  };
}
