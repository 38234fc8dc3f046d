import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import type { Learner } from '../../src/core/learner';
import { seededNoise } from '../../src/core/noise';
import { disposeParams, initParams, mapParams, mapRecord, type Params } from '../../src/core/params';
import { createRng } from '../../src/core/rng';
import { hostFloats } from '../../src/core/host-tensor';
import { sameShape } from '../../src/core/shape';
import type { EpisodeBatch, TaskSource } from '../../src/core/task';
import { adapter } from '../../src/meta/adapter';
import { adaptedWeights, innerLoop, queryLoss, startInner, supportLoss, type InnerOptions } from '../../src/meta/inner-loop';
import { unrolled } from '../../src/meta/unrolled';
import { sgd } from '../../src/optim/sgd';
import { disposeBatch, sampleBatch, sampleOnHost } from '../../src/tasks/stack-episodes';
import { onEveryBackend } from '../helpers/backends';
import { expectAlike } from '../helpers/close';
import { isFull } from '../helpers/full';
import { expectNoLeak } from '../helpers/leaks';

export interface LearnerCase {
  /** A small learner on a smooth base network, so that finite differences mean something. */
  readonly learner: Learner;
  readonly source: TaskSource;
  readonly learningRate?: number;
}

const tasks = 3;

/** What every learner must do, whatever it adapts. */
export function testLearner(name: string, make: () => LearnerCase): void {
  const { learner, source, learningRate = 0.1 } = make();
  const noise = () => seededNoise(createRng('noise'));
  const inner: InnerOptions = { steps: 2, learningRate, optimizer: sgd(), order: 'second', loss: source.objective.loss };
  const meta = () => initParams(learner.specs, createRng('meta'));
  const adapts = [0, 1].some((step) => learner.adapts?.(step).length !== 0);

  /** Meta-parameters, a batch, and the end of both. */
  function withBatch<Result>(work: (params: Params, batch: EpisodeBatch) => Result, count = tasks): Result {
    const params = meta();
    const batch = sampleBatch(source, 'contract', 0, count);
    try {
      return tf.tidy(() => work(params, batch) as tf.TensorContainer) as Result;
    } finally {
      disposeParams(params);
      disposeBatch(batch);
    }
  }

  const predict = (params: Params, batch: EpisodeBatch) => {
    const at = innerLoop(learner, params, { ...batch, noise: noise() }, inner).at(-1)!;
    return learner.base.apply(adaptedWeights(learner, params, at), batch.query.x, { weight: batch.query.weight });
  };

  describe(name, () => {
    test('every entry of its state has the task axis, and base weights have it or share', () =>
      withBatch((params, batch) => {
        const [first, , last] = innerLoop(learner, params, { ...batch, noise: noise() }, inner);
        for (const value of Object.values(first!.state)) expect(value.shape[0]).toBe(tasks);
        const weights = learner.weights(params, last!.state);
        for (const [entry, { shape }] of Object.entries(learner.base.specs)) {
          expect([1, tasks]).toContain(weights[entry]!.shape[0]);
          expect(sameShape(weights[entry]!.shape.slice(1), shape), `${entry}: ${weights[entry]!.shape}`).toBe(true);
        }
      }));

    test('a task adapts alike alone and in company', () => {
      const company = withBatch((params, batch) => tf.slice(predict(params, batch), [0], [1]).dataSync());
      const alone = withBatch((params, batch) => predict(params, batch).dataSync(), 1);
      alone.forEach((value, index) => expect(company[index]).toBeCloseTo(value, 4));
    });

    test('padding changes no number', () => {
      const plain = withBatch((params, batch) => predict(params, batch).dataSync());
      const padded = withBatch((params, batch) => predict(params, { ...batch, support: padExamples(batch.support) }).dataSync());
      plain.forEach((value, index) => expect(padded[index]).toBeCloseTo(value, 4));
    });

    if (adapts)
      test('a small inner step lowers the support loss', () =>
        withBatch((params, batch) => {
          const path = innerLoop(learner, params, { ...batch, noise: noise() }, { ...inner, learningRate: 1e-3, steps: 1 });
          const [before, after] = path.map((at) => tf.sum(supportLoss(learner, params, at, inner.loss)).dataSync()[0]!);
          expect(after!).toBeLessThan(before!);
        }));

    test('its meta-gradient is that of finite differences, to second order through two inner steps', () =>
      onEveryBackend(() => withBatch((params, batch) => expectMetaGradient(learner, params, batch, inner))));

    test('its start owns its tensors, and the inner loop leaks none', () =>
      expectNoLeak(() => {
        const params = meta();
        const batch = sampleBatch(source, 'contract', 0, 2);
        const at = startInner(learner, params, { ...batch, noise: noise() }, inner);
        for (const own of [at.start, at.moments]) disposeParams(own);
        for (const value of [...Object.values(params), batch.support.x, batch.support.y]) expect(value.isDisposed).toBe(false);
        const { loss, gradients } = tf.tidy(() => {
          const result = unrolled()(learner, params, batch, noise(), inner);
          return { loss: result.loss, gradients: result.gradients };
        });
        loss.dispose();
        disposeParams(gradients);
        disposeParams(params);
        disposeBatch(batch);
      }));

    test('compiled, it adapts and scores as the inner loop does', async () => {
      const expected = withBatch((params, batch) => {
        const at = innerLoop(learner, params, { ...batch, noise: noise() }, inner).at(-1)!;
        const metric = source.objective.metric.measure(predict(params, batch), batch.query.y, batch.query.weight);
        return [...Object.values(adaptedWeights(learner, params, at)), metric].map((value) => Array.from(value.dataSync()));
      });
      const params = meta();
      const onHost = mapRecord(params, (value) => hostFloats(value.dataSync<'float32'>().slice(), value.shape));
      disposeParams(params);
      const compiled = adapter(learner, source.objective, inner);
      const stepwise = adapter(learner, source.objective, { ...inner, steps: inner.steps + 1 }); // the usual number alone is unrolled
      const [batch, rng] = [sampleOnHost(source, 'contract', 0, tasks), createRng('noise')];
      let at = await compiled.start(onHost, batch, rng);
      for (let step = 0; step < inner.steps; step++) at = (await compiled.advance(onHost, batch, at, { learningRate }, rng)).next;
      const { metric, isFinite } = await compiled.score(onHost, batch, at, rng);
      for (const each of [compiled, stepwise]) {
        const { weights, losses } = await each.adapt(onHost, batch, { steps: inner.steps, learningRate }, createRng('noise'));
        const found = [...Object.values(weights), metric];
        expected.forEach((values, entry) => expectAlike(found[entry]!.values, values, `entry ${entry}, value`));
        expect(losses.map(({ shape }) => shape)).toEqual([[tasks], [tasks], [tasks]]);
        await each.dispose();
      }
      expect(Array.from(isFinite.values)).toEqual([1, 1, 1]);
    });

    test('one task keeps its axis', () =>
      withBatch((params, batch) => {
        expect(predict(params, batch).shape[0]).toBe(1);
      }, 1));
  });
}

/** Compares directional derivatives of the mean query loss, along seeded directions, with central differences. */
function expectMetaGradient(learner: Learner, meta: Params, batch: EpisodeBatch, inner: InnerOptions): void {
  const noise = () => seededNoise(createRng('noise'));
  const loss = (params: Params) =>
    tf.tidy(() => {
      const path = innerLoop(learner, params, { ...batch, noise: noise() }, inner);
      const perTask = queryLoss(learner, params, path.at(-1)!, batch.query, inner.loss);
      const cost = learner.penalty?.(params, path);
      return tf.mean(cost ? tf.add(perTask, cost) : perTask).dataSync()[0]!;
    });
  const { gradients } = unrolled()(learner, meta, batch, noise(), inner);
  for (let trial = 0; trial < (isFull ? 3 : 2); trial++) {
    const rng = createRng(`direction ${trial}`);
    const direction = mapParams(meta, (value) => tf.tensor(Float32Array.from({ length: value.size }, () => rng.normal()), value.shape));
    const move = (by: number) => mapParams(meta, (value, name) => tf.add(value, tf.mul(direction[name]!, by)));
    const difference = (step: number) => (loss(move(step)) - loss(move(-step))) / (2 * step);
    const expected = (4 * difference(2e-3) - difference(4e-3)) / 3; // Richardson: the error of step² cancels
    const slope = Object.keys(meta).reduce(
      (sum, name) => sum + tf.sum(tf.mul(gradients[name]!, direction[name]!)).dataSync()[0]!,
      0,
    );
    const size = Math.sqrt(Object.values(gradients).reduce((sum, g) => sum + tf.sum(tf.square(g)).dataSync()[0]!, 0));
    expect(Math.abs(slope - expected), `direction ${trial}: gradient ${slope}, differences ${expected}`).toBeLessThan(
      0.02 * Math.abs(expected) + 0.01 * size + 1e-4,
    );
  }
}

/** Two more examples of weight 0, full of numbers that must not matter. */
function padExamples({ x, y, weight }: EpisodeBatch['support']): EpisodeBatch['support'] {
  const extra = (tensor: tf.Tensor, value: number) => tf.fill([tensor.shape[0], 2, ...tensor.shape.slice(2)], value);
  return {
    x: tf.concat([x, extra(x, 3)], 1),
    y: tf.concat([y, extra(y, 1)], 1),
    weight: tf.concat([weight, extra(weight, 0)], 1),
  };
}

