import type { HostParams } from '../core/host-tensor';
import type { Evaluation } from '../evaluation/evaluate';
import type { TrainingState } from '../io/checkpoint';

/** Holds the best meta-parameters so far. */
export interface Best {
  /** Undefined before the first offer. */
  readonly kept: TrainingState['best'];
  /** Validations without a better one, since the best or since they were counted afresh. */
  readonly since: number;
  countAfresh(): void;
  /** Whether the first score of this evaluation is the best yet; if so, `meta`, which must stay as it is, is kept. */
  offer(step: number, meta: HostParams, evaluation: Evaluation): boolean;
  /** Holds what a checkpoint held, or nothing. */
  restore(kept: TrainingState['best']): void;
}

export function keepBest(): Best {
  let kept: TrainingState['best'];
  let since = 0; // counted also where no mean was finite yet

  return {
    get kept() {
      return kept && { ...kept, validationsSince: since };
    },
    get since() {
      return since;
    },
    countAfresh() {
      since = 0;
    },
    offer(step, meta, { better, scores }) {
      const { mean } = scores[0]!; // an evaluation has at least one
      const isBest = Number.isFinite(mean) && (!kept || (better === 'higher' ? mean > kept.mean : mean < kept.mean));
      since = isBest ? 0 : since + 1;
      if (isBest) kept = { step, meta, mean, validationsSince: 0 };
      return isBest;
    },
    restore(from) {
      kept = from;
      since = from?.validationsSince ?? 0;
    },
  };
}
