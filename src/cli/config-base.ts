import { conv4, conv4Strided, dense, mlp, resnet, sequential, siren, type BaseKinds, type Described, type Network, type Shape } from 'hypermeta';
import * as z from 'zod';
import { activationName, layerList, makeLayers, statistics } from './config-layers';
import { count, optional, positive, row, type Rows } from './config-rows';

/** What the tasks, and the learner, want of a base network. */
export interface BaseSizes {
  readonly inputShape: Shape;
  readonly outputs: number;
}

const sizes = z.array(count);

const conv4Options = optional({ filters: count, activation: activationName, statistics });

/** Base networks. A new one is a row. */
export const bases: Rows<BaseKinds, BaseSizes, Network> = {
  mlp: row(
    { hidden: sizes, ...optional({ activation: activationName, norm: z.enum(['batch', 'layer']), statistics }) },
    ({ hidden, ...options }, { inputShape, outputs }: BaseSizes) => mlp([...inputShape, ...hidden, outputs], options),
  ),
  conv4: row(conv4Options, (options, { inputShape, outputs }: BaseSizes) => conv4({ ...options, inputShape, ways: outputs })),
  conv4Strided: row(conv4Options, (options, { inputShape, outputs }: BaseSizes) => conv4Strided({ ...options, inputShape, ways: outputs })),
  resnet: row(
    optional({ filters: sizes.min(1), convolutions: count, activation: activationName, statistics }),
    (options, { inputShape, outputs }: BaseSizes) => resnet({ ...options, inputShape, ways: outputs }),
  ),
  siren: row({ hidden: sizes.min(1), ...optional({ omega: positive }) }, ({ hidden, ...options }, { inputShape, outputs }: BaseSizes) =>
    siren([...inputShape, ...hidden, outputs], options),
  ),
  layers: row({ layers: layerList }, ({ layers: inner }, { inputShape, outputs }: BaseSizes) =>
    sequential(inputShape, [...makeLayers(inner), dense(outputs)], { name: 'layers' }),
  ),
};

/** Those whose inputs have one axis: images are flattened for them. */
export const isFlat = (base: Described<BaseKinds>) => ['mlp', 'siren'].includes(typeof base === 'string' ? base : base.kind);
