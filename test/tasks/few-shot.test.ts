import { describe, expect, test } from 'vitest';
import { fewShot, fewShotSplits } from '../../src/tasks/few-shot';
import { flattenInputs, labelledSet, type LabelledSet } from '../../src/tasks/labelled-set';
import { splitClasses } from '../../src/tasks/split-classes';
import { transformedImages } from '../../src/tasks/transformed-images';
import { testTaskSource, testTaskSplits } from '../contracts/task-source';

/** Class c in group c mod 3; every pixel of every example is a value of its own. */
function pixels(classes: number, examples: number): LabelledSet {
  return {
    inputShape: [3, 3, 1],
    classes: Array.from({ length: classes }, (_, index) => ({
      name: `class ${index}`,
      group: `group ${index % 3}`,
      examples: Float32Array.from({ length: examples * 9 }, (__, value) => index * 1000 + value),
    })),
  };
}

const set = pixels(12, 6);
const about = (classes: unknown) => classes as readonly string[];

testTaskSource('few-shot', () => fewShot(set, { ways: 4, shots: 2, queryShots: 3 }));
testTaskSource('few-shot within a group, turned', () =>
  fewShot(set, { ways: 4, shots: 2, queryShots: 3, rotations: 'classes', within: 'group' }));
testTaskSource('rotated images', () => transformedImages(set, { tasks: 3, kind: 'rotation', shots: 2, queryShots: 2 }));
testTaskSource('permuted images', () => transformedImages(set, { tasks: 3, kind: 'permutation', shots: 2, queryShots: 2 }));
testTaskSplits('few-shot', () =>
  fewShotSplits(splitClasses(set, { train: 0.5, validation: 0.25, test: 0.25 }, 'seed'), {
    ways: 3, shots: 1, queryShots: 2, rotations: 'all',
  }));

describe('fewShot', () => {
  test('every label stands for one class, the one that `about` names', () => {
    const { support, query, about: named } = fewShot(set, { ways: 4, shots: 2, queryShots: 3 }).sample('labels', 0);
    const [counts, classes] = [[0, 0, 0, 0], about(named!.classes)];
    for (const { x, y, count } of [support, query])
      for (let example = 0; example < count; example++) {
        const label = y.subarray(example * 4, example * 4 + 4).indexOf(1);
        counts[label]! += 1;
        expect(`class ${Math.floor(x[example * 9]! / 1000)}`).toBe(classes[label]);
      }
    expect(counts).toEqual([5, 5, 5, 5]);
  });

  test('a class gets every label, and every class is drawn', () => {
    const source = fewShot(set, { ways: 3, queryShots: 1 });
    const labels = new Set(Array.from({ length: 200 }, (_, index) => about(source.sample('s', index).about!.classes)).flatMap(
      (classes) => classes.map((name, label) => `${name} as ${label}`)));
    expect(labels.size).toBe(12 * 3);
  });

  test('turned classes are the same images a quarter turn counter-clockwise', () => {
    const source = fewShot(pixels(2, 2), { ways: 8, shots: 1, queryShots: 1, rotations: 'classes' });
    const { support, about: named } = source.sample('turn', 0);
    expect([...about(named!.classes)].sort().slice(0, 4)).toEqual(['class 0', 'class 0 (180°)', 'class 0 (270°)', 'class 0 (90°)']);
    const at = about(named!.classes).indexOf('class 1 (90°)');
    const turned = [...support.x.subarray(at * 9, at * 9 + 9)];
    const first = Math.min(...turned);
    expect(turned.map((value) => value - first)).toEqual([2, 5, 8, 1, 4, 7, 0, 3, 6]);
  });

  test('within a group, all classes share the group and the rotation', () => {
    const source = fewShot(set, { ways: 4, queryShots: 1, within: 'group', rotations: 'classes' });
    const kinds = Array.from({ length: 60 }, (_, index) => about(source.sample('g', index).about!.classes)).map(
      (classes) => new Set(classes.map((name) => `${Number(/\d+/.exec(name)![0]) % 3} ${/\(\d+°\)/.exec(name)?.[0]}`)));
    kinds.forEach((kind) => expect(kind.size).toBe(1));
    expect(new Set(kinds.flatMap((kind) => [...kind])).size).toBe(12);
  });

  test('distortion changes every drawing on its own, by the seed, and in meta-training alone where that is asked for', () => {
    const bars: LabelledSet = { // a bar in the middle, the same in every example
      inputShape: [9, 9, 1],
      classes: [0, 1].map((index) => ({ name: `class ${index}`, examples: Uint8Array.from({ length: 4 * 81 }, (_, value) => (value % 9 === 4 ? 255 : 0)) })),
    };
    const options = { ways: 2, shots: 2, queryShots: 2 };
    const images = (source: ReturnType<typeof fewShot>, seed = 'd') => {
      const { support, query } = source.sample(seed, 0);
      return [support, query].flatMap(({ x, count }) => Array.from({ length: count }, (_, example) => [...x.subarray(example * 81, (example + 1) * 81)].join()));
    };
    const turned = { distortion: { rotation: 30 } };
    expect(new Set(images(fewShot(bars, options))).size).toBe(1);
    expect(new Set(images(fewShot(bars, { ...options, ...turned }))).size).toBe(8);
    expect(images(fewShot(bars, { ...options, ...turned }))).toEqual(images(fewShot(bars, { ...options, ...turned })));
    expect(images(fewShot(bars, { ...options, ...turned }), 'other')).not.toEqual(images(fewShot(bars, { ...options, ...turned })));
    const { train, test: unseen } = fewShotSplits({ train: bars, validation: bars, test: bars }, { ...options, train: turned });
    expect([train, unseen].map((source) => new Set(images(source)).size)).toEqual([8, 1]);
  });

  test('groups with fewer classes than ways are left out', () => {
    const uneven = { ...set, classes: set.classes.filter(({ name, group }) => group === 'group 0' || name === 'class 1') };
    const source = fewShot(uneven, { ways: 4, queryShots: 1, within: 'group' });
    for (let index = 0; index < 20; index++) expect(about(source.sample('u', index).about!.classes)).not.toContain('class 1');
  });

  test.each<[string, () => unknown, string]>([
    ['fewer classes than ways', () => fewShot(set, { ways: 13, queryShots: 1 }), 'fewShot: expected at least 13 classes for 13 ways, got 12.'],
    ['no group large enough', () => fewShot(set, { ways: 5, queryShots: 1, within: 'group' }), 'fewShot: expected a group of at least 5 classes for 5 ways, got 4 in the largest.'],
    ['too few examples', () => fewShot(set, { ways: 5, shots: 2, queryShots: 5 }), "fewShot: expected at least 2 shots + 5 queryShots = 7 examples in class 'class 0', got 6."],
    ['rotations of what is not square', () => fewShot({ ...set, inputShape: [9, 1, 1] }, { queryShots: 1, rotations: 'classes' }), 'fewShot: rotations: expected square images to turn by 90°, got [9, 1, 1].'],
    ['rotations of vectors', () => fewShot(flattenInputs(set), { queryShots: 1, rotations: 'classes' }), 'fewShot: rotations: expected images of shape [height, width, channels], got [9].'],
    ['NaN', () => fewShot({ inputShape: [1], classes: [{ name: 'a', examples: Float32Array.of(1, NaN) }] }), "fewShot: expected finite numbers, got NaN or infinity in class 'a'."],
    ['an empty class', () => fewShot({ inputShape: [1], classes: [{ name: 'a', examples: new Uint8Array(0) }] }), "fewShot: expected class 'a' to hold whole examples of 1 values, got 0 values."],
    ['one way', () => fewShot(set, { ways: 1 }), 'fewShot: ways: expected a whole number of at least 2, got 1.'],
    ['a distortion of vectors', () => fewShot(flattenInputs(set), { queryShots: 1, distortion: { rotation: 5 } }), 'fewShot: distortion: expected images of shape [height, width, channels], got [9].'],
    ['a distortion that turns sizes about', () => fewShot(set, { queryShots: 1, distortion: { scale: -1.5 } }), 'fewShot: distortion: scale: expected a finite number of at least 0, got -1.5.'],
    ['an unknown option value', () => fewShot(set, { within: 'alphabet' as 'group' }), "fewShot: within: expected one of 'anywhere', 'group', got 'alphabet'."],
    ['groups that are not there', () => fewShot({ inputShape: [1], classes: [{ name: 'a', examples: new Uint8Array(9) }] }, { within: 'group' }), "fewShot: expected a group for every class, got none for 'a'."],
  ])('refuses %s', (_name, make, message) => expect(make).toThrow(message));
});

describe('splitClasses', () => {
  const names = ({ classes }: LabelledSet) => classes.map(({ name }) => name);

  test('counts and fractions both deal out disjoint classes, by seed', () => {
    const counted = splitClasses(set, { train: 6, validation: 2, test: 3 }, 'seed');
    expect([counted.train, counted.validation, counted.test].map(({ classes }) => classes.length)).toEqual([6, 2, 3]);
    const { train, validation, test: unseen } = splitClasses(set, { train: 0.6, validation: 0.1, test: 0.3 }, 'seed');
    expect(new Set([train, validation, unseen].flatMap(names)).size).toBe(12);
    expect(splitClasses(set, { train: 0.6, validation: 0.1, test: 0.3 }, 'seed').train).toEqual(train);
    expect(names(splitClasses(set, { train: 0.6, validation: 0.1, test: 0.3 }, 'other').train)).not.toEqual(names(train));
  });

  test('by group, a group stays on one side', () => {
    const splits = splitClasses(set, { train: 1, validation: 1, test: 1, by: 'group' }, 'seed');
    for (const { classes } of [splits.train, splits.validation, splits.test])
      expect([classes.length, new Set(classes.map(({ group }) => group)).size]).toEqual([4, 1]);
  });

  test('refuses sizes that are neither, and more classes than there are', () => {
    expect(() => splitClasses(set, { train: 0.9, validation: 0.2, test: 0.1 }, 's')).toThrow(
      'splitClasses: expected three whole numbers from 1, or three fractions that sum to at most 1, got 0.9, 0.2, 0.1.');
    expect(() => splitClasses(set, { train: 10, validation: 2, test: 1 }, 's')).toThrow('splitClasses: expected at least 13 classes, got 12.');
  });
});

describe('labelledSet', () => {
  test('groups examples by label, in order, bytes kept as bytes', () => {
    const { inputShape, classes } = labelledSet({ x: Uint8Array.of(1, 2, 3, 4, 5, 6), y: [1, 0, 1], inputShape: [2] });
    expect(inputShape).toEqual([2]);
    expect(classes).toEqual([{ name: '0', examples: Uint8Array.of(3, 4) }, { name: '1', examples: Uint8Array.of(1, 2, 5, 6) }]);
    expect(labelledSet({ x: [[[1], [2]], [[3], [4]]], y: ['b', 'a'] })).toEqual({
      inputShape: [2, 1],
      classes: [{ name: 'a', examples: Float32Array.of(3, 4) }, { name: 'b', examples: Float32Array.of(1, 2) }],
    });
  });

  test('bytes are read as levels from 0 to 1', () => {
    const levels = labelledSet({ x: Uint8Array.of(0, 255, 0, 255), y: [0, 0, 1, 1], inputShape: [1] });
    const { support, query } = fewShot(levels, { ways: 2, shots: 1, queryShots: 1 }).sample('bytes', 0);
    expect([...support.x, ...query.x].sort()).toEqual([0, 0, 1, 1]);
  });

  test('refuses another number of labels, and a flat array without a shape', () => {
    expect(() => labelledSet({ x: [[1], [2]], y: [0] })).toThrow('labelledSet: expected as many labels as examples, got 1 and 2.');
    expect(() => labelledSet({ x: [[1], [2], [3]], y: [1, 'a', '1'] })).toThrow("labelledSet: y: expected a class to be named by a number or by text, got both 1 and '1'.");
    expect(() => labelledSet({ x: new Uint8Array(4), y: [0] })).toThrow('labelledSet: expected an inputShape beside a flat typed array, got none.');
  });
});
