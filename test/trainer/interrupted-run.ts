/**
 * A run that may be killed: `interrupted-run DIR STEPS` goes on from the checkpoints in DIR, saves after every step,
 * and prints the query loss of each step. `checkpoints.test.ts` kills it.
 */
import { hyperLearner, lowRankHypernetwork, metaTrainer, mlp, sinusoids } from 'hypermeta';

const [dir = '', steps = ''] = process.argv.slice(2);

async function main(): Promise<void> {
  const waves = sinusoids({ shots: 5 });
  const learner = hyperLearner(mlp([1, 8, 1]), lowRankHypernetwork({ embeddingSize: 4, rank: 1 }));
  const tasks = { train: waves, validation: waves, test: waves };
  const trainer = await metaTrainer(learner, tasks, { metaBatchSize: 4, innerClip: { by: 'norm', limit: 10 }, seed: 'killed' });
  await trainer.resume(dir);
  const options = { steps: Number(steps) - trainer.step, validateEvery: 3, validationEpisodes: 5, save: { dir, every: 1 } };
  for await (const { step, queryLoss, validation } of trainer.train(options)) console.log(step, queryLoss, validation?.mean ?? '-');
  const [wave] = (await trainer.evaluate({ episodes: 3 })).scores;
  console.log('end', wave!.values.join(' '));
  trainer.dispose();
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? `${error.name}: ${error.message}` : error);
  process.exitCode = 1;
});
