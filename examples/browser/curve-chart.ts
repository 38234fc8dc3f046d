import { gridX, type Fit, type Point } from './curve';
import { element, svg } from './dom';

export interface CurveChart {
  readonly figure: HTMLElement;
  /** Fits after each step, the last of which is the one to look at. */
  showFits(fits: readonly Fit[], label: string): void;
  showPoints(points: readonly Point[]): void;
}

export interface CurveChartOptions {
  readonly onadd: (point: Point) => void;
  readonly onmove: (index: number, point: Point) => void;
  readonly onundo: () => void;
}

const [width, height] = [720, 400];
const [farX, farY] = [5, 6];
const toX = (x: number) => ((x + farX) / (2 * farX)) * width;
const toY = (y: number) => ((farY - y) / (2 * farY)) * height;
const place = (x: number, y: number) => `${toX(x).toFixed(1)},${toY(Math.max(-30, Math.min(30, y))).toFixed(1)}`;

/** Within so many standard deviations lie 95 % of the points, if the learner is right. */
const spread = 1.96;

const help = 'Click to add a point, drag to move one. With keys: arrows move the cross, enter adds a point, backspace takes the last one back.';

/** A chart to click points into. */
export function createCurveChart({ onadd, onmove, onundo }: CurveChartOptions): CurveChart {
  const band = svg('polygon', { class: 'band' });
  const earlier = svg('g', { class: 'earlier' });
  const line = svg('polyline', { class: 'line' });
  const dots = svg('g', { class: 'dots' });
  const cross = svg('g', { class: 'cross' }, svg('line', { x1: -9, x2: 9 }), svg('line', { y1: -9, y2: 9 }));
  const grid = svg('g', { class: 'grid' });
  for (let x = -4; x <= 4; x += 2) grid.append(svg('line', { x1: toX(x), x2: toX(x), y1: 0, y2: height, class: x === 0 ? 'axis' : '' }), svg('text', { x: toX(x) + 4, y: height - 6 }, String(x)));
  for (let y = -4; y <= 4; y += 2) grid.append(svg('line', { y1: toY(y), y2: toY(y), x1: 0, x2: width, class: y === 0 ? 'axis' : '' }), svg('text', { x: 4, y: toY(y) - 4 }, String(y)));
  const picture = svg('svg', { viewBox: `0 0 ${width} ${height}`, class: 'chart', tabindex: 0, role: 'application', 'aria-roledescription': 'chart', 'aria-label': `Points and the fitted curve. ${help}` }, grid, band, earlier, line, dots, cross);
  const caption = element('figcaption', { class: 'hidden', 'aria-live': 'polite' });
  let points: readonly Point[] = [];
  let dragged: number | undefined;
  let cursor: Point = { x: 0, y: 0 };

  function pointOf({ clientX, clientY }: PointerEvent): Point {
    const box = picture.getBoundingClientRect();
    const rounded = (value: number) => Math.round(100 * value) / 100;
    return {
      x: rounded(Math.max(-farX, Math.min(farX, ((clientX - box.left) / box.width) * 2 * farX - farX))),
      y: rounded(Math.max(-farY, Math.min(farY, farY - ((clientY - box.top) / box.height) * 2 * farY))),
    };
  }

  function moveCursor(to: Point): void {
    cursor = to;
    cross.setAttribute('transform', `translate(${toX(cursor.x)} ${toY(cursor.y)})`);
  }
  moveCursor(cursor);

  picture.addEventListener('pointerdown', (event) => {
    if (event.button > 0) return;
    event.preventDefault();
    picture.focus({ preventScroll: true });
    const at = pointOf(event);
    const near = points.findIndex(({ x, y }) => Math.hypot(toX(x) - toX(at.x), toY(y) - toY(at.y)) < 14);
    picture.setPointerCapture(event.pointerId);
    dragged = near < 0 ? points.length : near;
    if (near < 0) onadd(at);
  });
  picture.addEventListener('pointermove', (event) => {
    if (dragged !== undefined) onmove(dragged, pointOf(event));
  });
  for (const end of ['pointerup', 'pointercancel'] as const) picture.addEventListener(end, () => (dragged = undefined));

  const steps: Readonly<Record<string, readonly [number, number]>> = { ArrowLeft: [-0.25, 0], ArrowRight: [0.25, 0], ArrowUp: [0, 0.25], ArrowDown: [0, -0.25] };
  picture.addEventListener('keydown', (event) => {
    const step = steps[event.key];
    if (step) moveCursor({ x: Math.max(-farX, Math.min(farX, cursor.x + step[0])), y: Math.max(-farY, Math.min(farY, cursor.y + step[1])) });
    else if (event.key === 'Enter' || event.key === ' ') onadd(cursor);
    else if (event.key === 'Backspace') onundo();
    else return;
    event.preventDefault();
  });

  return {
    figure: element('figure', { class: 'figure' }, picture, caption),
    showFits(fits, label) {
      const last = fits.at(-1);
      const path = ({ mean }: Fit) => Array.from(mean, (y, index) => place(gridX[index]!, y)).join(' ');
      earlier.replaceChildren(...fits.slice(0, -1).map((fit) => svg('polyline', { points: path(fit) })));
      if (!last) return;
      line.setAttribute('points', path(last));
      const edge = (sign: number) => Array.from(last.mean, (y, index) => place(gridX[index]!, y + sign * spread * last.deviation[index]!));
      band.setAttribute('points', [...edge(1), ...edge(-1).reverse()].join(' '));
      const deviations = Array.from(last.deviation);
      caption.textContent = `${label}: deviations from ${Math.min(...deviations).toFixed(2)} to ${Math.max(...deviations).toFixed(2)}.`;
    },
    showPoints(shown) {
      points = shown;
      dots.replaceChildren(...points.map(({ x, y }) => svg('circle', { cx: toX(x), cy: toY(y), r: 6 })));
    },
  };
}
