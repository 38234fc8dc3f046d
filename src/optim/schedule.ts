import { expectCount, expectOneOf, expectPositive } from '../core/errors';

/** A number that depends on the step, counted from 0: a learning rate over time. */
export type Schedule = (step: number) => number;

/** Whether second derivatives count in a meta-gradient. */
export type Order = 'first' | 'second';

/** `0.001` and `constant(0.001)` mean the same wherever a schedule is asked for. */
export function toSchedule(where: string, rate: number | Schedule): Schedule {
  if (typeof rate === 'function') return rate;
  expectPositive(where, rate);
  return () => rate;
}

/**
 * From `rate` down to `end` along half a cosine over `steps` steps, then `end`.
 *
 * Source: Loshchilov and Hutter, "SGDR", 2017 (arXiv 1608.03983), equation 5.
 */
export function cosine(rate: number, steps: number, { end = 0 }: { readonly end?: number } = {}): Schedule {
  expectPositive('cosine: rate', rate);
  expectCount('cosine: steps', steps);
  return (step) => end + ((rate - end) * (1 + Math.cos(Math.PI * Math.min(1, step / steps)))) / 2;
}

/** Rises linearly from 0 over `steps` steps, then follows `schedule`. */
export function warmup(schedule: number | Schedule, steps: number): Schedule {
  const after = toSchedule('warmup: rate', schedule);
  expectCount('warmup: steps', steps);
  return (step) => after(step) * Math.min(1, (step + 1) / steps);
}

/**
 * The order at each step: one and the same, or `'first'` for so many steps and `'second'` from then on.
 *
 * Source: Antoniou et al., "How to train your MAML", 2019 (arXiv 1810.09502), section 4, derivative-order annealing.
 */
export function toOrderSchedule(where: string, order: Order | { readonly firstFor: number }): (step: number) => Order {
  if (typeof order === 'object') {
    expectCount(`${where}.firstFor`, order.firstFor);
    return (step) => (step < order.firstFor ? 'first' : 'second');
  }
  expectOneOf(where, order, ['first', 'second']);
  return () => order;
}
