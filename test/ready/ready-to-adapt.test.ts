import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { fewShot } from '../../src/tasks/few-shot';
import { readOmniglot } from '../../src/tasks/omniglot-node';
import { prepareDrawing } from '../../src/tasks/prepare-drawing';
import { readyToAdapt } from '../../src/ready/ready-to-adapt';
import { charactersWeights } from '../../src/ready/characters-weights';
import { isFull } from '../helpers/full';
import { expectNoLeak } from '../helpers/leaks';
import { realData } from '../tasks/files';

type Stroke = readonly (readonly [x: number, y: number])[];

/** Strokes as somebody with a mouse draws them: a round pen on a white canvas of 200 × 200. */
function paint(strokes: readonly Stroke[], { pen = 5, dx = 0, dy = 0 } = {}): Float32Array {
  const data = new Uint8Array(200 * 200).fill(255);
  const dot = (x: number, y: number) => {
    for (let row = Math.floor(y - pen); row <= y + pen; row++)
      for (let column = Math.floor(x - pen); column <= x + pen; column++) if ((row - y) ** 2 + (column - x) ** 2 <= pen ** 2) data[row * 200 + column] = 0;
  };
  for (const stroke of strokes)
    stroke.slice(1).forEach(([x, y], i) => {
      const [fromX, fromY] = stroke[i]!;
      for (let share = 0; share <= 1; share += 0.01) dot(dx + fromX + share * (x - fromX), dy + fromY + share * (y - fromY));
    });
  return prepareDrawing({ data, width: 200, height: 200 });
}

const ring: Stroke = Array.from({ length: 25 }, (_, i) => [80 + 40 * Math.cos((i * Math.PI) / 12), 80 + 40 * Math.sin((i * Math.PI) / 12)] as const);
const first = {
  cross: [[[40, 40], [120, 120]], [[120, 40], [40, 120]]],
  ring: [ring],
  seven: [[[40, 40], [120, 40], [60, 130]]],
  ladder: [[[50, 30], [50, 130]], [[110, 30], [110, 130]], [[50, 60], [110, 60]], [[50, 100], [110, 100]]],
} as const satisfies Readonly<Record<string, readonly Stroke[]>>;
const again = {
  cross: [[[35, 50], [125, 115]], [[115, 45], [50, 125]]],
  ring: [ring.map(([x, y]) => [0.8 * x, 1.1 * y - 4] as const)],
  seven: [[[45, 45], [120, 38], [72, 128]]],
  ladder: [[[55, 30], [48, 132]], [[105, 28], [112, 128]], [[52, 62], [108, 56]], [[50, 98], [110, 104]]],
} as const satisfies typeof first | Readonly<Record<keyof typeof first, readonly Stroke[]>>;
const support = { x: Object.values(first).map((strokes) => paint(strokes)), y: Object.keys(first) };

describe('readyToAdapt', () => {
  test('one drawing of each suffices for a mouse, whatever its place and pen', async () => {
    const characters = await readyToAdapt('characters');
    const adapted = await characters.adapt(support);
    for (const [name, strokes] of Object.entries(again))
      for (const how of [{}, { pen: 3 }, { pen: 8, dx: 30, dy: 25 }]) expect(adapted.classify(paint(strokes, how)), name).toBe(name);
    const two = await characters.adapt({ x: support.x.slice(0, 2), y: ['yes', 'no'] });
    expect(two.classify(paint(again.ring))).toBe('no');
    const loaded = await characters.loadTask(JSON.parse(JSON.stringify(await adapted.saveTask())));
    expect(loaded.classify(paint(again.seven))).toBe('seven');
    for (const each of [adapted, two, loaded, characters]) each.dispose();
    await expect(characters.adapt(support)).rejects.toThrow('adapt: expected a meta-trainer that is in use, got one after dispose().');
  });

  test('leaks nothing', () =>
    expectNoLeak(async () => {
      const characters = await readyToAdapt('characters');
      expect(Object.keys(characters.meta)).toEqual(Object.keys(characters.learner.specs));
      const adapted = await characters.adapt(support);
      adapted.predict(support.x);
      adapted.dispose();
      characters.dispose();
    }));

  test('refuses a name that there is not', () =>
    expect(readyToAdapt('letters' as 'characters')).rejects.toThrow("readyToAdapt: name: expected one of 'characters', got 'letters'."));

  test('is small', () => expect(charactersWeights.length).toBeLessThan(300_000));

  const data = realData('omniglot');
  test.runIf(data)('knows characters that it has never seen, one drawing each', async () => {
    const set = await readOmniglot(join(data!, 'images_evaluation.zip'), isFull ? {} : { alphabets: ['Tengwar'] }); // all of one kind: a hard one
    const characters = await readyToAdapt('characters');
    const { scores } = await characters.evaluate({ source: fewShot(set, { queryShots: 5 }), episodes: isFull ? 600 : 40 });
    expect(scores[0]!.mean).toBeGreaterThan(isFull ? 0.95 : 0.8);
    characters.dispose();
  });
});
