import {
  adaptationPicture,
  cosine,
  describeEngine,
  evaluateFromScratch,
  formatTable,
  fullHypernetwork,
  hyperLearner,
  learnedRates,
  learningCurvePicture,
  metaTrainer,
  mlp,
  residualHypernetwork,
  sinusoid,
  sinusoids,
  summarize,
  withProgress,
  withTime,
  type Adapted,
  type Episode,
  type MetaTrainer,
  type TimedEvent,
} from 'hypermeta';
import { savePictures, saveRunReport } from './save-pictures';
import { resultRow, saveResults } from './save-results';

export interface DemoOptions {
  readonly steps?: number;
  readonly episodes: number;
  readonly seed: string;
  readonly out: string;
  readonly json?: string;
}

const afterSteps = [0, 1, 2, 5, 10];
const innerSteps = 5;

/** Meta-trains on sine waves, adapts to ten unseen ones, prints a table and draws a picture. */
export async function demoSinusoids({ steps = 1200, episodes, seed, out, json }: DemoOptions): Promise<void> {
  const began = performance.now();
  const tasks = sinusoids({ shots: 10 });
  const base = mlp([1, 40, 40, 1]);
  const family = residualHypernetwork(fullHypernetwork({ embeddingSize: 8, hidden: [32] }));
  const learner = learnedRates(hyperLearner(base, family, { adapt: 'embedding' }), { steps: innerSteps });
  const trainer = await metaTrainer(learner, tasks, {
    innerSteps,
    innerLearningRate: 0.01,
    innerClip: { by: 'norm', limit: 10 },
    metaBatchSize: 25,
    outerLearningRate: cosine(0.002, steps, { end: 0.00004 }),
    outerClip: { by: 'norm', limit: 10 },
    seed,
  });
  console.log(`${describeEngine().text}\n\n${summarize(family.build(base.specs)).text}\n`);

  const history: TimedEvent[] = [];
  for await (const event of withProgress(withTime(trainer.train({ steps })), { total: steps })) history.push(event);

  const evaluation = await trainer.evaluate({ episodes, steps: afterSteps, keep: 'embeddings' });
  const { scores } = evaluation;
  const choices = { learningRates: [0.001, 0.003, 0.01, 0.03], steps: [100, 300], validationEpisodes: Math.min(100, episodes) };
  const { best: alone, learningRate } = await evaluateFromScratch(base, tasks, { ...choices, episodes });
  const rows = Array.from({ length: Math.min(10, episodes) }, (_, task) => [
    `task ${task + 1}`,
    ...scores.map(({ values }) => values[task]!),
    alone.values[task]!,
  ]);
  const mean = [`mean of ${episodes}`, ...scores.map(({ mean, interval }) => ({ value: mean, interval }))];
  const header = ['MSE after', 'no step', '1 step', '2 steps', '5 steps', '10 steps', 'from scratch'];
  console.log(`\n10-shot sine waves never seen in meta-training: mean squared error on query points`);
  console.log(formatTable(header, [...rows, [...mean, { value: alone.mean, interval: alone.interval }]]));
  console.log(
    `From scratch: the same network trained on the 10 points alone, Adam ${learningRate}, ${alone.steps} steps, both chosen on other waves.`,
  );

  if (json)
    saveResults(json, 'demo sinusoids', { shots: 10, innerSteps, steps, metaBatchSize: 25 }, (performance.now() - began) / 1000, [
      ...scores.map((score) => resultRow(`after ${score.steps} steps`, learner.name, 'mse', score, seed)),
      resultRow(`after ${alone.steps} steps of Adam ${learningRate}`, 'from scratch', 'mse', alone, seed),
    ]);
  await savePictures(await drawTasks(trainer), `${out}/sinusoids`);
  await savePictures(await drawCurve(history.map(({ queryLoss }) => queryLoss)), `${out}/sinusoids-learning-curve`);
  await saveRunReport(`${out}/sinusoids-report.html`, trainer, { events: history, evaluation, title: 'Sine waves from ten points' });
  trainer.dispose();
}

/** Ten of the tasks in the table: true function, support points, predictions before and after. */
async function drawTasks(trainer: MetaTrainer): Promise<string> {
  const tasks = sinusoids({ shots: 10 });
  const grid = Array.from({ length: 101 }, (_, point) => -5 + point / 10);
  const curve = (adapted: Adapted) => ({ x: grid, y: (adapted.predict(grid.map((x) => [x])) as number[][]).map(([y]) => y!) });
  const after = async (steps: number, episode: Episode) => {
    const adapted = await trainer.adapt(episode.support, { steps });
    const result = { curve: curve(adapted), mse: queryError(adapted, episode) };
    adapted.dispose();
    return result;
  };
  const panels = [];
  for (let index = 0; index < 10; index++) {
    const episode = tasks.sample('evaluation', index);
    const { amplitude, phase } = episode.about as { amplitude: number; phase: number };
    const [start, end] = [await after(0, episode), await after(innerSteps, episode)];
    panels.push({
      title: `task ${index + 1}`,
      truth: { x: grid, y: grid.map((x) => sinusoid(amplitude, phase)(x)) },
      support: episode.support,
      before: start.curve,
      after: end.curve,
      metricBefore: start.mse,
      metricAfter: end.mse,
    });
  }
  return adaptationPicture({ tasks: panels, title: `Ten unseen sine waves, before and after ${innerSteps} steps on 10 points` });
}

function queryError(adapted: Adapted, { query }: Episode): number {
  const predicted = adapted.predict(Array.from(query.x, (x) => [x])) as number[][];
  return predicted.reduce((sum, [y], index) => sum + (y! - query.y[index]!) ** 2, 0) / query.count;
}

/** The query loss, averaged over stretches of 25 steps. */
function drawCurve(losses: readonly number[]): Promise<string> {
  const stretch = Math.min(25, losses.length);
  const points = Array.from({ length: Math.floor(losses.length / stretch) }, (_, index) => {
    const part = losses.slice(index * stretch, (index + 1) * stretch);
    return { step: (index + 1) * stretch, value: part.reduce((sum, loss) => sum + loss, 0) / part.length };
  });
  return learningCurvePicture({ series: [{ name: 'query loss', points }], metric: 'mean squared error', scale: 'log' });
}
