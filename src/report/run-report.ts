import type { MetaTrainer } from '../trainer/trainer';
import { adaptationSection, afterSteps } from './adaptation-section';
import { costSection } from './cost-section';
import { embeddingSection } from './embedding-section';
import { episodesSection } from './episodes-section';
import { learningSection } from './learning-section';
import { reportPage } from './report-page';
import { reportedRun, type RunReportOptions } from './reported-run';
import { settingsSection } from './settings-section';
import { formatCell } from './table';

/**
 * A run as one HTML page that needs nothing else, neither network nor scripts: scores after each inner step, learning
 * curves, a map of the embeddings, the worst and the best episodes, settings, time and memory. Light or dark as the
 * reader's system is. The same run gives the same page but for its last section, which tells of the machine.
 *
 * Scores 600 episodes unless it is given an evaluation, and adapts to a few of them once more.
 *
 * @example
 * const events: TimedEvent[] = [];
 * for await (const event of withTime(trainer.train({ steps: 1000 }))) events.push(event);
 * const page = await runReport(trainer, { events }); // in Node: await saveReport('report.html', trainer, { events })
 *
 * @throws ShapeError for an image shape that does not fit, RangeError for a property that tasks do not have; Error naming
 * the command that installs `vega`, `vega-lite` or `ml-pca` where one is missing
 */
export async function runReport(trainer: MetaTrainer, options: RunReportOptions = {}): Promise<string> {
  const { title = `Meta-learning: the ${trainer.learner.name} learner` } = options;
  const run = await reportedRun(trainer, options);
  const { evaluation, first, last } = run;
  const scored = ({ mean, interval, steps }: typeof last) => `${formatCell({ value: mean, interval }, 3)} ${afterSteps(steps)}`;
  const before = first === last ? '' : `, ${scored(first)}`;
  const { step, bestStep = step } = trainer;
  const weights = bestStep === step ? '' : `, scored with the weights of step ${bestStep}, the best by validation`;
  return reportPage({
    title,
    summary: `${evaluation.metric} on ${last.count} unseen episodes: ${scored(last)}${before}. ${step} outer steps of meta-training${weights}.`,
    sections: [
      await adaptationSection(run),
      await learningSection(run),
      await embeddingSection(run),
      await episodesSection(run),
      settingsSection(run),
      costSection(run),
    ],
  });
}
