import * as tf from '@tensorflow/tfjs';
import { dirname, join } from 'node:path';
import { annotatedImages, averagePrecision, createRng, detectionPicture, meanInterval, pairedDifference, readDetections, savePicture, type AnnotatedImage, type AnnotatedSet, type BloodCells, type BoxedImage, type FoundBox, type LabelledSet, type Mean } from 'hypermeta';
import { environment } from '../environment';
import { bloodEpisodes, labelledBlood } from './blood-episodes';
import { cut } from './draw-scenes';
import { benchOf, methodsOf, openMethod, type Choice, type Method } from './methods';
import { novelCells, writeBloodResults, type BloodRun } from './results';
import type { BloodSettings } from './settings';
import { trainModels, type KeptModels } from './train-models';

const allCells = ['RBC', 'WBC', 'Platelets'];

/** One case after another, but for those that are there before: trains without a class, then finds it from a few boxes of it. Returns all runs. */
export async function runBlood(cells: BloodCells, characters: LabelledSet, settings: BloodSettings, { seed, path, resume, folder, before }: KeptModels & { readonly path: string; readonly before: readonly BloodRun[] }): Promise<readonly BloodRun[]> {
  let runs = before;
  for (const novel of novelCells) {
    if (runs.some((run) => run.novel === novel && run.seed === seed)) continue;
    const run = await runCase(novel, cells, characters, settings, { seed, resume, folder: join(folder, novel), pictures: dirname(path) });
    runs = [...runs, run];
    writeBloodResults(path, { settings, runs });
    console.log(`${novel}, seed ${seed}: ${run.methods.map(({ name, values }) => `${name} ${meanInterval(values).mean.toFixed(3)}`).join(', ')}; difference ${run.difference.mean.toFixed(3)} ± ${run.difference.interval.toFixed(3)}`);
  }
  return runs;
}

async function runCase(novel: string, cells: BloodCells, characters: LabelledSet, settings: BloodSettings, { pictures, ...kept }: KeptModels & { readonly pictures: string }): Promise<BloodRun> {
  const { size, trainShots, trainScenes, pretrainScenes, boxes: shots, draws, validationEpisodes, validationImages } = settings;
  const labels = allCells.filter((label) => label !== novel);
  const common = { size, labels, novel };
  const models = await trainModels(settings, {
    episodes: bloodEpisodes(cells.train, characters, { ...common, shots: trainShots, queries: trainScenes }),
    ways: 1,
    scenes: labelledBlood(cells.train, characters, { ...common, queries: pretrainScenes }),
    classes: labels.length + 1,
  }, kept);
  const methods = methodsOf(settings, models, characters).slice(0, 2);
  const known = annotatedImages(cells.validation, { shots, queryImages: validationImages, classes: labels, ignored: [novel] });
  const found: FoundIn[][] = [];
  const about: Pick<BloodRun['methods'][number], 'name' | 'seconds' | 'choice' | 'adaptMs'>[] = [];
  for (const method of methods) {
    const bench = benchOf(method);
    const { chosen } = await bench.tune(known, validationEpisodes); // known cells: of the novel ones only the boxes of a draw are seen
    await bench.dispose();
    const drawn = await findInAll(method, chosen, cells, { novel, shots, draws });
    found.push(drawn.found);
    about.push({ name: method.name, seconds: method.seconds, choice: chosen, adaptMs: drawn.adaptMs });
  }
  const truth = truthOf(cells.test, novel);
  const values = found.map((own) => own.map((images) => precision(truth, images, truth.map((_, image) => image))));
  await savePicture(await drawFound(cells.test, truth, methods, found, novel), join(pictures, `blood-${novel}`));
  const [ours, theirs] = values as [number[], number[]];
  return {
    novel,
    seed: kept.seed,
    methods: about.map((each, index) => ({ ...each, values: values[index]! })),
    difference: pairedDifference(ours, theirs),
    overImages: bootstrap(truth, found as [FoundIn[], FoundIn[]], settings.resamples),
    env: environment(),
  };
}

/** What was found in each test image. */
type FoundIn = readonly (readonly FoundBox[])[];
type Truth = readonly BoxedImage['truth'][];

const truthOf = ({ images }: AnnotatedSet, novel: string): Truth => images.map(({ boxes }) => boxes.filter(({ label }) => label === novel).map(({ box }) => box));

/** Adapts to draw after draw of the training images, the same for all methods, and looks at all test images. */
async function findInAll(method: Method, choice: Choice, cells: BloodCells, { novel, shots, draws }: { readonly novel: string; readonly shots: number; readonly draws: number }): Promise<{ readonly found: FoundIn[]; readonly adaptMs: number }> {
  const source = annotatedImages(cells.train, { shots, queryImages: 1, classes: [novel] });
  const trainer = await openMethod(method, source, choice);
  const { inputShape, images } = cells.test;
  const shape = [...source.targetShape.slice(0, 2), 5];
  const batch = 8;
  const found: FoundIn[] = [];
  let milliseconds = 0;
  for (let draw = 0; draw < draws; draw++) {
    const { support } = source.sample('draws', draw);
    const before = process.cpuUsage();
    const adapted = await trainer.adapt({ x: support.x, y: support.y });
    const { user, system } = process.cpuUsage(before);
    if (draw > 0) milliseconds += (user + system) / 1000 / (draws - 1); // the first compiles
    const own: (readonly FoundBox[])[] = [];
    for (let first = 0; first < images.length; first += batch) {
      const some = images.slice(first, first + batch);
      const x = Float32Array.from(some.flatMap((image) => [...levelsOf(image)]));
      const readouts = tf.tidy(() => adapted.predict(tf.tensor(x, [some.length, ...inputShape])).dataSync<'float32'>());
      own.push(...some.map((_, index) => readDetections(cut(readouts, some.length, index), shape, { most: 20 })));
    }
    adapted.dispose();
    found.push(own);
  }
  trainer.dispose();
  return { found, adaptMs: milliseconds };
}

/** In [0, 1]. */
const levelsOf = ({ pixels }: AnnotatedImage) => Float32Array.from(pixels, (level) => level / 255);

function precision(truth: Truth, found: FoundIn, images: readonly number[]): number {
  return averagePrecision(images.map((image) => ({ truth: truth[image]!, found: found[image]! })));
}

/** The mean difference over draws on test images that are drawn again, with replacement: its mean and half of its middle 95 %. */
function bootstrap(truth: Truth, [ours, theirs]: readonly [readonly FoundIn[], readonly FoundIn[]], resamples: number): Mean {
  const rng = createRng('test images');
  const differences = Array.from({ length: resamples }, () => {
    const images = truth.map(() => rng.integer(truth.length));
    return meanInterval(ours.map((own, draw) => precision(truth, own, images) - precision(truth, theirs[draw]!, images))).mean;
  }).sort((one, other) => one - other);
  const at = (share: number) => differences[Math.min(resamples - 1, Math.floor(share * resamples))]!;
  return { mean: meanInterval(differences).mean, interval: (at(0.975) - at(0.025)) / 2, count: resamples };
}

/** Test images with what each method found from the first draw, the surest boxes. */
function drawFound({ images, inputShape }: AnnotatedSet, truth: Truth, methods: readonly Method[], found: readonly (readonly FoundIn[])[], novel: string): Promise<string> {
  const [height, width, channels] = inputShape as [number, number, number];
  const shown = truth.flatMap((boxes, image) => (boxes.length > 0 ? [image] : [])).slice(0, 4);
  const rows = methods.map(({ name }, method) => ({
    name: `${name}\nfrom 5 boxes`,
    images: shown.map((image): BoxedImage => ({
      ...{ pixels: levelsOf(images[image]!), height, width, channels },
      ...{ truth: truth[image]!, found: found[method]![0]![image]!.slice(0, Math.max(2, truth[image]!.length)) }, // each method has found some
    })),
  }));
  return detectionPicture({ rows, title: `${novel} that nothing was learned about before: the surest boxes`, width: 160 });
}
