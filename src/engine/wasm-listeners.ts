/**
 * Starts wasm without what it does to errors in Node. Its loader throws every uncaught error and unhandled rejection anew, so
 * that they show the loader's source in place of the program's, and end a notebook's kernel, which would have lived on.
 * Listeners of the program, added meanwhile, stay.
 */
export async function withoutWasmListeners<Result>(start: () => Promise<Result>): Promise<Result> {
  if (typeof process === 'undefined' || typeof process.listeners !== 'function') return start();
  const before = events.map((event) => process.rawListeners(event));
  try {
    return await start();
  } finally {
    events.forEach((event, index) => {
      const added = process.rawListeners(event).filter((listener) => !before[index]!.includes(listener));
      for (const listener of added.filter(throwsAnew)) process.removeListener(event, listener as () => void); // as it was listed
    });
  }
}

const events = ['uncaughtException', 'unhandledRejection'] as const;

/** Emscripten's listeners are known by their text alone. */
function throwsAnew(listener: unknown): boolean {
  return /instanceof ExitStatus|\{\s*throw reason\b/.test(String(listener));
}
