import { createRng, labelledScenes, type ExampleArrays, type LabelledSet, type TaskSource } from 'hypermeta';
import { targetChannels } from '../../src/tasks/box-targets';

/**
 * The same episodes, with `count` scenes of other characters in each support set, on which the class to find is nowhere: what joint
 * training has beside the annotated boxes.
 */
export function withOtherScenes(source: TaskSource, others: LabelledSet, count: number): TaskSource {
  const [height] = source.inputShape;
  const scenes = labelledScenes(others, { size: height!, queryScenes: count });
  return {
    ...source,
    sample(seed, index) {
      const { support, ...episode } = source.sample(seed, index);
      const { x } = scenes.sample(`${seed}/others`, createRng(`${seed}/${index}`).integer(1e9)).query;
      const y = new Float32Array((support.y.length / support.count) * count);
      for (let at = 1; at < y.length; at += targetChannels) y[at] = 1; // every cell counts, as background
      return { ...episode, support: joinExamples(support, { x, y, count }) };
    },
  };
}

/** The examples of both. */
export function joinExamples(one: ExampleArrays, other: ExampleArrays): ExampleArrays {
  return { x: join(one.x, other.x), y: join(one.y, other.y), count: one.count + other.count };
}

function join(one: Float32Array, other: Float32Array): Float32Array {
  const joined = new Float32Array(one.length + other.length);
  joined.set(one);
  joined.set(other, one.length);
  return joined;
}
