import { sameShape, sizeOf } from '../core/shape';
import type { Episode } from '../core/task';
import { afterSteps } from './adaptation-section';
import { fitsFigure, imagesFigure } from './episode-figures';
import { htmlTable } from './html-table';
import { html, type MarkupPart } from './markup';
import type { Section } from './report-page';
import type { ReportedRun } from './reported-run';
import { shortNumber } from './short-number';

/** A scored episode that is shown. */
export interface ShownEpisode {
  /** `worst, episode 12` */
  readonly name: string;
  readonly episode: Episode;
  /** The metric with the fewest inner steps that were scored, and with the most. */
  readonly before: number;
  readonly after: number;
}

/** The scored episodes that went worst and best: in a table, and as pictures where inputs and targets can be drawn. */
export async function episodesSection(run: ReportedRun): Promise<Section> {
  const { evaluation, first, last } = run;
  const shown = extremes(run);
  const columns = first === last ? [last] : [first, last];
  const header = ['', 'task', ...columns.map(({ steps }) => `${evaluation.metric} ${afterSteps(steps)}`)];
  const rows = shown.map(({ name, episode, before, after }) => [name, describe(episode), ...(first === last ? [after] : [before, after])]);
  const caption = `Of ${last.count} unseen episodes, by ${evaluation.metric} ${afterSteps(last.steps)}`;
  return { id: 'episodes', heading: 'Worst and best episodes', body: [htmlTable(caption, header, rows, 4), await pictures(run, shown)] };
}

/** The two worst and the two best, fewer where few were scored; of equals the earlier one. */
function extremes({ evaluation, first, last, episode }: ReportedRun): readonly ShownEpisode[] {
  const sign = evaluation.better === 'higher' ? 1 : -1;
  const order = [...last.values.keys()].sort((one, other) => sign * (last.values[one]! - last.values[other]!));
  const worst = order.slice(0, Math.min(2, Math.ceil(order.length / 2)));
  const best = order.slice(Math.max(worst.length, order.length - 2)).reverse();
  const named = (indexes: readonly number[], rank: string) =>
    indexes.map((index, place) => ({
      name: `${place === 0 ? '' : 'second '}${rank}, episode ${index}`,
      episode: episode(index),
      before: first.values[index]!,
      after: last.values[index]!,
    }));
  return [...named(worst, 'worst'), ...named(best, 'best')];
}

/** What is known of a task: `amplitude 3.1, phase 0.4`. */
function describe({ about = {} }: Episode): string {
  return Object.entries(about).map(([name, value]) => `${name} ${inWords(value)}`).join(', ');
}

function inWords(value: number | string | readonly string[]): string {
  if (typeof value === 'number') return shortNumber(value);
  if (typeof value === 'string') return value;
  return value.length > 6 ? `${value.slice(0, 5).join(', ')} and ${value.length - 5} more` : value.join(', ');
}

async function pictures(run: ReportedRun, shown: readonly ShownEpisode[]): Promise<MarkupPart> {
  const { source, imageShape } = run;
  const { target } = source.objective;
  if (target === 'value' && sizeOf(source.inputShape) === 1 && sameShape(source.targetShape, [1])) return fitsFigure(run, shown);
  const [height = 0, width = 0, channels = 1, ...rest] = imageShape;
  const areImages = height > 1 && width > 1 && (channels === 1 || channels === 3) && rest.length === 0;
  if (target === 'class' && areImages) return imagesFigures(run, shown);
  return html`<p>Drawn are tasks from one number to one, and classes of images; images that come flat need imageShape.</p>`;
}

/** One after the other: they share the trainer. */
async function imagesFigures(run: ReportedRun, shown: readonly ShownEpisode[]): Promise<MarkupPart> {
  const figures: MarkupPart[] = [];
  for (const [index, each] of shown.entries()) figures.push(await imagesFigure(run, each, `episode-${index}`));
  return figures;
}
