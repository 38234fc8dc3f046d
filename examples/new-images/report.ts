import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { formatTable, meanInterval, type Cell } from 'hypermeta';
import { describeMachine } from '../describe-machine';
import { readRuns, type ImageRun } from './results';

/** The section on new images; nothing where none were made. */
export function newImagesSection(results: string): string | undefined {
  const folder = join(results, 'new-images');
  const [items, characters] = ['items', 'characters'].map((part) => readRuns(join(folder, `${part}.json`))) as [readonly ImageRun[], readonly ImageRun[]];
  if (items.length + characters.length === 0) return undefined;
  const parts = ['## New images', opening];
  if (items.length > 0) parts.push('### New items of clothing', aboutItems, tableOf(items), costOf(items), pictures(folder, ['items-hypernetwork', 'items-plain', 'items-fine']));
  if (characters.length > 0) parts.push('### More drawings of a character', aboutCharacters, tableOf(characters), costOf(characters), pictures(folder, ['characters-hypernetwork', 'characters-told', 'characters-plain']));
  return parts.join('\n\n');
}

const opening =
  'Variational hypernetworks, which make a network of a latent code, beside decoders that take the code as an input: the same encoder, code of 32 values and processor time of training, and parameters as said. Fréchet distances (squared) and the classifier two-sample test compare 64 features of as many real images as made ones; real images that are compared with other real ones show what is left by chance. ± is half of a 95 % interval: over seeds (Student\'s t) where there are several, else over images, characters or redrawings of both sets (bootstrap); "told apart" is the accuracy of the test, 0.5 is chance, 1 is always. `npm run new-images -- --data DIR` makes it anew.';

const aboutItems =
  'A hypernetwork makes a network from places to grey levels of a code; the usual decoder makes all pixels at once. Learned from the 60,000 training images of Fashion-MNIST; compared with test images, by the features of a classifier (784-256-64-10) that was trained on the training images. The weight of the divergence, 0.3, was the better of two that both models tried on held-out training images. The fitted prior is a mixture of ten normal distributions, fitted to codes of training images; the normal prior is what the divergence pulls towards.';

const aboutCharacters =
  'Learned from Omniglot\'s background alphabets, turned by quarters as further characters, every drawing brought to the middle and to one size; K drawings of each of 659 characters of the evaluation alphabets are given, and four made of them. The hypernetwork makes a field of a code: a network that moves each pixel of a new drawing to a place of a given one, whose ink there it takes (Jaderberg et al., arXiv 1506.02025). Beside it one field for all codes, which takes the code as an input, and a decoder that makes all pixels of code and given drawing. "Copies" are the given drawings as they are, which no model is to make: the best by all but their spread. The features are those of the model of handwritten characters that ships with the library, along 64 main directions. "named right": nearest, among the means of four other real drawings each, to that of its own character out of 20; "spread": the mean squared distance between two drawings of a character, which says whether they vary as real ones do; those of several drawings given differ as those do. The weight of the divergence, 0.05, is the best of 1, 0.15 and 0.05, which the hypernetwork alone tried, by these scores: a choice made on the characters that are asked.';

/** A column for each model, a row for each figure. */
function tableOf(runs: readonly ImageRun[]): string {
  const models = [...new Set(runs.map(({ model }) => model))];
  const names = [...new Set(runs.flatMap(({ values }) => Object.keys(values)))];
  const rows = names.map((name) => [name, ...models.map((model) => cellOf(runs.filter((run) => run.model === model), name))]);
  return formatTable(['', ...models], rows, { style: 'markdown', digits: 3 });
}

function cellOf(runs: readonly ImageRun[], name: string): Cell {
  const found = runs.flatMap(({ values }) => values[name] ?? []);
  const [first] = found;
  if (!first) return '';
  const { mean, interval } = found.length === 1 ? first : meanInterval(found.map((value) => value.mean), { quantile: 'student' });
  return { value: mean, interval };
}

/** What each model took. */
function costOf(runs: readonly ImageRun[]): string {
  const trained = runs.filter(({ steps }) => steps > 0);
  const sentences = [...new Set(trained.map(({ model }) => model))].map((model) => {
    const own = trained.filter((run) => run.model === model);
    const seconds = meanInterval(own.map(({ processorSeconds }) => processorSeconds)).mean;
    const { parameters, steps } = own[0]!; // it is a model of some run
    return `${model}: ${parameters.toLocaleString('en')} parameters, ${steps.toLocaleString('en')} steps in ${seconds.toFixed(0)} s of one core, ${own.length === 1 ? 'one seed' : `${own.length} seeds: ${bySeed(own)}`}.`;
  });
  return [...sentences, describeMachine(trained, { without: ['cores'] })].join(' ');
}

/** The first figure of each, since a mean over seeds hides a training that failed. */
function bySeed(runs: readonly ImageRun[]): string {
  const [name] = Object.keys(runs[0]!.values);
  return `${name} ${runs.map(({ values }) => values[name!]!.mean.toFixed(3)).join(', ')}`;
}

function pictures(folder: string, names: readonly string[]): string {
  const there = names.filter((name) => existsSync(join(folder, `${name}.svg`)));
  return there.map((name) => `![${name}](results/new-images/${name}.svg)`).join('\n\n');
}
