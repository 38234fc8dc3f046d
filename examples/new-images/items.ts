import { join } from 'node:path';
import { countParams, createRng, imageSheet, meanInterval, mlp, readIdx, type HostParams, type Learner, type Mean, type TaskSource } from 'hypermeta';
import { environment } from '../environment';
import { savePictures } from '../save-pictures';
import { accuracyOf, reader, trainClassifier, type Reader } from './classifier';
import { compareSets, featureCount } from './compare-sets';
import { imageModel, type ImageModel } from './image-model';
import { imageForm, imageTasks, pixelCount, pixelForm, pixelTasks, readImages, side, type Form, type Images } from './image-tasks';
import { keptParams } from './kept-params';
import { drawCode, fitMixture } from './mixture-prior';
import { plainAutoencoder, variationalHypernetwork, type ModelSettings } from './models';
import { recorder, type PartOptions, type Recorder } from './results';
import type { ItemSettings } from './settings';
import { fineImages, imagesOf } from './sheet-images';
import { trainModel } from './train-model';

interface Kind {
  readonly name: string;
  readonly budget: 'hypernetwork' | 'plain';
  learner(settings: ModelSettings): Learner;
  tasks(images: Images, points: number): TaskSource;
  readonly form: Form;
}

const kinds: readonly Kind[] = [
  { name: 'variational hypernetwork', budget: 'hypernetwork', learner: variationalHypernetwork, tasks: pixelTasks, form: pixelForm },
  { name: 'plain decoder', budget: 'plain', learner: plainAutoencoder, tasks: imageTasks, form: imageForm },
];

/** Looks at the file of the results at once; what is returned goes on from it. */
export function openItems(options: PartOptions<ItemSettings>): () => Promise<void> {
  const { settings, out, ...how } = options;
  const { scoring, training, scored } = settings;
  const trained = kinds.map(({ name, budget }) => [name, { ...settings, training: { ...training, steps: training.steps[budget] } }] as const);
  const untrained = { 'real images': { scored, scoring } };
  const file = recorder(join(out, 'items.json'), 'New items of clothing', { ...how, settings: { ...untrained, ...Object.fromEntries(trained) } });
  return () => runItems(options, file);
}

/** New items of clothing: trains both models on Fashion-MNIST, scores them against images never seen, and draws them. */
async function runItems({ settings, data, seeds, out, work }: PartOptions<ItemSettings>, { has, record }: Recorder): Promise<void> {
  const { scored, scoring, points, training } = settings;
  const [all, test] = ['train', 't10k'].map((name) => readItems(join(data, 'fashion-mnist'), name)) as [Items, Items];
  const learnt = firstOf(all, Math.min(all.count, settings.images));
  const count = Math.min(scored, Math.floor(test.count / 2));
  const [held, others] = [readImages(test, 0, count), readImages(test, count, count)];
  const judge = await trainJudge(learnt, test, settings.classifierSteps, join(work, 'items-judge'));
  const real = await judge.read(others);
  const distances = async (name: string, images: Float32Array) => compareSets(name, await judge.read(images), real, scoring);
  const floor = { ...(await distances('images', held)), 'accuracy of the classifier': judge.accuracy };
  record({ model: 'real images', seed: '-', parameters: 0, steps: 0, processorSeconds: 0, values: floor, env: environment() });

  for (const seed of seeds)
    for (const kind of kinds) {
      const [learner, tasks, steps] = [kind.learner(settings.model), kind.tasks(learnt, points), training.steps[kind.budget]];
      if (has(kind.name, seed)) continue;
      console.log(`items, ${kind.name}, seed ${seed}`);
      const trained = await keptParams(join(work, `items-${kind.budget}-${seed}`), { model: settings.model, training: { ...training, steps }, points, images: learnt.count }, () =>
        trainModel(learner, tasks, { ...training, steps, seed }),
      );
      const model = imageModel(learner, tasks, trained.meta, settings.model.latent);
      const made = await makeImages(model, kind, learnt, held, { ...settings, seed });
      const values: Readonly<Record<string, Mean>> = {
        'squared error of reconstructions': squaredErrors(made.reconstructed, held),
        ...(await distances('reconstructions', made.reconstructed)),
        ...(await distances('normal prior', made.fromNormal)),
        ...(await distances('fitted prior', made.fromFitted)),
      };
      await model.dispose();
      record({ model: kind.name, seed, parameters: countParams(learner.specs), steps, processorSeconds: trained.processorSeconds, values, env: environment() });
      if (seed === seeds[0]) await drawSheet(kind, made, held, { learner, tasks, meta: trained.meta, out });
    }
  await judge.dispose();
}

/** Images of one model, as many of each as there are held out. */
interface Made {
  readonly reconstructed: Float32Array;
  readonly fromNormal: Float32Array;
  readonly fromFitted: Float32Array;
  /** Behind the last ones. */
  readonly codes: readonly Float64Array[];
}

async function makeImages(model: ImageModel, { form }: Kind, learnt: Images, held: Float32Array, { prior, seed }: ItemSettings & { readonly seed: string }): Promise<Made> {
  const count = held.length / pixelCount;
  const rng = createRng(`draw/${seed}`);
  const seen = Array.from({ length: count }, (_, index) => form.examples(held.slice(index * pixelCount, (index + 1) * pixelCount)));
  const known = Array.from({ length: Math.min(prior.codes, learnt.count) }, (_, index) => form.examples(readImages(learnt, index)));
  const mixture = fitMixture(await model.encode(known, { seed: 'known' }), model.latent, { ...prior, rng: rng.fork('mixture') });
  const codes = Array.from({ length: count }, () => drawCode(mixture, rng));
  return {
    reconstructed: await model.decode(await model.encode(seen, 'mean')),
    fromNormal: await model.decode(Float32Array.from({ length: count * model.latent }, () => rng.normal())),
    fromFitted: await model.decode(Float32Array.from(codes.flatMap((code) => [...code]))),
    codes,
  };
}

async function drawSheet(
  { name, budget }: Kind,
  { reconstructed, fromFitted, fromNormal, codes }: Made,
  held: Float32Array,
  { learner, tasks, meta, out }: { readonly learner: Learner; readonly tasks: TaskSource; readonly meta: HostParams; readonly out: string },
): Promise<void> {
  const perLine = 12;
  const sheet = await imageSheet({
    title: `New clothing: ${name}`,
    rows: [
      { name: 'Images never seen, and their reconstructions', images: [...imagesOf(held, perLine), ...imagesOf(reconstructed, perLine)] },
      { name: 'New ones: codes drawn from the prior that was fitted', images: imagesOf(fromFitted, 4 * perLine) },
      { name: 'New ones: codes drawn from a standard normal distribution', images: imagesOf(fromNormal, perLine) },
    ],
    perLine,
    imageWidth: side,
  });
  await savePictures(sheet, join(out, `items-${budget}`));
  if (budget === 'plain') return;
  const fine = await fineImages(learner, tasks, meta, codes.slice(0, 8));
  await savePictures(await imageSheet({ title: 'The first new ones, sampled four times as finely', rows: [{ name: '112 × 112 pixels', images: fine }], perLine: 4, imageWidth: 4 * side }), join(out, 'items-fine'));
}

/** The features of a classifier of the real images, and how often it is right on those that are held out. */
async function trainJudge(learnt: Items, test: Items, steps: number, path: string): Promise<Reader & { readonly accuracy: Mean }> {
  const network = mlp([pixelCount, 256, featureCount, 10]);
  const labelled = (items: Items) => ({ values: readImages(items, 0, items.count), labels: items.labels, classes: 10 });
  const { meta } = await keptParams(path, { steps, images: learnt.count }, () => trainClassifier(network, labelled(learnt), { steps, seed: 'judge' }));
  return { ...reader(network, meta, 'features'), accuracy: await accuracyOf(network, meta, labelled(test)) };
}

interface Items extends Images {
  readonly labels: Uint8Array;
}

/** @throws DataError for a file that is not there */
function readItems(folder: string, part: string): Items {
  const [pixels, labels] = ['images-idx3', 'labels-idx1'].map((name) => readIdx(join(folder, `${part}-${name}-ubyte.gz`)).values as Uint8Array) as [Uint8Array, Uint8Array]; // bytes, as the names say
  return { pixels, labels, count: labels.length };
}

function firstOf({ pixels, labels }: Items, count: number): Items {
  return { pixels: pixels.subarray(0, count * pixelCount), labels: labels.subarray(0, count), count };
}

function squaredErrors(made: Float32Array, real: Float32Array): Mean {
  const errors = new Float64Array(real.length / pixelCount);
  real.forEach((value, index) => (errors[Math.floor(index / pixelCount)]! += (made[index]! - value) ** 2 / pixelCount));
  return meanInterval(errors);
}
