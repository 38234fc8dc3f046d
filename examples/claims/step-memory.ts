/** tsx step-memory.ts CASE STEP: takes training steps and prints the most memory that the process ever held, MiB. */
import { metaTrainer } from 'hypermeta';
import { stepCases } from './step-cases';

async function main([name, step]: readonly string[]): Promise<void> {
  const found = stepCases.find((each) => each.name === name);
  const chosen = found?.steps.find((each) => each.name === step);
  if (!found || !chosen) throw new RangeError(`step-memory: expected a case and one of its steps, got '${name}' and '${step}'.`);
  const trainer = await metaTrainer(chosen.learner(), found.source, chosen.options);
  for await (const event of trainer.train({ steps: 30 })) void event;
  trainer.dispose();
  console.log((process.resourceUsage().maxRSS / 1024).toFixed(1)); // it is in KiB
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
