import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { metaTrainer, type MetaTrainer } from 'hypermeta';
import { environment } from '../environment';
import { countOperations, peakProduct } from './count-operations';
import { timeInterleaved, type Time } from './interleaved';
import type { RunOptions } from './meta-train-all';
import { isSame, readRecords, writeRecords } from './records';
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
  /** Most memory that a process of its own ever held, MiB; absent in the quick form, and only there. */
  readonly processMiB?: number;
  readonly env: Readonly<Record<string, string | number>>;
}

/** Measures every step of every case, with `resume` of those that are not measured yet, and writes `cost.json` after each; other cases stay. */
export async function measureSteps({ folder, size, resume, isAsked }: RunOptions): Promise<void> {
  const path = join(folder, 'cost.json');
  const form = size.steps === undefined ? 'whole' : 'quick';
  let costs = readRecords<StepCost>(path);
  for (const each of stepCases.filter(({ name }) => isAsked(`cost, ${name}`))) {
    if (resume && isMeasured(each, costs, form)) continue;
    costs = withCase(costs, await measureCase(each, form));
    writeRecords(path, costs);
  }
}

/** A case's costs in place of those before, in the order of the cases; any others last. */
export function withCase(costs: readonly StepCost[], own: readonly StepCost[]): readonly StepCost[] {
  const all = [...costs.filter((cost) => cost.case !== own[0]!.case), ...own]; // it has a step
  const names = new Set([...stepCases.map(({ name }) => name), ...all.map((cost) => cost.case)]);
  return [...names].flatMap((name) => all.filter((cost) => cost.case === name));
}

/** The quick form has one round, and no process of its own for a step. */
type Form = 'whole' | 'quick';

/** Whether all of its steps, and no others, were measured in this form. */
export function isMeasured({ name, steps }: { readonly name: string; readonly steps: readonly { readonly name: string }[] }, costs: readonly StepCost[], form: Form): boolean {
  const own = costs.filter((cost) => cost.case === name && (cost.processMiB === undefined) === (form === 'quick'));
  return isSame(own.map(({ step }) => step), steps.map((step) => step.name));
}

async function measureCase(each: StepCase, form: Form): Promise<readonly StepCost[]> {
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
