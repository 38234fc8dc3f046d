import type { Rng } from '../core/rng';

/** Whose turn it is to draw from a stream. */
export interface Turn {
  /** When all who asked before have drawn; undefined where nobody did. */
  readonly comes: Promise<void> | undefined;
  /** Lets the next one draw. */
  readonly end: () => void;
}

const last = new WeakMap<Rng, Promise<void>>();

/** Runs under way at once draw from the stream that they share in the order in which they asked, whichever is ready first. */
export function takeTurn(rng: Rng): Turn {
  const comes = last.get(rng);
  let end = (): void => undefined;
  last.set(rng, new Promise((resolve) => (end = resolve)));
  return { comes, end };
}
