import {
  chunkedHypernetwork,
  classification,
  createRng,
  fullHypernetwork,
  hyperLearner,
  metaTrainer,
  mlp,
  type ExampleArrays,
  type HypernetworkFamily,
  type Rng,
  type TaskSource,
} from 'hypermeta';
import { ours, seed, type BenchContext } from './context';
import { compare, type Row } from './measure';
import { torchContenders, type TorchWork } from './torch';

const [inputs, outputs, batchSize, pool] = [784, 10, 128, 2000];

interface Case {
  readonly name: string;
  readonly family: HypernetworkFamily;
  readonly torch: NonNullable<TorchWork['options']>;
  readonly must: number;
}

const small = { embeddingSize: 20, hidden: [10, 10] };
const large = { embeddingSize: 10, hidden: [100, 100] };
const chunks = { embeddingSize: 8, chunkSize: 2000, chunkEmbeddingSize: 16, hidden: [100, 100] };
const cases: readonly Case[] = [
  { name: 'full, hidden 10-10', family: fullHypernetwork(small), torch: { family: 'full', ...small }, must: 0.7 },
  { name: 'chunked, 45 × 2,000', family: chunkedHypernetwork(chunks), torch: { family: 'chunked', ...chunks }, must: 0.7 },
  { name: 'full, hidden 100-100', family: fullHypernetwork(large), torch: { family: 'full', ...large }, must: 1 },
];

/** A generated 784-100-100-10 network on batches of 128: forward, backward, Adam. */
export async function benchHypernetwork(context: BenchContext): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const { name, family, torch, must } of cases) {
    const learner = hyperLearner(mlp([inputs, 100, 100, outputs]), family, { adapt: 'nothing' });
    const trainer = await metaTrainer(learner, noiseBatches(), { innerSteps: 0, metaBatchSize: 1, seed: `${seed}` });
    const contenders = await torchContenders(context, {
      who: 'torch',
      work: 'hypernetwork',
      options: torch,
      must: { ratio: must },
      aim: { ratio: 0.4 },
    });
    rows.push(...(await compare(`hypernetwork ${name}, 784-100-100-10, batch ${batchSize}`, [ours(trainer), ...contenders], context)));
  }
  return rows;
}

/** Batches of noise as tasks: nothing is adapted, so that one support example is enough. */
export function noiseBatches(): TaskSource {
  const rng = createRng(`${seed}/noise`);
  const x = Float32Array.from({ length: pool * inputs }, () => rng.uniform());
  const labels = Array.from({ length: pool }, () => rng.integer(outputs));
  const draw = (from: Rng, count: number): ExampleArrays => {
    const drawn = { x: new Float32Array(count * inputs), y: new Float32Array(count * outputs), count };
    for (let example = 0; example < count; example++) {
      const index = from.integer(pool);
      drawn.x.set(x.subarray(index * inputs, (index + 1) * inputs), example * inputs);
      drawn.y[example * outputs + labels[index]!] = 1;
    }
    return drawn;
  };
  return {
    inputShape: [inputs],
    targetShape: [outputs],
    objective: classification,
    sample(stream, index) {
      const from = createRng(`${stream}/${index}`);
      return { support: draw(from, 1), query: draw(from, batchSize) };
    },
  };
}
