import { chunkedHypernetwork, elasticWeights, hyperLearner, maml, mlp, outputRegularizer, plainLearner, randomEmbedding, replay, synapticIntelligence, type ChunkedHypernetworkOptions, type Guard, type Learner } from 'hypermeta';
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
  /** Whether a task has anything of its own to learn, everything else as it is. */
  readonly hasOwn?: boolean;
}

/**
 * Chunks of both benchmarks. A sine trunk whose inputs are taken to be small, so that its waves are short, tells chunks and tasks
 * apart: a step that changes one leaves the others nearly as they are.
 */
const waves = { embeddingSize: 32, activation: 'sin', embeddingSecondMoment: 0.05 } as const;
const generators = {
  split: { ...waves, hidden: [80], chunkSize: 1000, chunkEmbeddingSize: 32 },
  permuted: { ...waves, hidden: [100], chunkSize: 750, chunkEmbeddingSize: 16 },
};

/** Those of von Oswald et al. 2020 (arXiv 1906.00695), as run by the authors' later code. */
const publishedGenerators = {
  split: { embeddingSize: 32, hidden: [10, 10, 10, 10], chunkSize: 8000, chunkEmbeddingSize: 32 },
  permuted: { embeddingSize: 32, hidden: [100, 100], chunkSize: 750, chunkEmbeddingSize: 16 },
};

/** All of them with the same base network, steps and batches. */
export function methodsOf({ name, sizes }: Benchmark, changes: { readonly strength?: number; readonly learningRate?: number } = {}): readonly Method[] {
  const base = mlp(sizes);
  const isSplit = name === 'split';
  const hyper = (generator: ChunkedHypernetworkOptions) =>
    hyperLearner(base, chunkedHypernetwork(generator), {
      start: randomEmbedding({ size: generator.embeddingSize }),
      ownParameters: isSplit ? [] : ['chunks'],
    });
  const held = (strength: number, rate: number) => ({ strength: changes.strength ?? strength, learningRate: changes.learningRate ?? rate });
  const [ours, published] = isSplit ? [held(0.03, 0.003), held(1, 0.01)] : [held(0.1, 0.004), held(0.01, 0.002)];
  const [ewc, si] = isSplit ? [held(10_000, 0.001), held(0.1, 0.001)] : [held(1000, 0.001), held(1, 0.001)];
  const alone = { learningRate: changes.learningRate ?? 0.001 };
  return [
    { name: 'hypernetwork', about: "an embedding a task, output regularizer by the outputs' sensitivity", learner: hyper(generators[name]), guard: outputRegularizer({ beta: ours.strength, importance: 'sensitivity' }), ...ours, hasOwn: true },
    { name: 'published hypernetwork', about: 'generator and output regularizer of the publication', learner: hyper(publishedGenerators[name]), guard: outputRegularizer({ beta: published.strength }), ...published, hasOwn: true },
    { name: 'separate', about: 'a network a task', learner: maml(base, { head: 'columns' }), ...alone, hasOwn: true },
    { name: 'EWC', about: 'online elastic weight consolidation', learner: plainLearner(base), guard: elasticWeights({ strength: ewc.strength }), ...ewc },
    { name: 'SI', about: 'synaptic intelligence', learner: plainLearner(base), guard: synapticIntelligence({ strength: si.strength }), ...si },
    { name: 'replay', about: '1,000 stored examples', learner: plainLearner(base), guard: replay({ capacity: 1000 }), ...alone },
    { name: 'fine-tuning', about: 'one network, nothing held', learner: plainLearner(base), ...alone },
  ];
}
