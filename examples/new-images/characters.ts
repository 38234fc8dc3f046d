import { join } from 'node:path';
import { countParams, imageSheet, meanInterval, readOmniglot, type ExampleArrays, type LabelledSet, type Mean, type PictureImage } from 'hypermeta';
import { environment } from '../environment';
import { savePictures } from '../save-pictures';
import { centredDrawings } from './centred-drawings';
import { countDrawings, drawingTasks, readDrawings, redrawings } from './character-tasks';
import { characterJudge, type CharacterJudge } from './character-judge';
import { compareSets } from './compare-sets';
import { imageModel, type ImageModel } from './image-model';
import { pixelCount, side } from './image-tasks';
import { keptParams } from './kept-params';
import { redrawingDecoder, toldWarping, warpingHypernetwork } from './character-models';
import { recorder, type PartOptions, type Recorder } from './results';
import type { CharacterSettings } from './settings';
import { blank, imagesOf } from './sheet-images';
import { trainModel } from './train-model';

const kinds = [
  { name: 'variational hypernetwork', budget: 'hypernetwork', make: warpingHypernetwork },
  { name: 'one field, told the code', budget: 'told', make: toldWarping },
  { name: 'plain decoder', budget: 'plain', make: redrawingDecoder },
] as const;

/** Looks at the file of the results at once; what is returned goes on from it. */
export function openCharacters(options: PartOptions<CharacterSettings>): () => Promise<void> {
  const { settings, out, ...how } = options;
  const { scoring, training } = settings;
  const trained = kinds.map(({ name, budget }) => [name, { ...settings, training: { ...training, steps: training.steps[budget] } }] as const);
  const untrained = { 'real drawings': scoring, 'copies of those given': scoring };
  const file = recorder(join(out, 'characters.json'), 'More drawings of a character', { ...how, settings: { ...untrained, ...Object.fromEntries(trained) } });
  return () => runCharacters(options, file);
}

/** More drawings of characters never seen, from K that are given: trains all models on Omniglot's background set, scores and draws on its evaluation set. */
async function runCharacters({ settings, data, seeds, out, work }: PartOptions<CharacterSettings>, { has, record }: Recorder): Promise<void> {
  const { model: sizes, training, shots, drawings, scoring, alphabets } = settings;
  const [background, evaluation] = await Promise.all(
    (['background', 'evaluation'] as const).map((part) => readOmniglot(join(data, 'omniglot', `images_${part}.zip`), { size: side, ...(alphabets ? { alphabets: alphabets[part] } : {}) }).then(centredDrawings)),
  ) as [LabelledSet, LabelledSet];
  const drawn = splitDrawings(evaluation, drawings);
  const judge = await characterJudge(drawn.real, drawn.known, drawings);
  const score = async (name: string, made: Float32Array) => scoreDrawings(name, made, judge, { drawings, scoring });
  const given = (count: number) => evaluation.classes.map((_, character) => readDrawings(evaluation, character, firstOnes(count)));
  const scoreAll = async (make: (count: number) => Promise<Float32Array> | Float32Array): Promise<Readonly<Record<string, Mean>>> => {
    const values = [];
    for (const count of shots) values.push(await score(`K = ${count}`, await make(count)));
    return Object.assign({}, ...values) as Readonly<Record<string, Mean>>;
  };
  const untrained = { seed: '-', parameters: 0, steps: 0, processorSeconds: 0, env: environment() };
  record({ model: 'real drawings', ...untrained, values: await score('drawings', drawn.others) });
  record({ model: 'copies of those given', ...untrained, values: await scoreAll((count) => sourcesOf(supportsOf(given(count), drawings))) });

  for (const seed of seeds)
    for (const { name, budget, make } of kinds) {
      const learner = make(sizes);
      const tasks = drawingTasks(background, Math.max(...shots));
      const steps = training.steps[budget];
      if (has(name, seed)) continue;
      console.log(`characters, ${name}, seed ${seed}`);
      const path = join(work, `characters-${budget}-${seed}`);
      const trained = await keptParams(path, { model: sizes, training: { ...training, steps }, shots, characters: background.classes.length }, () => trainModel(learner, tasks, { ...training, steps, seed }));
      const model = imageModel(learner, tasks, trained.meta, sizes.latent);
      const values = await scoreAll((count) => drawAnew(model, given(count), drawings, `${seed}/${count}`));
      record({ model: name, seed, parameters: countParams(learner.specs), steps, processorSeconds: trained.processorSeconds, values, env: environment() });
      if (seed === seeds[0]) await drawSheet(`More of a character: ${name}`, evaluation, model, { shots, path: join(out, `characters-${budget}`) });
      await model.dispose();
    }
  await judge.dispose();
}

const firstOnes = (count: number): readonly number[] => Array.from({ length: count }, (_, drawing) => drawing);

/** So many new drawings of each character, made of the drawings of it that are given: of each of them by turns. */
async function drawAnew(model: ImageModel, given: readonly Float32Array[], drawings: number, seed: string): Promise<Float32Array> {
  const supports = supportsOf(given, drawings);
  return model.decode(await model.encode(supports, { seed }), sourcesOf(supports));
}

/** For each drawing to be made, those given of its character, the one that it is made of first. */
function supportsOf(given: readonly Float32Array[], drawings: number): readonly ExampleArrays[] {
  return given.flatMap((shown) => Array.from({ length: drawings }, (_, drawing) => redrawings(beginningWith(shown, drawing % (shown.length / pixelCount)))));
}

function sourcesOf(supports: readonly ExampleArrays[]): Float32Array {
  const sources = new Float32Array(supports.length * pixelCount);
  supports.forEach(({ x }, place) => sources.set(x.subarray(0, pixelCount), place * pixelCount));
  return sources;
}

/** The same drawings, that one first. */
function beginningWith(drawings: Float32Array, first: number): Float32Array {
  const turned = new Float32Array(drawings.length);
  turned.set(drawings.subarray(first * pixelCount));
  turned.set(drawings.subarray(0, first * pixelCount), drawings.length - first * pixelCount);
  return turned;
}

/** The last drawings of each character, in three parts: none of them is ever given. */
function splitDrawings(set: LabelledSet, drawings: number) {
  const part = (last: number) => {
    const each = set.classes.map((_, character) => {
      const end = countDrawings(set, character) - last * drawings;
      return readDrawings(set, character, Array.from({ length: drawings }, (_unused, place) => end - drawings + place));
    });
    const all = new Float32Array(each.length * drawings * pixelCount);
    each.forEach((images, character) => all.set(images, character * drawings * pixelCount));
    return all;
  };
  return { real: part(0), others: part(1), known: part(2) };
}

/** Drawings of every character, one character after another. */
async function scoreDrawings(
  name: string,
  made: Float32Array,
  judge: CharacterJudge,
  { drawings, scoring }: Pick<CharacterSettings, 'drawings' | 'scoring'>,
): Promise<Readonly<Record<string, Mean>>> {
  const features = await judge.read(made);
  return {
    ...(await compareSets(name, features, judge.real, scoring)),
    [`named right: ${name}`]: meanInterval(judge.namedRight(features, drawings)),
    [`spread: ${name}`]: meanInterval(judge.spread(features, drawings)),
  };
}

/** For some characters: the fewest and the most drawings that are given, and ten that were made of them. */
async function drawSheet(
  title: string,
  set: LabelledSet,
  model: ImageModel,
  { shots, path }: { readonly shots: readonly number[]; readonly path: string },
): Promise<void> {
  const [most, perLine] = [Math.max(...shots), 10];
  const characters = Array.from({ length: Math.min(8, set.classes.length) }, (_, index) => Math.floor((index * set.classes.length) / 8));
  const rows = [];
  for (const count of [Math.min(...shots), most]) {
    const images: PictureImage[] = [];
    for (const character of characters) {
      const given = readDrawings(set, character, firstOnes(count));
      const padding = Array.from({ length: most - count + 1 }, () => blank);
      images.push(...imagesOf(given, count, 'ink'), ...padding, ...imagesOf(await drawAnew(model, [given], perLine, `sheet/${count}/${character}`), perLine, 'ink'));
    }
    rows.push({ name: `K = ${count}: given, and drawn from ${count === 1 ? 'it' : 'them'}`, images });
  }
  await savePictures(await imageSheet({ title, rows, perLine: most + 1 + perLine, imageWidth: side }), path);
}
