import { announce } from '../core/announce';
import type { LayerLike, ModelNode } from './model-nodes';

/** What makes probabilities of logits. */
const overLogits = ['softmax', 'sigmoid', 'logSoftmax'];

/** Layers whose activation comes last. */
const activatedLayers = ['Dense', 'Conv1D', 'Conv2D', 'SeparableConv2D', 'DepthwiseConv2D'];

/** The nodes without a softmax or sigmoid at the end, at each time step too, so that they end in logits; says so, once. */
export function withoutLastActivation(modelName: string, nodes: readonly ModelNode[]): readonly ModelNode[] {
  const last = nodes.at(-1);
  const inner = last && innermost({ className: last.layer.getClassName(), config: last.layer.getConfig() });
  const name = inner && lastActivation(inner);
  if (!inner || name === undefined || !overLogits.includes(name)) return nodes;
  announce(`fromLayersModel: left out the ${name} at the end of ${modelName}: losses take logits here; keep it with { lastActivation: 'kept' }.`);
  const before = nodes.slice(0, -1);
  return activatedLayers.includes(inner.className) ? [...before, { ...last, layer: linear(last.layer) }] : before;
}

interface Described {
  readonly className: string;
  readonly config: object;
}

/** What TimeDistributed applies at each step; any other layer itself. */
function innermost(layer: Described): Described {
  return isTimeDistributed(layer) ? innermost(layer.config.layer) : layer;
}

function isTimeDistributed(layer: Described): layer is Described & { readonly config: { readonly layer: Described } } {
  return layer.className === 'TimeDistributed';
}

function lastActivation({ className, config }: Described): string | undefined {
  if (className === 'Softmax') return 'softmax';
  if (![...activatedLayers, 'Activation'].includes(className)) return undefined;
  return (config as { readonly activation?: string }).activation; // tfjs wrote it
}

function linear(layer: LayerLike): LayerLike {
  return {
    name: layer.name,
    getClassName: () => layer.getClassName(),
    getConfig: () => linearConfig({ className: layer.getClassName(), config: layer.getConfig() }),
    getWeights: () => layer.getWeights(),
  };
}

function linearConfig(layer: Described): object {
  if (!isTimeDistributed(layer)) return { ...layer.config, activation: 'linear' };
  const { layer: inner } = layer.config;
  return { ...layer.config, layer: { ...inner, config: linearConfig(inner) } };
}
