import { maml, metaTrainer, mlp, sinusoids, type MetaTrainer, type UserExamples } from 'hypermeta';
import { seed, type BenchContext } from './context';
import { convolutionNetwork, noise, noiseEpisodes, ways } from './images';
import { compare, timed, type Row } from './measure';
import { torchContenders, type TorchWork } from './torch';

const bars = { must: { ratio: 1 }, aim: { ratio: 0.4 } };

/** One gradient step on one new task, one task at a time, from the user's arrays to adapted weights. */
export async function benchAdapt(context: BenchContext): Promise<readonly Row[]> {
  const waves = await metaTrainer(maml(mlp([1, 40, 40, 1])), sinusoids({ shots: 10 }), { seed: `${seed}` });
  const x = Float32Array.from({ length: 10 }, (_, index) => index - 4.5);
  const points = { x, y: x.map((value) => 2 * Math.sin(value)) };
  const conv = await metaTrainer(maml(convolutionNetwork('strided'), { head: 'columns' }), noiseEpisodes(), {
    innerLearningRate: 0.4,
    seed: `${seed}`,
  });
  const images = { x: noise(ways), y: Array.from({ length: ways }, (_, index) => index) };
  return [
    ...(await compareAdapt('10 points of a sine wave, 1-40-40-1', waves, points, { work: 'adapt-sinusoid' }, { work: 'adapt-sinusoid-clone' })),
    ...(await compareAdapt('5 images, conv4-64 strided', conv, images, { work: 'adapt-convolution', options: { network: 'strided' } })),
  ];

  async function compareAdapt(
    what: string,
    trainer: MetaTrainer,
    support: UserExamples,
    torch: Omit<TorchWork, 'who'>,
    cloned?: Omit<TorchWork, 'who'>,
  ): Promise<readonly Row[]> {
    const run = timed(async (repeats) => {
      for (let repeat = 0; repeat < repeats; repeat++) {
        (await trainer.adapt(support, { steps: 1 })).dispose();
      }
    });
    const contenders = [
      ...(await torchContenders(context, { who: 'torch, bare tensors', ...torch, ...bars })),
      ...(cloned ? await torchContenders(context, { who: 'torch, a cloned module', ...cloned, ...bars }) : []),
    ];
    return compare(`adapt to ${what}, 1 step`, [{ who: 'ours', run, dispose: () => trainer.dispose() }, ...contenders], context);
  }
}
