import { maml, metaTrainer, mlp, sinusoids, type MetaTrainer } from 'hypermeta';
import { compare, type Row } from './measure';

const tasks = 25;

/** 25 tasks in one outer step against 25 outer steps of one task, on sine waves: what the task axis is for. */
export async function benchBatching(): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const innerSteps of [1, 5]) {
    const make = (metaBatchSize: number) =>
      metaTrainer(maml(mlp([1, 40, 40, 1])), sinusoids({ shots: 10 }), { innerSteps, innerLearningRate: 0.001, metaBatchSize, engine: 'wasm' });
    const [batched, single] = [await make(tasks), await make(1)];
    rows.push(
      ...(await compare(`sinusoid MAML, ${innerSteps} inner steps, second order`, [
        { who: 'ours, 25 tasks in one step', run: () => train(batched, 1) },
        { who: '25 steps of one task', run: () => train(single, tasks) },
      ])),
    );
    for (const trainer of [batched, single]) trainer.dispose();
  }
  return rows;
}

async function train(trainer: MetaTrainer, steps: number): Promise<void> {
  for await (const event of trainer.train({ steps })) void event;
}
