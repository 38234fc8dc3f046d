/**
 * Bytes of memory that this process may still take: what the system has free, or a container allows. On macOS, which counts as used
 * what it would give back, all that the machine has. Undefined in a browser.
 */
export function freeMemory(): number | undefined {
  if (typeof process === 'undefined' || typeof process.getBuiltinModule !== 'function') return undefined;
  const os = process.getBuiltinModule('node:os');
  if (process.platform === 'darwin') return os.totalmem();
  const { availableMemory } = process as { readonly availableMemory?: () => number }; // from Node 20.13 on
  return availableMemory?.() ?? os.freemem();
}
