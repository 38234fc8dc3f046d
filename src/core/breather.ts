/** Long work stops for breath this often, in milliseconds. */
const interval = 50;

/**
 * Lets timers, signals and the page have their turn, at most every 50 ms: TensorFlow.js's own promises do not where it
 * computes on this thread. Returns the function to await between two steps.
 */
export function breather(): () => Promise<void> {
  let last = performance.now();
  return async () => {
    if (performance.now() - last < interval) return;
    await new Promise<void>((resolve) => setTimeout(resolve, 0));
    last = performance.now();
  };
}
