import { embeddingPicture } from './embedding-picture';
import { html, type Markup } from './markup';
import { figure, type Section } from './report-page';
import type { ReportedRun } from './reported-run';
import { groupBy } from './task-groups';

/** Points of a map, and figures of a page, at most. */
const most = { points: 400, maps: 2 };

/** A point of the map: an embedding and what is known of its task, or its class. */
interface Known {
  readonly embedding: readonly number[];
  readonly about: Readonly<Record<string, number | string | readonly string[]>>;
}

/** The adapted embeddings of the scored tasks, or of their classes, on a plane. */
export async function embeddingSection(run: ReportedRun): Promise<Section> {
  return { id: 'embeddings', heading: 'Map of the embeddings', body: await maps(run) };
}

async function maps(run: ReportedRun): Promise<Markup | readonly Markup[]> {
  const { last, trainer, markBy } = run;
  if (!last.embeddings) return html`<p>The evaluation kept no embeddings; run it with keep: 'embeddings'.</p>`;
  const isOfTasks = last.embeddings.some(({ embedding }) => embedding);
  const points = knownPoints(run, isOfTasks);
  if (points.length === 0) return html`<p>The ${trainer.learner.name} learner has no embeddings.</p>`;
  if (points.length < 2 || points.every(({ embedding }) => embedding.every((value, index) => value === points[0]!.embedding[index])))
    return html`<p>All embeddings are the same: nothing tells tasks apart there.</p>`;
  const properties = markBy ?? varyingProperties(points).slice(0, most.maps);
  expectProperties(properties, points);
  const what = isOfTasks ? 'tasks' : 'classes of tasks';
  const drawn = properties.length > 0 ? properties : [undefined];
  return Promise.all(
    drawn.map(async (property, index) => {
      const { names, of } = groupBy(points.map(({ about }) => (property === undefined ? what : (about[property] as number | string)))); // checked
      const tasks = points.map(({ embedding }, point) => ({ embedding, group: of[point]! }));
      const svg = await embeddingPicture({ tasks, groupedBy: property ?? '', groups: names, title: property === undefined ? 'Embeddings' : `Embeddings, by ${property}` });
      const words = `Embeddings of ${points.length} ${what} after adaptation, on the two directions in which they differ most${property === undefined ? '' : `; colour and shape tell their ${property}`}.`;
      return figure(`map-${index}`, svg, words);
    }),
  );
}

function knownPoints({ last, episode }: ReportedRun, isOfTasks: boolean): readonly Known[] {
  const points: Known[] = [];
  for (const [index, { embedding, classes = [] }] of last.embeddings!.entries()) {
    if (points.length >= most.points) break;
    if (isOfTasks ? !embedding : classes.length === 0) continue;
    const about = episode(index).about ?? {};
    if (isOfTasks) points.push({ embedding: embedding!, about });
    else points.push(...classes.map((each, label) => ({ embedding: each, about: aboutClass(about, label) })));
  }
  return points;
}

/** A class is known by its name, or by the group in front of it: that of `Futurama/character07`. */
function aboutClass(about: Known['about'], label: number): Known['about'] {
  const name = Array.isArray(about['classes']) ? (about['classes'] as readonly string[])[label] : undefined;
  if (name === undefined) return about;
  const end = name.lastIndexOf('/');
  return end > 0 ? { ...about, group: name.slice(0, end) } : { ...about, class: name };
}

/** What is a number or a word of every task, and not the same of all. */
function varyingProperties(points: readonly Known[]): readonly string[] {
  const isKnown = (name: string) => points.every(({ about }) => typeof about[name] === 'number' || typeof about[name] === 'string');
  return Object.keys(points[0]!.about).filter((name) => isKnown(name) && new Set(points.map(({ about }) => about[name])).size > 1);
}

/** @throws RangeError for a property that some task does not have */
function expectProperties(properties: readonly string[], points: readonly Known[]): void {
  for (const name of properties)
    for (const { about } of points)
      if (typeof about[name] !== 'number' && typeof about[name] !== 'string')
        throw new RangeError(`runReport: markBy: expected a number or a word of every task's about, got '${name}'; there are ${Object.keys(about).join(', ') || 'none'}.`);
}
