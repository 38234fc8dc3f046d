import { maml, metaTrainer, mlp, sinusoids, type MetaTrainer } from 'hypermeta';
import type { BenchContext } from './context';
import { compare, timed, type Row } from './measure';

const tasks = 25;

/** 25 tasks in one outer step against 25 outer steps of one task, on sine waves: what the task axis is for. */
export async function benchBatching(context: BenchContext): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const innerSteps of [1, 5]) {
    const make = (metaBatchSize: number) =>
      metaTrainer(maml(mlp([1, 40, 40, 1])), sinusoids({ shots: 10 }), { innerSteps, innerLearningRate: 0.001, metaBatchSize, engine: 'wasm' });
    const [batched, single] = [await make(tasks), await make(1)];
    rows.push(
      ...(await compare(
        `sinusoid MAML, ${innerSteps} inner steps, second order`,
        [
          { who: 'ours, 25 tasks in one step', run: timed((repeats) => train(batched, repeats)), dispose: () => batched.dispose() },
          { who: '25 steps of one task', run: timed((repeats) => train(single, tasks * repeats)), dispose: () => single.dispose() },
        ],
        context,
      )),
    );
  }
  return rows;
}

async function train(trainer: MetaTrainer, steps: number): Promise<void> {
  for await (const event of trainer.train({ steps })) void event;
}
