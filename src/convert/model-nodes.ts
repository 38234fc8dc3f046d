/** What is read of a layer of a tf.LayersModel, of whichever copy of TensorFlow.js: its public members. */
export interface LayerLike {
  readonly name: string;
  /** `'Dense'`, `'Conv2D'` … */
  getClassName(): string;
  /** Its settings. */
  getConfig(): object;
  /** Its weights, in the order in which TensorFlow.js has them. */
  getWeights(): readonly WeightLike[];
}

/** What is read of a weight: a tensor of any copy. */
export interface WeightLike {
  readonly shape: readonly number[];
  /** Its values, row-major. */
  dataSync(): ArrayLike<number>;
}

/** What is read of a tf.LayersModel. */
export interface ModelLike extends LayerLike {
  readonly layers: readonly LayerLike[];
  readonly inputs: readonly { readonly shape: readonly (number | null)[] }[];
  readonly outputs: readonly unknown[];
}

/** One use of a layer in a model. */
export interface ModelNode {
  /** The layer's own name where it is used first; then `name#2`, … */
  readonly name: string;
  readonly layer: LayerLike;
  /** Names of the nodes whose values it takes; `'input'` is the model's input. */
  readonly from: readonly string[];
}

/** Every use of a layer, after those whose values it takes; the last one is the output. */
export function nodesOf(model: ModelLike): readonly ModelNode[] {
  return model.getClassName() === 'Sequential' ? chain(model) : functional(model);
}

export function isModel(layer: LayerLike): layer is ModelLike {
  return 'layers' in layer && Array.isArray(layer.layers) && 'inputs' in layer;
}

function chain({ layers }: ModelLike): readonly ModelNode[] {
  const used = layers.filter((layer) => layer.getClassName() !== 'InputLayer');
  const names = used.map((layer, index) => nameOf(layer.name, used.slice(0, index).filter((before) => before === layer).length));
  return used.map((layer, index) => ({ name: names[index]!, layer, from: [names[index - 1] ?? 'input'] }));
}

/** Of a layer that is in use so many times before. */
function nameOf(layer: string, uses: number): string {
  return uses === 0 ? layer : `${layer}#${uses + 1}`;
}

/** As `getConfig` of a functional model writes it. */
interface FunctionalConfig {
  readonly layers: readonly { readonly name: string; readonly inboundNodes: readonly (readonly Inbound[])[] }[];
  readonly outputLayers: readonly (readonly [layer: string, node: number, tensor: number])[];
}
type Inbound = readonly [layer: string, node: number, tensor: number, keywords?: object];

function functional(model: ModelLike): readonly ModelNode[] {
  const { layers, outputLayers } = model.getConfig() as FunctionalConfig; // tfjs wrote it
  const inbound = new Map(layers.map(({ name, inboundNodes }) => [name, inboundNodes]));
  const layerNamed = new Map(model.layers.map((layer) => [layer.name, layer]));
  const nodes = new Map<string, ModelNode>();
  const visit = (layerName: string, use: number, output: number): string => {
    const layer = layerNamed.get(layerName)!;
    if (layer.getClassName() === 'InputLayer') return 'input';
    const key = `${layerName} ${use}`;
    const known = nodes.get(key);
    if (known) return known.name;
    const given = inbound.get(layerName)![isModel(layer) ? use - 1 : use]!; // a model's own nodes count as its first use
    expectPlain(`${model.name}/${layerName}`, given, output);
    const from = given.map(([before, node, tensor]) => visit(before, node, tensor));
    const uses = [...nodes.values()].filter((node) => node.layer === layer).length;
    const name = nameOf(layerName, uses);
    nodes.set(key, { name, layer, from });
    return name;
  };
  for (const [layer, node, tensor] of outputLayers) visit(layer, node, tensor);
  return [...nodes.values()];
}

function expectPlain(where: string, given: readonly Inbound[], output: number): void {
  if (output !== 0)
    throw new RangeError(`fromLayersModel: ${where}: expected a layer of one output, got the use of its output ${output + 1}; use the first alone.`);
  const keywords = Object.keys(Object.assign({}, ...given.map(([, , , each]) => each ?? {})) as object);
  if (keywords.length > 0)
    throw new RangeError(`fromLayersModel: ${where}: expected a call without keywords, got ${keywords.join(', ')}; build the model without them.`);
}
