import { episodePicture, type Episode, type MetaTrainer, type Shape, type TaskSource } from 'hypermeta';

export interface DrawEpisodeOptions {
  readonly title: string;
  /** Inner steps on the support set. @default as many as in meta-training */
  readonly steps?: number;
  /** Of the images, where the tasks are flat. @default the tasks' inputs */
  readonly imageShape?: Shape;
  /** Query images of each class. @default 4 */
  readonly queries?: number;
}

/** One episode of few-shot images as an SVG: the support set, and what the adapted network makes of the first queries of each class. */
export async function drawEpisode(trainer: MetaTrainer, source: TaskSource, options: DrawEpisodeOptions): Promise<string> {
  const { title, steps, imageShape = source.inputShape, queries: shown = 4 } = options;
  const { support, query, about } = source.sample('picture', 0);
  const classes = about!['classes'] as readonly string[]; // few-shot episodes name them
  const ways = classes.length;
  const [height, width, channels] = imageShape as [number, number, number];
  const size = height * width * channels;
  const label = ({ y }: Episode['support'], index: number) => y.subarray(index * ways, (index + 1) * ways).indexOf(1);
  const image = (set: Episode['support'], index: number) => ({
    pixels: set.x.subarray(index * size, (index + 1) * size),
    width,
    height,
    channels,
    label: label(set, index),
  });
  const indexes = (count: number) => Array.from({ length: count }, (_, index) => index);
  const y = indexes(support.count).map((index) => label(support, index));
  const adapted = await trainer.adapt({ x: support.x, y, classes: indexes(ways) }, steps === undefined ? {} : { steps });
  const each = query.count / ways; // class after class
  const queries = indexes(query.count).filter((index) => index % each < shown).map((index) => {
    const drawn = image(query, index);
    const probabilities = adapted.predict(drawn.pixels) as readonly number[];
    const probability = Math.max(...probabilities);
    return { ...drawn, predicted: probabilities.indexOf(probability), probability };
  });
  adapted.dispose();
  return episodePicture({ classes, support: indexes(support.count).map((index) => image(support, index)), queries, title });
}
