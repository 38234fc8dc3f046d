import { chunkedHypernetwork, elasticWeights, hyperLearner, maml, mlp, outputRegularizer, plainLearner, randomEmbedding, replay, synapticIntelligence, type Guard, type Learner } from 'hypermeta';
import type { Benchmark } from './benchmarks';

/** One way to learn tasks one after another, on one benchmark. */
export interface Method {
  readonly name: string;
  readonly about: string;
  readonly learner: Learner;
  /** How much it holds on to finished tasks. */
  readonly strength?: number;
  readonly guard?: Guard;
  /** At the start of a task; falls to a fiftieth along half a cosine. */
  readonly learningRate: number;
}

/** All of them with the same base network, steps and batches. */
export function methodsOf({ name, sizes }: Benchmark, changes: { readonly strength?: number; readonly learningRate?: number } = {}): readonly Method[] {
  const base = mlp(sizes);
  const isSplit = name === 'split';
  const generator = isSplit
    ? { embeddingSize: 32, hidden: [10, 10, 10, 10], chunkSize: 8000, chunkEmbeddingSize: 32 }
    : { embeddingSize: 32, hidden: [100, 100], chunkSize: 750, chunkEmbeddingSize: 16 };
  const hyper = hyperLearner(base, chunkedHypernetwork(generator), {
    start: randomEmbedding({ size: generator.embeddingSize }),
    ownParameters: isSplit ? [] : ['chunks'],
  });
  const beta = changes.strength ?? (isSplit ? 1 : 0.01);
  const common = { learningRate: changes.learningRate ?? 0.001 };
  return [
    { name: 'hypernetwork', about: 'an embedding a task, output regularizer with look-ahead', learner: hyper, guard: outputRegularizer({ beta }), strength: beta, learningRate: changes.learningRate ?? (isSplit ? 0.01 : 0.002) },
    { name: 'separate', about: 'a network a task', learner: maml(base, { head: 'columns' }), ...common },
    { name: 'EWC', about: 'online elastic weight consolidation', learner: plainLearner(base), guard: elasticWeights({ strength: changes.strength ?? 1000 }), strength: changes.strength ?? 1000, ...common },
    { name: 'SI', about: 'synaptic intelligence', learner: plainLearner(base), guard: synapticIntelligence({ strength: changes.strength ?? 1 }), strength: changes.strength ?? 1, ...common },
    { name: 'replay', about: '1,000 stored examples', learner: plainLearner(base), guard: replay({ capacity: 1000 }), ...common },
    { name: 'fine-tuning', about: 'one network, nothing held', learner: plainLearner(base), ...common },
  ];
}
