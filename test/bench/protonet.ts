import { metaTrainer, protonet } from 'hypermeta';
import { ours, seed, type BenchContext } from './context';
import { convolutionNetwork, noiseEpisodes } from './images';
import { compare, type Row } from './measure';
import { torchContenders } from './torch';

/** ProtoNet: forward, backward and Adam of 1 and of 8 episodes a step, 5-way 1-shot, 75 query images each. */
export async function benchProtonet(context: BenchContext): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const network of ['pooled', 'strided'] as const)
    for (const tasks of [1, 8]) {
      const trainer = await metaTrainer(protonet(convolutionNetwork(network)), noiseEpisodes(), {
        innerSteps: 0,
        metaBatchSize: tasks,
        seed: `${seed}`,
      });
      const torch = await torchContenders(context, {
        who: 'torch, loop over episodes',
        work: 'protonet',
        options: { network, tasks },
        must: { ratio: 1 },
        aim: { ratio: 0.6 },
      });
      const what = `conv4-64 ${network} ProtoNet, ${tasks} episode${tasks > 1 ? 's' : ''} a step`;
      rows.push(...(await compare(what, [ours(trainer), ...torch], context)));
    }
  return rows;
}
