import { loadPackage } from '../core/load-package';
import { ink, renderChart } from './chart';
import { seriesLook } from './series';

/** A task, or a class, as its embedding. */
export interface EmbeddedTask {
  readonly embedding: readonly number[];
  /** What it is marked by. */
  readonly group: string;
}

export interface EmbeddingPicture {
  /** All embeddings have one length. */
  readonly tasks: readonly EmbeddedTask[];
  /** What the groups are: the name of the legend. */
  readonly groupedBy: string;
  /** In the order of the legend; seven at most. @default as they come */
  readonly groups?: readonly string[];
  /** @default 'Task embeddings' */
  readonly title?: string;
}

/**
 * Embeddings on the plane in which they differ most (principal component analysis) as an SVG document: a point each, its
 * group told by colour and shape. Each axis names its share of the variance.
 *
 * @throws RangeError for fewer than 2 tasks, embeddings that are all alike, of unequal lengths or not finite, or more than 7
 * groups; Error if Vega or `ml-pca` is not installed
 */
export async function embeddingPicture(picture: EmbeddingPicture): Promise<string> {
  const { tasks, groupedBy, groups = [...new Set(tasks.map(({ group }) => group))], title = 'Task embeddings' } = picture;
  expectTasks(tasks, groups);
  const { points, shares } = await principalComponents(tasks.map(({ embedding }) => embedding));
  const values = points.map(([x, y], index) => ({ x, y, series: tasks[index]!.group }));
  const { color, shape } = seriesLook(groups.map((name) => ({ name, points: [] })));
  const legend = { orient: 'top', columns: 2, title: groupedBy, titleColor: ink.text, titleFontSize: 12, titleFontWeight: 'normal', symbolSize: 70, symbolStrokeWidth: 0 };
  const axis = (share: number) => ({
    type: 'quantitative',
    scale: { zero: false, nice: false, padding: 12 },
    axis: { title: `${Math.round(100 * share)} % of the variance`, ticks: false, domain: false, tickCount: 5 },
  });
  return renderChart({
    title,
    width: 340,
    height: 280,
    data: { values },
    mark: { type: 'point', filled: true, size: 42, opacity: 0.85, aria: false },
    encoding: {
      x: { field: 'x', ...axis(shares[0]) },
      y: { field: 'y', ...axis(shares[1]) },
      color: { ...color, legend },
      shape: { ...shape, legend },
    },
  });
}

/** Each row on the first two principal components, and the share of the variance that each of the two has. */
async function principalComponents(rows: readonly (readonly number[])[]) {
  const { PCA } = await loadPackage<typeof import('ml-pca')>('embeddingPicture', 'ml-pca', 'ml-pca');
  const wide = rows.map((row) => (row.length === 1 ? [...row, 0] : [...row])); // a plane has two axes
  const pca = new PCA(wide);
  const [first = 0, second = 0] = pca.getExplainedVariance();
  const points = pca.predict(wide, { nComponents: 2 }).to2DArray() as [number, number][];
  return { points, shares: [first, second] as const };
}

function expectTasks(tasks: readonly EmbeddedTask[], groups: readonly string[]): void {
  if (groups.length > 7) throw new RangeError(`embeddingPicture: expected at most 7 groups, got ${groups.length}.`);
  if (tasks.length < 2) throw new RangeError(`embeddingPicture: expected at least 2 tasks, got ${tasks.length}.`);
  const [{ embedding: first }] = tasks as readonly [EmbeddedTask];
  for (const { embedding } of tasks)
    if (embedding.length !== first.length || !embedding.every(Number.isFinite))
      throw new RangeError(`embeddingPicture: expected embeddings of ${first.length} finite numbers, got [${embedding.join(', ')}].`);
  if (tasks.every(({ embedding }) => embedding.every((value, index) => value === first[index])))
    throw new RangeError(`embeddingPicture: expected embeddings that differ, got ${tasks.length} that are alike.`);
}
