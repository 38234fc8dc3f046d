import { htmlTable } from './html-table';
import { figure, type Section } from './report-page';
import type { ReportedRun } from './reported-run';
import { shortNumber } from './short-number';
import { stepsPicture } from './steps-picture';
import { usualScale } from './value-axis';

/** The metric on unseen episodes before adaptation and after each number of inner steps. */
export async function adaptationSection({ trainer, evaluation, scores, first, last }: ReportedRun): Promise<Section> {
  const { metric, better } = evaluation;
  const points = scores.map(({ steps, mean, interval }) => ({ step: steps, value: mean, interval }));
  const caption = `${metric}, ${better} is better: mean over ${last.count} unseen episodes ± half of its 95 % interval`;
  const rows = scores.map(({ steps, mean, interval }) => [afterSteps(steps), { value: mean, interval }]);
  const body = [htmlTable(caption, ['', metric], rows)];
  if (scores.length > 1) {
    const svg = await stepsPicture({ series: [{ name: trainer.learner.name, points }], metric, scale: usualScale(points) });
    const words = `${metric} on unseen episodes: ${shortNumber(first.mean)} ${afterSteps(first.steps)}, ${shortNumber(last.mean)} ${afterSteps(last.steps)}. Bars are 95 % intervals.`;
    body.unshift(figure('steps', svg, words));
  }
  return { id: 'adaptation', heading: 'Before and after adaptation', body };
}

/** When a score was taken: `after 1 step`. */
export function afterSteps(count: number): string {
  return count === 0 ? 'without a gradient step' : `after ${count} ${count === 1 ? 'step' : 'steps'}`;
}
