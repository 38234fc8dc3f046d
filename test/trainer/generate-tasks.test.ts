import { describe, expect, test } from 'vitest';
import type { Learner } from '../../src/core/learner';
import { gaussianEmbedding } from '../../src/embeddings/gaussian-embedding';
import { imageSetEncoder } from '../../src/embeddings/image-set-encoder';
import { setEncoder } from '../../src/embeddings/set-encoder';
import { fullHypernetwork } from '../../src/hypernets/full-hypernetwork';
import { hyperLearner } from '../../src/learners/hyper-learner';
import { leo } from '../../src/learners/leo';
import { maml } from '../../src/learners/maml';
import { neuralProcess } from '../../src/learners/neural-process';
import { mlp } from '../../src/nn/mlp';
import { bernoulli } from '../../src/tasks/bernoulli';
import { fewShot } from '../../src/tasks/few-shot';
import { labelledSet } from '../../src/tasks/labelled-set';
import { sinusoids } from '../../src/tasks/sinusoids';
import { metaTrainer } from '../../src/trainer/meta-trainer';
import type { MetaTrainer } from '../../src/trainer/trainer';
import { expectNoLeak } from '../helpers/leaks';

const waves = sinusoids({ shots: 5 });
const base = mlp([1, 6, 1]);
const family = fullHypernetwork({ embeddingSize: 3 });
const encoder = setEncoder({ size: 3, inputShape: [1], targetShape: [1], hidden: [4] });
const sampling = () => hyperLearner(base, family, { start: gaussianEmbedding(encoder), adapt: 'nothing' });
const support = { x: [[-1], [0], [2]], y: [[0.3], [1.2], [-0.4]] };

async function withTrainer<Result>(learner: Learner, work: (trainer: MetaTrainer) => Promise<Result>, tasks = waves): Promise<Result> {
  const trainer = await metaTrainer(learner, tasks, { seed: 'one', innerSteps: 0 });
  try {
    return await work(trainer);
  } finally {
    trainer.dispose();
  }
}

describe('generate', () => {
  test.each([['a generated network', sampling], ['a network that is told', () => neuralProcess(mlp([1 + 3, 6, 1]), { encoder })]] as const)(
    'gives %s of an embedding, the one that adapting to its task gives',
    (_name, makeLearner) =>
      withTrainer(makeLearner(), async (trainer) => {
        const adapted = await trainer.adapt(support);
        const generated = await trainer.generate([adapted.embedding!]);
        expect(generated.predict([[1], [2]])).toEqual((adapted.predict([[1], [2]]) as number[][]).map(([value]) => [expect.closeTo(value!, 5)]));
        expect(generated.embedding).toEqual(adapted.embedding!.map((value) => expect.closeTo(value, 5)));
      }),
  );

  test('gives several side by side: what each predicts, or their mean', () =>
    withTrainer(sampling(), async (trainer) => {
      const both = await trainer.generate([[1, 0, -1], [0, 2, 0]]);
      const alone = await Promise.all([[1, 0, -1], [0, 2, 0]].map((embedding) => trainer.generate([embedding])));
      const each = both.predict([[1], [2]], { samples: 'each' }) as number[][][];
      expect(each).toEqual(alone.map((one) => (one.predict([[1], [2]]) as number[][]).map(([value]) => [expect.closeTo(value!, 5)])));
      expect(both.predict([1])).toEqual([expect.closeTo((each[0]![0]![0]! + each[1]![0]![0]!) / 2, 5)]);
      expect((both.predict([1], { samples: 'each' }) as number[][]).length).toBe(2);
    }));

  test('what it gives is saved and loaded as any task', () =>
    withTrainer(sampling(), async (trainer) => {
      const generated = await trainer.generate([[1, 0, -1]]);
      const again = await trainer.loadTask(JSON.parse(JSON.stringify(await generated.saveTask())));
      expect(again.predict([[1]])).toEqual(generated.predict([[1]]));
      expect(generated.toJavaScript()).toContain('predict');
    }));

  test('serves learners that must see whole images', () => {
    const images = { inputShape: [2], targetShape: [1], objective: bernoulli(), sample: () => ({ support: whole, query: whole }) };
    const whole = { x: new Float32Array(8), y: new Float32Array(4).fill(0.5), count: 4 };
    const start = gaussianEmbedding(imageSetEncoder({ image: mlp([4, 5]) }), { size: 3 });
    return withTrainer(hyperLearner(mlp([2, 4, 1]), family, { start, adapt: 'nothing' }), async (trainer) => {
      const three = await trainer.adapt({ x: new Float32Array(24), y: new Float32Array(12).fill(0.5) }); // padded to 16 points
      const one = await trainer.adapt({ x: new Float32Array(8), y: new Float32Array(4).fill(0.5) });
      expect(three.embedding).toEqual(one.embedding!.map((value) => expect.closeTo(value, 5)));
      const generated = await trainer.generate([[0, 0, 0], [1, 1, 1]]);
      const shades = (generated.predict([[0, 0], [1, 1], [0.5, 0]], { samples: 'each' }) as number[][][]).flat(2);
      expect(shades.length).toBe(6);
      for (const shade of shades) expect(shade > 0 && shade < 1).toBe(true);
    }, images);
  });

  test('leaks nothing', () =>
    withTrainer(sampling(), async (trainer) => {
      await expectNoLeak(async () => {
        const generated = await trainer.generate([[1, 0, -1], [0, 0, 0]]);
        generated.predict([[1]], { samples: 'each' });
        generated.dispose();
      });
    }));

  test('refuses learners whose tasks are more, and what is no list of embeddings', async () => {
    await withTrainer(maml(base), (trainer) =>
      expect(trainer.generate([[1]])).rejects.toThrow(
        "generate: expected a learner whose tasks are an embedding and nothing else, such as hyperLearner(base, family, { adapt: 'nothing' }), got the MAML learner, whose tasks are dense1/kernel, dense1/bias, dense2/kernel, dense2/bias.",
      ),
    );
    await withTrainer(hyperLearner(base, family, { adapt: 'weights' }), (trainer) => expect(trainer.generate([[1, 2, 3]])).rejects.toThrow('whose tasks are an embedding, weights/'));
    const letters = labelledSet({ x: Array.from({ length: 20 }, (_, index) => [index, 1]), y: Array.from({ length: 20 }, (_, index) => `${index % 4}`) });
    const classes = fewShot(letters, { ways: 3, shots: 1, queryShots: 1 });
    await withTrainer(leo(mlp([2, 6, 3])), (trainer) => expect(trainer.generate([[1]])).rejects.toThrow('got the LEO learner'), classes);
    await withTrainer(sampling(), async (trainer) => {
      await expect(trainer.generate([[1, 2]])).rejects.toThrow('generate: embeddings: expected shape [*, 3], got [1, 2].');
      await expect(trainer.generate([])).rejects.toThrow('generate: embeddings: expected at least 1 example, got none.');
      await expect(trainer.generate([[1, NaN, 0]])).rejects.toThrow('generate: embeddings: expected finite numbers, got NaN in example 0.');
    });
  });
});
