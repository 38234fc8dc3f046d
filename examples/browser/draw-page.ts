import { createAnswers, type AnswerColumn } from './answers';
import { createClassCards, type DrawnClass } from './class-cards';
import type { Path } from './classifier';
import type { Client } from './client';
import { button, element, latest } from './dom';
import { exampleSets, type ExampleSet } from './example-sets';
import { classEmbeddingSize, type DrawingLearnerName } from './learners';
import { createPad } from './pad';
import { isEmpty, prepare, type Drawing } from './strokes';
import type { KeptTask } from './workbench';

const columns: readonly (AnswerColumn & { readonly learner?: DrawingLearnerName })[] = [
  { key: 'hypernetwork', learner: 'hypernetwork', title: 'Hypernetwork', steps: 2, about: 'Generates the weights of the last layer from an embedding of each class; the steps refine the embeddings.' },
  { key: 'protonet', learner: 'protonet', title: 'ProtoNet', steps: 0, about: 'Compares with the mean feature of each class; takes no steps.' },
  { key: 'maml', learner: 'maml', title: 'MAML', steps: 5, about: 'Changes all its weights, step by step.' },
  { key: 'none', title: 'No adaptation', steps: 0, about: "MAML's network before its first step: it has not seen your drawings." },
];
/** In the order in which they are asked: the one that is compiled soonest comes first. */
const learners = ['protonet', 'hypernetwork', 'maml'] as const satisfies readonly DrawingLearnerName[];

/** What the visitor has made. */
export interface DrawState {
  readonly classes: readonly DrawnClass[];
  readonly query: Drawing;
  /** A task that came by link or file: it stands until a drawing changes. */
  readonly kept?: KeptTask;
}

export interface DrawPage {
  readonly section: HTMLElement;
  readonly state: DrawState;
  show(state: DrawState): void;
  /** The hypernetwork's task as it is now; nothing before there are two classes. @throws Error where two have one name */
  task(): KeptTask | undefined;
  /** Everything again, as on a new engine. */
  refresh(): void;
}

export interface DrawPageOptions {
  readonly client: () => Client;
  readonly onchange: (state: DrawState) => void;
  readonly onerror: (error: unknown) => void;
}

/** Draw some classes, ask about another drawing. */
export function createDrawPage({ client, onchange, onerror }: DrawPageOptions): DrawPage {
  let state: DrawState = { classes: [], query: [] };
  let isTaught = false; // whether the learners know the classes as they are
  let known: readonly number[] = []; // places of the classes that they know
  let hyperPath: Path | undefined;
  const warm = new Set<string>(); // learners that this engine has run
  const prepared = new WeakMap<Drawing, Float32Array | undefined>();

  const answers = createAnswers(columns);
  const cards = createClassCards((classes) => change({ classes, query: state.query }, 'classes'));
  const queryPad = createPad({ label: 'The drawing to ask about', onchange: (query) => change({ ...state, query }, 'query') });
  const eye = element('canvas', { class: 'eye', width: 28, height: 28, role: 'img', 'aria-label': 'the drawing as the network sees it, 28 by 28 pixels' });
  const hint = element('p', { class: 'hint', role: 'status' });

  function change(next: DrawState, what: 'classes' | 'query'): void {
    state = next;
    if (what === 'classes') isTaught = false;
    onchange(state);
    work();
  }

  const prepareOnce = (drawing: Drawing): Float32Array | undefined => {
    if (!prepared.has(drawing)) prepared.set(drawing, prepare(drawing));
    return prepared.get(drawing);
  };

  /** Teaches what has changed, then asks, learner after learner. */
  const work = latest(async () => {
    try {
      section.setAttribute('aria-busy', 'true');
      const isNew = !isTaught;
      isTaught = true;
      const { classes, query, kept } = state;
      known = classes.flatMap(({ drawings }, index) => (kept || drawings.some((drawing) => !isEmpty(drawing)) ? [index] : []));
      answers.showClasses(known.map((index) => classes[index]!.name));
      const asked = prepareOnce(query);
      paintEye(eye, asked);
      hint.textContent = known.length < 2 ? 'Draw at least two classes.' : asked ? '' : 'Draw something to ask about.';
      const sets = classes.filter((_, index) => known.includes(index)).map(({ drawings }) => drawings.flatMap((drawing) => prepareOnce(drawing) ?? []));
      for (const name of learners) {
        const canLearn = known.length > 1 && sets.every((drawings) => drawings.length > 0);
        const isRestored = name === 'hypernetwork' && kept !== undefined;
        if (isNew) {
          if (isRestored) await restore(kept);
          else if (canLearn) await teach(name, sets);
        }
        const rows = asked && (canLearn || isRestored) ? await client().predict(name, asked) : [];
        answers.showProbabilities(name, rows);
        if (!canLearn && !isRestored) answers.showTime(name, '');
        if (name === 'maml') answers.showProbabilities('none', rows.slice(0, 1));
      }
    } catch (error) {
      isTaught = false;
      onerror(error);
    } finally {
      section.removeAttribute('aria-busy');
    }
  });

  async function teach(name: DrawingLearnerName, sets: readonly (readonly Float32Array[])[]): Promise<void> {
    const labels = sets.flatMap((drawings, label) => drawings.map(() => label));
    const x = new Float32Array(labels.length * 784);
    sets.flat().forEach((drawing, index) => x.set(drawing, index * 784));
    if (!warm.has(name)) answers.showTime(name, 'compiling…');
    warm.add(name);
    const drawings = { x, labels, ways: sets.length };
    const first = await client().adapt(name, drawings);
    const path = first.isFirst ? await client().adapt(name, drawings) : first; // to tell the time without compiling
    answers.showTime(name, `${path.milliseconds < 10 ? path.milliseconds.toFixed(1) : Math.round(path.milliseconds)} ms`);
    if (name !== 'hypernetwork') return;
    hyperPath = path;
    showEmbeddings(path.embeddings.at(-1)!);
  }

  async function restore({ embedding, classes }: KeptTask): Promise<void> {
    hyperPath = undefined;
    await client().restore(embedding, classes!.length);
    answers.showTime('hypernetwork', 'restored');
    showEmbeddings(embedding);
  }

  function showEmbeddings(embeddings: Float32Array): void {
    const each = state.classes.map((_, index) => known.indexOf(index));
    cards.showEmbeddings(each.map((row) => (row < 0 ? undefined : embeddings.subarray(row * classEmbeddingSize, (row + 1) * classEmbeddingSize))));
  }

  function show(next: DrawState): void {
    state = next;
    isTaught = false;
    cards.show(next.classes);
    queryPad.show(next.query);
    work();
  }

  function showExamples({ classes, query }: ExampleSet): void {
    show({ classes: classes.map(({ name, drawing }) => ({ name, drawings: [drawing] })), query });
    onchange(state);
  }

  const section = element(
    'section',
    { id: 'draw', 'aria-labelledby': 'draw-title' },
    element('h2', { id: 'draw-title' }, 'Draw and adapt'),
    element('p', { class: 'lead' }, 'Invent a few symbols and draw each one once. Networks that have never seen them learn them while you draw.'),
    element(
      'div',
      { class: 'row sets' },
      element('span', {}, 'Start with'),
      ...exampleSets.map((set) => button(set.title, () => showExamples(set), { class: 'chip' })),
      button('an empty page', () => showExamples({ title: '', classes: [1, 2, 3].map((number) => ({ name: `class ${number}`, drawing: [] })), query: [] }), { class: 'chip' }),
    ),
    element(
      'div',
      { class: 'columns' },
      element('div', { class: 'teach' }, element('h3', {}, 'Teach'), cards.list),
      element(
        'div',
        { class: 'ask' },
        element('h3', {}, 'Ask'),
        element(
          'div',
          { class: 'row asked' },
          queryPad.canvas,
          element('div', { class: 'aside' }, eye, element('span', { class: 'note' }, 'as the network sees it'), element('span', { class: 'tools' }, button('Undo', () => queryPad.undo()), button('Clear', () => queryPad.clear())), hint),
        ),
        element('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'What the learners say' }, answers.table),
        element('p', { class: 'note' }, 'Probabilities in percent after 0, 1, 2, … inner steps; the time is that of adapting.'),
      ),
    ),
  );
  return {
    section,
    get state() {
      return state;
    },
    show,
    task() {
      const embedding = state.kept?.embedding ?? hyperPath?.embeddings.at(-1);
      if (known.length < 2 || embedding?.length !== known.length * classEmbeddingSize) return undefined;
      const classes = known.map((index) => state.classes[index]!.name);
      if (new Set(classes).size < classes.length) throw new Error('Two classes have one name: name them differently first.');
      return { embedding, classes };
    },
    refresh() {
      warm.clear();
      isTaught = false;
      for (const { key } of columns) {
        answers.showProbabilities(key, []);
        answers.showTime(key, '');
      }
      work();
    },
  };
}

function paintEye(canvas: HTMLCanvasElement, drawing: Float32Array | undefined): void {
  const context = canvas.getContext('2d')!;
  const image = context.createImageData(28, 28);
  drawing?.forEach((ink, pixel) => image.data.set([ink, ink, ink, 1].map((level) => 255 * level), 4 * pixel));
  context.putImageData(image, 0, 0);
}
