import * as tf from '@tensorflow/tfjs';
import type { TfjsModel } from '../../src/export/tfjs-model';
import type { Label } from '../../src/tasks/labels';
import type { Numbers } from '../../src/trainer/adapted';

/** A module as `toJavaScript` writes it. */
export interface PredictingModule {
  predict(rows: unknown): Numbers;
  classify?(row: unknown): Label;
  readonly classes?: readonly Label[];
}

/** A module from its text. */
export async function importText(text: string): Promise<PredictingModule> {
  return (await import(/* @vite-ignore */ `data:text/javascript;base64,${Buffer.from(text).toString('base64')}`)) as PredictingModule; // the text says so
}

/** What an exported model predicts, flat. */
export async function predictWith(model: TfjsModel, x: tf.Tensor): Promise<Float32Array> {
  const loaded = await (model.kind === 'layers' ? tf.loadLayersModel(tf.io.fromMemory(model)) : tf.loadGraphModel(tf.io.fromMemory(model)));
  const output = loaded.predict(x) as tf.Tensor; // one output
  const values = output.dataSync<'float32'>();
  tf.dispose([output, x]);
  loaded.dispose();
  return values;
}
