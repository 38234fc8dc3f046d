import { renderChart } from 'hypermeta';
import type { LanguageChanges } from './results';

const gates = ['input', 'forget', 'candidate', 'output'];
const lineLength = 50;

/** A text with a row for each gate below every line: the darker a place, the more the weights change there. */
export function changesPicture({ text, changes, model }: LanguageChanges): Promise<string> {
  const most = gates.map((_, gate) => Math.max(...changes.map((row) => row[gate]!)));
  const places = Array.from(text, (character, at) => ({ character: shown(character), line: Math.floor(at / lineLength), column: at % lineLength, at }));
  const lines = [...new Set(places.map(({ line }) => line))];
  const x = { field: 'column', type: 'ordinal', axis: null, scale: { paddingInner: 0.06 } };
  const y = { field: 'row', type: 'nominal', sort: ['', ...gates], title: null, axis: { ticks: false, domain: false, labelFontSize: 9 } };
  const charts = lines.map((line) => {
    const here = places.filter((place) => place.line === line);
    const letters = here.map((place) => ({ ...place, row: '' }));
    const cells = here.flatMap((place) => gates.map((row, gate) => ({ ...place, row, change: changes[place.at]![gate]! / most[gate]! })));
    return {
      width: 13 * lineLength,
      height: 75,
      layer: [
        { data: { values: cells }, mark: { type: 'rect' }, encoding: { x, y, color: { field: 'change', type: 'quantitative', scale: { range: ['#ffffff', '#0072b2'], domain: [0, 1], interpolate: 'rgb' }, legend: null } } },
        { data: { values: letters }, mark: { type: 'text', fontSize: 12, baseline: 'middle', color: '#1a1a1a' }, encoding: { x, y, text: { field: 'character' } } },
      ],
    };
  });
  const title = { text: `How the weights of a ${model} change along a text`, subtitle: 'Norm of the change of each gate’s recurrent matrix with each character.' };
  return renderChart({ title, spacing: 14, vconcat: charts });
}

function shown(character: string): string {
  if (character === '\n') return '↵';
  return character === ' ' ? '·' : character;
}
