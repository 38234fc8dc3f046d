import * as tf from '@tensorflow/tfjs';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { disposeParams, mapRecord, scopeRecord } from '../../src/core/params';
import type { Learner } from '../../src/core/learner';
import type { Network } from '../../src/core/network';
import { seededNoise, type Noise } from '../../src/core/noise';
import { createRng } from '../../src/core/rng';
import type { EpisodeBatch, Examples } from '../../src/core/task';
import { compile, type Compiled, type RuntimeName } from '../../src/engine/compile';
import { maml } from '../../src/learners/maml';
import { metaStep, type MetaState, type MetaStepOptions } from '../../src/meta/meta-step';
import { unrolled } from '../../src/meta/unrolled';
import { activation } from '../../src/nn/activation';
import { batchNorm } from '../../src/nn/batch-norm';
import { conv2d } from '../../src/nn/conv2d';
import { dense } from '../../src/nn/dense';
import { flatten } from '../../src/nn/flatten';
import { globalAveragePool, maxPool } from '../../src/nn/pooling';
import { sequential } from '../../src/nn/sequential';
import { adam } from '../../src/optim/adam';
import { startMoments } from '../../src/optim/optimizer';
import { sgd } from '../../src/optim/sgd';
import { classification } from '../../src/tasks/objectives';

/** One outer step, however it is computed; the caller disposes the old state and the new one. */
type Step = (learner: Learner, state: MetaState, batch: EpisodeBatch, options: MetaStepOptions) => Promise<Stepped>;
type Stepped = ReturnType<typeof metaStep>;

/** All ways to take an outer step: each must agree with PyTorch in float64. */
const runners: readonly (readonly [name: string, step: Step])[] = [
  [
    'eager',
    (learner, state, batch, options) => {
      const noise = seededNoise(createRng('none is drawn'));
      const stepped = tf.tidy(() => metaStep(learner, state, batch, noise, options) as unknown as tf.TensorContainerObject);
      return Promise.resolve(stepped as unknown as Stepped); // tidy knows containers only
    },
  ],
  ['compiled for onnxruntime-node', compiledFor('onnxruntime-node')],
  ['compiled for onnxruntime-web', compiledFor('onnxruntime-web')],
];

/** Compiled once for each learner. */
function compiledFor(runtime: RuntimeName): Step {
  const known = new WeakMap<Learner, Compiled<Given, Stepped>>();
  return (learner, state, batch, options) => {
    const compiled = known.get(learner) ?? compile((given: Given, noise: Noise) => metaStep(learner, given.state, given.batch, noise, options), { runtime });
    known.set(learner, compiled);
    return compiled.run({ state, batch });
  };
}

interface Given {
  readonly state: MetaState;
  readonly batch: EpisodeBatch;
}

type Numbers = Readonly<Record<string, readonly number[]>>;

/** Written by test/fixtures/conv-meta-step.py. */
interface Fixture {
  readonly tasks: number;
  readonly support: number;
  readonly query: number;
  readonly size: number;
  readonly ways: number;
  readonly filters: number;
  readonly epsilon: number;
  readonly innerRate: number;
  readonly outerRate: number;
  readonly cases: readonly Case[];
}

interface Case {
  readonly network: 'strided' | 'pooled';
  readonly activation: 'relu' | 'tanh';
  readonly innerSteps: number;
  readonly start: Numbers;
  readonly batch: { readonly support: Numbers; readonly query: Numbers };
  /** Before each of the outer steps. */
  readonly losses: readonly number[];
  /** Of the first outer step. */
  readonly gradients: Numbers;
  /** After the last outer step. */
  readonly params: Numbers;
}

const fixture = JSON.parse(
  readFileSync(new URL('../fixtures/conv-meta-step.json', import.meta.url), 'utf8'),
) as Fixture; // its script and this file are one thing

/** Relative to the largest entry of each tensor. */
const tolerance = 1e-5;

describe.each(runners)('a convolutional meta-step, %s, is that of PyTorch in float64', (_name, step) => {
  test.each(fixture.cases)('$network, $activation, inner steps: $innerSteps', async (given) => {
    const base = network(given);
    const learner = maml(base, { head: 'columns' });
    const batch = {
      support: examples(given.batch.support, fixture.support),
      query: examples(given.batch.query, fixture.query),
    };
    const options: MetaStepOptions = {
      metaGradient: unrolled(),
      optimizer: adam(),
      learningRate: fixture.outerRate,
      inner: {
        steps: given.innerSteps,
        learningRate: fixture.innerRate,
        optimizer: sgd(),
        order: 'second',
        loss: classification.loss,
      },
    };
    let state = startState(base, given.start);
    let gradients: Numbers | undefined;
    const losses: number[] = [];
    for (let taken = 0; taken < given.losses.length; taken++) {
      const { state: next, metrics } = await step(learner, state, batch, options);
      losses.push((await metrics.data())[0]!);
      gradients ??= firstGradients(next);
      tf.dispose([metrics, state.meta, state.moments]);
      state = next;
    }
    expectClose({ losses }, { losses: given.losses });
    expectClose(gradients!, scopeRecord(given.gradients, 'base'));
    expectClose(mapRecord(state.meta, numbers), scopeRecord(given.params, 'base'));
    for (const params of [state.meta, state.moments, { ...batch.support }, { ...batch.query }]) disposeParams(params);
  });
});

function network({ network, activation: name }: Case): Network {
  const { size, ways, filters, epsilon } = fixture;
  const isPooled = network === 'pooled';
  const block = [
    conv2d(filters, 3, { stride: isPooled ? 1 : 2, bias: 'none' }),
    batchNorm({ statistics: 'batch', epsilon }),
    activation(name),
    ...(isPooled ? [maxPool(2)] : []),
  ];
  return sequential([size, size, 1], [...block, ...block, isPooled ? flatten() : globalAveragePool(), dense(ways)]);
}

function startState(base: Network, start: Numbers): MetaState {
  const meta = scopeRecord(
    mapRecord(base.specs, ({ shape }, name) => tf.tensor([...start[name]!], [1, ...shape])),
    'base',
  );
  return { meta, moments: startMoments(adam(), meta) };
}

function examples({ x, y }: Numbers, count: number): Examples {
  const { tasks, size, ways } = fixture;
  return {
    x: tf.tensor([...x!], [tasks, count, size, size, 1]),
    y: tf.tensor([...y!], [tasks, count, ways]),
    weight: tf.ones([tasks, count]),
  };
}

/** After one step of Adam its mean is 1 − β₁ = 0.1 of the gradient. */
function firstGradients({ meta, moments }: MetaState): Numbers {
  return mapRecord(meta, (_value, name) => numbers(moments[`${name}/mean`]!).map((value) => value / 0.1));
}

function numbers(value: tf.Tensor): readonly number[] {
  return Array.from(value.dataSync());
}

function expectClose(found: Numbers, expected: Numbers): void {
  expect(Object.keys(found).sort()).toEqual(Object.keys(expected).sort());
  for (const [name, values] of Object.entries(expected)) {
    const largest = Math.max(...values.map(Math.abs));
    const error = Math.max(...values.map((value, index) => Math.abs(value - found[name]![index]!))) / largest;
    expect(found[name], name).toHaveLength(values.length);
    expect(error, name).toBeLessThan(tolerance);
  }
}
