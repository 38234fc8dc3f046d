import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { createRng, type Rng } from '../../src/core/rng';
import { fullHypernetwork } from '../../src/hypernets/full-hypernetwork';
import { hyperClassifier } from '../../src/learners/hyper-classifier';
import { maml } from '../../src/learners/maml';
import { mlp } from '../../src/nn/mlp';
import { fewShot } from '../../src/tasks/few-shot';
import { labelledSet } from '../../src/tasks/labelled-set';
import type { Adapted } from '../../src/trainer/adapted';
import { metaTrainer } from '../../src/trainer/meta-trainer';

const letters = labelledSet({
  x: Array.from({ length: 40 }, (_, index) => [Math.floor(index / 5), index % 5]),
  y: Array.from({ length: 40 }, (_, index) => `class ${Math.floor(index / 5)}`),
});
const tasks = fewShot(letters, { ways: 3, shots: 2, queryShots: 2 });
const base = mlp([2, 6, 3], { norm: 'batch' });
const learners = {
  'MAML': maml(base),
  'a generated head': hyperClassifier(base, { head: fullHypernetwork({ embeddingSize: 6, hidden: [4] }) }),
};

/** Support sets of different sizes, ways, labels and numbers of steps. */
function drawTask(rng: Rng) {
  const [ways, shots] = [2 + rng.integer(2), 1 + rng.integer(2)];
  const rows = Array.from({ length: ways * shots }, (_, index) => index);
  return {
    support: { x: rows.map(() => [rng.normal(), rng.normal()]), y: rows.map((row) => `class ${row % ways}`) },
    steps: 2 * rng.integer(2),
    queries: Array.from({ length: 1 + rng.integer(3) }, () => [rng.normal(), rng.normal()]),
  };
}

type Task = ReturnType<typeof drawTask>;

const asked = (adapted: Adapted, { queries }: Task) => ({ classes: adapted.classes, losses: adapted.supportLosses, values: adapted.predict(queries) });

describe('200 adaptations at a time', () => {
  test.each([
    ['MAML', 'here'],
    ['a generated head', 'here'],
    ['a generated head', 'worker'],
  ] as const)('share nothing: %s, %s', async (name, adaptIn) => {
    const rng = createRng('concurrent');
    const trainer = await metaTrainer(learners[name], tasks, { innerSteps: 2, innerLearningRate: 0.05, adaptIn });
    const drawn = Array.from({ length: 200 }, () => drawTask(rng));
    const alone: ReturnType<typeof asked>[] = [];
    for (const task of drawn) {
      const adapted = await trainer.adapt(task.support, { steps: task.steps });
      alone.push(asked(adapted, task));
      adapted.dispose();
    }
    const before = tf.memory().numTensors;
    const open: { readonly adapted: Adapted; readonly task: number }[] = [];
    const serve = async (task: number) => {
      open.push({ adapted: await trainer.adapt(drawn[task]!.support, { steps: drawn[task]!.steps }), task });
      if (rng.uniform() < 0.5) check(rng.integer(open.length)); // some live on while others come and go
    };
    const check = (place: number) => {
      const [{ adapted, task }] = open.splice(place, 1) as [(typeof open)[number]];
      expect(asked(adapted, drawn[task]!)).toEqual(alone[task]);
      adapted.dispose();
    };
    await Promise.all(rng.shuffle([...drawn.keys()]).map((task) => serve(task)));
    while (open.length > 0) check(rng.integer(open.length));
    expect(tf.memory().numTensors).toBe(before);
    trainer.dispose();
  });
});
