import { countParams } from '../core/params';
import { formatShape, sizeOf } from '../core/shape';
import { summarize } from '../hypernets/summary';
import { describeSettings } from '../trainer/options';
import { htmlTable } from './html-table';
import { html, type Markup } from './markup';
import type { Section } from './report-page';
import type { ReportedRun } from './reported-run';
import type { Cell } from './table';

/** What was trained, on what and how: learner, network and hypernetworks with exact counts, tasks, options. */
export function settingsSection(run: ReportedRun): Section {
  const { learner } = run.trainer;
  const hypernetworks = Object.entries(learner.hypernetworks ?? {}).map(([name, hypernetwork]) => {
    const { tensors, generatedWeights, parts, ownParameters, compression } = summarize(hypernetwork);
    const rows: readonly (readonly Cell[])[] = [
      ...parts.map((part) => [`parameters of its ${part.name}`, part.parameters]),
      ['parameters in all', ownParameters],
      ['weights generated', generatedWeights],
      ['tensors generated', tensors.length],
      ['generated per own', compression],
      ['size of an embedding', hypernetwork.embeddingSize],
    ];
    return htmlTable(`Hypernetwork for the ${name}`, ['', 'count'], rows);
  });
  return {
    id: 'settings',
    heading: 'Settings',
    body: [learnerTable(run), ...hypernetworks, networkTable(run), tasksTable(run), optionsTable(run)],
  };
}

function learnerTable({ trainer: { learner }, facts }: ReportedRun): Markup {
  const rows: readonly (readonly Cell[])[] = [
    ['meta-parameters, learned across tasks', facts.metaParameters],
    ['weights of the base network', countParams(learner.base.specs)],
    ['values that the inner steps change', facts.adaptedValues],
    ['bytes kept of a task', facts.bytesPerTask],
  ];
  return htmlTable(`The ${learner.name} learner`, ['', 'values'], rows);
}

function networkTable({ trainer: { learner } }: ReportedRun): Markup {
  const { specs, inputShape, outputShape } = learner.base;
  const rows = Object.entries(specs).map(([name, { shape, role }]) => [name, role, formatShape(shape), sizeOf(shape)]);
  const caption = `Base network, ${formatShape(inputShape)} to ${formatShape(outputShape)}`;
  return html`<details><summary>${caption}: ${rows.length} tensors</summary>
${htmlTable(caption, ['tensor', 'role', 'shape', 'values'], rows)}</details>
`;
}

function tasksTable({ source, episode, evaluation }: ReportedRun): Markup {
  const { support, query } = episode(0);
  const rows = [
    ['input', formatShape(source.inputShape)],
    [source.objective.target === 'class' ? 'classes' : 'target', source.objective.target === 'class' ? String(source.targetShape[0]) : formatShape(source.targetShape)],
    ['support examples', String(support.count)],
    ['query examples', String(query.count)],
    ['metric', evaluation.metric],
    ['seed of the scored episodes', evaluation.seed],
  ];
  return htmlTable('Tasks that were scored', ['', ''], rows);
}

function optionsTable({ trainer: { settings, step } }: ReportedRun): Markup {
  const { outerLearningRate, ...options } = describeSettings(settings, [0, Math.floor(step / 2), step]);
  const rates = Object.entries(outerLearningRate as Readonly<Record<string, number>>); // by step
  const isConstant = rates.every(([, rate]) => rate === rates[0]![1]);
  const words = isConstant ? String(rates[0]![1]) : rates.map(([at, rate]) => `${Number(rate.toPrecision(3))} at step ${at}`).join(', ');
  const rows = [...Object.entries(options).map(([name, value]) => [name, inWords(value)]), ['outerLearningRate', words], ['outer steps taken', String(step)]];
  return htmlTable('Options of the meta-trainer', ['option', 'value'], rows);
}

function inWords(value: unknown): string {
  if (value === null) return 'none';
  if (typeof value !== 'object') return String(value);
  return Object.entries(value).map(([name, part]) => `${name} ${inWords(part)}`).join(', ');
}
