import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { seededNoise } from '../../src/core/noise';
import { initParams } from '../../src/core/params';
import { createRng } from '../../src/core/rng';
import { imaml } from '../../src/learners/imaml';
import { innerLoop } from '../../src/meta/inner-loop';
import { mlp } from '../../src/nn/mlp';
import { sgd } from '../../src/optim/sgd';
import { regression } from '../../src/tasks/objectives';
import { sinusoids } from '../../src/tasks/sinusoids';
import { clusters } from '../conformance/combinations';
import { testLearner } from '../contracts/learner';
import { line, lineTasks } from '../helpers/line';

const smooth = { activation: 'softplus' } as const;
const source = sinusoids({ shots: 4, queryShots: 3, x: [-1, 1] });

testLearner('imaml', () => ({ learner: imaml(mlp([1, 5, 4, 1], smooth), { lambda: 2 }), source }));
testLearner('imaml with any ways', () => ({ learner: imaml(mlp([2, 5, 3], smooth), { lambda: 2 }), source: clusters([2], 3, false) }));

test('the inner loss pulls back to the start: slopes 2 w + λ (w − 2) at w = 2 and 1.6', () =>
  tf.tidy(() => {
    const learner = imaml(line([2]), { lambda: 3 });
    const task = { ...lineTasks({ support: [[[1], 0]], query: [[[1], 0]] }), noise: seededNoise(createRng('noise')) };
    const options = { steps: 2, learningRate: 0.1, optimizer: sgd(), order: 'second', loss: regression.loss } as const;
    const path = innerLoop(learner, initParams(learner.specs, createRng('meta')), task, options);
    const weights = path.map(({ state }) => state['weight']!.dataSync()[0]);
    expect(weights).toEqual([2, expect.closeTo(1.6), expect.closeTo(1.6 - 0.1 * (3.2 - 3 * 0.4))]);
    expect(path[2]!.losses!.dataSync()[0]).toBeCloseTo(1.6 ** 2 + 1.5 * 0.4 ** 2);
  }));
