import type { TrainEvent } from '../trainer/train';

/** A step of meta-training and what it took. */
export type TimedEvent = TrainEvent & {
  /** Milliseconds from the request for the event to the event; a validation of that step is among them. */
  readonly ms: number;
};

/**
 * Passes the events of meta-training through, each with the time that its step took; what the loop does between two of them
 * does not count.
 *
 * @example
 * for await (const event of withTime(trainer.train({ steps: 1000 }))) events.push(event);
 */
export async function* withTime<Event extends TrainEvent>(
  events: AsyncIterable<Event>,
): AsyncGenerator<Event & Pick<TimedEvent, 'ms'>, void, undefined> {
  let asked = performance.now();
  for await (const event of events) {
    yield { ...event, ms: performance.now() - asked };
    asked = performance.now();
  }
}
