import { DataError, shown } from '../core/errors';

/** Runs a decoder of another library; whatever it throws becomes one sentence. */
export function orDataError<Result>(where: string, expected: string, decode: () => Result): Result {
  try {
    return decode();
  } catch (cause) {
    if (cause instanceof DataError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new DataError(`${where}: expected ${expected}, got a truncated or corrupt one (${shown(reason)}).`, { cause });
  }
}
