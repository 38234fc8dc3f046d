/** A whole number of at least 1 from the command line; `where` names the command and the option in the error. */
export function readCount(where: string, text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1) throw new RangeError(`${where}: expected a whole number of at least 1, got '${text}'.`);
  return count;
}
