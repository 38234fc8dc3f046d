import { formatTable, type TableOptions } from 'hypermeta';
import type { PublishedFigure } from './published';
import type { ResultGroup } from './results-file';
import type { GroupSummary } from './summarize-results';

/** A row per learner, the published figure of the same method beside it, and then the other published figures. */
export function resultTable(
  { entries: listed }: ResultGroup,
  { entries }: GroupSummary,
  figures: readonly PublishedFigure[],
  style: TableOptions = {},
): string {
  const header = ['', 'here', 'seeds', ...(figures.length > 0 ? ['published'] : []), 'inner steps', 'adapted values', 'meta-parameters', 'bytes per task', 'ms to adapt'];
  const likeOf = (name: string) => listed.find((entry) => entry.name === name)?.like;
  const rows = entries.map(({ name, mean, interval, seeds, steps, facts }) => {
    const like = figures.find(({ method }) => method === likeOf(name));
    const { metaParameters, adaptedValues, bytesPerTask, adaptMs } = facts;
    const published = figures.length > 0 ? [like ? formatFigure(like) : ''] : [];
    return [name, { value: mean, interval }, seeds.length, ...published, steps, adaptedValues, metaParameters, bytesPerTask, adaptMs];
  });
  const beside = new Set(entries.map(({ name }) => likeOf(name)));
  const others = figures
    .filter(({ method }) => !beside.has(method))
    .map((figure) => [`${figure.method} (published)`, '', '', formatFigure(figure), '', '', '', '', '']);
  return formatTable(header, [...rows, ...others], style);
}

function formatFigure({ value, interval, mark, transductive }: PublishedFigure): string {
  const spread = interval === undefined ? '' : ` ± ${interval.toFixed(3)}`;
  return `${value.toFixed(3)}${spread} [${mark}]${transductive ? ' transductive' : ''}`;
}

/** What the numbers are, in a sentence. */
export function describeResults({ metric, better, episodes, entries }: GroupSummary): string {
  const kinds = new Set(entries.map(({ over }) => over));
  const over = [
    ...(kinds.has('episodes') ? ['the episodes where there is one seed'] : []),
    ...(kinds.has('seeds') ? ["the seeds' means (Student's t) where there are several"] : []),
  ];
  return `${metric}, ${better} is better, on ${episodes.join(' or ')} unseen episodes, the ${episodes.length > 1 ? 'first of the same' : 'same'} for all; ± is half of a 95 % interval over ${over.join(', ')}.`;
}
