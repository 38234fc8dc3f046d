import { annotatedImages, characterScenes, createRng, detection, labelledScenes, type AnnotatedImage, type AnnotatedSet, type Episode, type ExampleArrays, type LabelledSet, type Rng, type TaskSource } from 'hypermeta';
import { encodeBoxes, gridOn, targetChannels } from '../../src/tasks/box-targets';
import { packExamples } from '../../src/tasks/pack-examples';
import { joinExamples } from './joint-scenes';
import { gridStride } from './methods';

/** How all images of an episode are made to look: an episode has classes of its own then. */
interface Look {
  /** Which channel red, green and blue are taken from. */
  readonly channels: readonly number[];
  readonly isInverted: boolean;
  /** Side of the part that is cut out, in pixels, before it is brought to the size of a crop. */
  readonly side: number;
}

export interface BloodEpisodesOptions {
  /** Height and width of the crops of meta-training. */
  readonly size: number;
  /** Classes to learn from. */
  readonly labels: readonly string[];
  /** What the loss ignores wherever it stands. */
  readonly novel: string;
  readonly shots: readonly [number, number];
  readonly queries: number;
}

/** Cells that an edge cuts. */
const cutLabel = 'cut';

/** Half of the episodes are about a known blood cell in changed colours and sizes, half about a character in colours by chance. */
export function bloodEpisodes(cells: AnnotatedSet, characters: LabelledSet, options: BloodEpisodesOptions): TaskSource {
  const { size, labels, novel, shots, queries } = options;
  const inputShape = [size, size, 3];
  const scenes = characterScenes(characters, { ...sceneOptions(size), shots, queryScenes: queries });

  function sampleCells(rng: Rng, seed: string): Episode {
    const label = pick(rng, labels);
    const look = drawLook(rng);
    const own = rng.shuffle(cells.images.filter(({ boxes }) => boxes.some((each) => each.label === label)));
    const count = shots[0] + rng.integer(shots[1] - shots[0] + 1);
    const images = own.slice(0, count + queries).map((image) => crop(rng, image, cells.inputShape, look, size, pick(rng, image.boxes.filter((each) => each.label === label))));
    const few = annotatedImages({ inputShape, images }, { shots: count, queryImages: images.length - count, classes: [label], ignored: [novel, cutLabel] });
    return few.sample(seed, 0);
  }

  return {
    inputShape,
    targetShape: scenes.targetShape,
    objective: detection({ stride: gridStride }),
    sample(seed, index) {
      const rng = createRng(`${seed}/${index}`);
      if (rng.uniform() < 0.5) return sampleCells(rng, `${seed}/${index}`);
      const { support, query, ...rest } = scenes.sample(seed, index);
      const paint = drawPaint(rng);
      return { ...rest, support: painted(support, paint), query: painted(query, paint) };
    },
  };
}

/** Ordinary detection on the same images: one class for each known blood cell, and one for all characters. */
export function labelledBlood(cells: AnnotatedSet, characters: LabelledSet, { size, labels, novel, queries }: Omit<BloodEpisodesOptions, 'shots'>): TaskSource {
  const grid = gridOn([size, size], gridStride);
  const half = Math.ceil(queries / 2);
  const scenes = labelledScenes(characters, { ...sceneOptions(size), queryScenes: half });

  function cropped(rng: Rng) {
    const image = pick(rng, cells.images);
    const { pixels, boxes } = crop(rng, image, cells.inputShape, drawLook(rng), size, pick(rng, image.boxes));
    const known = boxes.flatMap(({ box, label }) => (labels.includes(label) ? [{ box, label: labels.indexOf(label) }] : []));
    return { x: pixels, y: encodeBoxes(grid, known, boxes.filter(({ label }) => label === novel || label === cutLabel).map(({ box }) => box)) };
  }

  return {
    inputShape: [size, size, 3],
    targetShape: scenes.targetShape,
    objective: detection({ stride: gridStride, classes: labels.length + 1 }),
    sample(seed, index) {
      const rng = createRng(`${seed}/${index}`);
      const drawn = scenes.sample(seed, index);
      const inColour = [drawn.support, drawn.query].map((examples) => painted({ ...examples, y: examples.y.map((value, at) => (at % targetChannels === 0 && value > 0 ? labels.length + 1 : value)) }, drawPaint(rng)));
      const [support, query] = inColour as [ExampleArrays, ExampleArrays];
      const images = Array.from({ length: queries - half }, () => cropped(rng));
      return { support, query: joinExamples(query, packExamples(images)) };
    },
  };
}

const sceneOptions = (size: number) => ({ size, channels: 3, sides: [10, Math.round(size / 2)], stride: gridStride }) as const;

/** Parts from a third of an image's height to one and a half of it: known cells come as small as platelets, and as large as white cells. */
function drawLook(rng: Rng): Look {
  const [smallest, largest] = [40, 180];
  return { channels: rng.shuffle([0, 1, 2]), isInverted: rng.uniform() < 0.3, side: Math.round(smallest * (largest / smallest) ** rng.uniform()) };
}

/** Colours of ink and paper. */
function drawPaint(rng: Rng): readonly (readonly [ink: number, paper: number])[] {
  return [0, 1, 2].map(() => [rng.uniform(), rng.uniform()] as const);
}

/** Ink 1 and paper 0, three channels alike, in colours. */
function painted({ x, ...rest }: ExampleArrays, paint: ReturnType<typeof drawPaint>): ExampleArrays {
  return { ...rest, x: x.map((level, at) => level * paint[at % 3]![0] + (1 - level) * paint[at % 3]![1]) };
}

/** A square part of an image that holds the middle of `around`, brought to `size`; what an edge cuts by half or more is labelled so. */
function crop(rng: Rng, { pixels, boxes }: AnnotatedImage, [height, width]: readonly number[], look: Look, size: number, around: AnnotatedImage['boxes'][number]): AnnotatedImage & { readonly pixels: Float32Array } {
  const { channels, isInverted, side } = look;
  const place = (middle: number, extent: number) => {
    const start = Math.round(middle - (0.2 + 0.6 * rng.uniform()) * side);
    return Math.max(Math.min(0, extent - side), Math.min(start, Math.max(0, extent - side)));
  };
  const [left, top] = [place((around.box[0] + around.box[2]) / 2, width!), place((around.box[1] + around.box[3]) / 2, height!)];
  const scale = size / side;
  const looks = Math.ceil(1 / scale); // each way, for a pixel of the crop
  const within = (place: number, extent: number) => Math.min(extent - 1, Math.max(0, Math.floor(place))); // beyond an edge, its pixels go on
  const made = new Float32Array(size * size * 3);
  for (let row = 0; row < size; row++)
    for (let column = 0; column < size; column++)
      for (let look = 0; look < looks * looks; look++) {
        const y = within(top + (row + (Math.floor(look / looks) + 0.5) / looks) / scale, height!);
        const x = within(left + (column + ((look % looks) + 0.5) / looks) / scale, width!);
        for (let channel = 0; channel < 3; channel++) {
          const level = pixels[(y * width! + x) * 3 + channels[channel]!]! / 255;
          made[(row * size + column) * 3 + channel]! += (isInverted ? 1 - level : level) / looks ** 2;
        }
      }
  const moved = boxes.flatMap(({ box, label }) => {
    const [x0, y0, x1, y1] = [(box[0] - left) * scale, (box[1] - top) * scale, (box[2] - left) * scale, (box[3] - top) * scale];
    const clipped = [Math.max(0, x0), Math.max(0, y0), Math.min(size, x1), Math.min(size, y1)] as const;
    const share = (Math.max(0, clipped[2] - clipped[0]) * Math.max(0, clipped[3] - clipped[1])) / ((x1 - x0) * (y1 - y0));
    if (share < 0.05) return [];
    return [{ box: clipped, label: share < 0.5 && label !== around.label ? cutLabel : label }];
  });
  return { pixels: made, boxes: moved };
}

/** One of a list that is not empty. */
function pick<Item>(rng: Rng, list: readonly Item[]): Item {
  return list[rng.integer(list.length)]!;
}
