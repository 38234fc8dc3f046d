import { element } from './dom';
import { penWidth, type Drawing, type Spot } from './strokes';

export interface PadOptions {
  /** For screen readers: what is drawn here. */
  readonly label: string;
  /** After every change, also in the middle of a stroke. */
  readonly onchange: (drawing: Drawing) => void;
}

/** A square to draw on, by mouse, touch, pen or keys. */
export interface Pad {
  readonly canvas: HTMLCanvasElement;
  show(drawing: Drawing): void;
  undo(): void;
  clear(): void;
}

/** How far an arrow key moves the pen. */
const keyStep = 1 / 24;

const help = 'Draw with mouse, touch or pen. With keys: arrows move the pen, space lowers and lifts it, backspace takes a stroke back, delete clears.';

export function createPad({ label, onchange }: PadOptions): Pad {
  const canvas = element('canvas', { class: 'pad', tabindex: 0, role: 'application', 'aria-roledescription': 'drawing pad', 'aria-label': `${label}. ${help}` });
  let strokes: Spot[][] = [];
  let pointer: number | undefined; // that draws
  let pen: Spot = [0.5, 0.5];
  let isDown = false; // the pen that keys move

  function changed(): void {
    paint();
    onchange(strokes.map((stroke) => [...stroke]));
  }

  function paint(): void {
    paintDrawing(canvas, strokes);
    if (document.activeElement === canvas && canvas.matches(':focus-visible')) paintPen(canvas, pen, isDown);
  }

  function spotOf({ clientX, clientY }: { readonly clientX: number; readonly clientY: number }): Spot {
    const { left, top, width, height } = canvas.getBoundingClientRect();
    const within = (value: number) => Math.round(1000 * Math.min(1, Math.max(0, value))) / 1000;
    return [within((clientX - left) / width), within((clientY - top) / height)];
  }

  const pad: Pad = {
    canvas,
    show(drawing) {
      strokes = drawing.map((stroke) => [...stroke]);
      isDown = false;
      paint();
    },
    undo() {
      strokes.pop();
      isDown = false;
      changed();
    },
    clear() {
      strokes = [];
      isDown = false;
      changed();
    },
  };

  canvas.addEventListener('pointerdown', (event) => {
    if (pointer !== undefined || event.button > 0) return;
    event.preventDefault();
    canvas.focus({ preventScroll: true });
    canvas.setPointerCapture(event.pointerId);
    pointer = event.pointerId;
    strokes.push([spotOf(event)]);
    changed();
  });
  canvas.addEventListener('pointermove', (event) => {
    if (event.pointerId !== pointer) return;
    const events = event.getCoalescedEvents();
    strokes.at(-1)!.push(...(events.length > 0 ? events : [event]).map((each) => spotOf(each)));
    changed();
  });
  canvas.addEventListener('pointerup', ({ pointerId }) => {
    if (pointerId === pointer) pointer = undefined;
  });
  canvas.addEventListener('pointercancel', ({ pointerId }) => {
    if (pointerId !== pointer) return;
    pointer = undefined;
    pad.undo(); // it was the start of something else, such as a pinch
  });

  const moves: Readonly<Record<string, Spot>> = { ArrowLeft: [-keyStep, 0], ArrowRight: [keyStep, 0], ArrowUp: [0, -keyStep], ArrowDown: [0, keyStep] };
  canvas.addEventListener('keydown', (event) => {
    const { key, ctrlKey, metaKey } = event;
    const move = moves[key];
    if (move) {
      pen = [Math.min(1, Math.max(0, pen[0] + move[0])), Math.min(1, Math.max(0, pen[1] + move[1]))];
      if (isDown) strokes.at(-1)!.push(pen);
      if (isDown) changed();
      else paint();
    } else if (key === ' ') {
      isDown = !isDown;
      if (isDown) strokes.push([pen]);
      changed();
    } else if (key === 'Backspace' || (key === 'z' && (ctrlKey || metaKey))) pad.undo();
    else if (key === 'Delete') pad.clear();
    else return;
    event.preventDefault();
  });
  canvas.addEventListener('focus', paint);
  canvas.addEventListener('blur', () => {
    isDown = false;
    paint();
  });
  new ResizeObserver(paint).observe(canvas);
  return pad;
}

/** Paints a drawing over the whole canvas, in the canvas's own colour. */
export function paintDrawing(canvas: HTMLCanvasElement, drawing: Drawing): void {
  const context = fitted(canvas);
  const { width } = canvas;
  context.lineWidth = penWidth * width;
  for (const stroke of drawing) {
    const [first, ...others] = stroke;
    if (!first) continue;
    context.beginPath();
    context.moveTo(first[0] * width, first[1] * width);
    for (const [x, y] of others.length > 0 ? others : [first]) context.lineTo(x * width, y * width);
    context.stroke();
  }
}

/** The context of a canvas as large as it is shown, empty. */
function fitted(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
  const size = Math.max(1, Math.round(canvas.clientWidth * devicePixelRatio));
  if (canvas.width !== size) [canvas.width, canvas.height] = [size, size];
  const context = canvas.getContext('2d')!; // there is one, unless another kind was asked for before
  context.clearRect(0, 0, size, size);
  context.strokeStyle = context.fillStyle = getComputedStyle(canvas).color;
  context.lineCap = context.lineJoin = 'round';
  return context;
}

function paintPen(canvas: HTMLCanvasElement, [x, y]: Spot, isDown: boolean): void {
  const context = canvas.getContext('2d')!;
  const { width } = canvas;
  context.lineWidth = Math.max(1, width / 120);
  context.beginPath();
  context.arc(x * width, y * width, (penWidth * width) / (isDown ? 2 : 1), 0, 2 * Math.PI);
  context.stroke();
}
