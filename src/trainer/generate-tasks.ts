import { hostFloats } from '../core/host-tensor';
import { readList, type NumberSource } from '../tasks/read-arrays';
import { meanOf, type AdaptContext } from './adapt-task';
import { adaptedNetwork, type Adapted } from './adapted';
import { writeTask } from './saved-task';
import { taskShapes } from './task-shapes';

/**
 * The networks of embeddings that no support set gave, side by side as samples.
 *
 * @throws RangeError for a learner whose tasks are more than an embedding; ShapeError, DataError for what is no list of such
 */
export async function generateTasks({ learner, adapter, meta, source }: AdaptContext, embeddings: NumberSource): Promise<Adapted> {
  const { state, statistics } = taskShapes(learner, meta, source, 1);
  const { embedding: shape } = state;
  const others = Object.keys({ ...state, ...statistics }).filter((name) => name !== 'embedding');
  if (!shape || others.length > 0)
    throw new RangeError(
      `generate: expected a learner whose tasks are an embedding and nothing else, such as hyperLearner(base, family, { adapt: 'nothing' }), got the ${learner.name} learner, whose tasks are ${[...(shape ? ['an embedding'] : []), ...others].join(', ')}.`,
    );
  const { values, count } = readList('generate: embeddings', embeddings, shape.slice(1));
  const given = { embedding: hostFloats(values, [count, ...shape.slice(1)]) };
  return adaptedNetwork(learner.base, source, {
    weights: await adapter.weights(meta, given),
    recycle: () => undefined, // they stay with the network
    samples: count,
    supportLosses: [],
    embedding: meanOf(given.embedding),
    save: () => writeTask(learner.name, meta, { of: 'state', values: given, statistics: {} }),
  });
}
