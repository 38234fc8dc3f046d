import * as tf from '@tensorflow/tfjs';
import { decodeBoxes, detectionPicture, gridOn, readDetections, savePicture, type BoxedImage, type ExampleArrays, type LabelledSet, type TaskSource } from 'hypermeta';
import { gridStride, openMethod, testEpisodes, type Choice, type Method } from './methods';
import type { DetectionSettings } from './settings';

/** Boxes below this score are not drawn. */
const leastScore = 0.3;

/** A few test episodes, one row for each method: an annotated scene, and what was found on the first queries. */
export async function drawScenes(set: LabelledSet, settings: DetectionSettings, methods: readonly { readonly method: Method; readonly choice: Choice }[], path: string): Promise<void> {
  const source = testEpisodes(set, settings, 1);
  const rows = [];
  for (let index = 0; index < 3; index++)
    for (const { method, choice } of methods) rows.push({ name: `${method.name}\nfrom the box in\nthe first scene`, images: await imagesOf(method, choice, source, index) });
  await savePicture(await detectionPicture({ rows, title: 'Characters of unseen alphabets, from one annotated box', width: 128 }), path);
}

async function imagesOf(method: Method, choice: Choice, source: TaskSource, index: number): Promise<readonly BoxedImage[]> {
  const episodes = method.episodes(source);
  const { support, query } = episodes.sample('picture', index);
  const trainer = await openMethod(method, episodes, choice);
  const adapted = await trainer.adapt({ x: support.x, y: support.y });
  const readouts = tf.tidy(() => adapted.predict(tf.tensor(query.x, [query.count, ...source.inputShape])).dataSync<'float32'>());
  const found = Array.from({ length: query.count }, (_, at) => readDetections(cut(readouts, query.count, at), [...source.targetShape.slice(0, 2), 5], { leastScore }));
  adapted.dispose();
  trainer.dispose();
  const shown = Array.from({ length: Math.min(5, query.count) }, (_, at) => ({ ...imageOf(source, query, at), found: found[at]! }));
  return [imageOf(source, support, 0), ...shown];
}

function imageOf({ inputShape }: TaskSource, { x, y, count }: ExampleArrays, at: number): BoxedImage {
  const [height, width, channels] = inputShape as [number, number, number];
  const pixels = cut(x, count, at).map((value) => 1 - value); // ink is dark
  return { pixels, height, width, channels, truth: decodeBoxes(gridOn(inputShape, gridStride), cut(y, count, at)).map(({ box }) => box) };
}

/** One of `count` equal parts. */
function cut(values: Float32Array, count: number, at: number): Float32Array {
  return values.subarray((values.length / count) * at, (values.length / count) * (at + 1));
}
