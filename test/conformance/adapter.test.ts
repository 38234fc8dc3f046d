import { describe, expect, test } from 'vitest';
import { hostFloats, type HostFloats, type HostParams } from '../../src/core/host-tensor';
import { disposeParams, initParams, mapRecord } from '../../src/core/params';
import { createRng } from '../../src/core/rng';
import type { HostBatch, HostExamples } from '../../src/core/task';
import type { RuntimeName } from '../../src/engine/compile';
import { adapter } from '../../src/meta/adapter';
import { sampleOnHost } from '../../src/tasks/stack-episodes';
import { difference } from '../helpers/compiled';
import { isFull } from '../helpers/full';
import { combinations, settings, type Combination } from './combinations';

const tasks = 3;
const steps = 3;

/** All that an adaptation gives: losses, states, weights, scores. */
async function adaptation(combination: Combination, runtime: RuntimeName, change: (batch: HostBatch) => HostBatch): Promise<Readonly<Record<string, HostFloats>>> {
  const { source, learner: make } = combination;
  const { inner } = settings(combination);
  const learner = make();
  const [engine, rng] = [adapter(learner, source.objective, inner, runtime), createRng('noise')];
  const meta = metaOf(combination);
  const batch = change(sampleOnHost(source, 'adapt', 0, tasks));
  const { query, ...task } = batch;
  void query;
  let at = await engine.start(meta, task, rng);
  const found: Record<string, HostFloats> = {};
  for (let step = 0; step < steps; step++) {
    const { next, losses } = await engine.advance(meta, task, at, { learningRate: inner.learningRate }, rng);
    found[`losses before step ${step}`] = losses[0]!;
    at = next;
  }
  const whole = await engine.adapt(meta, task, { steps, learningRate: inner.learningRate }, createRng('noise'));
  const { metric, isFinite } = await engine.score(meta, batch, at, rng);
  await engine.dispose();
  const losses = Object.fromEntries(whole.losses.map((loss, step) => [`loss ${step} of the whole`, loss]));
  return { ...found, ...losses, metric, isFinite, ...prefixed('state', at.state), ...prefixed('weights', whole.weights) };
}

function metaOf({ learner }: Combination): HostParams {
  const params = initParams(learner().specs, createRng('meta'));
  const onHost = mapRecord(params, (value) => hostFloats(value.dataSync<'float32'>().slice(), value.shape));
  disposeParams(params);
  return onHost;
}

function prefixed(prefix: string, params: HostParams): HostParams {
  return Object.fromEntries(Object.entries(params).map(([name, value]) => [`${prefix} ${name}`, value]));
}

/** Three more examples of weight 0 in both sets, full of numbers that must not matter. */
function padded({ support, query, ...rest }: HostBatch): HostBatch {
  const longer = ({ values, shape }: HostFloats, filling: number): HostFloats => {
    const [count, n, ...inner] = shape as [number, number, ...number[]];
    const size = values.length / count;
    const more = (size / n) * 3;
    const filled = new Float32Array((size + more) * count).fill(filling);
    for (let task = 0; task < count; task++) filled.set(values.subarray(task * size, (task + 1) * size), task * (size + more));
    return hostFloats(filled, [count, n + 3, ...inner]);
  };
  const pad = ({ x, y, weight }: HostExamples): HostExamples => ({ x: longer(x, 2.5), y: longer(y, 1), weight: longer(weight, 0) });
  return { ...rest, support: pad(support), query: pad(query) };
}

function expectSame(found: Readonly<Record<string, HostFloats>>, expected: Readonly<Record<string, HostFloats>>): void {
  expect(Object.keys(found)).toEqual(Object.keys(expected));
  for (const [name, { values, shape }] of Object.entries(expected)) {
    expect(found[name]!.shape, name).toEqual(shape);
    expect(difference(found[name]!.values, values, 0.1), name).toBeLessThan(1e-5);
  }
}

// Dropout draws a mask for each example, padded or not: other masks, other numbers.
const able = combinations.filter(({ name, inner, outer }) => !name.includes('dropout') && !inner && !outer);
const chosen = isFull ? able : createRng('adapter').shuffle(able).slice(0, 6);

describe('an adaptation', () => {
  test.each(chosen.map((each) => [each.name, each] as const))('%s: compiled as eager, padded or not', async (_name, combination) => {
    const expected = await adaptation(combination, 'tfjs', (batch) => batch);
    expectSame(await adaptation(combination, 'onnxruntime-node', (batch) => batch), expected);
    expectSame(await adaptation(combination, 'onnxruntime-node', padded), expected);
  });
});
