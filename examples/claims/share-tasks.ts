import { join } from 'node:path';
import { countParams, embeddingTable, fullHypernetwork, hyperLearner, metaTrainer, ownHeads, residualHypernetwork, type Learner } from 'hypermeta';
import { environment } from '../environment';
import { keptRuns } from '../kept-runs';
import { waveBase } from '../tables/waves';
import { knownTasks } from './known-tasks';
import type { RunOptions } from './meta-train-all';
import { readRecords, writeRecords } from './records';
import { waves } from './waves';

/** So many tasks, from ten points each and nothing else, through one trained model. */
export interface SharedRun {
  readonly method: string;
  readonly tasks: number;
  /** Which tasks. */
  readonly draw: string;
  /** Outer learning rate and steps, chosen on other tasks. */
  readonly rate: number;
  readonly steps: number;
  /** Of all parameters as float32. */
  readonly bytes: number;
  /** Mean squared error on other points of the same tasks. */
  readonly mse: number;
  readonly env: Readonly<Record<string, string | number>>;
}

/** The two ways of sharing that are trained on the tasks themselves. */
export const sharing: Readonly<Record<string, (rows: number) => Learner>> = {
  'shared body, own heads': (rows) => ownHeads(waveBase, { rows }),
  'hypernetwork, own embeddings': (rows) =>
    hyperLearner(waveBase, residualHypernetwork(fullHypernetwork({ embeddingSize: 8, hidden: [32] })), {
      start: embeddingTable({ rows, size: 8 }),
      adapt: 'nothing',
    }),
};

/** A number of tasks, outer steps at most, and how often it is done: with other tasks each time. */
interface Amount {
  readonly tasks: number;
  readonly most: number;
  readonly draws: number;
}

export const amounts: readonly Amount[] = [
  { tasks: 1, most: 800, draws: 8 },
  { tasks: 10, most: 1200, draws: 5 },
  { tasks: 100, most: 2400, draws: 3 },
  { tasks: 1000, most: 4000, draws: 3 },
];

const rates = [0.001, 0.003, 0.01];

/** Trains every method on 1 to 1,000 waves and writes `sharing.json` after each training. */
export async function shareTasks(options: RunOptions): Promise<readonly SharedRun[]> {
  const { folder, size, isAsked } = options;
  const path = join(folder, 'sharing.json');
  const asked: readonly Amount[] = size.steps === undefined ? amounts : [{ tasks: 1, most: size.steps, draws: 1 }];
  const runs = [...keptShares(path, asked, options)];
  for (const { tasks, most, draws } of asked)
    for (const method of Object.keys(sharing)) {
      const missing = drawsOf(draws).filter((draw) => !runs.some((run) => run.method === method && run.tasks === tasks && run.draw === draw));
      if (!isAsked(nameOf({ method, tasks })) || missing.length === 0) continue;
      const { rate, steps } = await choose(method, tasks, most, Math.ceil(draws / 4));
      for (const draw of missing) {
        const [end] = await errorsAlong({ method, tasks, draw, rate, checks: [steps] });
        runs.push({ method, tasks, draw, rate, ...end!, bytes: 4 * countParams(sharing[method]!(tasks).specs), env: environment() });
        writeRecords(path, runs);
      }
      console.log(`${nameOf({ method, tasks })}: rate ${rate}, ${steps} steps`);
    }
  return runs;
}

/** What stays of the file: without the runs of amounts that are asked for with a rate or a number of steps that is none of the choices, which is said. */
export function keptShares(path: string, amountsAsked: readonly Amount[], { resume, isAsked }: Pick<RunOptions, 'resume' | 'isAsked'>): readonly SharedRun[] {
  const amountOf = (run: SharedRun) => (isAsked(nameOf(run)) && run.method in sharing ? amountsAsked.find(({ tasks }) => tasks === run.tasks) : undefined);
  return keptRuns(path, readRecords<SharedRun>(path), {
    resume,
    others: 'drop',
    isAsked: (run) => drawsOf(amountOf(run)?.draws ?? 0).includes(run.draw),
    nameOf: (run) => `${nameOf(run)}, ${run.draw}`,
    otherOf: (run) => {
      const amount = amountOf(run);
      return !amount || (rates.includes(run.rate) && checksOf(amount).includes(run.steps)) ? '' : `rate ${run.rate} and ${run.steps} steps are none of the choices now`;
    },
  });
}

function drawsOf(count: number): readonly string[] {
  return Array.from({ length: count }, (_, draw) => `draw ${draw}`);
}

function nameOf({ method, tasks }: Pick<SharedRun, 'method' | 'tasks'>): string {
  return `sharing, ${method}, ${tasks} tasks`;
}

/** Numbers of outer steps to choose from. */
function checksOf({ most }: Pick<Amount, 'most'>): readonly number[] {
  return [...new Set([most / 8, most / 4, most / 2, most].map(Math.ceil))];
}

/** The rate and the number of steps that do best on tasks that are not scored. */
async function choose(method: string, tasks: number, most: number, draws: number): Promise<{ readonly rate: number; readonly steps: number }> {
  const checks = checksOf({ most });
  const tried = [];
  for (const rate of rates) {
    const ends = [];
    for (let draw = 0; draw < draws; draw++) ends.push(await errorsAlong({ method, tasks, draw: `tuning ${draw}`, rate, checks }));
    for (const [index, steps] of checks.entries()) tried.push({ rate, steps, sum: ends.reduce((sum, errors) => sum + errors[index]!.mse, 0) });
  }
  return tried.reduce((best, each) => (each.sum < best.sum ? each : best));
}

interface Training {
  readonly method: string;
  readonly tasks: number;
  readonly draw: string;
  readonly rate: number;
  /** Outer steps after which to look at the error. */
  readonly checks: readonly number[];
}

/** Trains on the ten points of each task; the error on its other points along the way. */
async function errorsAlong({ method, tasks, draw, rate, checks }: Training): Promise<readonly Pick<SharedRun, 'steps' | 'mse'>[]> {
  const source = (ask: 'support' | 'query') => knownTasks(waves.validation, { tasks, draw, ask });
  const options = { innerSteps: 0, metaBatchSize: Math.min(25, tasks), outerLearningRate: rate, outerClip: { by: 'norm', limit: 10 }, seed: draw } as const;
  const trainer = await metaTrainer(sharing[method]!(tasks), source('support'), options);
  const asked = source('query');
  const errors = [];
  for (const steps of checks) {
    for await (const event of trainer.train({ steps: steps - trainer.step })) void event;
    const { scores } = await trainer.evaluate({ source: asked, episodes: tasks, steps: [0] });
    errors.push({ steps, mse: scores[0]!.mean });
  }
  trainer.dispose();
  return errors;
}
