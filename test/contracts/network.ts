import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import type { Network, Pass } from '../../src/core/network';
import { disposeParams, filterRecord, initParams, mapParams, tileParams, type Params } from '../../src/core/params';
import { createRng } from '../../src/core/rng';
import { sizeOf, type Shape } from '../../src/core/shape';
import { expectDerivativesWith } from '../helpers/derivatives';
import { expectNoLeak } from '../helpers/leaks';

const tasks = 2;
const n = 5;

export interface NetworkCase {
  /** The network with smooth activations, where differences would straddle a kink. @default the network itself */
  readonly smooth?: () => Network;
  /** Of the differences: short where windows must not change their winner. @default that of `checkDerivatives` */
  readonly step?: number;
}

/** What every network must do. Give it a small one. */
export function testNetwork(name: string, makeNetwork: () => Network, { smooth = makeNetwork, step = 0.01 }: NetworkCase = {}): void {
  const network = makeNetwork();

  describe(name, () => {
    test('its specs and shapes are those of what it computes', () =>
      tf.tidy(() => {
        const output = network.apply(start(network), normal('x', [tasks, n, ...network.inputShape]));
        expect(output.shape).toEqual([tasks, n, ...network.outputShape]);
        expect(output.dtype).toBe('float32');
        expect(output.dataSync().every((value) => Number.isFinite(value))).toBe(true);
      }));

    test('a batch of one, and one task, keep their axes', () =>
      tf.tidy(() => {
        const output = network.apply(start(network), normal('x', [1, 1, ...network.inputShape]));
        expect(output.shape).toEqual([1, 1, ...network.outputShape]);
      }));

    test('shared parameters are the same as copies of them, each alone and all together', () =>
      tf.tidy(() => {
        const shared = start(network);
        const copies = tileParams(shared, tasks);
        const x = normal('x', [tasks, n, ...network.inputShape]);
        const expected = network.apply(shared, x);
        expectClose(network.apply(copies, x), expected);
        for (const entry of Object.keys(shared)) expectClose(network.apply({ ...shared, [entry]: copies[entry]! }, x), expected);
      }));

    test('a task computes alike alone and in company', () =>
      tf.tidy(() => {
        const params = perTask(network);
        const x = normal('x', [tasks, n, ...network.inputShape]);
        const company = network.apply(params, x);
        const observed = network.observe?.(params, x);
        for (let task = 0; task < tasks; task++) {
          const own = mapParams(params, (value) => only(task, value));
          const alone = network.apply(own, only(task, x));
          expectClose(alone, only(task, company));
          for (const [entry, value] of Object.entries(network.observe?.(own, only(task, x)) ?? {}))
            expectClose(value, only(task, observed![entry]!));
        }
      }));

    test('one batch of examples serves tasks with parameters of their own', () =>
      tf.tidy(() => {
        const x = normal('x', [1, n, ...network.inputShape]);
        const params = perTask(network);
        const expected = network.apply(params, tf.tile(x, [tasks, ...x.shape.slice(1).map(() => 1)]));
        expectClose(tf.mul(network.apply(params, x), tf.ones(expected.shape)), expected); // a network without params keeps T = 1
      }));

    test('padding changes no number', () =>
      tf.tidy(() => {
        const params = perTask(network);
        const x = normal('x', [tasks, n, ...network.inputShape]);
        const padded = tf.concat([x, tf.fill([tasks, 2, ...network.inputShape], 7)], 1);
        const pass: Pass = { weight: tf.concat([tf.ones([tasks, n]), tf.zeros([tasks, 2])], 1) };
        const output = network.apply(params, padded, pass);
        expectClose(tf.slice(output, [0, 0], [tasks, n]), network.apply(params, x));
        const observed = network.observe?.(params, padded, pass) ?? {};
        const expected = network.observe?.(params, x) ?? {};
        for (const [entry, value] of Object.entries(expected)) expectClose(observed[entry]!, value);
      }));

    test('its derivatives are right to second order, with respect to parameters and input', async () => {
      const soft = smooth();
      const names = Object.keys(trained(soft));
      const values = names.map((entry) => () => tf.tidy(() => perTask(soft)[entry]!.clone()));
      const x = () => normal('x', [tasks, n, ...soft.inputShape]);
      const assemble = (entries: readonly tf.Tensor[]) =>
        Object.fromEntries(names.map((entry, index) => [entry, entries[index]!]));
      await expectDerivativesWith({ step }, (input, ...entries) => tf.square(soft.apply(assemble(entries), input)), x, ...values);
      const { observe } = soft;
      if (observe)
        await expectDerivativesWith(
          { step },
          (input, ...entries) => soft.apply(observe(assemble(entries), input), tf.mul(input, 0.5)),
          x,
          ...values,
        );
    }, 120_000);

    test('leaks nothing and keeps what it was given', () =>
      expectNoLeak(() => {
        const params = start(network);
        const x = normal('x', [tasks, n, ...network.inputShape]);
        network.apply(params, x).dispose();
        const given = Object.values(params);
        const observed = network.observe?.(params, x) ?? {};
        disposeParams(filterRecord(observed, (_name, value) => !given.includes(value)));
        network.head?.features(params, x).dispose();
        for (const value of [...given, x]) expect(value.isDisposed).toBe(false);
        disposeParams(params);
        x.dispose();
      }));

    test('refuses another input shape', () =>
      tf.tidy(() => {
        const wrong = [...network.inputShape.slice(0, -1), network.inputShape.at(-1)! + 1];
        const expected = `expected shape [*, *, ${network.inputShape.join(', ')}], got [1, 1, ${wrong.join(', ')}].`;
        expect(() => network.apply(start(network), tf.zeros([1, 1, ...wrong]))).toThrow(expected);
      }));

    if (network.observe)
      test('observed statistics are those that the batch itself is normalized with', () =>
        tf.tidy(() => {
          const params = trained(network, perTask(network));
          const x = normal('x', [tasks, n, ...network.inputShape]);
          const observed = network.observe!(params, x);
          expect(Object.keys(observed).length).toBeGreaterThan(Object.keys(params).length);
          expectClose(network.apply(observed, x), network.apply(params, x));
          const first = tf.slice(x, [0, 0], [tasks, 1]);
          expectClose(network.apply(observed, first), tf.slice(network.apply(params, x), [0, 0], [tasks, 1]));
        }));

    if (network.head)
      test('its head is linear in its features, and serves any number of ways', () =>
        tf.tidy(() => {
          const { kernel, bias, features } = network.head!;
          const params = trained(network, perTask(network));
          const x = normal('x', [tasks, n, ...network.inputShape]);
          const seen = features(params, x);
          expectClose(tf.add(tf.matMul(seen, params[kernel]!), tf.expandDims(params[bias]!, 1)), network.apply(params, x));
          const ways = network.outputShape.at(-1)! + 2;
          const other = { ...params, [kernel]: tf.ones([1, seen.shape[2]!, ways]), [bias]: tf.zeros([1, ways]) };
          expect(network.apply(other, x).shape).toEqual([tasks, n, ways]);
        }));
  });
}

/** Seeded values, the same for the same label. */
function normal(label: string, shape: Shape, deviation = 1): tf.Tensor {
  const rng = createRng(label);
  return tf.tensor(Float32Array.from({ length: sizeOf(shape) }, () => rng.normal() * deviation), [...shape]);
}

function start(network: Network): Params {
  return initParams(network.specs, createRng('network'));
}

/** A little away from the start, and different for each task. */
function perTask(network: Network): Params {
  return mapParams(start(network), (value, entry) =>
    tf.add(value, tf.abs(normal(entry, [tasks, ...value.shape.slice(1)], 0.2))),
  );
}

function trained(network: Network, params: Params = start(network)): Params {
  return filterRecord(params, (entry) => network.specs[entry]!.role !== 'statistic');
}

function only(task: number, value: tf.Tensor): tf.Tensor {
  return value.shape[0] === 1 ? value : tf.slice(value, [task], [1]);
}

function expectClose(actual: tf.Tensor, expected: tf.Tensor): void {
  expect(actual.shape).toEqual(expected.shape);
  const size = 1 + tf.max(tf.abs(expected)).dataSync()[0]!;
  expect(tf.max(tf.abs(tf.sub(actual, expected))).dataSync()[0]! / size).toBeLessThan(1e-4);
}
