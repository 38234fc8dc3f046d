import type { Pair } from '../core/pair';
import type { Shape } from '../core/shape';
import type { ActivationName } from '../nn/activation';
import type { BatchNormOptions, BatchStatistics } from '../nn/batch-norm';
import type { Conv1dOptions } from '../nn/conv1d';
import type { Conv2dOptions } from '../nn/conv2d';
import type { HyperLstmOptions } from '../nn/hyper-lstm';
import type { RecurrentOptions } from '../nn/kernel-cell';
import type { LayerNormOptions } from '../nn/layer-norm';
import type { SineOptions } from '../nn/sine';
import type { Described } from './run-config';

type Windows = { readonly kernelSize?: number | Pair } & Pick<Conv2dOptions, 'stride' | 'padding' | 'dilation' | 'bias'>;

interface Pooled<Size> {
  readonly size?: Size;
  readonly stride?: Size;
}

type Recurrent = { readonly units: number } & Pick<RecurrentOptions, 'output' | 'direction' | 'dropout' | 'recurrentDropout'>;

/** Layers of a base network; a dense one with the outputs that the tasks want is added behind the last. */
export interface LayerKinds {
  readonly dense: { readonly units: number };
  readonly activation: { readonly name: ActivationName };
  readonly conv2d: { readonly filters: number } & Windows;
  readonly depthwiseConv2d: { readonly multiplier?: number } & Windows;
  readonly separableConv2d: { readonly filters: number; readonly multiplier?: number } & Windows;
  readonly conv1d: { readonly filters: number; readonly kernelSize?: number } & Pick<Conv1dOptions, 'stride' | 'padding' | 'dilation' | 'bias'>;
  readonly maxPool: Pooled<number | Pair>;
  readonly averagePool: Pooled<number | Pair>;
  readonly maxPool1d: Pooled<number>;
  readonly averagePool1d: Pooled<number>;
  readonly globalAveragePool: object;
  readonly globalMaxPool: object;
  readonly flatten: object;
  readonly reshape: { readonly shape: Shape };
  readonly batchNorm: Omit<BatchNormOptions, 'statistics'> & { readonly statistics?: BatchStatistics };
  readonly layerNorm: LayerNormOptions;
  readonly dropout: { readonly rate: number };
  readonly tokenEmbedding: { readonly vocabulary: number; readonly size: number };
  readonly lstm: Recurrent;
  readonly gru: Recurrent;
  readonly layerNormLstm: Recurrent;
  readonly hyperLstm: { readonly units: number } & HyperLstmOptions;
  readonly sine: { readonly units: number } & SineOptions;
  readonly residual: { readonly layers: readonly Described<LayerKinds>[] };
}
