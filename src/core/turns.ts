/** Whose turn it is to use what several share, such as a stream of chance. */
export interface Turn {
  /** When all who asked before have ended theirs; undefined where nobody did. */
  readonly comes: Promise<void> | undefined;
  /** Lets the next one have it. */
  readonly end: () => void;
}

const last = new WeakMap<object, Promise<void>>();

/** Those who are under way at once use what they share in the order in which they asked, whichever is ready first. */
export function takeTurn(shared: object): Turn {
  const comes = last.get(shared);
  let end = (): void => undefined;
  const ended = new Promise<void>((resolve) => (end = resolve));
  last.set(shared, comes ? comes.then(() => ended) : ended); // one that ends early, as it failed, lets nobody overtake
  return { comes, end };
}
