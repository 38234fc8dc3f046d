import type { HostTensor } from '../core/host-tensor';
import type { Shape } from '../core/shape';
import type { StandardLayer } from '../core/standard-layer';

/** A model of tf.layers as its files hold it. */
export interface LayersTopology {
  readonly modelTopology: object;
  readonly weights: Readonly<Record<string, HostTensor>>;
}

/** Layers, from samples of a shape, as a model of tf.layers. */
export function layersModel(layers: readonly StandardLayer[], inputShape: Shape): LayersTopology {
  const written: object[] = [];
  const weights: Record<string, HostTensor> = {};
  const counts = new Map<string, number>();

  function place(className: string, config: object, from: readonly string[], name = nextName(className)): string {
    const inbound = from.length > 0 ? [from.map((each) => [each, 0, 0, {}])] : [];
    written.push({ class_name: className, config: { name, ...config }, name, inbound_nodes: inbound });
    return name;
  }

  /** `batch_normalization_2`, as Keras names layers. */
  function nextName(className: string): string {
    const name = className.replace(/(?<=[a-z0-9])(?=[A-Z][a-z])/g, '_').toLowerCase();
    const number = (counts.get(name) ?? 0) + 1;
    counts.set(name, number);
    return `${name}_${number}`;
  }

  place('InputLayer', { batch_input_shape: [null, ...inputShape], dtype: 'float32', sparse: false }, [], 'input');
  const names: string[] = [];
  for (const { className, config = {}, weights: own = {}, from = [names.length - 1] } of layers) {
    const name = place(className, { trainable: true, ...config }, from.map((index) => names[index] ?? 'input'));
    for (const [weight, value] of Object.entries(own)) weights[`${name}/${weight}`] = value;
    names.push(name);
  }
  const config = { name: 'adapted', layers: written, input_layers: [['input', 0, 0]], output_layers: [[names.at(-1) ?? 'input', 0, 0]] };
  return { modelTopology: { class_name: 'Model', config, keras_version: 'tfjs-layers', backend: 'tensor_flow.js' }, weights };
}
