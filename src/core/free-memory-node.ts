/** Bytes of memory that this process may still take: what the system has free, or a container allows. Undefined in a browser. */
export function freeMemory(): number | undefined {
  if (typeof process === 'undefined' || typeof process.getBuiltinModule !== 'function') return undefined;
  const { availableMemory } = process as { readonly availableMemory?: () => number }; // from Node 20.13 on
  return availableMemory?.() ?? process.getBuiltinModule('node:os').freemem();
}
