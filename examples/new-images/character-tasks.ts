import { bernoulli, createRng, type LabelledSet, type TaskSource } from 'hypermeta';
import { pixelCount, side, type Form } from './image-tasks';

/**
 * From some drawings of a character to another one: a task is a character, turned by a quarter some times as if it were another one;
 * its support set holds 1 to `most` drawings, its query set one more.
 */
export function drawingTasks(set: LabelledSet, form: Form, most: number): TaskSource {
  return {
    ...form,
    objective: bernoulli(),
    sample(seed, index) {
      const rng = createRng(`${seed}/${index}`);
      const character = rng.integer(set.classes.length);
      const turns = rng.integer(4);
      const given = 1 + rng.integer(most);
      const [asked, ...shown] = rng.shuffle(Array.from({ length: countDrawings(set, character) }, (_, drawing) => drawing)).slice(0, given + 1);
      return { support: form.examples(readDrawings(set, character, shown, turns)), query: form.examples(readDrawings(set, character, [asked!], turns)) };
    },
  };
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
