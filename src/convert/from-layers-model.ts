import { expectOneOf, ShapeError } from '../core/errors';
import { hostFloats, type HostFloats, type HostParams } from '../core/host-tensor';
import type { Network } from '../core/network';
import { scopeRecord } from '../core/params';
import { formatShape, sameShape, type Shape, type ShapePattern } from '../core/shape';
import { startAt } from '../core/start-at';
import type { BatchStatistics } from '../nn/batch-norm';
import type { Conversions, Converted, SourceLayer } from './conversion';
import { conversions } from './conversions';
import { graph, type GraphPart } from '../nn/graph';
import { withoutLastActivation } from './last-activation';
import { isModel, nodesOf, type LayerLike, type ModelLike } from './model-nodes';

export interface FromLayersModelOptions {
  /** `'fresh'` takes the model's architecture alone, with this library's initializers. @default 'pretrained' */
  readonly start?: 'pretrained' | 'fresh';
  /**
   * What batch norm uses: a policy of `batchNorm`, or `'fixed'`, the model's moving statistics, which then never change.
   * `'running'` starts at them and follows meta-training; in the `features` of an encoder, which measures statistics on each support
   * set unless they are `'fixed'`, it does not. @default 'running'
   */
  readonly statistics?: BatchStatistics | 'fixed';
  /** Whether a softmax or sigmoid at the model's end stays: losses here take logits. @default 'dropped' */
  readonly lastActivation?: 'dropped' | 'kept';
  /** Of one example, for a model that leaves sizes open. @default that of the model's input */
  readonly inputShape?: Shape;
  /** How layers of your own classes are converted, by class name. */
  readonly layers?: Conversions;
}

/** A network with the weights of the model that it was made from. */
export interface ConvertedNetwork extends Network {
  /** The model's weights, each `[1, ...shape]`, batch norm's moving statistics among them where they run along. */
  readonly weights: HostParams;
}

/**
 * A base network from a tf.LayersModel, sequential or functional: the same function, with kernels per task, right to second
 * order. Parameters are named by layer, `dense_Dense1/kernel`, and start at the model's weights, so that
 * `maml(fromLayersModel(model))` meta-trains from them; `weights` holds them for a residual hypernetwork around a frozen base.
 * The model is read once and stays the caller's.
 *
 * Recurrent layers are unrolled over the model's sequence length; embeddings take token numbers as floats. Regularizers,
 * constraints and `trainable` are not taken over: they belong to `fit`.
 *
 * @throws RangeError for a layer or setting that has no equal here, several inputs or outputs; ShapeError for open sizes
 */
export function fromLayersModel(model: ModelLike, options: FromLayersModelOptions = {}): ConvertedNetwork {
  const { start = 'pretrained', statistics = 'running', lastActivation = 'dropped', layers = {} } = options;
  if (!isModel(model))
    throw new RangeError('fromLayersModel: model: expected a tf.LayersModel, got another object; a graph model has no layers, so load one by tf.loadLayersModel.');
  expectOneOf('fromLayersModel: start', start, ['pretrained', 'fresh']);
  expectOneOf('fromLayersModel: statistics', statistics, ['support', 'batch', 'running', 'fixed']);
  expectOneOf('fromLayersModel: lastActivation', lastActivation, ['dropped', 'kept']);
  const reading: Reading = { statistics, table: { ...conversions, ...layers }, last: lastActivation };
  const { parts, weights } = convertModel(model, reading);
  const network = graph(inputShapeOf(model, options.inputShape), parts, { name: model.name });
  return { ...(start === 'pretrained' ? startAt(network, weights) : network), weights };
}

interface Reading {
  readonly statistics: BatchStatistics | 'fixed';
  readonly table: Conversions;
  /** What becomes of a softmax or sigmoid at the end. */
  readonly last: 'dropped' | 'kept';
}

function convertModel(model: ModelLike, reading: Reading): { readonly parts: readonly GraphPart[]; readonly weights: HostParams } {
  expectOne(model, 'input', model.inputs);
  expectOne(model, 'output', model.outputs);
  const nodes = reading.last === 'dropped' ? withoutLastActivation(model.name, nodesOf(model)) : nodesOf(model);
  const weights: Record<string, HostFloats> = {};
  const parts = nodes.map(({ name, layer, from }, index): GraphPart => {
    const where = `fromLayersModel: ${model.name}/${layer.name}`;
    const converted = convertLayer(where, layer, { ...reading, last: index === nodes.length - 1 ? reading.last : 'kept' });
    if ('join' in converted) return { name, join: converted.join, from };
    if (from.length !== 1)
      throw new RangeError(`${where}: expected one input, got ${from.length}; start recurrent layers at zero, and join values in front of the others.`);
    Object.assign(weights, scopeRecord(converted.weights, layer.name));
    return { name, layer: converted.layer, from: from[0]!, ...(name === layer.name ? {} : { shares: layer.name }) };
  });
  return { parts, weights };
}

function convertLayer(where: string, layer: LayerLike, reading: Reading): Converted {
  if (isModel(layer)) {
    const { parts, weights } = convertModel(layer, reading);
    return { layer: { name: layer.name, build: (inputShape) => graph(inputShape, parts, { name: layer.name }) }, weights };
  }
  const weights = layer.getWeights().map((weight) => hostFloats(Float32Array.from(weight.dataSync()), weight.shape));
  return convertSource(where, { className: layer.getClassName(), config: layer.getConfig(), weights }, reading);
}

function convertSource(where: string, read: Pick<SourceLayer, 'className' | 'config' | 'weights'>, { table, statistics }: Reading): Converted {
  const { className } = read;
  const convert = Object.hasOwn(table, className) ? table[className] : undefined;
  if (!convert)
    throw new RangeError(
      `${where}: expected a layer that has an equal here, got a ${className}; build the model without it, or say what it is with ` +
        `{ layers: { ${className}: … } }. Known are ${Object.keys(table).join(', ')}.`,
    );
  const inside: SourceLayer['convert'] = (inner) => convertSource(where, inner, { table, statistics, last: 'kept' });
  return convert({ ...read, where: `${where} (${className})`, statistics, convert: inside });
}

function expectOne(model: ModelLike, what: 'input' | 'output', found: readonly unknown[]): void {
  const remedy = what === 'input' ? 'take one tensor and part it inside, or convert the part that has one' : 'convert a tf.model of the one that is trained';
  if (found.length !== 1) throw new RangeError(`fromLayersModel: ${model.name}: expected one ${what}, got ${found.length}; ${remedy}.`);
}

/** The given shape, or the model's own. */
function inputShapeOf(model: ModelLike, given: Shape | undefined): Shape {
  const own: ShapePattern = model.inputs[0]!.shape.slice(1);
  if (given) {
    if (!sameShape(given, own)) throw new ShapeError(`fromLayersModel: inputShape: expected shape ${formatShape(own)} as ${model.name} has, got ${formatShape(given)}.`);
    return given;
  }
  if (own.includes(null))
    throw new ShapeError(`fromLayersModel: ${model.name}: expected an input of fixed sizes, got ${formatShape(own)}; give { inputShape }, such as [${own.map((size) => size ?? 20).join(', ')}].`);
  return own as Shape; // no null
}
