import type { LabelledSet } from '../../src/tasks/labelled-set';

/**
 * Alphabets of so many characters, each drawn by as many people, 105 × 105. The first row is ink up to the number of the
 * character, counted over all alphabets from 1; the second up to that of the drawer; the rest is paper.
 */
export function drawings(alphabets: Readonly<Record<string, number>>, drawers: number): LabelledSet {
  const names = Object.entries(alphabets).flatMap(([group, count]) =>
    Array.from({ length: count }, (_, index) => ({ group, name: `${group}/character${String(index + 1).padStart(2, '0')}` })),
  );
  const classes = names.map((member, index) => {
    const examples = new Uint8Array(drawers * 105 * 105);
    for (let drawer = 0; drawer < drawers; drawer++) {
      const start = drawer * 105 * 105;
      examples.fill(255, start, start + index + 1).fill(255, start + 105, start + 105 + drawer + 1);
    }
    return { ...member, examples };
  });
  return { inputShape: [105, 105, 1], classes };
}
