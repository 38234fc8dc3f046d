import type { MetaGradient } from './meta-gradient';

/**
 * How much the query loss after each inner step counts at an outer step: at first all alike, 1/K for each of K; then the
 * earlier ones fall in a straight line to 0 while the last one rises to 1. They sum to 1. Nothing once the last one
 * stands alone.
 *
 * Source: Antoniou et al., "How to train your MAML", 2019 (arXiv 1810.09502), section 4 and equation 3. The authors'
 * code takes a straight line as well, but stops at 3 % before the last step stands alone.
 */
export function stepWeights({ annealedOver }: { readonly annealedOver: number }): NonNullable<MetaGradient['schedule']> {
  return (step, { steps }) => {
    if (step >= annealedOver || steps < 2) return undefined;
    const earlier = (1 - step / annealedOver) / steps; // v
    return Array.from({ length: steps }, (_, index) => (index < steps - 1 ? earlier : 1 - (steps - 1) * earlier));
  };
}
