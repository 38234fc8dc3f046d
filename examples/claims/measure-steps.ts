import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { metaTrainer, type MetaTrainer } from 'hypermeta';
import { environment } from '../environment';
import { countOperations, peakProduct } from './count-operations';
import { timeInterleaved, type Time } from './interleaved';
import type { RunOptions } from './meta-train-all';
import { writeRecords } from './records';
import { stepCases, type StepCase } from './step-cases';

/** What a training step costs. */
export interface StepCost {
  readonly case: string;
  readonly step: string;
  readonly metaParameters: number;
  readonly cpuMs: Time;
  readonly ms: Time;
  /** Of matrix products, in the step as it is written. */
  readonly operations: number;
  /** Operations per second of a product of large matrices, measured in the same rounds. */
  readonly peak: number;
  /** Of the step's tensors, estimated from their shapes by `trainer.estimate()`. */
  readonly bytes: number;
  /** Most memory that a process of its own ever held, MiB; absent in the quick form. */
  readonly processMiB?: number;
  readonly env: Readonly<Record<string, string | number>>;
}

/** Measures every step of every case and writes `cost.json`. */
export async function measureSteps({ folder, size, isAsked }: RunOptions): Promise<void> {
  const costs: StepCost[] = [];
  for (const each of stepCases.filter(({ name }) => isAsked(`cost, ${name}`))) {
    costs.push(...(await measureCase(each, size.steps === undefined ? 'whole' : 'quick')));
    writeRecords(join(folder, 'cost.json'), costs);
  }
}

async function measureCase(each: StepCase, form: 'whole' | 'quick'): Promise<readonly StepCost[]> {
  const trainers: MetaTrainer[] = [];
  for (const { learner, options } of each.steps) trainers.push(await metaTrainer(learner(), each.source, options));
  const product = peakProduct();
  const contenders = trainers.map((trainer, index) => ({ name: each.steps[index]!.name, run: () => stepOf(trainer) }));
  const timed = await timeInterleaved([...contenders, { name: 'product', run: product.run }], form === 'whole' ? 25 : 1);
  const peak = (1000 * product.operations) / timed.at(-1)!.cpuMs.median; // the product is the last
  const costs: StepCost[] = [];
  for (const [index, trainer] of trainers.entries()) {
    const { name, cpuMs, ms } = timed[index]!;
    costs.push({
      case: each.name,
      step: name,
      metaParameters: Object.values(trainer.meta).reduce((sum, { size }) => sum + size, 0),
      cpuMs,
      ms,
      operations: await countOperations(trainer),
      peak,
      bytes: trainer.estimate().bytes,
      ...(form === 'whole' ? { processMiB: memoryOf(each, name) } : {}),
      env: environment(),
    });
    trainer.dispose();
  }
  await product.dispose();
  return costs;
}

async function stepOf(trainer: MetaTrainer): Promise<void> {
  for await (const event of trainer.train({ steps: 1 })) void event;
}

function memoryOf({ name }: StepCase, step: string): number {
  const program = fileURLToPath(new URL('step-memory.ts', import.meta.url));
  return Number(execFileSync(process.execPath, ['--import', 'tsx', program, name, step], { encoding: 'utf8' }));
}
