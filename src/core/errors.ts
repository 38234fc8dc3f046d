/** A tensor or array has another shape than the place it was given to. */
export class ShapeError extends RangeError {
  override readonly name = 'ShapeError';
}

/** A file, archive or array does not hold what it should: truncated, corrupt, NaN, a label out of range. */
export class DataError extends Error {
  override readonly name = 'DataError';
}

/** A back-end is unknown, missing or broken. */
export class EngineError extends Error {
  override readonly name = 'EngineError';
}

/** A loss became NaN or infinite: training or adaptation stopped there. */
export class DivergenceError extends Error {
  override readonly name = 'DivergenceError';
}

/** A value out of a file as an error shows it: text as it is, others as JSON, both cut where they are long. */
export function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : toJson(value);
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}

function toJson(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return Array.isArray(value) ? '[…]' : '{…}'; // nested too deep to be written, or in a circle
  }
}

/** A number as it is; text in quotes, so that '3' is no 3. */
function quoted(value: unknown): string {
  return typeof value === 'string' ? `'${shown(value)}'` : String(value);
}

/** Checks a whole number, such as a count of steps or shots. */
export function expectCount(where: string, value: number, min = 1): void {
  if (!Number.isInteger(value) || value < min)
    throw new RangeError(`${where}: expected a whole number of at least ${min}, got ${quoted(value)}.`);
}

/** Checks a finite number above zero, such as a learning rate. */
export function expectPositive(where: string, value: number): void {
  if (!(Number.isFinite(value) && value > 0))
    throw new RangeError(`${where}: expected a finite number above 0, got ${quoted(value)}.`);
}

/** Checks a finite number that may be zero, such as the weight of a penalty. */
export function expectNotNegative(where: string, value: number): void {
  if (!(Number.isFinite(value) && value >= 0))
    throw new RangeError(`${where}: expected a finite number of at least 0, got ${quoted(value)}.`);
}

/** Checks a number from 0 to 1, such as an overlap. */
export function expectShare(where: string, value: number): void {
  if (!(value >= 0 && value <= 1)) throw new RangeError(`${where}: expected a number in [0, 1], got ${quoted(value)}.`);
}

/** Checks that a string is one of a closed list. */
export function expectOneOf(where: string, value: string, choices: readonly string[]): void {
  if (!choices.includes(value))
    throw new RangeError(`${where}: expected one of ${choices.map((choice) => `'${choice}'`).join(', ')}, got '${value}'.`);
}
