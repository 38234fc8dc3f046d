import { countParams, formatTable, type ParamSpecs } from 'hypermeta';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readEvents, type LoggedEvent } from './event-log';
import { weightsInWords } from './format-evaluation';
import { say, type CommonOptions, type ExitCode, type Io } from './io';
import { readJson } from './read-data';
import { textPlot } from './text-plot';
import { trainedRun } from './use-run';

export interface InspectCommand extends CommonOptions {
  readonly from: string;
}

interface Inspected {
  readonly dir: string;
  readonly learner: string;
  readonly step: number;
  readonly steps: number;
  readonly metaParameters: number;
  readonly baseParameters: number;
  /** Meta-parameters by the first part of their names. */
  readonly parts: Readonly<Record<string, number>>;
  /** What the command train wrote when it was last complete, at that step: training may have gone on since. */
  readonly evaluation?: { readonly step: number; readonly bestStep?: number; readonly metric: string; readonly scores: readonly { readonly steps: number; readonly mean: number; readonly interval: number }[] };
}

/** What a run is made of, how far it is, and how it got there. */
export async function inspect({ from, json }: InspectCommand, io: Io): Promise<ExitCode> {
  const { trainer, run } = await trainedRun(from, io);
  const { learner, step } = trainer;
  trainer.dispose();
  const file = join(run.dir, 'evaluation.json');
  const evaluation = existsSync(file) ? { evaluation: readJson(file) as NonNullable<Inspected['evaluation']> } : {};
  const counts = { metaParameters: countParams(learner.specs), baseParameters: countParams(learner.base.specs), parts: countParts(learner.specs) };
  const inspected: Inspected = { dir: run.dir, learner: learner.name, step, steps: run.note.steps, ...counts, ...evaluation };
  const events = readEvents(run.dir);
  say(io, json ? JSON.stringify({ ...inspected, events }) : describe(inspected, events));
  return 0;
}

function countParts(specs: ParamSpecs): Readonly<Record<string, number>> {
  const names = [...new Set(Object.keys(specs).map((name) => name.split('/')[0]!))]; // a split has a first part
  return Object.fromEntries(names.map((part) => [part, countParams(Object.fromEntries(Object.entries(specs).filter(([name]) => name.split('/')[0] === part)))]));
}

function describe({ dir, learner, step, steps, metaParameters, baseParameters, parts, evaluation }: Inspected, events: readonly LoggedEvent[]): string {
  const rows = [['base network', baseParameters], ['learned across tasks', metaParameters], ...Object.entries(parts).map(([name, size]) => [`  ${name}`, size])] as const;
  const scored = evaluation?.scores.map(({ steps: inner, mean, interval }) => `${mean.toPrecision(3)} ± ${interval.toPrecision(2)} after ${inner}`);
  return [
    `${dir}: ${learner} learner, step ${step} of ${steps}`,
    formatTable(['parameters', 'values'], rows.map(([name, size]) => [name, size])),
    ...(scored ? [`${evaluation!.metric} on unseen episodes, evaluated at step ${evaluation!.step}${weightsInWords({ bestStep: undefined, ...evaluation! })}, by inner steps: ${scored.join(', ')}`] : []), // scored there, evaluated there
    ...drawCurves(events),
  ].join('\n\n');
}

/** The query loss, averaged over as many stretches as there are columns, and the validations. */
function drawCurves(events: readonly LoggedEvent[]): readonly string[] {
  const columns = 64;
  const length = Math.max(1, Math.ceil(events.length / columns));
  const stretches = Array.from({ length: Math.ceil(events.length / length) }, (_, index) => events.slice(index * length, (index + 1) * length));
  const losses = stretches.map((stretch) => [stretch.at(-1)!.step, stretch.reduce((sum, { queryLoss }) => sum + queryLoss, 0) / stretch.length] as const); // none is empty
  const scale = losses.every(([, loss]) => loss > 0) ? 'log' : 'linear';
  const validations = events.flatMap(({ step, validation }) => (validation ? [[step, validation.mean] as const] : []));
  const metric = events.find(({ validation }) => validation)?.validation?.metric;
  return [
    ...(losses.length > 0 ? [`query loss${scale === 'log' ? ', on a logarithmic scale' : ''}\n${textPlot([{ mark: '•', points: losses }], { columns, rows: 10, scale })}`] : []),
    ...(metric ? [`validation ${metric}\n${textPlot([{ mark: '•', points: validations }], { columns, rows: 8 })}`] : []),
  ];
}
