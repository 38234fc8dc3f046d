import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { maml, metaTrainer, mlp, sinusoids } from 'hypermeta';
import { ours, type BenchContext } from './context';
import { compare, type Row } from './measure';

const [steps, samples] = [10_000, 20];

/** Resident memory over 10,000 compiled steps, garbage collected: its slope, by least squares, beside the time of a step. */
export async function benchMemory(context: BenchContext): Promise<readonly Row[]> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const make = () => metaTrainer(maml(mlp([1, 40, 40, 1])), sinusoids({ shots: 10 }), { metaBatchSize: 25 });
  const trainer = await make();
  for await (const event of trainer.train({ steps: 1000 })) void event; // what is allocated once
  const resident: number[] = [];
  for (let sample = 0; sample < samples; sample++) {
    for await (const event of trainer.train({ steps: steps / samples })) void event;
    collect();
    resident.push(process.memoryUsage.rss() / 1e6);
  }
  trainer.dispose();
  const what = `sinusoid MAML: ${steps.toLocaleString('en')} compiled steps, resident memory grows by ${slope(resident).toFixed(2)} MB per 1,000 steps`;
  const [row] = await compare(what, [ours(await make())], context);
  return [{ ...row!, peak_mb: Number(Math.max(...resident).toFixed(1)) }];
}

/** MB per 1,000 steps. */
function slope(values: readonly number[]): number {
  const middle = (values.length - 1) / 2;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const [above, below] = values.reduce(([sum, squares], value, index) => [sum + (index - middle) * (value - mean), squares + (index - middle) ** 2], [0, 0] as [number, number]);
  return (above / below) * (1000 / (steps / samples));
}
