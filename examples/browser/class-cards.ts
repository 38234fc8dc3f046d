import { button, element } from './dom';
import { createStrip } from './embedding-strip';
import { createPad, paintDrawing } from './pad';
import type { Drawing } from './strokes';

/** A class as the visitor makes it: a name and one to five drawings, of which some may be empty still. */
export interface DrawnClass {
  readonly name: string;
  readonly drawings: readonly Drawing[];
}

export const mostClasses = 20;
export const mostDrawings = 5;

export interface ClassCards {
  readonly list: HTMLElement;
  /** Shows these classes, in place of all others. */
  show(classes: readonly DrawnClass[]): void;
  /** The embedding of each class, by its place; none where it has none. */
  showEmbeddings(embeddings: readonly (Float32Array | undefined)[]): void;
}

/** Cards to name and draw classes. `onchange` gets all of them after every change. */
export function createClassCards(onchange: (classes: readonly DrawnClass[]) => void): ClassCards {
  const list = element('ul', { class: 'cards' });
  let classes: DrawnClass[] = [];
  let cards: Card[] = [];
  const addButton = button('+ Add a class', () => add(), { class: 'add' });

  function change(card: Card, by: Partial<DrawnClass>): void {
    const at = cards.indexOf(card);
    classes[at] = { ...classes[at]!, ...by };
    onchange([...classes]);
  }

  function add(): void {
    const fresh = { name: nextName(classes), drawings: [[]] };
    classes.push(fresh);
    append(fresh).focus();
    onchange([...classes]);
    limit();
  }

  function append(drawn: DrawnClass): Card {
    const card: Card = createCard(drawn, {
      onchange: (by) => change(card, by),
      onremove() {
        const at = cards.indexOf(card);
        classes.splice(at, 1);
        cards.splice(at, 1);
        card.item.remove();
        (cards[Math.min(at, cards.length - 1)] ?? { focus: () => addButton.focus() }).focus();
        onchange([...classes]);
        limit();
      },
    });
    cards.push(card);
    list.insertBefore(card.item, addItem);
    return card;
  }

  function limit(): void {
    addItem.hidden = classes.length >= mostClasses;
  }

  const addItem = element('li', { class: 'card adder' }, addButton);
  list.append(addItem);
  return {
    list,
    show(shown) {
      for (const { item } of cards) item.remove();
      cards = [];
      classes = [...shown];
      for (const drawn of shown) append(drawn).paint();
      limit();
    },
    showEmbeddings: (embeddings) => cards.forEach((card, index) => card.showEmbedding(embeddings[index])),
  };
}

interface Card {
  readonly item: HTMLElement;
  focus(): void;
  paint(): void;
  showEmbedding(embedding: Float32Array | undefined): void;
}

function createCard({ name, drawings: given }: DrawnClass, { onchange, onremove }: { readonly onchange: (by: Partial<DrawnClass>) => void; readonly onremove: () => void }): Card {
  const drawings = [...given];
  let title = name;
  let shown = 0;
  const strip = createStrip();
  const thumbs = element('div', { class: 'thumbs', role: 'group', 'aria-label': 'Examples of this class' });
  const pad = createPad({
    label: `Example of ${name}`,
    onchange(drawing) {
      drawings[shown] = drawing;
      paintThumbs();
      onchange({ drawings: [...drawings] });
    },
  });

  function show(index: number): void {
    shown = index;
    pad.show(drawings[shown]!);
    listThumbs();
  }

  function listThumbs(): void {
    const each = drawings.map((_, index) =>
      element('button', { type: 'button', class: 'thumb', 'aria-label': `Example ${index + 1} of ${drawings.length}`, 'aria-pressed': String(index === shown), onclick: () => show(index) }, element('canvas', { 'aria-hidden': 'true' })),
    );
    const more = button('+', () => {
      drawings.push([]);
      show(drawings.length - 1);
      pad.canvas.focus();
    }, { class: 'thumb more', 'aria-label': 'Add an example', title: 'Add an example' });
    thumbs.replaceChildren(...each, ...(drawings.length < mostDrawings ? [more] : []));
    paintThumbs();
  }

  function paintThumbs(): void {
    thumbs.querySelectorAll('canvas').forEach((canvas, index) => paintDrawing(canvas, drawings[index]!));
  }

  function clear(): void {
    if (drawings[shown]!.length > 0 || drawings.length === 1) return pad.clear();
    drawings.splice(shown, 1); // an empty one goes
    show(Math.min(shown, drawings.length - 1));
    onchange({ drawings: [...drawings] });
  }

  const field = element('input', {
    class: 'name',
    value: name,
    maxlength: 24,
    'aria-label': 'Name of the class',
    oninput: () => {
      title = field.value.trim() || name;
      pad.canvas.setAttribute('aria-label', `Example of ${title}`);
      onchange({ name: title });
    },
  });
  const remove = button('×', onremove, { class: 'icon', 'aria-label': 'Remove this class', title: 'Remove this class' });
  const item = element(
    'li',
    { class: 'card' },
    element('div', { class: 'row' }, field, remove),
    pad.canvas,
    element('div', { class: 'row' }, thumbs, element('span', { class: 'tools' }, button('Undo', () => pad.undo()), button('Clear', clear))),
    strip.canvas,
  );
  return {
    item,
    focus: () => field.focus(),
    paint: () => show(0),
    showEmbedding: (embedding) => strip.show(embedding, title),
  };
}

function nextName(classes: readonly DrawnClass[]): string {
  const names = new Set(classes.map(({ name }) => name));
  let number = classes.length + 1;
  while (names.has(`class ${number}`)) number++;
  return `class ${number}`;
}
