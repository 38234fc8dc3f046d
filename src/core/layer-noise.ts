import type { TaskInputs } from './learner';
import type { Pass } from './network';

/**
 * Noise for layers such as dropout: in meta-training alone, which also knows what the tasks will be asked. What a learner itself
 * draws, such as an embedding, comes from the task's noise in adaptation too.
 */
export function layerNoise({ query, noise }: Pick<TaskInputs, 'query' | 'noise'>): Pick<Pass, 'noise'> {
  return query ? { noise } : {};
}
