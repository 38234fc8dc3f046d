import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import { beforeAll } from 'vitest';
import { repairGradients } from '../../src/ops/gradient-repair';

// The pure-JavaScript back-end warns once that a native one would be faster; tests know.
tf.env().set('IS_TEST', true);
repairGradients();

beforeAll(async () => {
  await tf.setBackend('wasm');
  await tf.ready();
});
