import { DataError, expectCount } from '../core/errors';
import { createRng, type Rng } from '../core/rng';
import { sizeOf, type Shape } from '../core/shape';
import type { TaskSource } from '../core/task';
import { encodeBoxes, gridOn, targetChannels } from './box-targets';
import type { Box } from './boxes';
import { detection, type DetectionOptions } from './detection';
import { drawDistinct } from './draw-episode';
import { packExamples } from './pack-examples';

/** An image with all its boxes. */
export interface AnnotatedImage {
  /** `[height, width, channels]`, row-major: levels 0 to 255 as bytes, or floats as they are. */
  readonly pixels: Uint8Array | Float32Array;
  readonly boxes: readonly { readonly box: Box; readonly label: string }[];
}

/** Annotated images of one shape. */
export interface AnnotatedSet {
  readonly inputShape: Shape;
  readonly images: readonly AnnotatedImage[];
}

export interface AnnotatedImagesOptions extends Omit<DetectionOptions, 'stride' | 'classes'> {
  /** Pixels of a cell of the detector's grid, each way. @default 4 */
  readonly stride?: number;
  /** Annotated boxes (K), one in each of K support images. @default 1 */
  readonly shots?: number;
  /** Images to predict. @default 8 */
  readonly queryImages?: number;
  /** Labels that episodes are about. @default all */
  readonly classes?: readonly string[];
  /** Labels that the loss ignores wherever they stand: classes that nothing is to be learned about yet. @default none */
  readonly ignored?: readonly string[];
}

/**
 * Few-shot detection on annotated images: an episode is about one label. In each of `shots` images with such a box one of them is
 * annotated, and the loss ignores all others; in `queryImages` other images all of them are to be found, whatever else is there.
 *
 * @throws RangeError for an option out of range; DataError for images of another shape or with pixels that are not finite, an image given
 * twice, a box off its image, or a class in too few images
 */
export function annotatedImages(set: AnnotatedSet, options: AnnotatedImagesOptions = {}): TaskSource {
  const { stride = 4, shots = 1, queryImages = 8, ignored = [] } = options;
  const { classes = labelsOf(set).filter((label) => !ignored.includes(label)) } = options;
  for (const [name, count] of Object.entries({ stride, shots, queryImages })) expectCount(`annotatedImages: ${name}`, count);
  const { images, inputShape } = set;
  expectImages(set);
  if (classes.length === 0) throw new DataError('annotatedImages: expected boxes of at least 1 class, got none.');
  if (images.length < shots + queryImages) throw new DataError(`annotatedImages: expected at least ${shots} shots + ${queryImages} queryImages = ${shots + queryImages} images, got ${images.length}.`);
  const withClass = new Map(classes.map((label) => [label, images.filter(({ boxes }) => boxes.some((each) => each.label === label))]));
  for (const [label, own] of withClass)
    if (own.length < shots) throw new DataError(`annotatedImages: expected at least ${shots} images with '${label}', as many as shots, got ${own.length}.`);
  const grid = gridOn(inputShape, stride);

  /** One box of the class is annotated. */
  function support(rng: Rng, { pixels, boxes }: AnnotatedImage, label: string) {
    const own = boxes.filter((each) => each.label === label);
    const shown = own[rng.integer(own.length)]!; // it has one
    const others = boxes.filter((each) => each !== shown).map(({ box }) => box);
    return { x: toFloats(pixels), y: encodeBoxes(grid, [{ box: shown.box, label: 0 }], others) };
  }

  function query({ pixels, boxes }: AnnotatedImage, label: string) {
    const wanted = boxes.filter((each) => each.label === label).map(({ box }) => ({ box, label: 0 }));
    const hidden = boxes.filter((each) => each.label !== label && ignored.includes(each.label)).map(({ box }) => box);
    return { x: toFloats(pixels), y: encodeBoxes(grid, wanted, hidden) };
  }

  return {
    inputShape,
    targetShape: [grid.rows, grid.columns, targetChannels],
    objective: detection({ ...options, stride, classes: 1 }),
    sample(seed, index) {
      const rng = createRng(`${seed}/${index}`);
      const label = classes[rng.integer(classes.length)]!;
      const own = withClass.get(label)!; // of each class
      const shown = drawDistinct(rng, own.length, shots).map((at) => own[at]!);
      const others = images.filter((image) => !shown.includes(image));
      const asked = drawDistinct(rng, others.length, queryImages).map((at) => others[at]!);
      return {
        support: packExamples(shown.map((image) => support(rng, image, label))),
        query: packExamples(asked.map((image) => query(image, label))),
        about: { class: label },
      };
    },
  };
}

/** The labels of a set in order of their first box. */
function labelsOf({ images }: AnnotatedSet): readonly string[] {
  return [...new Set(images.flatMap(({ boxes }) => boxes.map(({ label }) => label)))];
}

function toFloats(pixels: AnnotatedImage['pixels']): Float32Array {
  return pixels instanceof Float32Array ? pixels : Float32Array.from(pixels, (level) => level / 255);
}

function expectImages({ images, inputShape }: AnnotatedSet): void {
  const size = sizeOf(inputShape);
  const wrong = images.findIndex(({ pixels }) => pixels.length !== size);
  if (wrong >= 0) throw new DataError(`annotatedImages: image ${wrong}: expected ${size} values, got ${images[wrong]!.pixels.length}.`);
  const broken = images.findIndex(({ pixels }) => !pixels.every((level: number) => Number.isFinite(level)));
  if (broken >= 0) throw new DataError(`annotatedImages: image ${broken}: expected finite pixels, got NaN or infinity.`);
  const seen = new Set<AnnotatedImage>();
  const twice = images.findIndex((image) => seen.size === seen.add(image).size);
  if (twice >= 0) throw new DataError(`annotatedImages: image ${twice}: expected different images, got one that is there before; it could be support and query at once.`);
  const [height, width] = inputShape as [number, number];
  images.forEach(({ boxes }, at) => {
    for (const { box } of boxes) {
      const [left, top, right, bottom] = box;
      if (!(left >= 0 && top >= 0 && right <= width && bottom <= height && left < right && top < bottom))
        throw new DataError(`annotatedImages: image ${at}: expected boxes [left, top, right, bottom] within ${width} × ${height} pixels, got [${box.join(', ')}].`);
    }
  });
}
