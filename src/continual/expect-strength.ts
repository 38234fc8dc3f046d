/** Checks how much a guard counts. @throws RangeError unless it is a finite number of at least 0 */
export function expectStrength(where: string, value: number): void {
  if (!(Number.isFinite(value) && value >= 0))
    throw new RangeError(`${where}: expected a finite number of at least 0, got ${value}.`);
}
