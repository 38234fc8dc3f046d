import { DataError, type TrainEvent } from 'hypermeta';
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeWhole } from './write-whole';

/** What is kept of an outer step: its figures, without a validation's single episodes. */
export type LoggedEvent = Omit<TrainEvent, 'validation'> & {
  readonly validation?: Pick<NonNullable<TrainEvent['validation']>, 'metric' | 'steps' | 'count' | 'mean' | 'interval' | 'isBest'>;
};

export function loggedEvent({ validation, ...event }: TrainEvent): LoggedEvent {
  if (!validation) return event;
  const { metric, steps, count, mean, interval, isBest } = validation;
  return { ...event, validation: { metric, steps, count, mean, interval, isBest } };
}

/** A run's events, a JSON line each. */
export function appendEvent(dir: string, event: LoggedEvent): void {
  appendFileSync(fileOf(dir), `${JSON.stringify(event)}\n`);
}

/** The events so far; a last line that was cut when the process died is left out. @throws DataError for a line that is no event */
export function readEvents(dir: string): readonly LoggedEvent[] {
  if (!existsSync(fileOf(dir))) return [];
  const lines = readFileSync(fileOf(dir), 'utf8').split('\n');
  return lines.slice(0, -1).map((line, index) => {
    try {
      return JSON.parse(line) as LoggedEvent; // as it was appended
    } catch (cause) {
      throw new DataError(`${fileOf(dir)}: line ${index + 1}: expected JSON, got '${line.slice(0, 40)}'.`, { cause });
    }
  });
}

/** Forgets the events after a step, which a resumed run takes again; those before it are safe whenever the process dies. */
export function cutEvents(dir: string, step: number): void {
  const kept = readEvents(dir).filter((event) => event.step <= step);
  writeWhole(fileOf(dir), kept.map((event) => `${JSON.stringify(event)}\n`).join(''));
}

const fileOf = (dir: string) => join(dir, 'events.jsonl');
