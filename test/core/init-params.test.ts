import { expect, test } from 'vitest';
import { initParams } from '../../src/core/params';
import { createRng } from '../../src/core/rng';
import { dense } from '../../src/nn/dense';
import { sequential } from '../../src/nn/sequential';
import { expectNoLeak } from '../helpers/leaks';

test('an initializer that gives another number of values than the parameter has is refused by its name', () => {
  const { specs } = sequential([3], [dense(2, { init: () => () => new Float32Array(5) })]);
  return expectNoLeak(() => expect(() => initParams(specs, createRng('1'))).toThrow('dense1/kernel: init: expected 6 values for shape [3, 2], got 5.'));
});
