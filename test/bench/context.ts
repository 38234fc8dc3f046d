import type { MetaTrainer } from 'hypermeta';
import { timed, type CompareOptions, type Contender } from './measure';
import type { Memory, TorchVersion } from './torch';

/** How a benchmark is asked to run. */
export interface BenchContext extends CompareOptions {
  /** Absent where ours runs alone. */
  readonly torch?: TorchVersion;
  /** How torch's processes hold memory: a contender for each. */
  readonly memories: readonly Memory[];
  /** Above 1, rows with so many threads of ours against as many processes of torch are added where the issue has them. */
  readonly threads: number;
}


/** Of both sides. */
export const seed = 0;

/** Outer steps of ours as a contender. */
export function ours(trainer: MetaTrainer, bars: Pick<Contender, 'must' | 'aim'> = {}): Contender {
  return {
    who: 'ours',
    run: timed(async (steps) => {
      for await (const event of trainer.train({ steps })) void event;
    }),
    dispose: () => trainer.dispose(),
    ...bars,
  };
}
