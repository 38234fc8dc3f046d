import { expectCount, expectPositive } from '../core/errors';

/** A number that depends on the step, counted from 0: a learning rate over time. */
export type Schedule = (step: number) => number;

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
