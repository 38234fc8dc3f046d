import { jsonSchema } from './config';
import { say, type ExitCode, type Io } from './io';

/** Prints the JSON Schema of a config. */
export async function schema(_command: object, io: Io): Promise<ExitCode> {
  say(io, JSON.stringify(jsonSchema(), null, 2));
  return 0;
}
