import type { HostParams } from '../core/host-tensor';
import type { Evaluation } from '../evaluation/evaluate';
import type { TrainingState } from '../io/checkpoint';

/** Holds the best meta-parameters so far. */
export interface Best {
  /** Undefined before the first offer. */
  readonly kept: TrainingState['best'];
  /** Whether the first score of this evaluation is the best yet; if so, `meta`, which must stay as it is, is kept. */
  offer(meta: HostParams, evaluation: Evaluation): boolean;
  /** Holds what a checkpoint held, or nothing. */
  restore(kept: TrainingState['best']): void;
}

export function keepBest(): Best {
  let kept: TrainingState['best'];

  return {
    get kept() {
      return kept;
    },
    offer(meta, { better, scores }) {
      const { mean } = scores[0]!; // an evaluation has at least one
      const isBest = Number.isFinite(mean) && (!kept || (better === 'higher' ? mean > kept.mean : mean < kept.mean));
      if (isBest) kept = { meta, mean, validationsSince: 0 };
      else if (kept) kept = { ...kept, validationsSince: kept.validationsSince + 1 };
      return isBest;
    },
    restore(from) {
      kept = from;
    },
  };
}
