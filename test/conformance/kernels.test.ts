import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createRng } from '../../src/core/rng';
import { convolutionKernels } from '../../src/trace/trace-convolutions';
import { depthwiseKernels } from '../../src/trace/trace-depthwise';
import { elementwiseKernels } from '../../src/trace/trace-elementwise';
import { layoutKernels } from '../../src/trace/trace-layout';
import { poolingKernels } from '../../src/trace/trace-pooling';
import { reductionKernels } from '../../src/trace/trace-reductions';
import { checkDerivatives } from '../../src/ops/check-derivatives';
import { differentiated, expectCompiled, make, type Case } from '../helpers/compiled';
import { isFull } from '../helpers/full';
import { elementwiseCases } from './cases-elementwise';
import { imageCases } from './cases-images';
import { layerCases } from './cases-layers';
import { layoutCases } from './cases-layout';
import { rewriteCases } from './cases-rewrites';

const tables = { elementwise: elementwiseCases, layout: layoutCases, images: imageCases, layers: layerCases, rewrites: rewriteCases };

const seen = new Set<string>();

beforeAll(async () => {
  await tf.setBackend('cpu'); // has every kernel
  const engine = tf.engine();
  const runKernel = engine.runKernel.bind(engine);
  vi.spyOn(engine, 'runKernel').mockImplementation((name, ...rest) => {
    seen.add(name);
    return runKernel(name, ...rest);
  });
});

afterAll(() => void vi.restoreAllMocks());

describe.each(Object.entries(tables))('%s: compiled as eager, to second order', (table, cases) => {
  for (const each of isFull ? cases : createRng(table).shuffle(cases).slice(0, 30))
    test(each.name, async () => {
      const { inputs, compute, reference } = differentiated(each);
      await expectCompiled(compute, inputs, { reference, tolerance: each.tolerance ?? 1e-5 });
      tf.dispose(inputs);
    });
});

test('means of whole numbers and of truths are floats', () =>
  expectCompiled(
    ({ a, b }) => ({ all: tf.mean(a!), rows: tf.mean(a!, 1, true), share: tf.mean(tf.equal(a!, b!), -1), of: tf.mean(tf.equal(a!, b!)) }),
    { a: tf.tensor([[1, 2, 4], [3, 5, 6]], [2, 3], 'int32'), b: tf.tensor([1, 2, 6], [3], 'int32') }, // 3.5, [7, 14] / 3, [2, 1] / 3, 0.5
  ));

test('what differs in the sign of an infinity alone is not the same', () =>
  expectCompiled(
    ({ x }) => {
      const both = (compute: (number: number) => tf.Tensor) => tf.concat([compute(1), compute(-1)]);
      return {
        framed: both((sign) => tf.pad(x!, [[1, 1]], sign * Infinity)),
        bent: both((sign) => tf.leakyRelu(x!, sign * Infinity)),
      };
    },
    { x: tf.tensor([-1, 2]) },
  ));

test.runIf(isFull)('every kernel that can be traced was', () => {
  const traced = [elementwiseKernels, layoutKernels, reductionKernels, convolutionKernels, depthwiseKernels, poolingKernels].flatMap((table) => Object.keys(table));
  expect(traced.filter((name) => !seen.has(name))).toEqual(['BroadcastTo']); // which no operation of tfjs uses
});

describe('the derivatives are those of finite differences', () => {
  const smooth = Object.values(tables).flat().filter(({ order = 2, isSmooth = true, reference }) => order === 2 && isSmooth && !reference);
  const chosen: readonly Case[] = isFull ? smooth : createRng('slice').shuffle(smooth).slice(0, 20);
  test.each(chosen.map((each) => [each.name, each] as const))('%s', (_name, { inputs, compute, name }) => {
    const made = inputs.map((given, index) => make(given, `${name} ${index}`));
    const floats = made.filter(({ dtype }) => dtype === 'float32');
    const { text, passed } = checkDerivatives((...moved) => compute(...made.map((given) => moved[floats.indexOf(given)] ?? given)), floats, { directions: 2 });
    expect(passed, text).toBe(true);
    tf.dispose(made);
  });
});
