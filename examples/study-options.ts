import { readCount } from './read-count';

/** What the commands of all studies take. */
export const studyOptions = {
  resume: { type: 'boolean', default: false },
  data: { type: 'string', default: '../shared/data' },
  out: { type: 'string' },
  quick: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

/** Seeds '1', '2', … or from another number on. @throws RangeError, named by `what`, unless there is one at least */
export function readSeeds(what: string, count: string, first = 1): readonly string[] {
  return Array.from({ length: readCount(what, count) }, (_, index) => String(first + index));
}
