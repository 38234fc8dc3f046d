import { createRng } from '../../src/core/rng';
import { fewShot } from '../../src/tasks/few-shot';
import { labelledSet, type LabelledSet } from '../../src/tasks/labelled-set';

/** 3-way 2-shot tasks from twelve classes of points around centres in the plane. */
export const pointClasses = fewShot(points(), { ways: 3, shots: 2, queryShots: 2 });

/** The classes. */
export function points(): LabelledSet {
  const rng = createRng('points');
  const centres = Array.from({ length: 12 }, () => [rng.normal(), rng.normal()] as const);
  const examples = centres.flatMap((centre, label) =>
    Array.from({ length: 6 }, () => ({ x: centre.map((value) => value + 0.2 * rng.normal()), label })),
  );
  return labelledSet({ x: examples.map(({ x }) => x), y: examples.map(({ label }) => label) });
}
