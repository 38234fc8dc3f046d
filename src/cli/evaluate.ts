import { formatEvaluation, listScores } from './format-evaluation';
import { say, type CommonOptions, type ExitCode, type Io } from './io';
import { trainedRun } from './use-run';

export interface EvaluateCommand extends CommonOptions {
  readonly from: string;
  readonly episodes?: number;
  readonly steps?: readonly number[];
}

/** Adapts a trained run to unseen episodes and scores them. */
export async function evaluate({ from, episodes, steps, json }: EvaluateCommand, io: Io): Promise<ExitCode> {
  const { config, trainer } = await trainedRun(from, io, 'all');
  try {
    const evaluation = await trainer.evaluate({ ...config.evaluate, ...(episodes === undefined ? {} : { episodes }), ...(steps ? { steps } : {}) });
    say(io, json ? JSON.stringify(listScores(evaluation, trainer)) : formatEvaluation(evaluation, trainer));
    return 0;
  } finally {
    trainer.dispose();
  }
}
