import { expectCount } from '../core/errors';
import { loadPackage } from '../core/load-package';

/** Numbers to show beside the bar: `{ loss: 0.31 }`. */
export type Figures = Readonly<Record<string, number>>;

export interface ProgressOptions {
  /** Number of steps in all. */
  readonly total: number;
  /** Steps of the total that were done before, as in a run that is taken up. @default 0 */
  readonly from?: number;
  /** @default 'meta-training' */
  readonly label?: string;
  /** Where to write. @default process.stderr; in a notebook process.stdout, since notebooks show the other as a fault */
  readonly stream?: NodeJS.WriteStream;
}

export interface ProgressBar {
  /** `step` of the `total` steps are done. */
  update(step: number, figures?: Figures): void;
  /** Leaves the bar as it stands and gives the terminal back. Later calls do nothing. */
  stop(): void;
}

/**
 * A progress bar with rate, time left and figures. Where nobody watches (CI, a file) and in notebooks, one plain line per
 * tenth instead, without control characters. Node only.
 *
 * @throws RangeError if `total` is not a whole number above 0; Error if it needs `cli-progress` and that is not installed.
 */
export async function progressBar(options: ProgressOptions): Promise<ProgressBar> {
  const { total, from = 0, label = 'meta-training', stream = usualStream() } = options;
  expectCount('progressBar: total', total);
  expectCount('progressBar: from', from, 0);
  const parts = { total, from, label, describe: describer(total, from) };
  return stream.isTTY && !isTakenOver(stream) ? drawnBar(stream, parts) : plainLines(stream, parts);
}

function usualStream(): NodeJS.WriteStream {
  return isTakenOver(process.stderr) && isTakenOver(process.stdout) ? process.stdout : process.stderr;
}

/** A notebook's kernel shows what a stream is given in the notebook, though it may have been started from a terminal. */
function isTakenOver(stream: NodeJS.WriteStream): boolean {
  return Object.hasOwn(stream, 'write');
}

/** What `withProgress` looks at. */
export interface StepEvent {
  readonly step: number;
  readonly queryLoss: number;
}

/**
 * Passes events through and shows how far they are: one event is one step. The bar ends when the events do, or the loop
 * is left. Node only.
 *
 * @example
 * for await (const event of withProgress(trainer.train({ steps: 2000 }), { total: 2000 })) history.push(event);
 */
export async function* withProgress<Event extends StepEvent>(
  events: AsyncIterable<Event>,
  options: ProgressOptions,
): AsyncGenerator<Event, void, undefined> {
  const bar = await progressBar(options);
  let done = options.from ?? 0;
  try {
    for await (const event of events) {
      bar.update(++done, { loss: event.queryLoss });
      yield event;
    }
  } finally {
    bar.stop();
  }
}

interface Parts {
  readonly total: number;
  readonly from: number;
  readonly label: string;
  readonly describe: (step: number, figures: Figures) => string;
}

async function drawnBar(stream: NodeJS.WriteStream, { total, from, label, describe }: Parts): Promise<ProgressBar> {
  type CliProgress = typeof import('cli-progress');
  const module = await loadPackage<{ readonly default: CliProgress }>('progressBar', 'cli-progress', 'cli-progress');
  const bar = new module.default.SingleBar({
    format: (_options, { progress }, { words }: { words: string }) => {
      const columns = stream.columns || 80;
      const length = columns < 100 ? 8 : 24;
      const full = Math.round(progress * length);
      return `${label} ${'█'.repeat(full)}${'░'.repeat(length - full)} ${words}`.slice(0, columns - 1);
    },
    stream,
    linewrap: true, // switching it off and stopping by Ctrl-C would leave the terminal so; lines are cut above instead
    gracefulExit: false, // it would take Ctrl-C from the program
  });
  bar.start(total, from, { words: describe(from, {}) });
  return {
    update: (step, figures = {}) => bar.update(step, { words: describe(step, figures) }),
    stop: () => bar.stop(),
  };
}

function plainLines(stream: NodeJS.WritableStream, { total, from, label, describe }: Parts): ProgressBar {
  let tenths = Math.floor((10 * from) / total);
  let isStopped = false;
  return {
    update(step, figures = {}) {
      const reached = Math.floor((10 * step) / total);
      if (isStopped || reached <= tenths) return;
      tenths = reached;
      stream.write(`${label} ${describe(step, figures)}\n`);
    },
    stop() {
      isStopped = true;
    },
  };
}

/** Where a run is: ` 40 %  800/2000  loss 0.213  182 steps/s  7 s left`. */
function describer(total: number, from: number): Parts['describe'] {
  const start = performance.now();
  return (step, figures) => {
    const rate = (1000 * (step - from)) / (performance.now() - start);
    const words = [
      `${String(Math.floor((100 * step) / total)).padStart(3)} %`,
      `${step}/${total}`,
      ...Object.entries(figures).map(([name, value]) => `${name} ${formatFigure(value)}`),
    ];
    if (rate > 0 && Number.isFinite(rate))
      words.push(`${formatFigure(rate)} steps/s`, `${formatTime((total - step) / rate)} left`);
    return words.join('  ');
  };
}

function formatTime(seconds: number): string {
  const whole = Math.ceil(seconds);
  const minutes = Math.floor(whole / 60);
  if (minutes >= 60) return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  return minutes > 0 ? `${minutes} min ${whole % 60} s` : `${whole} s`;
}

function formatFigure(value: number): string {
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
