import { join } from 'node:path';
import { countParams, imageSheet, meanInterval, readOmniglot, type LabelledSet, type Mean, type PictureImage } from 'hypermeta';
import { environment } from '../environment';
import { savePictures } from '../save-pictures';
import { countDrawings, drawingTasks, readDrawings } from './character-tasks';
import { characterJudge, type CharacterJudge } from './character-judge';
import { compareSets } from './compare-sets';
import { imageModel, type ImageModel } from './image-model';
import { imageForm, pixelCount, pixelForm, side, type Form } from './image-tasks';
import { keptParams } from './kept-params';
import { conditionalEncoder, plainAutoencoder, variationalHypernetwork } from './models';
import { recorder, type PartOptions } from './results';
import type { CharacterSettings } from './settings';
import { blank, imagesOf } from './sheet-images';
import { trainModel } from './train-model';

const kinds = [
  { name: 'variational hypernetwork', budget: 'hypernetwork', make: variationalHypernetwork, form: pixelForm },
  { name: 'plain decoder', budget: 'plain', make: plainAutoencoder, form: imageForm },
] as const;

/** More drawings of characters never seen, from K that are given: trains both models on Omniglot's background set, scores and draws on its evaluation set. */
export async function runCharacters({ settings, data, seeds, out, work, resume }: PartOptions<CharacterSettings>): Promise<void> {
  const { model: sizes, training, shots, drawings, scoring, alphabets } = settings;
  const [background, evaluation] = await Promise.all(
    (['background', 'evaluation'] as const).map((part) => readOmniglot(join(data, 'omniglot', `images_${part}.zip`), { size: side, ...(alphabets ? { alphabets: alphabets[part] } : {}) })),
  ) as [LabelledSet, LabelledSet];
  const drawn = splitDrawings(evaluation, drawings);
  const judge = await characterJudge(drawn.real, drawn.known, drawings);
  const score = async (name: string, made: Float32Array) => scoreDrawings(name, made, judge, { drawings, scoring });
  const { record, has } = recorder(join(out, 'characters.json'), 'More drawings of a character', resume);
  record({ model: 'real drawings', seed: '-', parameters: 0, steps: 0, processorSeconds: 0, settings: scoring, values: await score('drawings', drawn.others), env: environment() });

  for (const seed of seeds)
    for (const { name, budget, make, form } of kinds) {
      const learner = make(sizes, conditionalEncoder(sizes, settings.given));
      const tasks = drawingTasks(background, form, Math.max(...shots));
      const steps = training.steps[budget];
      const described = { ...settings, training: { ...training, steps } };
      if (has(name, seed, described)) continue;
      console.log(`characters, ${name}, seed ${seed}`);
      const path = join(work, `characters-${budget}-${seed}`);
      const trained = await keptParams(path, { model: sizes, given: settings.given, training: { ...training, steps }, shots, characters: background.classes.length }, () => trainModel(learner, tasks, { ...training, steps, seed }));
      const model = imageModel(learner, tasks, trained.meta, sizes.latent);
      const made = new Map<number, Float32Array>();
      for (const count of shots) {
        const support = evaluation.classes.flatMap((_, character) => {
          const given = form.examples(readDrawings(evaluation, character, firstOnes(count)));
          return Array.from({ length: drawings }, () => given);
        });
        made.set(count, await model.decode(await model.encode(support, { seed: `${seed}/${count}` })));
      }
      const values = Object.assign({}, ...(await Promise.all([...made].map(([count, images]) => score(`K = ${count}`, images))))) as Readonly<Record<string, Mean>>;
      record({ model: name, seed, parameters: countParams(learner.specs), steps, processorSeconds: trained.processorSeconds, settings: described, values, env: environment() });
      if (seed === seeds[0]) await drawSheet(`More of a character: ${name}`, evaluation, model, { form, shots, path: join(out, `characters-${budget}`) });
      await model.dispose();
    }
  await judge.dispose();
}

const firstOnes = (count: number): readonly number[] => Array.from({ length: count }, (_, drawing) => drawing);

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
  { form, shots, path }: { readonly form: Form; readonly shots: readonly number[]; readonly path: string },
): Promise<void> {
  const [most, perLine] = [Math.max(...shots), 10];
  const characters = Array.from({ length: Math.min(8, set.classes.length) }, (_, index) => Math.floor((index * set.classes.length) / 8));
  const rows = [];
  for (const count of [Math.min(...shots), most]) {
    const images: PictureImage[] = [];
    for (const character of characters) {
      const given = readDrawings(set, character, firstOnes(count));
      const codes = await model.encode(Array.from({ length: perLine }, () => form.examples(given)), { seed: `sheet/${count}/${character}` });
      const padding = Array.from({ length: most - count + 1 }, () => blank);
      images.push(...imagesOf(given, count, 'ink'), ...padding, ...imagesOf(await model.decode(codes), perLine, 'ink'));
    }
    rows.push({ name: `K = ${count}: given, and drawn from ${count === 1 ? 'it' : 'them'}`, images });
  }
  await savePictures(await imageSheet({ title, rows, perLine: most + 1 + perLine, imageWidth: side }), path);
}
