import { readCount } from './read-count';

/** What the commands of all studies take. */
export const studyOptions = {
  resume: { type: 'boolean', default: false },
  data: { type: 'string', default: '../shared/data' },
  out: { type: 'string' },
  quick: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

/** Of '3' the seeds '1', '2' and '3'; of '2-3' those two. @throws RangeError, named by `what`, where there is none */
export function readSeeds(what: string, text: string): readonly string[] {
  const [from, to] = /^\d+-\d+$/.test(text) ? (text.split('-').map(Number) as [number, number]) : [1, readCount(what, text)];
  if (to < from) throw new RangeError(`${what}: expected how many, or the first and the last as in 2-3, got '${text}'.`);
  return Array.from({ length: to - from + 1 }, (_, index) => String(from + index));
}
