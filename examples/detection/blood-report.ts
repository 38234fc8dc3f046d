import { join } from 'node:path';
import { formatTable, meanInterval, type Cell, type Mean } from 'hypermeta';
import { readBloodResults } from './results';

/** The section on blood cells; nothing where nothing was run. */
export function bloodSection(results: string): string | undefined {
  const found = readBloodResults(join(results, 'detection/blood-cells.json'));
  if (!found || found.runs.length === 0) return undefined;
  const { settings, runs } = found;
  const spread = ({ mean, interval }: Mean): Cell => ({ value: mean, interval });
  const rows = runs.map(({ novel, seed, methods, difference, overImages }): Cell[] => [`${novel}, seed ${seed}`, ...methods.map(({ values }) => spread(meanInterval(values))), spread(difference), spread(overImages)]);
  const names = runs[0]!.methods.map(({ name }) => name); // the same in all
  const choices = runs.flatMap(({ novel, methods, env }) =>
    methods.map(({ name, seconds, adaptMs, choice: { changes, learningRate, steps } }) => `${novel}, ${name}: ${steps === 0 ? 'no step' : `${steps} steps on ${changes}, rate ${learningRate}`}, ${adaptMs.toFixed(0)} ms to adapt, ${seconds.toFixed(0)} s of training (commit ${String(env['commit'])})`),
  );
  return [
    '## Few-shot detection: blood cells',
    `BCCD, 160 × 120 pixels: white cells and platelets in turn are a class that nothing was learned about: the loss ignores their places. The detector learns from the other cells in crops of ${settings.size} pixels with changed colours, inverted or not, and other sizes, and from Omniglot's background characters in colours, half of each. Then it is given K = ${settings.boxes} boxes, each in another of the 205 training images whose other cells are not annotated; ${settings.draws} draws, the same for both methods. AP50 over all 72 test images; ± half of a 95 % interval over draws. The last column draws the test images again (${settings.resamples} bootstrap samples). Fine-tuning starts from ${settings.steps} steps of ordinary training, the generated head from ${settings.bodySteps} of them and ${settings.metaSteps} of meta-training; rates and steps were chosen among ${2 * settings.triedRates * settings.triedSteps} each on known cells of the validation images. Red cells are always known, and as a new class were not run.`,
    formatTable(['AP50', ...names, 'paired difference', 'over test images'], rows, { style: 'markdown' }),
    ...runs.map(({ novel }) => `![${novel} found in test images](results/detection/blood-${novel}.png)`),
    `Chosen: ${choices.join('; ')}.`,
  ].join('\n\n');
}
