import { meanInterval } from '../evaluation/interval';
import { learningCurvePicture } from './learning-curve-picture';
import { html, type Markup } from './markup';
import { figure, type Section } from './report-page';
import type { ReportedEvent, ReportedRun } from './reported-run';
import { shortNumber } from './short-number';
import { usualScale } from './value-axis';

/** Query loss and validation over the outer steps. */
export async function learningSection({ events, trainer }: ReportedRun): Promise<Section> {
  const body = events.length === 0 ? html`<p>No events of meta-training were given to this report.</p>` : await curves(events, trainer.bestStep);
  return { id: 'learning', heading: 'Learning curves', body };
}

async function curves(events: readonly ReportedEvent[], kept: number | undefined): Promise<readonly Markup[]> {
  const validations = events.flatMap(({ step, validation }) => (validation ? [{ step, ...validation }] : []));
  return [await lossFigure(events), ...(validations.length > 0 ? [await validationFigure(validations, kept)] : [])];
}

/** Parts of the steps that are averaged, and points drawn of single steps, at most. */
const most = { means: 50, dots: 400 };

async function lossFigure(events: readonly ReportedEvent[]): Promise<Markup> {
  const stretch = Math.ceil(events.length / most.means);
  const means = Array.from({ length: Math.ceil(events.length / stretch) }, (_, index) => {
    const part = events.slice(index * stretch, (index + 1) * stretch);
    const { mean, interval } = meanInterval(part.map(({ queryLoss }) => queryLoss));
    return { step: part.at(-1)!.step, value: mean, interval };
  });
  const every = Math.ceil(events.length / most.dots);
  const dots = events.filter((_, index) => index % every === 0).map(({ step, queryLoss }) => ({ step, value: queryLoss }));
  const name = stretch > 1 ? `mean of ${stretch}` : 'query loss';
  const [start, end] = [means[0]!, means.at(-1)!];
  const shown = stretch > 1 ? `The line is the mean of ${stretch} steps with its 95 % interval, a dot is one step.` : 'One point a step.';
  const svg = await learningCurvePicture({
    title: 'Query loss',
    series: [{ name, points: means }],
    dots: stretch > 1 ? dots : [],
    metric: 'query loss',
    scale: usualScale([...means, ...dots]),
  });
  return figure('query-loss', svg, `Query loss of each outer step's tasks after adaptation: ${shortNumber(start.value)} at first, ${shortNumber(end.value)} at the end, step ${end.step}. ${shown}`);
}

type Validation = NonNullable<ReportedEvent['validation']> & { readonly step: number };

async function validationFigure(validations: readonly Validation[], kept: number | undefined): Promise<Markup> {
  const { metric, count, steps } = validations[0]!; // there is one
  const points = validations.map(({ step, mean, interval }) => ({ step, value: mean, interval }));
  const svg = await learningCurvePicture({ title: 'Validation', series: [{ name: metric, points }], metric, scale: usualScale(points) });
  const words = `${metric} on ${count} validation episodes after ${steps} inner steps, with 95 % intervals.${bestInWords(validations, kept)}`;
  return figure('validation', svg, words);
}

/** The best may be older than these events, or was given up by steps without validation after it. */
function bestInWords(validations: readonly Validation[], kept: number | undefined): string {
  const best = validations.filter(({ isBest }) => isBest).at(-1);
  if (!best) return '';
  const fate = kept === undefined ? '' : kept === best.step ? ', which was kept' : `; scored are the weights of step ${kept}`;
  return ` The best is ${shortNumber(best.mean)} ± ${shortNumber(best.interval)} at step ${best.step}${fate}.`;
}
