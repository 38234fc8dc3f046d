import { disposeParams, mapParams, type Params } from '../core/params';
import type { Evaluation } from '../evaluation/evaluate';

/** Holds a copy of the best meta-parameters so far. */
export interface Best {
  /** Undefined before the first offer. */
  readonly meta: Params | undefined;
  /** Whether the first score of this evaluation is the best yet; if so, `meta` is copied. */
  offer(meta: Params, evaluation: Evaluation): boolean;
  /** Forgets and disposes the copy. */
  drop(): void;
}

export function keepBest(): Best {
  let kept: { readonly meta: Params; readonly mean: number } | undefined;

  function drop(): void {
    if (kept) disposeParams(kept.meta);
    kept = undefined;
  }

  return {
    get meta() {
      return kept?.meta;
    },
    offer(meta, { better, scores }) {
      const { mean } = scores[0]!; // an evaluation has at least one
      const isBest = Number.isFinite(mean) && (!kept || (better === 'higher' ? mean > kept.mean : mean < kept.mean));
      if (!isBest) return false;
      drop();
      kept = { meta: mapParams(meta, (value) => value.clone()), mean };
      return true;
    },
    drop,
  };
}
