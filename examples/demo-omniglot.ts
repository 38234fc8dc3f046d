import {
  cosine,
  describeEngine,
  evaluateFromScratch,
  flattenInputs,
  formatTable,
  fullHypernetwork,
  hyperClassifier,
  learningCurvePicture,
  metaTrainer,
  mlp,
  omniglot,
  protonet,
  withProgress,
  withTime,
  type Mean,
  type TaskSource,
  type TimedEvent,
} from 'hypermeta';
import { drawEpisode } from './draw-episode';
import { savePictures, saveRunReport } from './save-pictures';
import { resultRow, saveResults } from './save-results';
import type { DemoOptions } from './demo-sinusoids';

const afterSteps = [0, 1, 2, 5, 10];
/** The head is generated from the drawings, so that meta-training needs no steps; the test shows what they would add. */
const innerSteps = 0;

/** Few-shot characters: five unseen characters, one drawing of each, no convolution. */
export async function demoOmniglot({ steps = 6000, episodes, seed, out, json, data }: DemoOptions & { readonly data: string }): Promise<void> {
  const began = performance.now();
  console.log('Reading both Omniglot archives …');
  const images = await omniglot({ dir: data, ways: 5, shots: 1, queryShots: 15, train: { ways: 20, queryShots: 4 } });
  const tasks = {
    train: flattenInputs(images.train),
    validation: flattenInputs(images.validation),
    test: flattenInputs(images.test),
  };
  const base = mlp([784, 256, 128, 64, 64, 5]);
  const head = fullHypernetwork({ embeddingSize: 64, hidden: [64] });
  const learner = hyperClassifier(base, { head, adapt: 'embedding' });
  const trainer = await metaTrainer(learner, tasks, {
    innerSteps,
    innerLearningRate: 0.3,
    metaBatchSize: 6,
    outerLearningRate: cosine(0.002, steps, { end: 0.00005 }),
    outerClip: { by: 'norm', limit: 10 },
    seed,
  });
  console.log(`${describeEngine().text}\n`);

  const history: TimedEvent[] = [];
  const events = trainer.train({ steps, validateEvery: Math.max(1, Math.floor(steps / 20)), validationEpisodes: 200 });
  for await (const event of withProgress(withTime(events), { total: steps })) history.push(event);

  const evaluation = await trainer.evaluate({ episodes, steps: afterSteps, keep: 'embeddings' });
  const { scores } = evaluation;
  const { best: alone } = await evaluateFromScratch(base, tasks.test, {
    validation: tasks.validation,
    validationEpisodes: 25,
    episodes: Math.min(100, episodes), // slow: every task trains a network of its own
    steps: [20, 50],
    learningRates: [0.001, 0.01],
  });
  const pixels = await nearestMean(tasks.test, episodes);
  console.log(`\n5-way 1-shot, ${episodes} episodes of alphabets never seen in meta-training, non-transductive; chance is 0.200`);
  console.log(
    formatTable(
      ['', 'accuracy'],
      [
        ...scores.map(({ steps: count, mean, interval }) => [stepsName(count), { value: mean, interval }]),
        ['nearest class mean of pixels', { value: pixels.mean, interval: pixels.interval }],
        [`same network from scratch, ${alone.steps} steps (${alone.count} episodes)`, { value: alone.mean, interval: alone.interval }],
      ],
    ),
  );

  if (json)
    saveResults(json, 'demo omniglot', { ways: 5, shots: 1, innerSteps, steps, trainWays: 20 }, (performance.now() - began) / 1000, [
      ...scores.map((score) => resultRow(`after ${score.steps} steps`, learner.name, 'accuracy', score, seed)),
      resultRow('nearest class mean of pixels', 'none', 'accuracy', pixels, seed),
      resultRow(`after ${alone.steps} steps`, 'from scratch', 'accuracy', alone, seed),
    ]);
  await savePictures(await drawEpisode(trainer, tasks.test, { title: '5-way 1-shot episode', imageShape: [28, 28, 1] }), `${out}/omniglot-episode`);
  const curve = history.flatMap(({ step, validation }) => (validation ? [{ step, value: validation.mean, interval: validation.interval }] : []));
  await savePictures(
    await learningCurvePicture({ series: [{ name: 'validation', points: curve }], metric: 'accuracy' }),
    `${out}/omniglot-learning-curve`,
  );
  const about = { events: history, evaluation, imageShape: [28, 28, 1], title: 'Characters from one drawing each' };
  await saveRunReport(`${out}/omniglot-report.html`, trainer, about);
  trainer.dispose();
}

/** No learning at all: the class whose mean picture is nearest. A ProtoNet whose features are the pixels. */
async function nearestMean(source: TaskSource, episodes: number): Promise<Mean> {
  const trainer = await metaTrainer(protonet(mlp([784, 5])), source, { innerSteps: 0 });
  const { scores } = await trainer.evaluate({ episodes });
  trainer.dispose();
  return scores[0]!;
}

function stepsName(count: number): string {
  return count === 0 ? 'no adaptation step' : `${count} ${count === 1 ? 'step' : 'steps'}`;
}
