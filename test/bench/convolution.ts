import { maml, metaTrainer } from 'hypermeta';
import { ours, seed, type BenchContext } from './context';
import { convolutionNetwork, noiseEpisodes, type ConvolutionNetwork } from './images';
import { compare, type Row } from './measure';
import { torchContenders } from './torch';

const tasks = 8;
const how = { innerSteps: 1, innerLearningRate: 0.4 };
const bars = { strided: { must: { ratio: 0.8 }, aim: { ratio: 0.5 } }, pooled: { must: { ratio: 1 }, aim: { ratio: 0.5 } } };

/** MAML with four convolutions of 64 filters: 8 tasks, 5-way 1-shot, 75 query images a task, second order, Adam. */
export async function benchConvolution(network: ConvolutionNetwork, context: BenchContext): Promise<readonly Row[]> {
  const what = `conv4-64 ${network} MAML, ${tasks} tasks, 75 query images, second order`;
  const rows = [...(await compareOn(1, what))];
  if (context.threads > 1) rows.push(...(await compareOn(context.threads, `${what}, ${context.threads} threads`)));
  return rows;

  /** As many threads of ours against as many processes of torch, each with its share of the tasks. */
  async function compareOn(threads: number, title: string): Promise<readonly Row[]> {
    const trainer = await metaTrainer(maml(convolutionNetwork(network), { head: 'columns' }), noiseEpisodes(), {
      ...how,
      metaBatchSize: tasks,
      seed: `${seed}`,
      ...(threads > 1 ? { threads } : {}),
    });
    const torch = await torchContenders(context, {
      who: threads > 1 ? `torch, ${threads} processes` : 'torch, loop over tasks',
      work: 'convolution',
      options: { network, tasks: tasks / threads, ...how },
      processes: threads,
      ...bars[network],
    });
    const who = threads > 1 ? `ours, ${threads} threads` : 'ours';
    return compare(title, [{ ...ours(trainer), who }, ...torch], context);
  }
}
