import { announce } from '../core/announce';
import type { LayerLike, ModelNode } from './model-nodes';

/** What makes probabilities of logits. */
const overLogits = ['softmax', 'sigmoid', 'logSoftmax'];

/** Layers whose activation comes last. */
const activatedLayers = ['Dense', 'Conv1D', 'Conv2D', 'SeparableConv2D', 'DepthwiseConv2D'];

/** The nodes without a softmax or sigmoid at the end, so that they end in logits; says so, once. */
export function withoutLastActivation(modelName: string, nodes: readonly ModelNode[]): readonly ModelNode[] {
  const last = nodes.at(-1);
  const name = last && lastActivation(last.layer);
  if (!last || name === undefined || !overLogits.includes(name)) return nodes;
  announce(`fromLayersModel: left out the ${name} at the end of ${modelName}: losses take logits here; keep it with { lastActivation: 'kept' }.`);
  const before = nodes.slice(0, -1);
  return activatedLayers.includes(last.layer.getClassName()) ? [...before, { ...last, layer: linear(last.layer) }] : before;
}

function lastActivation(layer: LayerLike): string | undefined {
  const className = layer.getClassName();
  if (className === 'Softmax') return 'softmax';
  if (![...activatedLayers, 'Activation'].includes(className)) return undefined;
  return (layer.getConfig() as { readonly activation?: string }).activation; // tfjs wrote it
}

function linear(layer: LayerLike): LayerLike {
  return {
    name: layer.name,
    getClassName: () => layer.getClassName(),
    getConfig: () => ({ ...layer.getConfig(), activation: 'linear' }),
    getWeights: () => layer.getWeights(),
  };
}
