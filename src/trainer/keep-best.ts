import { hostFloats, type HostParams } from '../core/host-tensor';
import { mapRecord } from '../core/params';
import type { Evaluation } from '../evaluation/evaluate';

/** Holds a copy of the best meta-parameters so far. */
export interface Best {
  /** Undefined before the first offer. */
  readonly meta: HostParams | undefined;
  /** Whether the first score of this evaluation is the best yet; if so, `meta` is copied. */
  offer(meta: HostParams, evaluation: Evaluation): boolean;
  /** Forgets the copy. */
  drop(): void;
}

export function keepBest(): Best {
  let kept: { readonly meta: HostParams; readonly mean: number } | undefined;

  return {
    get meta() {
      return kept?.meta;
    },
    offer(meta, { better, scores }) {
      const { mean } = scores[0]!; // an evaluation has at least one
      const isBest = Number.isFinite(mean) && (!kept || (better === 'higher' ? mean > kept.mean : mean < kept.mean));
      if (!isBest) return false;
      kept = { meta: copyOnHost(meta), mean };
      return true;
    },
    drop() {
      kept = undefined;
    },
  };
}

/** Values that stay as they are while meta-training goes on. */
export function copyOnHost(meta: HostParams): HostParams {
  return mapRecord(meta, ({ values, shape }) => hostFloats(values.slice(), shape));
}
