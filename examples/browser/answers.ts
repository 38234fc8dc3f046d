import { element } from './dom';

/** A learner's column group in the table of answers. */
export interface AnswerColumn {
  readonly key: string;
  readonly title: string;
  readonly steps: number;
  /** What it does, in a sentence. */
  readonly about: string;
}

export interface Answers {
  readonly table: HTMLElement;
  /** A row for each class. */
  showClasses(names: readonly string[]): void;
  /** Probabilities after each step, `[steps + 1][ways]`; none where nothing is asked or known. */
  showProbabilities(key: string, rows: readonly Float32Array[]): void;
  /** Beside a learner's name: its time, or what it waits for. */
  showTime(key: string, text: string): void;
}

/** Class probabilities of all learners side by side: a row for each class, a column for each step of each learner. */
export function createAnswers(columns: readonly AnswerColumn[]): Answers {
  const body = element('tbody');
  const times = new Map(columns.map(({ key }) => [key, element('span', { class: 'time' })]));
  const tops = new Map(columns.map(({ key }) => [key, element('span', { class: 'top' }, '–')]));
  const heads = columns.map(({ key, title, steps, about }) =>
    element('th', { scope: 'colgroup', colspan: steps + 1, title: about, class: 'start' }, element('span', { class: 'learner' }, title), tops.get(key)!, times.get(key)!),
  );
  const stepHeads = columns.flatMap(({ steps }) =>
    Array.from({ length: steps + 1 }, (_, step) => element('th', { scope: 'col', class: step === 0 ? 'start' : '' }, element('span', { class: 'hidden' }, 'after step '), String(step))),
  );
  const table = element(
    'table',
    { class: 'answers' },
    element('caption', { class: 'hidden' }, 'Probability of each class in percent, for each learner, after each inner step'),
    ...columns.map(({ steps }) => element('colgroup', { span: steps + 1 })),
    element('thead', {}, element('tr', {}, element('th', { rowspan: 2, scope: 'col' }, element('span', { class: 'hidden' }, 'Class')), ...heads), element('tr', {}, ...stepHeads)),
    body,
  );
  table.prepend(table.querySelector('caption')!);
  table.querySelector('colgroup')!.before(element('colgroup', { span: 1 }));
  let names: readonly string[] = [];
  let cells = new Map<string, readonly (readonly HTMLElement[])[]>(); // by learner, class, step

  return {
    table,
    showClasses(shown) {
      if (shown.join('\n') === names.join('\n') && shown.length === names.length) return;
      names = shown;
      const made = columns.map(({ key, steps }) => [key, names.map(() => Array.from({ length: steps + 1 }, (_, step) => element('td', { class: step === 0 ? 'start' : '' })))] as const);
      cells = new Map(made);
      body.replaceChildren(...names.map((name, row) => element('tr', {}, element('th', { scope: 'row' }, name), ...made.flatMap(([, rows]) => rows[row]!))));
    },
    showProbabilities(key, rows) {
      cells.get(key)?.forEach((row, ofClass) =>
        row.forEach((cell, step) => {
          const probability = rows[step]?.[ofClass];
          const percent = probability === undefined ? undefined : Math.round(100 * probability);
          cell.textContent = percent === undefined ? '' : String(percent);
          cell.style.setProperty('--share', String(percent ?? 0));
          cell.classList.toggle('nothing', percent === 0);
          cell.classList.toggle('best', bestOf(rows[step])?.[0] === ofClass && bestOf(rows[step])!.length === 1);
        }),
      );
      const winners = bestOf(rows.at(-1));
      tops.get(key)!.textContent = winners === undefined ? '–' : winners.length === 1 ? names[winners[0]!]! : 'no idea';
    },
    showTime(key, text) {
      times.get(key)!.textContent = text;
    },
  };
}

/** Places of the most probable classes: several, where none is ahead by more than rounding; none where nothing is known. */
function bestOf(probabilities: Float32Array | undefined): readonly number[] | undefined {
  if (!probabilities) return undefined;
  const best = Math.max(...probabilities);
  return Array.from(probabilities.keys()).filter((index) => probabilities[index]! > best - 1e-5);
}
