import { join } from 'node:path';
import { formatTable, imageSheet, meanInterval, pairedDifference, savePicture, stepsPicture, type Cell, type Mean, type PictureImage, type SheetRow } from 'hypermeta';
import { describeMachine } from '../describe-machine';
import { readJson } from '../json-file';
import type { Choice } from './methods';
import { readCompletion, unpackPixels, type CompletionData, type CompletionFile, type CompletionRun, type MethodRun, type PhotographFile, type PhotographRun } from './records';

export const completionFile = 'image-functions/completion.json';
export const photographFile = 'image-functions/photographs.json';

/** The section on image functions, and its pictures; nothing where nothing was run. */
export async function imageFunctionsSection(results: string): Promise<string | undefined> {
  const completion = readCompletion(join(results, completionFile));
  const photographs = readJson<PhotographFile>(join(results, photographFile));
  if (!completion?.runs.length && !photographs?.runs.length) return undefined;
  return [
    '## Images as functions',
    aboutAll,
    ...(completion?.runs.length ? await completionParts(completion, results) : []),
    ...(photographs?.runs.length ? await photographParts(photographs, results) : []),
  ].join('\n\n');
}

const aboutAll =
  'A task is one image: a network that maps the coordinates of a pixel to its colour, adapted to some given pixels, and asked for all of them. `npm run image-functions -- --data DIR --seconds N` runs it. A network has three hidden layers of 64, sine layers or ReLU on Fourier features, and a context beside the coordinates where a method has one; rates, and of MAML and the neural process which of the two, are chosen by short trials on validation images, once for all data sets of completion; what was tried of each is told below its table. Before that, 22 trials of 30 s on validation images of Fashion-MNIST, and three on those of Caltech-FS, looked for ranges of the rates of shifts alone and for rank, embedding and rates of the changes of low rank; the other methods had no such trials, which are not recorded. Three earlier forms of hypernetworks are not kept: scales and shifts from an embedding of 128 (0.2587 of clothing from 10 pixels, one meta-training), changes of low rank from one of 64 (one of six meta-trainings diverged, on Caltech-FS), and of photographs shifts alone, which were as good (24.34 dB after three steps). All methods have the same processor time of meta-training; how many outer steps that was enough for is in the table and depends on the machine.';

async function completionParts({ settings, data, runs }: CompletionFile, results: string): Promise<string[]> {
  const parts = [
    '### Completion',
    `Mean squared error over all pixels of unseen images, values in [0, 1], as in CAVIA's protocol (Zintgraf et al. 2019, arXiv 1810.03642, section 5.3) but for CelebA, which is not here; given pixels are random ones. One meta-training serves all numbers of given pixels: a batch draws one of them. ${String(settings['episodes'])} unseen images, the same for all; ± is half of a 95 % interval over them. Where a method has several seeds, an image's error is the mean over them, and its row of the picture shows the first. ${timeOf(settings)}`,
  ];
  for (const images of data) {
    const own = runs.filter((run) => run.data === images.name).sort((one, other) => Number(one.seed) - Number(other.seed));
    if (own.length === 0) continue;
    const path = `image-functions/completed-${images.name.replace(/\W+/g, '-')}`;
    await savePicture(await completionSheet(images, own), join(results, path));
    parts.push(completionTable(images, own), completionNotes(own), `![Images of ${images.name}, completed](results/${path}.svg)`);
  }
  return parts;
}

function completionTable({ name, meanImage }: CompletionData, runs: readonly CompletionRun[]): string {
  const given = meanImage.map((test) => `${test.given} given`);
  const header = [`${name}, MSE`, ...given, 'seeds', 'inner steps', 'adapted values', 'meta-parameters', 'outer steps'];
  const rows = namesOf(runs).map((method): Cell[] => {
    const own = runs.filter((run) => run.name === method);
    const [{ innerSteps, facts, steps }] = own as [CompletionRun];
    return [method, ...meanImage.map((_, test) => cell(meanInterval(valuesOf(own, test)))), own.length, innerSteps, innerSteps > 0 ? facts.adaptedValues : 0, facts.metaParameters, steps];
  });
  const mean: Cell[] = ['mean image', ...meanImage.map(({ values }) => cell(meanInterval(values))), '', '', '', '', ''];
  return formatTable(header, [...rows, mean], { style: 'markdown', digits: 4 });
}

/** Paired differences of the hypernetworks to the two adapted baselines, and what was chosen. */
function completionNotes(runs: readonly CompletionRun[]): string {
  const tests = runs[0]!.tests;
  const names = namesOf(runs);
  const differences = names.filter((name) => name.startsWith('hypernetwork')).flatMap((ours) =>
    names.filter((name) => ['MAML', 'CAVIA', 'neural process'].includes(name)).flatMap((theirs) => {
      const seedsOf = (method: string) => runs.filter(({ name }) => name === method).map(({ seed }) => seed);
      const shared = runs.filter(({ seed }) => seedsOf(ours).includes(seed) && seedsOf(theirs).includes(seed));
      if (shared.length === 0) return [];
      const of = (method: string) => shared.filter(({ name }) => name === method);
      const figures = tests.map(({ given }, test) => {
        const { mean, interval } = pairedDifference(valuesOf(of(ours), test), valuesOf(of(theirs), test));
        return `${mean.toFixed(4)} ± ${interval.toFixed(4)} (${given})`;
      });
      return [`${ours} less ${theirs}: ${figures.join(', ')}.`];
    }),
  );
  const least = tests.map(({ given }, test) => {
    const errors = names.map((name) => meanInterval(valuesOf(runs.filter((run) => run.name === name), test)).mean);
    return `${names[errors.indexOf(Math.min(...errors))]} (${given} given)`;
  });
  const opening = `Least error: ${least.join(', ')}. Paired differences, image by image and on the seeds that both have, below 0 where the first is better.`;
  return [opening, ...differences, ...errorsBySeed(runs), aboutMethods(runs)].join(' ');
}

/** What the means over seeds hide, such as one training that diverged. */
function errorsBySeed(runs: readonly CompletionRun[]): readonly string[] {
  const several = namesOf(runs).map((name) => runs.filter((run) => run.name === name)).filter((own) => own.length > 1);
  const lists = several.map((own) => `${own[0]!.name} ${own.map((run) => meanInterval(valuesOf([run], 0)).mean.toFixed(4)).join(', ')}`);
  return lists.length === 0 ? [] : [`By seed, ${runs[0]!.tests[0]!.given} given: ${lists.join('; ')}.`];
}

/** Each image's error, the mean over seeds. */
function valuesOf(runs: readonly CompletionRun[], test: number): readonly number[] {
  const lists = runs.map(({ tests }) => tests[test]!.values);
  return lists[0]!.map((_, image) => lists.reduce((sum, values) => sum + values[image]! / lists.length, 0));
}

async function completionSheet({ name, side, channels, truth, places }: CompletionData, runs: readonly CompletionRun[]): Promise<string> {
  const picture = (text: string): PictureImage => ({ pixels: unpackPixels(text), width: side, height: side, channels });
  const given = places.flatMap(({ images }) => images.map((own, image) => givenPicture(unpackPixels(truth[image]!), own, { side, channels })));
  const rows: SheetRow[] = [
    { name: 'given pixels', images: given },
    ...firstRuns(runs).filter(({ tests }) => tests[0]!.shown).map((run) => ({ name: run.name, images: run.tests.flatMap(({ shown = [] }) => shown.map(picture)) })),
    { name: 'truth', images: places.flatMap(() => truth.map(picture)) },
  ];
  const [few, some] = places.map((each) => each.given);
  return imageSheet({ rows, title: `${name}: ${few} given pixels, then ${some}`, imageWidth: 36 });
}

/** The given pixels of an image on blue, which no pixel of a grey image has. */
function givenPicture(truth: Float32Array, places: readonly number[], { side, channels }: { readonly side: number; readonly channels: number }): PictureImage {
  const pixels = Float32Array.from({ length: side * side * 3 }, (_, i) => [0.8, 0.87, 1][i % 3]!);
  for (const place of places) for (let channel = 0; channel < 3; channel++) pixels[3 * place + channel] = truth[channels * place + (channel % channels)]!;
  return { pixels, width: side, height: side, channels: 3 };
}

async function photographParts(file: PhotographFile, results: string): Promise<string[]> {
  const { settings, photographs, bilinear, runs } = file;
  const header = ['PSNR in dB', ...runs[0]!.tests.map(({ steps }) => `${steps} steps`), 'doubled', 'adapted values', 'meta-parameters', 'outer steps'];
  const rows = runs.map(({ name, tests, doubled, facts, steps }): Cell[] => [
    name,
    ...tests.map(({ values }) => cell(overPhotographs(values, photographs))),
    cell(overPhotographs(doubled, imagePhotographs(doubled.length))),
    facts.adaptedValues,
    facts.metaParameters,
    steps,
  ]);
  const interpolation: Cell[] = ['bilinear interpolation', ...runs[0]!.tests.map(() => ''), cell(overPhotographs(bilinear.doubled, imagePhotographs(bilinear.doubled.length))), '', '', ''];
  const series = runs.map(({ name, tests }) => ({ name, points: tests.map(({ steps, values }) => ({ step: steps, value: overPhotographs(values, photographs).mean, interval: overPhotographs(values, photographs).interval })) }));
  const steps = 'image-functions/photographs-steps';
  const sheet = 'image-functions/photographs-doubled';
  await savePicture(await stepsPicture({ series, metric: 'PSNR in dB', title: 'Crops of unseen photographs, all pixels given' }), join(results, steps));
  await savePicture(await doubledSheet(file), join(results, sheet));
  return [
    '### Photographs',
    `The same network from three kinds of start, on 64 × 64 crops of natural images (Kodak): meta-training on random crops of 18 photographs (36 images), ${String(settings['given'])} pixels given; test on ${String(settings['episodes'])} crops of the 6 others (12 images), all 4,096 pixels given. *doubled*: the function of an image of 64 × 64, sampled at 128 × 128, against the original there. ± is half of a 95 % interval over the six photographs' means (Student's t). ${timeOf(settings)}`,
    formatTable(header, [...rows, interpolation], { style: 'markdown', digits: 2 }),
    startNotes(runs, photographs),
    `![PSNR after each step](results/${steps}.svg)`,
    `![A photograph at twice its resolution](results/${sheet}.svg)`,
  ];
}

function startNotes(runs: readonly PhotographRun[], photographs: readonly string[]): string {
  const [ours] = runs.filter(({ name }) => name.includes('hypernetwork'));
  const differences = runs.filter((run) => ours && run !== ours).map((theirs) => {
    const figures = ours!.tests.map(({ steps, values }, test) => {
      const { mean, interval } = overPhotographs(values.map((value, crop) => value - theirs.tests[test]!.values[crop]!), photographs);
      return `${mean.toFixed(2)} ± ${interval.toFixed(2)} (${steps})`;
    });
    return `${ours!.name} less ${theirs.name}: ${figures.join(', ')}.`;
  });
  return ['Paired differences after so many steps, above 0 where the first is better.', ...differences, aboutMethods(runs)].join(' ');
}

function doubledSheet({ side, truth, given, bilinear, runs }: PhotographFile): Promise<string> {
  const large = (text: string): PictureImage => ({ pixels: unpackPixels(text), width: 2 * side, height: 2 * side, channels: 3 });
  const rows: SheetRow[] = [
    { name: `given, ${side} × ${side}; bilinear; truth`, images: [{ pixels: unpackPixels(given), width: side, height: side, channels: 3 }, large(bilinear.shown), large(truth)] },
    { name: runs.map(({ name }) => name.replace(/ \(.*/, '')).join('; '), images: runs.map(({ shown }) => large(shown)) },
  ];
  return imageSheet({ rows, title: 'A photograph at twice its resolution', imageWidth: 128 });
}

/** Means of photographs, each over its crops, and the interval over photographs. */
function overPhotographs(values: readonly number[], photographs: readonly string[]): Mean {
  const means = [...new Set(photographs)].map((name) => meanInterval(values.filter((_, crop) => photographs[crop] === name)).mean);
  return meanInterval(means, { quantile: 'student' });
}

/** Two images of each. */
function imagePhotographs(count: number): readonly string[] {
  return Array.from({ length: count }, (_, image) => String(image >> 1));
}

function aboutMethods(runs: readonly (CompletionRun | PhotographRun)[]): string {
  const methods = firstRuns(runs).map(
    ({ name, about, choice, innerSteps, trials, chosenOn }) =>
      `${name}: ${about}; ${trials.length > 1 ? `the best of ${trials.length} trials${chosenOn ? `, chosen on ${chosenOn}` : ''}` : 'not tuned'}: ${choice.adapt ? `steps on the ${choice.adapt}, ` : ''}${choice.network === 'sine' ? 'sine layers' : 'ReLU on Fourier features'}, ${ratesOf(innerSteps, choice, trials)}.`,
  );
  return `${methods.join(' ')} ${describeMachine(runs, { without: ['onnxruntime'] })}`;
}

function timeOf(settings: Readonly<Record<string, unknown>>): string {
  return `Each meta-training took ${String(settings['seconds'])} s of processor time, each trial ${String(settings['trialSeconds'])} s.`;
}

function namesOf(runs: readonly MethodRun[]): readonly string[] {
  return [...new Set(runs.map(({ name }) => name))];
}

/** Of each method the one of its first seed. */
function firstRuns<Run extends MethodRun>(runs: readonly Run[]): readonly Run[] {
  return namesOf(runs).map((method) => runs.find(({ name }) => name === method)!); // it has one
}

function cell({ mean, interval }: Mean): Cell {
  return { value: mean, interval };
}

/** The rates of a choice that steps use, or that trials differed in. */
function ratesOf(innerSteps: number, choice: Choice, trials: readonly Choice[]): string {
  const chooses = trials.some(({ outerLearningRate }) => outerLearningRate !== choice.outerLearningRate);
  return [...(innerSteps > 0 ? [`inner rate ${choice.innerLearningRate}`] : []), ...(chooses || innerSteps === 0 ? [`outer rate ${choice.outerLearningRate}`] : [])].join(', ');
}
