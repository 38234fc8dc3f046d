import { bernoulli, createRng, type ExampleArrays, type LabelledSet, type TaskSource } from 'hypermeta';
import { pixelCount, repeated, side } from './image-tasks';

/** Every drawing is an example: x is the drawing that is drawn anew, y the new one. */
const form = { inputShape: [pixelCount], targetShape: [pixelCount] } as const;

/**
 * From some drawings of a character to another one: a task is a character, turned by a quarter some times as if it were another one;
 * its support set holds 1 to `most` drawings, its query set one more, to be made of the first of them.
 */
export function drawingTasks(set: LabelledSet, most: number): TaskSource {
  return {
    ...form,
    objective: bernoulli(),
    sample(seed, index) {
      const rng = createRng(`${seed}/${index}`);
      const character = rng.integer(set.classes.length);
      const turns = rng.integer(4);
      const given = 1 + rng.integer(most);
      const [asked, ...shown] = rng.shuffle(Array.from({ length: countDrawings(set, character) }, (_, drawing) => drawing)).slice(0, given + 1);
      const support = readDrawings(set, character, shown, turns);
      return { support: redrawings(support), query: redrawings(support, readDrawings(set, character, [asked!], turns)) };
    },
  };
}

/** Examples that each make one of `drawings`, those given themselves if nothing is said, of the first of those given. */
export function redrawings(given: Float32Array, drawings = given): ExampleArrays {
  const count = drawings.length / pixelCount;
  return { x: repeated(given.subarray(0, pixelCount), count), y: drawings, count };
}

/** Drawings of a character, ink 1 and paper 0, turned by so many quarters. */
export function readDrawings({ classes }: LabelledSet, character: number, drawings: readonly number[], turns = 0): Float32Array {
  const { examples } = classes[character]!;
  const scale = examples instanceof Uint8Array ? 1 / 255 : 1;
  const read = new Float32Array(drawings.length * pixelCount);
  drawings.forEach((drawing, place) => {
    for (let row = 0; row < side; row++)
      for (let column = 0; column < side; column++) {
        const [y, x] = turned(row, column, turns);
        read[place * pixelCount + row * side + column] = examples[drawing * pixelCount + y * side + x]! * scale;
      }
  });
  return read;
}

export function countDrawings({ classes }: LabelledSet, character: number): number {
  return classes[character]!.examples.length / pixelCount;
}

function turned(row: number, column: number, turns: number): readonly [number, number] {
  let place: readonly [number, number] = [row, column];
  for (let turn = 0; turn < turns; turn++) place = [place[1], side - 1 - place[0]];
  return place;
}
