import { formatEvaluation, listScores } from './format-evaluation';
import { say, type CommonOptions, type ExitCode, type Io } from './io';
import { expectSameData, trainedRun } from './use-run';

export interface EvaluateCommand extends CommonOptions {
  readonly from: string;
  readonly episodes?: number;
  readonly steps?: readonly number[];
}

/** Adapts a trained run to unseen episodes and scores them. */
export async function evaluate({ from, episodes, steps, json }: EvaluateCommand, io: Io): Promise<ExitCode> {
  const opened = await trainedRun(from, io, 'all');
  const { config, trainer, run } = opened;
  try {
    expectSameData(run.dir, opened, run.note.tasks.sha256);
    const evaluation = await trainer.evaluate({ ...config.evaluate, ...(episodes === undefined ? {} : { episodes }), ...(steps ? { steps } : {}) });
    say(io, json ? JSON.stringify({ step: trainer.step, ...listScores(evaluation) }) : formatEvaluation(evaluation));
    return 0;
  } finally {
    trainer.dispose();
  }
}
