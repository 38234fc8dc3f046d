import { join } from 'node:path';
import { accuracyMatrixPicture, continualMeasures, formatTable, meanInterval, savePicture } from 'hypermeta';
import { benchmarks } from './benchmarks';
import { readContinualResults, type ContinualRun } from './results';

/** Accuracies in percent, task given and inferred by entropy; von Oswald et al. 2020 (arXiv 1906.00695) as run by the authors' later code. */
const published: Readonly<Record<string, readonly (readonly [string, string, string])[]>> = {
  split: [
    ['hypernetwork (published)', '99.72 [C]', '63.41 [C]'],
    ['EWC (published)', '97.79 [C]', '46.61 [C]'],
  ],
  permuted: [
    ['hypernetwork (published)', '95.05 [C]', '75.84 [C]'],
    ['separate (published)', '97.04 [C]', ''],
    ['fine-tuning (published)', '47.89 [C]', ''],
  ],
};

/** The section on tasks that come one after another, with a picture of each method's accuracy matrix; nothing where none was run. */
export async function continualSection(results: string): Promise<string | undefined> {
  const parts: string[] = [];
  for (const { name, title } of Object.values(benchmarks)) {
    const runs = readContinualResults(join(results, 'continual', `${name}.json`))?.runs ?? [];
    const methods = [...new Set(runs.map(({ method }) => method))];
    if (runs.length === 0) continue;
    const rows = methods.map((method) => rowOf(runs.filter((run) => run.method === method)));
    const theirs = published[name]!.map(([method, given, inferred]) => [method, given, inferred, '', '', '', '']);
    const columns = ['accuracy %', 'task given', 'task inferred', 'forgotten', 'backward transfer', 'a new task', 'seeds'];
    parts.push(`### ${title}`, formatTable(columns, [...rows, ...theirs], { style: 'markdown' }), sentences(runs));
    for (const method of methods) {
      const run = runs.find((each) => each.method === method)!; // it has one
      const picture = `continual/${name}-${method.replaceAll(' ', '-')}`;
      await savePicture(await accuracyMatrixPicture({ matrix: run.accuracy, title: `${name}, ${method}` }), join(results, picture));
      if (method === 'hypernetwork') parts.push(`![Accuracy matrix of the hypernetwork](results/${picture}.svg)`);
    }
  }
  return parts.length === 0 ? undefined : ['## Tasks one after another (MNIST)', about, ...parts].join('\n\n');
}

const about = [
  'All methods have the same base network, steps and batches: 784-100-100-10, 5,000 steps of Adam a task, batches of 32 (split) or 128 and gradients clipped at norm 1 (permuted), 55,000 training images, scored on the 10,000 test images after the last task; 95 % intervals over seeds (t) where there are several. The protocol is that of von Oswald et al. (arXiv 1906.00695) but for the rate, which falls along half a cosine, and the strengths: our generators start at other scales. "inferred": the task whose prediction has the lowest entropy. "A new task": one more permutation, learned at the end from 100 images by what a task has of its own, all other tasks as they were.',
  '“hypernetwork” differs from the published one in two things. Its trunk is one layer of short sine waves, so that a change for one chunk or task hardly reaches another; and its regularizer counts a generated weight by how much the outputs of its task depend on it, so that the others are free to move. "Published hypernetwork" has the sizes and the regularizer of the publication. Settings were chosen in trials on validation images, permuted MNIST in 4 tasks of 3,000 steps: about 30 of both hypernetworks on split, 15 on permuted MNIST; EWC and SI had three strengths each on split MNIST, at the rate of all shared networks, and on permuted MNIST one, set by hand: fewer trials than the hypernetwork.',
].join('\n\n');

const percent = (values: readonly number[]) => {
  const { mean, interval } = meanInterval(values.map((value) => 100 * value), { quantile: 'student' });
  return `${mean.toFixed(2)}${values.length > 1 ? ` ± ${interval.toFixed(2)}` : ''}`;
};

function rowOf(runs: readonly ContinualRun[]): readonly string[] {
  const measures = runs.map(({ accuracy }) => continualMeasures(accuracy));
  const inferred = runs.map((run) => run.inferred.reduce((sum, value) => sum + value, 0) / run.inferred.length);
  const few = runs.flatMap((run) => run.few?.accuracy ?? []);
  return [
    `${runs[0]!.method} (${runs[0]!.about})`,
    percent(measures.map(({ final }) => final)),
    percent(inferred),
    percent(measures.map(({ forgetting }) => forgetting)),
    percent(measures.map(({ backwardTransfer }) => backwardTransfer)),
    few.length === 0 ? '' : percent(few),
    String(runs.length),
  ];
}

function sentences(runs: readonly ContinualRun[]): string {
  const each = runs.map(({ method, seed, settings, seconds, env }) => {
    const strength = settings['strength'] === undefined ? '' : `, strength ${String(settings['strength'])}`;
    return `${method}, seed ${seed}: rate ${String(settings['learningRate'])}${strength}, ${seconds.toFixed(0)} s, commit ${String(env['commit'])}.`;
  });
  return `${each.join(' ')} The machine did other work meanwhile, so the seconds say little.`;
}
