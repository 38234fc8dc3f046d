import { join } from 'node:path';
import { formatTable, learningCurvePicture, meanInterval, pairedDifference, savePicture, type Mean, type Series } from 'hypermeta';
import { describeMachine } from '../describe-machine';
import { changesPicture } from './changes-picture';
import { readLanguageResults, type LanguageResults, type LanguageRun } from './results';

/** The section on character models, and its pictures; nothing where none was trained. */
export async function languageSection(results: string): Promise<string | undefined> {
  const found = readLanguageResults(results);
  if (!found || found.runs.length === 0) return undefined;
  const groups = groupByModel(found.runs);
  const folder = join(results, 'language');
  const curves = await learningCurvePicture({ series: groups.map(curveOf), metric: 'validation, bits per character', title: 'Shakespeare, character by character', steps: 'step' });
  await savePicture(curves, join(folder, 'learning-curves'));
  if (found.changes) await savePicture(await changesPicture(found.changes), join(folder, 'weight-changes'));
  return [
    '## A dynamic hypernetwork: HyperLSTM on characters',
    about(found),
    table(groups),
    notes(found, groups),
    '![validation](results/language/learning-curves.svg)',
    ...(found.changes ? [changesAbout(found.changes.model, found.changes.seed), '![changes of the weights](results/language/weight-changes.svg)'] : []),
    ...samples(groups),
  ].join('\n\n');
}

type Group = readonly LanguageRun[];

function groupByModel(runs: readonly LanguageRun[]): readonly Group[] {
  const names = [...new Set(runs.map(({ model }) => model))];
  return names.map((name) => runs.filter(({ model }) => model === name).sort((one, other) => one.seed.localeCompare(other.seed)));
}

function about({ settings }: LanguageResults): string {
  const { length, streams, steps, clip, trialSteps, rates } = settings as Readonly<Record<string, number>> & { readonly rates: readonly number[] };
  return `Shakespeare's plays, 1.1 million characters: the first 90 % to train, 5 % to validate, 5 % to test. One network reads one long sequence: no tasks, no inner loop. The text is read as ${streams} sequences side by side, in pieces of ${length} characters: gradients end there, the memory goes on. All models here have as many parameters as the plain LSTM and the same ${steps} steps of Adam, gradients clipped to norm ${clip}; the rate falls along half a cosine, and is the best on the validation text of ${rates.join(', ')}, each tried for ${trialSteps} steps. The parameters that were best on the validation text are scored once on the test text, read as one sequence. The HyperLSTM is that of Ha, Dai, Le 2016 (arXiv 1609.09106); its published figures are of another corpus, Penn Treebank: LSTM 1.312, layer-norm LSTM 1.267, HyperLSTM 1.265, layer-norm HyperLSTM 1.250 [C].`;
}

function table(groups: readonly Group[]): string {
  const plain = groups.find(([first]) => first!.model === 'LSTM');
  const rows = groups.map((runs) => {
    const { model, parameters, units, rate } = runs[0]!;
    const mean = student(runs.map(({ test }) => test));
    const difference = plain && plain !== runs ? differenceTo(plain, runs) : undefined;
    const seconds = runs.reduce((sum, run) => sum + run.seconds, 0) / runs.length;
    return [model, measured(mean), difference ? measured(difference) : '', runs.length, parameters, units, String(rate), Math.round(seconds)];
  });
  return formatTable(['test, bits per character', 'here', 'less LSTM', 'seeds', 'parameters', 'units', 'rate', 's a training'], rows, { style: 'markdown' });
}

const student = (values: readonly number[]) => meanInterval(values, { quantile: 'student' });
/** One seed has no interval. */
const measured = ({ mean, interval, count }: Mean) => (count > 1 ? { value: mean, interval } : mean);

/** Over the seeds that both have. */
function differenceTo(plain: Group, runs: Group) {
  const both = runs.flatMap((run) => plain.filter(({ seed }) => seed === run.seed).map((other) => [run.test, other.test] as const));
  return pairedDifference(both.map(([own]) => own), both.map(([, other]) => other), { quantile: 'student' });
}

function notes({ trials, settings }: LanguageResults, groups: readonly Group[]): string {
  const { length, streams, steps, rates, candidateDropout } = settings as Readonly<Record<string, number>> & { readonly rates: readonly number[] };
  const runs = groups.flat();
  const readings = ((steps! * streams! * length!) / 1_003_854).toFixed(1); // characters to train on
  const atEdge = groups.map(([first]) => first!).filter(({ rate }) => rate === Math.max(...rates)).map(({ model }) => model);
  const edge = atEdge.length > 0 ? ` The best rate was the largest tried for ${atEdge.join(' and ')}: a larger one may be better yet.` : '';
  const short = `A short training: the text is read ${readings} times, ${candidateDropout ? `${100 * candidateDropout} % of the candidate values dropped` : 'without dropout'}; longer ones may order the models otherwise.${edge}`;
  const tried = groups.map(([first]) => `${first!.model} ${trials.filter(({ model }) => model === first!.model).map(({ rate, validation }) => `${rate}: ${validation.toFixed(3)}`).join(', ')}`);
  return `${short} ± is half of a 95 % interval over the seeds (Student's t), where there are several; differences are paired by seed. Validation of the tried rates: ${tried.join('; ')}. Seconds are of training steps on one thread of a shared machine. ${describeMachine(runs)}`;
}

/** The mean over the seeds at the steps that all of them took. */
function curveOf(runs: Group): Series {
  const shared = runs[0]!.curve.filter(({ step }) => runs.every(({ curve }) => curve.some((point) => point.step === step)));
  const points = shared.map(({ step }) => {
    const { mean, interval } = student(runs.map(({ curve }) => curve.find((point) => point.step === step)!.validation));
    return { step, value: mean, interval };
  });
  return { name: runs[0]!.model, points };
}

function changesAbout(model: string, seed: string): string {
  return `How much the ${model}'s recurrent weights change with each character of the test text (seed ${seed}): for each of its four gates, the norm of the change of the scaled matrix, darker for more.`;
}

/** What a HyperLSTM, or else the first model, writes: of its seeds the one with the best validation. */
function samples(groups: readonly Group[]): readonly string[] {
  const runs = groups.find(([first]) => first!.model === 'HyperLSTM') ?? groups[0]!;
  const best = [...runs].sort((one, other) => one.validation - other.validation)[0]!;
  return [`The ${best.model} (seed ${best.seed}) by itself, each character drawn by its probability:`, ['```text', best.sample.trim(), '```'].join('\n')];
}
