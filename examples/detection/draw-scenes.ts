import * as tf from '@tensorflow/tfjs';
import { decodeBoxes, detectionPicture, gridOn, readDetections, savePicture, type BoxedImage, type ExampleArrays, type LabelledSet, type TaskSource } from 'hypermeta';
import { gridStride, openMethod, testEpisodes, type Choice, type Method } from './methods';
import type { DetectionSettings } from './settings';

/** Of each image the surest are drawn: what counts is their order. */
const surest = { most: 2 };

/** Episodes that are drawn. */
const drawn = 2;

/** A few test episodes, one row for each method: an annotated scene, and what was found on the first queries. */
export async function drawScenes(set: LabelledSet, settings: DetectionSettings, methods: readonly { readonly method: Method; readonly choice: Choice }[], path: string): Promise<void> {
  const source = testEpisodes(set, settings, 1);
  const rows: { readonly name: string; readonly images: readonly BoxedImage[] }[][] = [];
  for (const { method, choice } of methods) {
    const name = `${method.name}\nfrom the box in\nthe first scene`;
    rows.push((await imagesOf(method, choice, source)).map((images) => ({ name, images })));
  }
  const byEpisode = Array.from({ length: drawn }, (_, index) => rows.map((own) => own[index]!)).flat(); // each method has drawn all
  await savePicture(await detectionPicture({ rows: byEpisode, title: 'Characters of unseen alphabets, from one annotated box: the two surest boxes', width: 110 }), path);
}

/** The images of each episode. */
async function imagesOf(method: Method, choice: Choice, source: TaskSource): Promise<readonly (readonly BoxedImage[])[]> {
  const episodes = method.episodes(source);
  const shape = [...source.targetShape.slice(0, 2), 5];
  const trainer = await openMethod(method, episodes, choice);
  const made: BoxedImage[][] = [];
  for (let index = 0; index < drawn; index++) {
    const { support, query } = episodes.sample('picture', index);
    const adapted = await trainer.adapt({ x: support.x, y: support.y });
    const readouts = tf.tidy(() => adapted.predict(tf.tensor(query.x, [query.count, ...source.inputShape])).dataSync<'float32'>());
    const found = Array.from({ length: Math.min(4, query.count) }, (_, at) => readDetections(cut(readouts, query.count, at), shape, surest));
    made.push([imageOf(source, support, 0), ...found.map((boxes, at) => ({ ...imageOf(source, query, at), found: boxes }))]);
    adapted.dispose();
  }
  trainer.dispose();
  return made;
}

function imageOf({ inputShape }: TaskSource, { x, y, count }: ExampleArrays, at: number): BoxedImage {
  const [height, width, channels] = inputShape as [number, number, number];
  const pixels = cut(x, count, at).map((value) => 1 - value); // ink is dark
  return { pixels, height, width, channels, truth: decodeBoxes(gridOn(inputShape, gridStride), cut(y, count, at)).map(({ box }) => box) };
}

/** One of `count` equal parts. */
export function cut(values: Float32Array, count: number, at: number): Float32Array {
  return values.subarray((values.length / count) * at, (values.length / count) * (at + 1));
}
