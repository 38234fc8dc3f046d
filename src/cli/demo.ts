import {
  fullHypernetwork,
  hyperLearner,
  metaTrainer,
  mlp,
  residualHypernetwork,
  sinusoid,
  sinusoids,
  type Adapted,
  type MetaTrainer,
  type MetaTrainerOptions,
} from 'hypermeta';
import { formatEvaluation, listScores } from './format-evaluation';
import { say, type CommonOptions, type ExitCode, type Io } from './io';
import { openProgress } from './progress';
import { textPlot } from './text-plot';

export interface DemoCommand extends CommonOptions {
  readonly steps?: number;
  readonly seed?: string;
}

const tasks = sinusoids({ shots: 10 });
const settings: MetaTrainerOptions = {
  innerSteps: 5,
  innerClip: { by: 'norm', limit: 10 },
  metaBatchSize: 25,
  outerLearningRate: 0.002,
  outerClip: { by: 'norm', limit: 10 },
};

/** Meta-trains on sine waves for some seconds, adapts to an unseen one, and draws it. */
export async function demo({ steps = 500, seed = 'one', json }: DemoCommand, io: Io): Promise<ExitCode> {
  const family = residualHypernetwork(fullHypernetwork({ embeddingSize: 8, hidden: [32] }));
  const trainer = await metaTrainer(hyperLearner(mlp([1, 40, 40, 1]), family), tasks, { ...settings, seed });
  try {
    const bar = json ? undefined : await openProgress({ total: steps }, io);
    for await (const { step, queryLoss } of trainer.train({ steps })) bar?.update(step, { loss: queryLoss });
    bar?.stop();
    const evaluation = await trainer.evaluate({ episodes: 100, steps: [0, 1, 5] });
    if (json) say(io, JSON.stringify(listScores(evaluation, trainer)));
    else say(io, `${await drawWave(trainer)}\n\n${formatEvaluation(evaluation, trainer)}`);
    return 0;
  } finally {
    trainer.dispose();
  }
}

/** An unseen wave: its true course, ten points of it, and what the network makes of them. */
async function drawWave(trainer: MetaTrainer): Promise<string> {
  const { support, about } = tasks.sample('demo', 0);
  const { amplitude, phase } = about as { readonly amplitude: number; readonly phase: number }; // of a sine wave
  const adapted = await trainer.adapt(support, { steps: 5 });
  const grid = Array.from({ length: 129 }, (_, point) => -5 + point / 12.8);
  const predicted = predictAt(adapted, grid);
  adapted.dispose();
  const plot = textPlot(
    [
      { mark: '·', points: grid.map((x) => [x, sinusoid(amplitude, phase)(x)]) },
      { mark: '█', points: grid.map((x, point) => [x, predicted[point]!]) },
      { mark: 'o', points: Array.from(support.x, (x, point) => [x, support.y[point]!]) },
    ],
    { rows: 16 },
  );
  return `An unseen wave (·), ten points of it (o), and the network after five gradient steps on those (█):\n\n${plot}`;
}

function predictAt(adapted: Adapted, grid: readonly number[]): readonly number[] {
  return (adapted.predict(grid.map((x) => [x])) as readonly (readonly [number])[]).map(([y]) => y); // a list gives a list
}
