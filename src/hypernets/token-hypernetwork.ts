import * as tf from '@tensorflow/tfjs';
import { expectCount, expectPositive } from '../core/errors';
import type { HypernetworkFamily } from '../core/hypernetwork';
import { normalInit } from '../core/initializers';
import { mapRecord, scopeRecord, unscopeRecord, type Params, type ParamSpecs } from '../core/params';
import { attentionBlock, type AttentionBlockOptions } from '../nn/attention-block';
import { dense } from '../nn/dense';
import { hypernetworkFamily, type Generation } from './family';
import type { GeneratorOptions } from './generator';
import { generatedSpread, type HyperInit } from './hyperfan';
import { fromColumns, layerColumns, type LayerColumns } from './layer-columns';

export interface TokenHypernetworkOptions extends AttentionBlockOptions, Pick<GeneratorOptions, 'embeddingSecondMoment'> {
  readonly embeddingSize: number;
  /** Features of a token. @default 32 */
  readonly tokenSize?: number;
  /** Tokens that the task embedding becomes. @default 4 */
  readonly dataTokens?: number;
  /** Output features, or filters, of a layer that one weight token stands for. @default 8 */
  readonly columnsPerToken?: number;
  /** Transformer layers. @default 2 */
  readonly blocks?: number;
  /** How the output layers start. @default 'hyperfan-in' */
  readonly init?: HyperInit;
}

/**
 * A transformer whose output tokens become weights: the task embedding becomes a few data tokens by a linear map;
 * learned weight tokens, one for each group of columns of every layer, attend to them and to each other; each layer's
 * linear map turns its tokens into its columns, biases and norms included. Time and memory grow with the square of the
 * number of tokens.
 *
 * Source: Chen, Wang, "Transformers as Meta-Learners for Implicit Neural Representations", 2022 (arXiv 2208.02801),
 * section 3.2; Zhmoginov et al., "HyperTransformer", 2022 (arXiv 2201.04182), section 3.
 *
 * @example
 * tokenHypernetwork({ embeddingSize: 8 }).build(siren([2, 64, 64, 3]).specs) // 17 weight tokens
 */
export function tokenHypernetwork(options: TokenHypernetworkOptions): HypernetworkFamily {
  const { embeddingSize, tokenSize = 32, dataTokens = 4, columnsPerToken = 8, blocks = 2 } = options;
  const { init = 'hyperfan-in', embeddingSecondMoment = 1 } = options;
  for (const [name, count] of Object.entries({ tokenSize, dataTokens, columnsPerToken, blocks }))
    expectCount(`tokenHypernetwork: ${name}`, count);
  expectPositive('tokenHypernetwork: embeddingSecondMoment', embeddingSecondMoment);
  const unitVariance = (fanIn: number) => normalInit(1 / Math.sqrt(fanIn * embeddingSecondMoment));
  const fromEmbedding = dense(dataTokens * tokenSize, { init: unitVariance }).build([embeddingSize]);
  const block = attentionBlock(tokenSize, options);
  const blockNames = Array.from({ length: blocks }, (_, index) => `block${index + 1}`);
  return hypernetworkFamily('tokenHypernetwork', embeddingSize, (target) => {
    const spread = generatedSpread(target, init);
    const layers = mapRecord(layerColumns(target), (layer) => layerTokens(layer, columnsPerToken, tokenSize));
    const counts = Object.values(layers).map(({ tokens }) => tokens);
    const total = counts.reduce((sum, count) => sum + count, 0);
    const heads = Object.entries(layers).map(([name, { specs }]) => scopeRecord(specs, `heads/${name}`));
    return {
      specs: {
        ...scopeRecord(fromEmbedding.specs, 'data'),
        tokens: { shape: [total, tokenSize], role: 'embedding', fanIn: 1, init: normalInit(1) },
        ...(Object.assign({}, ...blockNames.map((name) => scopeRecord(block.specs, name))) as ParamSpecs), // joined records lose their type
        ...(Object.assign({}, ...heads) as ParamSpecs),
      },
      generate(params, embedding) {
        const seen = fromEmbedding.apply(unscopeRecord(params, 'data'), tf.expandDims(embedding, 1));
        const data = tf.reshape(seen, [seen.shape[0], dataTokens, tokenSize]);
        const weightTokens = tf.add(params['tokens']!, tf.zeros([data.shape[0], total, tokenSize]));
        const tokens = tf.concat([data, weightTokens], 1);
        const related = blockNames.reduce((rows, name) => block.apply(unscopeRecord(params, name), rows, rows), tokens);
        const [, ...parts] = tf.split(related, [dataTokens, ...counts], 1);
        const made = Object.entries(layers).map(([name, layer], index) =>
          fromColumns(layer.layer, spread, layer.toColumns(unscopeRecord(params, `heads/${name}`), parts[index]!)),
        );
        const generated: Params = Object.assign({}, ...made);
        return mapRecord(target, (_spec, name) => generated[name]!);
      },
    } satisfies Generation;
  });
}

interface LayerTokens {
  readonly layer: LayerColumns;
  readonly tokens: number;
  readonly specs: ParamSpecs;
  /** `[T, tokens, tokenSize]` → `[T, columns or more, length]`. */
  toColumns(params: Params, tokens: tf.Tensor): tf.Tensor;
}

/** How many tokens a layer has, each with as many columns as the others, and the linear map from one to its columns. */
function layerTokens(layer: LayerColumns, columnsPerToken: number, tokenSize: number): LayerTokens {
  const tokens = Math.ceil(layer.columns / columnsPerToken);
  const each = Math.ceil(layer.columns / tokens);
  const head = dense(each * layer.length, { init: (fanIn) => normalInit(1 / Math.sqrt(fanIn)) }).build([tokenSize]);
  return {
    layer,
    tokens,
    specs: head.specs,
    toColumns(params, rows) {
      const values = head.apply(params, rows);
      return tf.reshape(values, [values.shape[0], tokens * each, layer.length]);
    },
  };
}
