import { maml, metaTrainer, mlp, sinusoids } from 'hypermeta';
import { ours, seed, type BenchContext } from './context';
import { compare, type Bar, type Row } from './measure';
import { torchContenders } from './torch';

const tasks = 25;

/** What the issue asks of 1 and 5 inner steps: of ours itself, against a loop over tasks, against tasks batched by hand. */
const cases: readonly Case[] = [
  { innerSteps: 1, innerLearningRate: 0.01, oursAim: { ms: 1 }, loop: [0.07, 0.03], batched: [0.3, undefined] },
  { innerSteps: 5, innerLearningRate: 0.001, loop: [0.06, 0.03], batched: [0.3, 0.2] },
];

interface Case {
  readonly innerSteps: number;
  readonly innerLearningRate: number;
  readonly oursAim?: Bar;
  readonly loop: readonly [must: number, aim: number];
  readonly batched: readonly [must: number, aim: number | undefined];
}

/** MAML on sine waves: 25 tasks of 10 points, second order, Adam. */
export async function benchSinusoid(context: BenchContext): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const { innerSteps, innerLearningRate, oursAim, loop, batched } of cases) {
    const how = { innerSteps, innerLearningRate };
    const trainer = await metaTrainer(maml(mlp([1, 40, 40, 1])), sinusoids({ shots: 10 }), {
      ...how,
      metaBatchSize: tasks,
      seed: `${seed}`,
    });
    const torch = (who: string, form: string, [must, aim]: Case['batched']) =>
      torchContenders(context, {
        who,
        work: 'sinusoid',
        options: { form, tasks, ...how },
        must: { ratio: must },
        ...(aim === undefined ? {} : { aim: { ratio: aim } }),
      });
    rows.push(
      ...(await compare(
        `sinusoid MAML, ${tasks} tasks, ${innerSteps} inner step${innerSteps > 1 ? 's' : ''}, second order`,
        [
          ours(trainer, oursAim ? { aim: oursAim } : {}),
          ...(await torch('torch, loop over tasks', 'loop', loop)),
          ...(await torch('torch, batched by hand', 'batched', batched)),
        ],
        context,
      )),
    );
  }
  return rows;
}
