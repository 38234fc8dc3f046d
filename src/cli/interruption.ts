import type { Io } from './io';

/** What Ctrl-C, or the system, asks for. */
export interface Interruption {
  readonly signal: AbortSignal;
  /** No longer listens: the next signal ends the process at once, as it would without this. */
  stop(): void;
}

/** The first SIGINT or SIGTERM aborts `signal`; the second one finds nobody listening. */
export function listenForInterruption({ signals, stderr }: Io): Interruption {
  const controller = new AbortController();
  const stop = () => ['SIGINT', 'SIGTERM'].forEach((name) => signals.off(name, interrupt));
  const interrupt = () => {
    stop();
    stderr.write('\nFinishing this step, then saving; once more to end at once.\n');
    controller.abort();
  };
  ['SIGINT', 'SIGTERM'].forEach((name) => signals.on(name, interrupt));
  return { signal: controller.signal, stop };
}
