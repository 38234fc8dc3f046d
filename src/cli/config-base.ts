import {
  activation,
  averagePool,
  batchNorm,
  conv2d,
  conv4,
  conv4Strided,
  dense,
  dropout,
  flatten,
  globalAveragePool,
  layerNorm,
  maxPool,
  mlp,
  residual,
  sequential,
  sine,
  siren,
  type BaseKinds,
  type Described,
  type Layer,
  type LayerKinds,
  type Network,
  type Shape,
} from 'hypermeta';
import * as z from 'zod';
import { count, described, make, optional, positive, row, share, type Rows } from './config-rows';

/** What the tasks, and the learner, want of a base network. */
export interface BaseSizes {
  readonly inputShape: Shape;
  readonly outputs: number;
}

export const activationName = z.enum(['relu', 'tanh', 'sigmoid', 'softplus', 'elu', 'leakyRelu', 'swish', 'gelu', 'sin', 'softmax']);
export const statistics = z.enum(['support', 'batch', 'running']);
const sizes = z.array(count);
const pool = optional({ size: count, stride: count });
const layerList: z.ZodType<readonly Described<LayerKinds>[]> = z.lazy(() => z.array(layer));

/** Layers of `{ kind: 'layers' }`. A new one is a row. */
const layers: Rows<LayerKinds, undefined, Layer> = {
  dense: row({ units: count }, ({ units }) => dense(units)),
  activation: row({ name: activationName }, ({ name }) => activation(name)),
  conv2d: row(
    { filters: count, ...optional({ kernelSize: count, stride: count, padding: z.enum(['same', 'valid']) }) },
    ({ filters, kernelSize, ...options }) => conv2d(filters, kernelSize, options),
  ),
  maxPool: row(pool, ({ size, stride }) => maxPool(size, stride)),
  averagePool: row(pool, ({ size, stride }) => averagePool(size, stride)),
  globalAveragePool: row({}, () => globalAveragePool()),
  flatten: row({}, () => flatten()),
  batchNorm: row(optional({ statistics, epsilon: positive }), (options) => batchNorm(options)),
  layerNorm: row(optional({ epsilon: positive }), (options) => layerNorm(options)),
  dropout: row({ rate: share }, ({ rate }) => dropout(rate)),
  sine: row({ units: count, ...optional({ omega: positive, place: z.enum(['first', 'hidden']) }) }, ({ units, ...options }) => sine(units, options)),
  residual: row({ layers: layerList }, ({ layers: inner }) => residual(makeLayers(inner))),
};

const layer = described(layers);

function makeLayers(list: readonly Described<LayerKinds>[]): readonly Layer[] {
  return list.map((each) => make(layers, each, undefined));
}

const conv4Options = optional({ filters: count, activation: activationName, statistics });

/** Base networks. A new one is a row. */
export const bases: Rows<BaseKinds, BaseSizes, Network> = {
  mlp: row(
    { hidden: sizes, ...optional({ activation: activationName, norm: z.enum(['batch', 'layer']), statistics }) },
    ({ hidden, ...options }, { inputShape, outputs }: BaseSizes) => mlp([...inputShape, ...hidden, outputs], options),
  ),
  conv4: row(conv4Options, (options, { inputShape, outputs }: BaseSizes) => conv4({ ...options, inputShape, ways: outputs })),
  conv4Strided: row(conv4Options, (options, { inputShape, outputs }: BaseSizes) => conv4Strided({ ...options, inputShape, ways: outputs })),
  siren: row({ hidden: sizes.min(1), ...optional({ omega: positive }) }, ({ hidden, ...options }, { inputShape, outputs }: BaseSizes) =>
    siren([...inputShape, ...hidden, outputs], options),
  ),
  layers: row({ layers: layerList }, ({ layers: inner }, { inputShape, outputs }: BaseSizes) =>
    sequential(inputShape, [...makeLayers(inner), dense(outputs)], { name: 'layers' }),
  ),
};

/** Those whose inputs have one axis: images are flattened for them. */
export const isFlat = (base: Described<BaseKinds>) => ['mlp', 'siren'].includes(typeof base === 'string' ? base : base.kind);
