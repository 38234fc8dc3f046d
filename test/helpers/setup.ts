import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import { repairGradients } from '../../src/ops/gradient-repair';

// The pure-JavaScript back-end warns once that a native one would be faster; tests know.
tf.env().set('IS_TEST', true);
repairGradients();

// Before a file's own lines run: the file before it in this process may have left another one.
await tf.setBackend('wasm');
await tf.ready();
