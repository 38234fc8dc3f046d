import * as tf from '@tensorflow/tfjs';
import { expectOneOf } from '../core/errors';
import type { Head, Memory, Network, Pass } from '../core/network';
import type { HostParams } from '../core/host-tensor';
import { scopeRecord, unscopeRecord, type Params, type ParamSpecs } from '../core/params';
import { expectShape, formatShape, sameShape, type Shape } from '../core/shape';
import type { StandardLayer, StandardLayers } from '../core/standard-layer';
import { joinOf, type Join, type Joined, type JoinName } from './join';
import type { Layer } from './layer';

/** A layer of a graph. */
export interface LayerPart {
  /** Names its value, and scopes its parameters: `name/kernel`. */
  readonly name: string;
  readonly layer: Layer;
  /** What it takes: `'input'`, or the name of a part before it. @default the part before it */
  readonly from?: string;
  /** The name of a part before it, of the same layer, whose parameters it uses too. @default its own */
  readonly shares?: string;
}

/** Where branches of a graph meet. */
export interface JoinPart {
  readonly name: string;
  readonly join: JoinName | Join;
  /** `'input'`, or names of parts before it. */
  readonly from: readonly string[];
}

export type GraphPart = LayerPart | JoinPart;

export interface GraphOptions {
  /** How errors call the network. @default 'graph' */
  readonly name?: string;
}

/**
 * Layers that branch and meet: each part takes the values of parts before it, by name; the last one is the output. A
 * last dense layer, with its bias, becomes the network's `head`.
 *
 * @example
 * graph([28, 28, 1], [
 *   { name: 'wide', layer: conv2d(16) },
 *   { name: 'deep', layer: conv2d(16) },
 *   { name: 'both', join: 'add', from: ['wide', 'deep'] },
 *   { name: 'flat', layer: flatten() },
 *   { name: 'head', layer: dense(5) },
 * ])
 *
 * @throws RangeError for a name that is taken or unknown; ShapeError where a part does not fit what it takes
 */
export function graph(inputShape: Shape, parts: readonly GraphPart[], { name = 'graph' }: GraphOptions = {}): Network {
  const placed = place(name, inputShape, parts);
  const head = headOf(placed);
  const memory = memoryOf(name, inputShape, placed);
  const network: Network = {
    specs: Object.assign({}, ...placed.map((part) => (part.network ? scopeRecord(part.network.specs, part.scope) : {}))) as ParamSpecs,
    inputShape,
    outputShape: placed.at(-1)?.outputShape ?? inputShape,
    apply(params, x, pass) {
      expectShape(name, x, [null, null, ...inputShape]);
      return tf.tidy(() => tf.clone(run(placed, params, x, pass)));
    },
    standardLayers: (weights) => standardLayers(placed, weights),
    ...(head ? { head } : {}),
    ...(memory ? { memory } : {}),
  };
  if (!placed.some((part) => part.network?.observe)) return network;
  return {
    ...network,
    observe(params, x, pass) {
      expectShape(name, x, [null, null, ...inputShape]);
      return observe(placed, params, x, pass);
    },
  };
}

/** A part in its place: its network and the scope of its parameters, or its join. */
type Placed = (PlacedLayer | PlacedJoin) & { readonly name: string; readonly from: readonly string[]; readonly outputShape: Shape };
interface PlacedLayer {
  readonly network: Network;
  readonly scope: string;
}
interface PlacedJoin {
  readonly network?: undefined;
  readonly joined: Joined;
}

function place(graphName: string, inputShape: Shape, parts: readonly GraphPart[]): readonly Placed[] {
  const shapes = new Map<string, Shape>([['input', inputShape]]);
  const networks = new Map<string, Network>();
  let before = 'input';
  return parts.map((part) => {
    const { name } = part;
    const where = `${graphName}: ${name}`;
    if (shapes.has(name)) throw new RangeError(`${where}: expected a name of its own, got one that is taken.`);
    const from = 'join' in part ? part.from : [part.from ?? before];
    for (const each of from) expectOneOf(`${where}: from`, each, [...shapes.keys()]);
    const given = from.map((each) => shapes.get(each)!);
    const placed = 'join' in part ? placeJoin(part.join, given) : placeLayer(where, part, given[0]!, networks);
    shapes.set(name, placed.outputShape);
    before = name;
    return { ...placed, name, from };
  });
}

function placeJoin(join: JoinName | Join, shapes: readonly Shape[]): PlacedJoin & { readonly outputShape: Shape } {
  const joined = (typeof join === 'string' ? joinOf(join) : join).build(shapes);
  return { joined, outputShape: joined.outputShape };
}

/** Adds its network to those whose parameters a later part may share. */
function placeLayer(where: string, { name, layer, shares }: LayerPart, shape: Shape, networks: Map<string, Network>): PlacedLayer & { readonly outputShape: Shape } {
  const network = layer.build(shape);
  const { outputShape } = network;
  if (shares === undefined) {
    networks.set(name, network);
    return { network, scope: name, outputShape };
  }
  expectOneOf(`${where}: shares`, shares, [...networks.keys()]);
  const { specs } = networks.get(shares)!;
  for (const [entry, { shape: own }] of Object.entries(network.specs))
    if (!specs[entry] || !sameShape(own, specs[entry].shape))
      throw new RangeError(`${where}: shares: expected ${shares} to have ${entry} of shape ${formatShape(own)}, got ${specs[entry] ? formatShape(specs[entry].shape) : 'none'}.`);
  if (network.observe)
    throw new RangeError(`${where}: shares: expected a layer without statistics of a batch, got one with batch norm, measured in one place only; give each place its own, or statistics that are given.`);
  return { network, scope: shares, outputShape };
}

/** Call it within a tidy. */
function run(placed: readonly Placed[], params: Params, x: tf.Tensor, pass?: Pass): tf.Tensor {
  const values = new Map([['input', x]]);
  for (const part of placed) values.set(part.name, compute(part, values, params, pass));
  return [...values.values()].at(-1)!;
}

function compute(part: Placed, values: ReadonlyMap<string, tf.Tensor>, params: Params, pass?: Pass): tf.Tensor {
  const given = part.from.map((name) => values.get(name)!);
  return part.network ? part.network.apply(unscopeRecord(params, part.scope), given[0]!, pass) : part.joined.apply(given);
}

/** Each layer is observed on what the observed layers before it put out. */
function observe(placed: readonly Placed[], params: Params, x: tf.Tensor, pass?: Pass): Params {
  const last = placed.map((part) => part.network?.observe !== undefined).lastIndexOf(true);
  return tf.tidy(() => {
    const values = new Map([['input', x]]);
    let observed = params;
    for (const part of placed.slice(0, last + 1)) {
      if (part.network?.observe) {
        const seen = part.network.observe(unscopeRecord(params, part.scope), values.get(part.from[0]!)!, pass);
        observed = { ...observed, ...scopeRecord(seen, part.scope) };
      }
      values.set(part.name, compute(part, values, observed, pass));
    }
    return observed;
  });
}

/** Each part's own, under its name, whosever parameters it uses. */
function memoryOf(graphName: string, inputShape: Shape, placed: readonly Placed[]): Memory | undefined {
  if (!placed.some((part) => part.network?.memory)) return undefined;
  return {
    shapes: Object.assign({}, ...placed.map(({ name, network }) => scopeRecord(network?.memory?.shapes ?? {}, name))) as Memory['shapes'],
    proceed(params, x, before, pass) {
      expectShape(graphName, x, [null, null, ...inputShape]);
      return tf.tidy(() => {
        const values = new Map([['input', x]]);
        const after: Record<string, tf.Tensor> = {};
        for (const part of placed) {
          const { name, scope, from, network } = { scope: '', ...part };
          const read = network?.memory?.proceed(unscopeRecord(params, scope), values.get(from[0]!)!, unscopeRecord(before, name), pass);
          Object.assign(after, scopeRecord(read?.after ?? {}, name));
          values.set(name, read?.output ?? compute(part, values, params, pass));
        }
        return { output: tf.clone([...values.values()].at(-1)!), after };
      });
    },
  };
}

/** Those of each part, one after another; the first part that has none says why. */
function standardLayers(placed: readonly Placed[], weights: HostParams): StandardLayers {
  const layers: StandardLayer[] = [];
  const places = new Map([['input', -1]]); // of each part's last layer
  for (const part of placed) {
    if (part.network && part.scope !== part.name) return `${part.name} shares the weights of ${part.scope}`;
    const own = part.network ? (part.network.standardLayers?.(unscopeRecord(weights, part.scope)) ?? none) : part.joined.standardLayer ? [part.joined.standardLayer] : none;
    if (typeof own === 'string') return `${part.name}${own === none ? ' ' : ': '}${own}`;
    const from = part.from.map((name) => places.get(name)!);
    const first = layers.length;
    const placeOf = (index: number) => (index < 0 ? from[0]! : first + index);
    for (const [index, layer] of own.entries()) layers.push({ ...layer, from: layer.from?.map(placeOf) ?? (index === 0 ? from : [first + index - 1]) });
    places.set(part.name, own.length > 0 ? layers.length - 1 : from[0]!);
  }
  const last = places.get(placed.at(-1)?.name ?? 'input')!;
  return last === layers.length - 1 ? layers : [...layers, { className: 'Activation', config: { activation: 'linear' }, from: [last] }];
}

const none = 'has no counterpart in tf.layers';

/** The head of the last layer, fed by all that lies before it; none where its parameters are used there too. */
function headOf(placed: readonly Placed[]): Head | undefined {
  const last = placed.at(-1);
  if (!last?.network?.head || placed.some((part) => part !== last && part.network && part.scope === last.scope)) return undefined;
  const { network, scope, from } = last;
  const { kernel, bias, features } = last.network.head;
  const feeding = placed.slice(0, placed.findIndex(({ name }) => name === from[0]) + 1);
  return {
    kernel: `${scope}/${kernel}`,
    bias: `${scope}/${bias}`,
    features: (params, x, pass) => tf.tidy(() => features.call(network.head, unscopeRecord(params, scope), run(feeding, params, x, pass), pass)),
  };
}
