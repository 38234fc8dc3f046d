import type { Drawing, Spot, Stroke } from './strokes';

export interface ExampleSet {
  readonly title: string;
  readonly classes: readonly { readonly name: string; readonly drawing: Drawing }[];
  /** To ask about, at first. */
  readonly query: Drawing;
}

/** Points of an arc from one angle to another, in turns, clockwise from the right. */
function arc([x, y]: Spot, radius: number, from = 0, to = 1, squeeze = 1): Stroke {
  const count = Math.max(8, Math.round(32 * Math.abs(to - from)));
  return Array.from({ length: count + 1 }, (_, index) => {
    const angle = 2 * Math.PI * (from + ((to - from) * index) / count);
    return [x + radius * Math.cos(angle), y + squeeze * radius * Math.sin(angle)];
  });
}

/** Straight lines between places written as percent: `'20,80 50,20 80,80'`. */
function lines(text: string): Stroke {
  return text.split(' ').map((place) => place.split(',').map((part) => Number(part) / 100) as unknown as Spot);
}

const star = lines('50,15 62,80 15,40 85,40 38,80 50,15');
const heart: Stroke = Array.from({ length: 41 }, (_, index) => {
  const angle = (2 * Math.PI * index) / 40;
  const y = 13 * Math.cos(angle) - 5 * Math.cos(2 * angle) - 2 * Math.cos(3 * angle) - Math.cos(4 * angle);
  return [0.5 + (0.36 * 16 * Math.sin(angle) ** 3) / 16, 0.47 - 0.023 * y];
});
const spiral: Stroke = Array.from({ length: 97 }, (_, index) => {
  const angle = (2.5 * 2 * Math.PI * index) / 96;
  return [0.5 + 0.004 * index * Math.cos(angle), 0.5 + 0.004 * index * Math.sin(angle)];
});
const moon: Stroke = [...arc([0.5, 0.5], 0.33, 0.12, 0.88), ...arc([0.66, 0.5], 0.25, 0.8, 0.2)];
const sunRays = Array.from({ length: 8 }, (_, index): Stroke => {
  const angle = (2 * Math.PI * index) / 8;
  return [0.24, 0.38].map((radius) => [0.5 + radius * Math.cos(angle), 0.5 + radius * Math.sin(angle)]);
});
const cloud: Stroke = [...arc([0.32, 0.6], 0.14, 0.25, 0.72), ...arc([0.5, 0.44], 0.2, 0.6, 0.95), ...arc([0.7, 0.6], 0.14, 0.78, 1.25), [0.32, 0.74]];

/** Ready to look at; every drawing is one of our own. */
export const exampleSets: readonly ExampleSet[] = [
  {
    title: 'Signs',
    classes: [
      { name: 'star', drawing: [star] },
      { name: 'heart', drawing: [heart] },
      { name: 'spiral', drawing: [spiral] },
      { name: 'house', drawing: [lines('22,85 22,48 50,18 78,48 78,85 22,85'), lines('43,85 43,62 57,62 57,85')] },
      { name: 'moon', drawing: [moon] },
    ],
    query: [lines('48,20 63,76 20,44 80,37 36,82 48,20')],
  },
  {
    title: 'Runes',
    classes: [
      { name: 'fehu', drawing: [lines('35,12 35,88'), lines('35,48 70,18'), lines('35,66 72,36')] },
      { name: 'raido', drawing: [lines('32,12 32,88'), lines('32,14 64,32 34,50 68,88')] },
      { name: 'gebo', drawing: [lines('22,18 78,82'), lines('78,18 22,82')] },
      { name: 'hagalaz', drawing: [lines('28,12 28,88'), lines('72,12 72,88'), lines('28,38 72,60')] },
      { name: 'othala', drawing: [lines('22,86 72,40 50,14 28,40 78,86')] },
    ],
    query: [lines('30,16 33,86'), lines('70,14 68,88'), lines('31,44 69,58')],
  },
  {
    title: 'Weather',
    classes: [
      { name: 'sun', drawing: [arc([0.5, 0.5], 0.16), ...sunRays] },
      { name: 'cloud', drawing: [cloud] },
      { name: 'rain', drawing: [lines('30,20 22,50'), lines('52,20 44,50'), lines('74,20 66,50'), lines('38,56 30,86'), lines('62,56 54,86')] },
      { name: 'lightning', drawing: [lines('58,10 32,52 54,50 40,90')] },
      { name: 'snow', drawing: [lines('50,14 50,86'), lines('19,32 81,68'), lines('81,32 19,68')] },
      { name: 'wind', drawing: [[...lines('12,40 60,40'), ...arc([0.6, 0.29], 0.11, 0.25, -0.4)], [...lines('12,58 76,58'), ...arc([0.76, 0.69], 0.11, -0.25, 0.4)]] },
    ],
    query: [lines('52,16 48,84'), lines('20,36 79,64'), lines('78,30 22,70')],
  },
  {
    title: 'Digits',
    classes: [
      { name: '0', drawing: [arc([0.5, 0.5], 0.24, -0.25, 0.75, 1.5)] },
      { name: '1', drawing: [lines('36,28 54,12 54,88')] },
      { name: '2', drawing: [[...arc([0.5, 0.33], 0.2, 0.52, 1.1), ...lines('30,86 74,86')]] },
      { name: '3', drawing: [[...arc([0.48, 0.31], 0.18, 0.6, 1.2), ...arc([0.48, 0.66], 0.21, 0.78, 1.42)]] },
      { name: '4', drawing: [lines('60,88 60,12 26,64 78,64')] },
      { name: '5', drawing: [[...lines('70,14 36,14 34,44'), ...arc([0.48, 0.63], 0.23, 0.66, 1.4)]] },
      { name: '6', drawing: [[...lines('64,14 38,42'), ...arc([0.5, 0.65], 0.21, 0.55, 1.55)]] },
      { name: '7', drawing: [lines('26,15 74,15 42,88')] },
      { name: '8', drawing: [[...arc([0.5, 0.31], 0.17, 0.25, -0.75), ...arc([0.5, 0.68], 0.2, -0.25, 0.75)]] },
      { name: '9', drawing: [[...arc([0.5, 0.34], 0.2, 0, 1), ...lines('70,34 64,88')]] },
    ],
    query: [[...lines('28,18 72,16 60,40 40,86')]],
  },
];
