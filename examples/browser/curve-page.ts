import type { Client } from './client';
import { createCurveChart } from './curve-chart';
import type { Fit, Point } from './curve';
import { button, element, latest } from './dom';
import { createStrip } from './embedding-strip';
import { curveEmbeddingSize } from './learners';

const mostSteps = 10;
const mostPoints = 50;

export interface CurveState {
  readonly points: readonly Point[];
  /** An embedding that came by link or file, or from the sliders: it stands until a point changes. */
  readonly embedding?: Float32Array;
}

export interface CurvePage {
  readonly section: HTMLElement;
  readonly state: CurveState;
  show(state: CurveState): void;
  /** The embedding that is shown. */
  embedding(): Float32Array | undefined;
  refresh(): void;
}

export interface CurvePageOptions {
  readonly client: () => Client;
  readonly onchange: (state: CurveState) => void;
  readonly onerror: (error: unknown) => void;
}

/** Points of three waves, for those who would rather look than click. */
const waves: Readonly<Record<string, readonly Point[]>> = {
  'two points': [{ x: -1.5, y: -2 }, { x: 1.6, y: 3.1 }],
  'a wave': [-4.2, -2.9, -0.8, 0.6, 2.1, 3.9].map((x) => ({ x, y: Math.round(100 * 3.5 * Math.sin(x - 0.7)) / 100 })),
  'half a wave': [0.2, 1.1, 1.9, 2.8, 3.6].map((x) => ({ x, y: Math.round(100 * 2.2 * Math.sin(x - 1.9)) / 100 })),
};

/** Click points of an unknown curve; look at the curve as it adapts, or move through embeddings by hand. */
export function createCurvePage({ client, onchange, onerror }: CurvePageOptions): CurvePage {
  let state: CurveState = { points: [] };
  let embeddings: readonly Float32Array[] = [];
  let shownStep = 5;
  let shown: Float32Array | undefined;

  const chart = createCurveChart({
    onadd: (point) => changePoints([...state.points, point].slice(-mostPoints)),
    onmove: (index, point) => changePoints(state.points.map((each, at) => (at === index ? point : each))),
    onundo: () => changePoints(state.points.slice(0, -1)),
  });
  const stepField = element('input', { type: 'range', min: 0, max: mostSteps, step: 1, value: shownStep, id: 'curve-steps', oninput: () => showStep(stepField.valueAsNumber) });
  const stepText = element('output', { for: 'curve-steps' }, String(shownStep));
  const time = element('span', { class: 'note' });
  const strip = createStrip();
  const sliders = Array.from({ length: curveEmbeddingSize }, (_, index) => {
    const field = element('input', { type: 'range', min: -4, max: 4, step: 0.01, value: 0, id: `embedding-${index}`, oninput: () => changeEmbedding(index, field.valueAsNumber) });
    const value = element('output', { for: field.id }, '0.00');
    return { field, value, row: element('div', { class: 'slider' }, element('label', { for: field.id }, `Value ${index + 1}`), field, value) };
  });

  function changePoints(points: readonly Point[]): void {
    state = { points };
    onchange(state);
    chart.showPoints(points);
    work();
  }

  function changeEmbedding(index: number, value: number): void {
    const embedding = (shown ?? new Float32Array(curveEmbeddingSize)).slice();
    embedding[index] = value;
    state = { ...state, embedding };
    onchange(state);
    work();
  }

  function showStep(step: number): void {
    shownStep = step;
    stepText.textContent = String(step);
    const { points } = state;
    state = { points };
    onchange(state);
    work();
  }

  const work = latest(async () => {
    try {
      const { points, embedding } = state;
      if (!embedding) {
        const made = await client().adaptCurve(points, mostSteps);
        embeddings = made.embeddings;
        time.textContent = points.length > 0 ? `${mostSteps} steps in ${made.milliseconds.toFixed(1)} ms` : 'Before the first point: what it expects of any curve.';
      } else time.textContent = 'An embedding by hand, or from a link.';
      const path = embedding ? [embedding] : embeddings.slice(0, shownStep + 1);
      const fits: Fit[] = [];
      for (const each of path) fits.push(await client().fitCurve(each));
      shown = path.at(-1)!;
      chart.showFits(fits, embedding ? 'The curve of this embedding' : `The fit to ${points.length} points after ${path.length - 1} steps`);
      showEmbedding(shown);
    } catch (error) {
      onerror(error);
    }
  });

  function showEmbedding(embedding: Float32Array): void {
    strip.show(embedding, 'this curve');
    sliders.forEach(({ field, value }, index) => {
      field.value = String(embedding[index]!);
      value.textContent = embedding[index]!.toFixed(2);
    });
  }

  function show(next: CurveState): void {
    state = next;
    chart.showPoints(next.points);
    work();
  }

  async function replay(): Promise<void> {
    for (let step = 0; step <= mostSteps; step++) {
      stepField.value = String(step);
      showStep(step);
      await new Promise((resolve) => setTimeout(resolve, 180));
    }
  }

  const section = element(
    'section',
    { id: 'curve', 'aria-labelledby': 'curve-title' },
    element('h2', { id: 'curve-title' }, 'Function playground'),
    element('p', { class: 'lead' }, 'Click a few points of a curve. A hypernetwork that has only ever seen sine waves guesses the rest, and says how sure it is.'),
    element(
      'div',
      { class: 'row sets' },
      element('span', {}, 'Start with'),
      ...Object.entries(waves).map(([title, points]) => button(title, () => changePoints(points), { class: 'chip' })),
      button('no points', () => changePoints([]), { class: 'chip' }),
    ),
    element(
      'div',
      { class: 'columns' },
      element(
        'div',
        { class: 'teach' },
        chart.figure,
        element('div', { class: 'row' }, element('label', { for: 'curve-steps' }, 'After step'), stepField, stepText, button('Replay', () => void replay()), button('Undo point', () => changePoints(state.points.slice(0, -1)))),
        time,
      ),
      element(
        'div',
        { class: 'ask' },
        element('h3', {}, 'The embedding'),
        element('p', { class: 'note' }, `${curveEmbeddingSize} numbers stand for the whole curve: they are all that adapts. Move them.`),
        strip.canvas,
        ...sliders.map(({ row }) => row),
        button('Back to the fit', () => changePoints(state.points)),
      ),
    ),
  );
  return {
    section,
    get state() {
      return state;
    },
    show,
    embedding: () => shown,
    refresh: work,
  };
}
