import { element } from './dom';

/** Values farther from 0 than this have the strongest colour. */
const strongest = 2.5;

/** An embedding as a strip of colour, one cell a value: blue below 0, orange above. */
export function createStrip(): { readonly canvas: HTMLCanvasElement; show(values: ArrayLike<number> | undefined, label: string): void } {
  const canvas = element('canvas', { class: 'strip', role: 'img', 'aria-label': 'no embedding yet', height: 1, width: 1 });
  return {
    canvas,
    show(values, label) {
      const cells = Array.from(values ?? []);
      canvas.width = Math.max(1, cells.length);
      canvas.classList.toggle('empty', cells.length === 0);
      const range = `${Math.min(...cells).toFixed(1)} to ${Math.max(...cells).toFixed(1)}`;
      canvas.setAttribute('aria-label', cells.length > 0 ? `embedding of ${label}: ${cells.length} values from ${range}` : `no embedding of ${label} yet`);
      const context = canvas.getContext('2d')!;
      cells.forEach((value, index) => {
        context.fillStyle = colourOf(value);
        context.fillRect(index, 0, 1, 1);
      });
    },
  };
}

const [low, middle, high] = [[43, 108, 176], [236, 232, 222], [221, 107, 32]] as const;

function colourOf(value: number): string {
  const share = Math.min(1, Math.abs(value) / strongest);
  const end = value < 0 ? low : high;
  return `rgb(${middle.map((from, channel) => Math.round(from + (end[channel]! - from) * share)).join(' ')})`;
}
