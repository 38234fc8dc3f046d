import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { hostFloats, type HostFloats } from '../../src/core/host-tensor';
import type { Learner } from '../../src/core/learner';
import { mapRecord } from '../../src/core/params';
import type { Loss, TaskSource } from '../../src/core/task';
import { anil } from '../../src/learners/anil';
import { maml } from '../../src/learners/maml';
import { protonet } from '../../src/learners/protonet';
import { mlp } from '../../src/nn/mlp';
import { adam } from '../../src/optim/adam';
import type { Optimizer } from '../../src/optim/optimizer';
import { fewShot, fewShotSplits } from '../../src/tasks/few-shot';
import { psnr, psnrRegression, regression } from '../../src/tasks/objectives';
import { labelledSet } from '../../src/tasks/labelled-set';
import { sinusoids } from '../../src/tasks/sinusoids';
import { metaTrainer } from '../../src/trainer/meta-trainer';
import type { MetaTrainer } from '../../src/trainer/trainer';
import type { MetaTrainerOptions } from '../../src/trainer/options';
import { onEveryBackend } from '../helpers/backends';
import { expectAlike } from '../helpers/close';
import { expectNoLeak } from '../helpers/leaks';

const source = sinusoids({ shots: 5 });
const regressor = () => maml(mlp([1, 8, 1]));
const support = { x: [[-1], [0], [2]], y: [[0.3], [1.2], [-0.4]] };

const letters = labelledSet({
  x: Array.from({ length: 40 }, (_, index) => [Math.floor(index / 5), index % 5]),
  y: Array.from({ length: 40 }, (_, index) => `class ${Math.floor(index / 5)}`),
});
const classes = fewShot(letters, { ways: 3, shots: 1, queryShots: 2 });
const classSplits = fewShotSplits({ train: letters, validation: letters, test: letters }, { ways: 3, shots: 1, queryShots: 2 });

/** Runs `work` with a meta-trainer and disposes it. */
async function withTrainer<Result>(
  work: (trainer: MetaTrainer) => Promise<Result> | Result,
  options: MetaTrainerOptions = {},
  [learner, tasks]: readonly [Learner, Parameters<typeof metaTrainer>[1]] = [regressor(), source],
): Promise<Result> {
  const trainer = await metaTrainer(learner, tasks, { metaBatchSize: 4, ...options });
  try {
    return await work(trainer);
  } finally {
    trainer.dispose();
  }
}

/** What has been trained, as numbers. */
const numbers = ({ meta }: MetaTrainer) => Object.values(meta).map((value) => Array.from(value.dataSync()));

async function losses(trainer: MetaTrainer, steps: number): Promise<readonly number[]> {
  const seen: number[] = [];
  for await (const { queryLoss } of trainer.train({ steps })) seen.push(queryLoss);
  return seen;
}

describe('meta-training', () => {
  test('lowers the query loss', () =>
    withTrainer(async (trainer) => {
      const seen = await losses(trainer, 150);
      const mean = (part: readonly number[]) => part.reduce((sum, loss) => sum + loss, 0) / part.length;
      expect(mean(seen.slice(-30))).toBeLessThan(0.7 * mean(seen.slice(0, 30)));
    }, { innerLearningRate: 0.001 }));

  test('the same seed gives the same numbers, another seed others', async () => {
    const run = (seed: string) => withTrainer((trainer) => losses(trainer, 5), { seed });
    expect(await run('a')).toEqual(await run('a'));
    expect(await run('a')).not.toEqual(await run('b'));
  });

  test('the loop belongs to the caller: left and taken up again, it goes on as if unbroken', async () => {
    const whole = await withTrainer((trainer) => losses(trainer, 6));
    const parts = await withTrainer(async (trainer) => {
      for await (const { step } of trainer.train({ steps: 100 })) if (step === 2) break;
      expect(trainer.step).toBe(2);
      return losses(trainer, 4);
    });
    expect(parts).toEqual(whole.slice(2));
  });

  test('an abort ends the loop after the step at hand', () =>
    withTrainer(async (trainer) => {
      const controller = new AbortController();
      for await (const { step } of trainer.train({ steps: 100, signal: controller.signal })) if (step === 3) controller.abort();
      expect(trainer.step).toBe(3);
    }));

  test('timers have their turn: an abort from one ends a long loop', () =>
    withTrainer(async (trainer) => {
      const signal = AbortSignal.timeout(150);
      for await (const event of trainer.train({ steps: 1_000_000, signal })) void event;
      expect(trainer.step).toBeLessThan(1_000_000);
    }));

  test('refuses a second loop while one runs', () =>
    withTrainer(async (trainer) => {
      const first = trainer.train({ steps: 5 });
      await first.next();
      await expect(trainer.train({ steps: 1 }).next()).rejects.toThrow('expected one loop at a time');
      await first.return();
    }));

  const tooFast = { innerLearningRate: 1e6, innerSteps: 3 };
  test('stops at a loss that is not finite, with the meta-parameters from before', () =>
    withTrainer(async (trainer) => {
      await expect(losses(trainer, 50)).rejects.toThrow(/^train: step \d+: expected a finite query loss, got (NaN|Infinity); lower innerLearningRate .* or look at the episodes \d+ to \d+: source\.sample\('0\/train', \d+\)\.$/);
      expect(numbers(trainer).flat().every((number) => Number.isFinite(number))).toBe(true);
      const unharmed = await withTrainer(async (twin) => {
        if (trainer.step > 0) await losses(twin, trainer.step);
        return numbers(twin);
      }, tooFast);
      expect(numbers(trainer)).toEqual(unharmed);
    }, tooFast));

  test('stops at a gradient that is not finite, before it reaches the meta-parameters', async () => {
    const learner = regressor();
    const broken: Learner = {
      ...learner,
      // Biases start at 0, where √ has an infinite slope and relu none: ∞ · 0 is NaN in the gradient, and 0 in the loss.
      penalty: (meta, path) => tf.mul(tf.sum(tf.sqrt(tf.relu(meta['base/dense1/bias']!))), tf.ones([path[0]!.task.support.x.shape[0]])),
    };
    await withTrainer(async (trainer) => {
      await expect(losses(trainer, 1)).rejects.toThrow('expected a finite query loss, got a gradient of norm NaN');
      expect(numbers(trainer)).toEqual(await withTrainer(numbers, {}, [broken, source]));
    }, {}, [broken, source]);
  });

  test('after dispose, says so', async () => {
    const trainer = await metaTrainer(regressor(), source, { metaBatchSize: 2 });
    trainer.dispose();
    trainer.dispose();
    await expect(trainer.adapt(support)).rejects.toThrow('adapt: expected a meta-trainer that is in use, got one after dispose().');
    await expect(trainer.evaluate()).rejects.toThrow('evaluate: expected a meta-trainer that is in use');
    await expect(trainer.train({ steps: 1 }).next()).rejects.toThrow('train: expected a meta-trainer that is in use');
    expect(() => trainer.meta).toThrow('meta: expected a meta-trainer that is in use');
  });

  test('dispose in the middle of an adaptation or an evaluation says so, leaving nothing', () =>
    expectNoLeak(async () => {
      const trainer = await metaTrainer(regressor(), source, { metaBatchSize: 2 });
      (await trainer.adapt(support)).dispose(); // its graphs are there
      const adapting = trainer.adapt(support, { steps: 50 });
      const scoring = trainer.evaluate({ episodes: 10, steps: [50] });
      trainer.dispose();
      await expect(adapting).rejects.toThrow('adapt: expected a meta-trainer that is in use, got one after dispose().');
      await expect(scoring).rejects.toThrow('evaluate: expected a meta-trainer that is in use');
    }));

  test('its meta-parameters are tensors until the next step or dispose, which disposes them', () =>
    expectNoLeak(() =>
      withTrainer(async (trainer) => {
        const before = trainer.meta;
        expect(trainer.meta).toBe(before);
        await losses(trainer, 1);
        expect(Object.values(before).every(({ isDisposed }) => isDisposed)).toBe(true);
        const after = trainer.meta;
        expect(Object.values(after).some(({ isDisposed }) => isDisposed)).toBe(false);
        trainer.dispose();
        expect(Object.values(after).every(({ isDisposed }) => isDisposed)).toBe(true);
      }),
    ));

  test('uncompiled, trains, adapts and scores alike', async () => {
    const run = (runtime: MetaTrainerOptions) =>
      withTrainer(async (trainer) => {
        const seen = await losses(trainer, 3);
        const { supportLosses, dispose } = await trainer.adapt(support, { steps: 2 });
        dispose();
        const { scores } = await trainer.evaluate({ episodes: 4, steps: [0, 2] });
        return [...seen, ...supportLosses, ...scores.flatMap(({ values }) => values), ...numbers(trainer).flat()];
      }, runtime);
    expectAlike(await run({}), await run({ runtime: 'tfjs' }));
  });

  test('an optimizer without an update in place trains alike', async () => {
    const { updateInPlace, ...plain } = adam();
    expect(updateInPlace).toBeDefined();
    const run = (outerOptimizer: Optimizer) =>
      withTrainer(async (trainer) => [...(await losses(trainer, 4)), ...numbers(trainer).flat()], { outerOptimizer });
    expectAlike(await run(plain), await run(adam()));
  });

  test('evaluation beside training, and dispose in the middle of a step, leave nothing', () =>
    expectNoLeak(async () => {
      const trainer = await metaTrainer(regressor(), source, { metaBatchSize: 2 });
      const before = await trainer.evaluate({ episodes: 60 });
      const scored = trainer.evaluate({ episodes: 60 });
      for await (const event of trainer.train({ steps: 5 })) void event;
      expect(await scored).toEqual(before); // of the meta-parameters at the call
      const step = trainer.train({ steps: 3 }).next();
      trainer.dispose();
      await expect(step).rejects.toThrow('train: expected a meta-trainer that is in use');
    }));

  test('an evaluation whose outputs are not finite stops with what to do, leaving nothing', () =>
    withTrainer(async (trainer) => {
      const before = tf.memory().numTensors;
      await expect(trainer.evaluate({ episodes: 4, steps: [30] })).rejects.toThrow('evaluate: after 30 steps: expected finite outputs');
      expect(tf.memory().numTensors).toBe(before);
    }, { innerLearningRate: 1e4 }));

  test('starts from the meta-parameters that it is given, which it leaves as they are', async () => {
    const start = await withTrainer(({ meta }) => mapRecord(meta, (value) => hostFloats(value.dataSync<'float32'>().slice(), value.shape)));
    const [[name, first]] = Object.entries(start) as [[string, HostFloats]];
    const given = { ...start, [name]: hostFloats(first.values.map((value) => value + 1), first.shape) };
    await withTrainer(async (trainer) => {
      for (const [each, { values }] of Object.entries(given)) expect(trainer.meta[each]!.dataSync()).toEqual(values);
      for await (const event of trainer.train({ steps: 1 })) void event;
      expect(trainer.meta[name]!.dataSync()).not.toEqual(given[name]!.values);
    }, { meta: given });
    expect(given[name]!.values).toEqual(first.values.map((value) => value + 1));
    await withTrainer((first) => withTrainer(({ meta }) => { // tensors, as another trainer gives them
      for (const [each, value] of Object.entries(meta)) expect(value.dataSync()).toEqual(first.meta[each]!.dataSync());
    }, { meta: first.meta, seed: 'another' }));
    const { [name]: missing, ...rest } = given;
    void missing;
    await expect(withTrainer(() => undefined, { meta: rest })).rejects.toThrow(`metaTrainer: meta: '${name}': expected shape [1, 1, 8], as this learner has, got none of that name.`);
  });

  test('a schedule that gives NaN is refused before it reaches the meta-parameters', () =>
    withTrainer(async (trainer) => {
      await expect(losses(trainer, 1)).rejects.toThrow('outerLearningRate of the schedule: expected a finite number of at least 0, got NaN.');
    }, { outerLearningRate: () => NaN }));

  test('leaks nothing, whatever happens', () =>
    expectNoLeak(() =>
      withTrainer(async (trainer) => {
        await losses(trainer, 3);
        const before = tf.memory().numTensors;
        await losses(trainer, 10);
        const adapted = await trainer.adapt(support, { steps: 2 });
        adapted.predict([[1]]);
        adapted.dispose();
        await trainer.evaluate({ episodes: 6, steps: [0, 2] });
        expect(tf.memory().numTensors).toBe(before);
      }),
    ));
});

describe('a source with another objective', () => {
  const how = { episodes: 4, steps: [1] };
  const inDecibels = { ...source, objective: psnrRegression };
  const scoreOf = async (trainer: MetaTrainer, asked: TaskSource) => (await trainer.evaluate({ ...how, source: asked })).scores[0]!;

  test.each<MetaTrainerOptions>([{}, { runtime: 'tfjs' }])('is scored by the metric that its evaluation names: %o', (options) =>
    withTrainer(async (trainer) => {
      const { metric, better, scores } = await trainer.evaluate({ ...how, source: inDecibels });
      expect([metric, better]).toEqual(['psnr', 'higher']);
      const { values } = await scoreOf(trainer, source);
      values.forEach((mse, episode) => expect(scores[0]!.values[episode]).toBeCloseTo(psnr(mse), 4));
      expect((await scoreOf(trainer, source)).values).toEqual(values);
    }, options));

  test('is scored as it is, however many there were before', () =>
    withTrainer(async (trainer) => {
      const times = (factor: number): TaskSource => {
        const measure: Loss = (...given) => tf.mul(regression.metric.measure(...given), factor);
        return { ...source, objective: { ...regression, metric: { name: `${factor} mse`, better: 'lower', measure } } };
      };
      const { mean } = await scoreOf(trainer, source);
      for (const factor of [...Array(12).keys()]) expect((await scoreOf(trainer, times(factor))).mean).toBeCloseTo(factor * mean, 3);
      expect((await scoreOf(trainer, source)).mean).toBe(mean);
    }));

  test('keeps the best by its own metric, in validation', () =>
    withTrainer(async (trainer) => {
      const best: number[] = [];
      for await (const { validation } of trainer.train({ steps: 12, validateEvery: 1, validationEpisodes: 4 })) {
        expect(validation!.metric).toBe('psnr');
        expect(validation!.isBest).toBe(validation!.mean > (best.at(-1) ?? -Infinity));
        if (validation!.isBest) best.push(validation!.mean);
      }
      const { values } = (await trainer.evaluate({ ...how, source, seed: '0/validation' })).scores[0]!;
      expect(best.at(-1)).toBeCloseTo(values.reduce((sum, mse) => sum + psnr(mse), 0) / values.length, 4);
    }, {}, [regressor(), { train: source, validation: inDecibels, test: source }]));
});

describe('validation', () => {
  const fit = [protonet(mlp([2, 8, 3])), classSplits] as const;

  test('scores the same episodes each time, the last step among them, and keeps the best', () =>
    withTrainer(async (trainer) => {
      const seen: number[] = [];
      let best = -Infinity;
      for await (const { step, validation } of trainer.train({ steps: 11, validateEvery: 3, validationEpisodes: 8 })) {
        if (!validation) continue;
        seen.push(step);
        expect(validation.isBest).toBe(validation.mean > best);
        best = Math.max(best, validation.mean);
      }
      expect(seen).toEqual([3, 6, 9, 11]);
      const { scores } = await trainer.evaluate({ source: classSplits.validation, episodes: 8, steps: [1], seed: '0/validation' });
      expect(scores[0]!.mean).toBe(best);
    }, {}, fit));

  test('stops when patience runs out', () =>
    withTrainer(async (trainer) => {
      for await (const event of trainer.train({ steps: 50, validateEvery: 1, validationEpisodes: 2, patience: 2 })) void event;
      expect(trainer.step).toBe(3); // the first is the best; two more are not better
    }, { outerLearningRate: 1e-12 }, fit));

  test('needs a validation source', () =>
    withTrainer(async (trainer) => {
      await expect(trainer.train({ steps: 1, validateEvery: 1 }).next()).rejects.toThrow(
        'train: validateEvery: expected tasks as { train, validation, test }, got a single source.',
      );
    }));
});

describe('adapted network', () => {
  test('predicts a list, one sample and a tensor alike', () =>
    withTrainer(async (trainer) => {
      const adapted = await trainer.adapt(support);
      const [[value]] = adapted.predict([[1]]) as [[number]];
      expect(adapted.predict([1])).toEqual([value]);
      const tensor = adapted.predict(tf.tensor([[1], [2]]));
      expect(tensor.shape).toEqual([2, 1]);
      expect(tensor.dataSync()[0]).toBeCloseTo(value, 5);
      adapted.dispose();
      expect(() => adapted.predict([[1]])).toThrow('predict: expected an adapted network that is in use');
    }));

  test('more steps than in training lower the support loss further', () =>
    withTrainer(async (trainer) => {
      const { supportLosses, dispose } = await trainer.adapt(support, { steps: 20, learningRate: 0.01 });
      expect(supportLosses).toHaveLength(21);
      expect(supportLosses[20]!).toBeLessThan(supportLosses[1]!);
      dispose();
    }));

  test('gives probabilities, logits and the most probable class of any number of classes', () =>
    withTrainer(async (trainer) => {
      const adapted = await trainer.adapt({ x: [[0, 0], [3, 3], [9, 0], [9, 9]], y: ['a', 'b', 'c', 'd'] });
      expect(adapted.classes).toEqual(['a', 'b', 'c', 'd']);
      const [row] = adapted.predict([[9, 9]]) as number[][];
      expect(row!.reduce((sum, probability) => sum + probability, 0)).toBeCloseTo(1, 5);
      expect(row!.indexOf(Math.max(...row!))).toBe(3);
      expect(adapted.classify([9, 9])).toBe('d');
      expect((adapted.predict([[9, 9]], { output: 'logits' }) as number[][])[0]).toHaveLength(4);
      adapted.dispose();
    }, {}, [protonet(mlp([2, 3])), classes]));

  test('does not move the meta-parameters', async () => {
    const run = (between: (trainer: MetaTrainer) => Promise<void>) =>
      withTrainer(async (trainer) => {
        await losses(trainer, 1);
        await between(trainer);
        return [await losses(trainer, 2), numbers(trainer)];
      });
    const adapting = run(async (trainer) => (await trainer.adapt(support, { steps: 3 })).dispose());
    expect(await adapting).toEqual(await run(() => Promise.resolve()));
  });

  test('adapts alike whether its support set is as long as in training or not', async () => {
    const run = (shots: number) =>
      withTrainer(async (trainer) => {
        const adapted = await trainer.adapt(support, { steps: 2 });
        const [[value]] = adapted.predict([[1]]) as [[number]];
        adapted.dispose();
        return [...adapted.supportLosses, value];
      }, {}, [regressor(), sinusoids({ shots })]);
    expectAlike(await run(5), await run(3));
  });

  test('several at a time adapt as each does alone', () =>
    withTrainer(async (trainer) => {
      const sets = [support, { x: [[0]], y: [[1]] }, { x: [[2], [3]], y: [[1], [0]] }];
      const adapt = async (set: typeof support) => {
        const { supportLosses, dispose } = await trainer.adapt(set, { steps: 2 });
        dispose();
        return supportLosses;
      };
      const together = await Promise.all(sets.map((set) => adapt(set)));
      for (const [index, set] of sets.entries()) expect(together[index]).toEqual(await adapt(set));
    }));
});

test('no step leaves the best meta-parameters where they are; a step without a validation forgets them', () =>
  withTrainer(async (trainer) => {
    for await (const _ of trainer.train({ steps: 4, validateEvery: 1, validationEpisodes: 4 }));
    const score = async () => (await trainer.evaluate({ episodes: 4, steps: [0] })).scores[0]!.mean;
    const best = await score();
    for await (const _ of trainer.train({ steps: 0 }));
    for await (const _ of trainer.train({ steps: 5, signal: AbortSignal.abort() }));
    expect(await score()).toBe(best);
    for await (const _ of trainer.train({ steps: 1 }));
    expect(await score()).not.toBe(best);
  }, { outerLearningRate: (step) => (step < 2 ? 0.01 : 1) }, [regressor(), { train: source, validation: source, test: source }]));

test('a clone of adapted weights stays as it is after dispose(), whatever is adapted next', () =>
  onEveryBackend(() => withTrainer(async (trainer) => {
    const adapted = await trainer.adapt(support);
    const kept = adapted.weights['dense1/bias']!.clone();
    const before = Array.from(kept.dataSync());
    adapted.dispose();
    (await trainer.adapt({ x: [[3], [-1], [0]], y: [[-10], [20], [3]] })).dispose();
    expect(Array.from(kept.dataSync())).toEqual(before);
    kept.dispose();
  })));

test('no class is the most probable of outputs that are not finite', () =>
  withTrainer(async (trainer) => {
    const adapted = await trainer.adapt({ x: [[0, 1], [3, 1]], y: ['a', 'b'] });
    expect(() => adapted.classify([3e38, 3e38])).toThrow('classify: expected finite probabilities, got NaN; standardize x, or lower innerLearningRate.');
    adapted.dispose();
  }, { innerSteps: 0 }, [protonet(mlp([2, 4, 3])), classes]));

describe('refusals', () => {
  test.each<[string, Loss]>([
    ['one number for all tasks', (output, y) => tf.mean(tf.abs(tf.sub(output, y)))],
    ['a number for each example', (output, y) => tf.squeeze(tf.abs(tf.sub(output, y)), [2])],
  ])('a loss that is %s', async (_what, loss) => {
    const tasks = { ...source, objective: { ...regression, loss } };
    await expect(withTrainer((trainer) => losses(trainer, 1), {}, [regressor(), tasks])).rejects.toThrow(/loss of the objective: expected shape \[4\], got \[/);
  });

  test('names where values belong, a schedule below 0, an unknown form of output', async () => {
    await expect(refuse({ outerOptimizer: 'adam' as unknown as Optimizer })).rejects.toThrow('metaTrainer: outerOptimizer: expected an optimizer, such as adam(), got adam.');
    await expect(refuse({ metaGradient: 'reptile' as unknown as MetaTrainerOptions['metaGradient'] & {} })).rejects.toThrow('metaTrainer: metaGradient: expected a meta-gradient, such as unrolled(), got reptile.');
    await expect(refuse({ innerSteps: '3' as unknown as number })).rejects.toThrow("metaTrainer: innerSteps: expected a whole number of at least 0, got '3'.");
    await expect(withTrainer((trainer) => losses(trainer, 1), { outerLearningRate: () => -0.1 })).rejects.toThrow('train: step 1: outerLearningRate of the schedule: expected a finite number of at least 0, got -0.1.');
    await withTrainer(async (trainer) => {
      const adapted = await trainer.adapt(support);
      expect(() => adapted.predict([0], { output: 'logit' as 'logits' })).toThrow("predict: output: expected one of 'values', 'logits', got 'logit'.");
      expect(() => adapted.toOnnx({ output: 'logit' as 'logits' })).toThrow("export: output: expected one of 'values', 'logits', got 'logit'.");
      adapted.dispose();
      await expect(trainer.adapt({ x: [[-1], [0]], y: [[0.3]] })).rejects.toThrow('support: expected as many examples in y as in x, got 1 and 2.');
    });
  });

  const refuse = (options: MetaTrainerOptions) => metaTrainer(regressor(), source, options);

  test.each([
    [{ innerSteps: -1 }, 'metaTrainer: innerSteps: expected a whole number of at least 0, got -1.'],
    [{ innerLearningRate: 0 }, 'metaTrainer: innerLearningRate: expected a finite number above 0, got 0.'],
    [{ metaBatchSize: 2.5 }, 'metaTrainer: metaBatchSize: expected a whole number of at least 1, got 2.5.'],
    [{ order: 'third' as 'first' }, `metaTrainer: order: expected one of 'first', 'second', got 'third'.`],
    [{ innerClip: { by: 'norm', limit: -1 } as const }, 'metaTrainer: innerClip.limit: expected a finite number above 0, got -1.'],
    [{ threads: 0 }, 'metaTrainer: threads: expected a whole number of at least 1, got 0.'],
    [{ threads: 2, runtime: 'tfjs' as const }, "metaTrainer: threads: expected 1 with runtime: 'tfjs', got 2; use runtime: 'onnxruntime-node'."],
    [{ threads: 2, runtime: 'onnxruntime-web' as const }, "metaTrainer: threads: expected 1 with runtime: 'onnxruntime-web', got 2; use runtime: 'onnxruntime-node'."],
    [{ runtime: 'tf' as 'tfjs' }, `metaTrainer: runtime: expected one of 'onnxruntime-node', 'onnxruntime-web', 'tfjs', got 'tf'.`],
    [{ outerLearningRate: NaN }, 'metaTrainer: outerLearningRate: expected a finite number above 0, got NaN.'],
  ])('option out of range: %o', async (options, message) => {
    await expect(refuse(options)).rejects.toThrow(message);
  });

  test('a base network that does not fit the tasks', async () => {
    await expect(metaTrainer(maml(mlp([2, 8, 1])), source)).rejects.toThrow(
      'metaTrainer: base network: expected input shape [1], as the tasks have, got [2].',
    );
    await expect(metaTrainer(maml(mlp([1, 8, 2]), { head: 'columns' }), source)).rejects.toThrow('expected output shape [1]');
    await expect(metaTrainer(anil(mlp([1, 8, 2])), source)).rejects.toThrow(`make a learner with a column for each output, such as maml(base, { head: 'columns' })`);
  });

  test('a support set that is empty, not finite, of another shape or of another number of classes', () =>
    withTrainer(async (trainer) => {
      await expect(trainer.adapt({ x: [], y: [] })).rejects.toThrow('support.x: expected at least 1 example, got none.');
      await expect(trainer.adapt({ x: [[NaN]], y: [[1]] })).rejects.toThrow('support.x: expected finite numbers, got NaN in example 0.');
      await expect(trainer.adapt({ x: [[1, 2]], y: [[1]] })).rejects.toThrow('support.x');
      await expect(trainer.adapt(support, { steps: 0.5 })).rejects.toThrow('adapt: steps: expected a whole number of at least 0, got 0.5.');
    }));

  test('too few classes for a head with a column for each', () =>
    withTrainer(async (trainer) => {
      await expect(trainer.adapt({ x: [[0, 0], [1, 1]], y: ['a', 'b'] })).rejects.toThrow('support.y: expected 3 classes');
    }, {}, [maml(mlp([2, 3]), { head: 'columns' }), classes]));
});
