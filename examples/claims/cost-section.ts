import { join } from 'node:path';
import { comparisonPicture, formatTable, savePicture } from 'hypermeta';
import { describeMachine } from '../describe-machine';
import type { StepCost } from './measure-steps';
import { readRecords } from './records';

/** Steps of hypernetworks in steps of the plain network; nothing where none was measured. */
export async function costSection(results: string): Promise<string | undefined> {
  const folder = join(results, 'claims');
  const costs = readRecords<StepCost>(join(folder, 'cost.json'));
  if (costs.length === 0) return undefined;
  const parts = [
    '## What a hypernetwork’s training step costs',
    'A training step of the network that is generated is the unit: forward, backward and Adam, compiled, one thread. All were run in turn in 25 rounds; times are of the processor, medians. Each task has an embedding of its own, so that weights are generated for every task. Floor: all multiplications and additions of matrix products in the step as it is written ÷ the rate of a product of 768 × 768 matrices in the same rounds; it leaves out Adam and everything elementwise. Memory of the step: estimated from the shapes of its tensors (0.6 to 1.4 of what is measured); of the process: the most that a process of its own ever held, Node, TensorFlow.js and onnxruntime included.',
  ];
  for (const [index, name] of [...new Set(costs.map((cost) => cost.case))].entries()) {
    const own = costs.filter((cost) => cost.case === name);
    const plain = own[0]!; // the first is the plain network's
    const times = (cost: StepCost) => cost.cpuMs.median / plain.cpuMs.median;
    const rows = own.map((cost) => {
      const floor = (1000 * cost.operations) / cost.peak;
      return [cost.step, cost.metaParameters, cost.cpuMs.median, times(cost), floor, cost.bytes / 2 ** 20, cost.bytes / plain.bytes, cost.processMiB ?? ''];
    });
    const title = `A training step, ${name.split(':')[0]!}`;
    const results = own.slice(1).map((cost) => ({
      name: cost.step,
      mean: times(cost),
      interval: (cost.cpuMs.quartiles[1] - cost.cpuMs.quartiles[0]) / 2 / plain.cpuMs.median,
    }));
    const file = `cost-${index + 1}`;
    await savePicture(await comparisonPicture({ results, metric: 'processor time, in steps of the plain network (± half of what the middle half of the rounds spans)', title, scale: 'log', digits: 2 }), join(folder, file));
    parts.push(
      `### ${name}`,
      formatTable(['', 'meta-parameters', 'ms', '× plain', 'floor, ms', 'MiB of the step', '× plain', 'MiB of the process'], rows, { style: 'markdown' }),
      `![${title}](results/claims/${file}.svg)`,
    );
  }
  return [...parts, describeMachine(costs)].join('\n\n');
}
