/** npm run ready:train: meta-trains the model `characters`, writes its weights into the library, and scores it. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { copyToHost, cosine, fewShot, metaTrainer, readOmniglot, type HostParams, type LabelledSet } from 'hypermeta';
import { charactersLearner } from '../../src/ready/characters';
import { packWeights, unpackWeights } from '../../src/ready/pack-weights';
import { readCount } from '../read-count';
import { resultRow, saveResults, type ResultRow } from '../save-results';
import { withOtherPens } from './pens';

const help = `Usage: npm run ready:train -- [options]

  Meta-trains the model 'characters' on Omniglot's background alphabets, writes src/ready/characters-weights.ts, and scores it on
  the evaluation alphabets, which it has never seen.

  --data DIR       folder with images_background.zip and images_evaluation.zip (default ../shared/data/omniglot)
  --steps N        outer steps (default 2000)
  --episodes N     unseen episodes to score (default 1000)
  --seed TEXT      source of all chance (default characters)
  --out DIR        the folder that src and results are in (default .)`;

/** Of every drawing in meta-training, half of which are of other pens. */
const distortion = { rotation: 8, scale: 0.2, shear: 0.1, shift: 0.06, wobble: 0.015 };
const training = { ways: 60, shots: 1, queryShots: 5, rotations: 'classes', distortion } as const;
const outer = { learningRate: 0.002, end: 0.00001, clip: { by: 'norm', limit: 10 } } as const;

/** Of each class, in meta-test. */
const queryShots = 10;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      data: { type: 'string', default: '../shared/data/omniglot' },
      steps: { type: 'string', default: '2000' },
      episodes: { type: 'string', default: '1000' },
      seed: { type: 'string', default: 'characters' },
      out: { type: 'string', default: '.' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return console.log(help);
  const { data, seed, out } = values;
  const [steps, episodes] = [readCount('ready:train: --steps', values.steps), readCount('ready:train: --episodes', values.episodes)];
  const began = performance.now();
  const background = await readOmniglot(join(data, 'images_background.zip'), { size: 105 });
  const meta = await train(withOtherPens(background, (drawing) => drawing % 2 === 1, seed), steps, seed);
  const seconds = (performance.now() - began) / 1000;
  const { user, system } = process.cpuUsage();
  const text = packWeights(charactersLearner().specs, meta);
  writeModule(text, out);
  const rows = await scoreAll(await readOmniglot(join(data, 'images_evaluation.zip'), { size: 105 }), meta, text, episodes, seed);
  const protocol = {
    train: `Omniglot, background: ${background.classes.length} characters`,
    test: 'Omniglot, evaluation: other alphabets; every query predicted on its own',
    queryShots,
    training,
    outer: { ...outer, steps, metaBatchSize: 1 },
    size: { weights: (text.length * 3) / 8, bytes: (text.length * 3) / 4, base64: text.length },
    trainingCpuSeconds: Math.round((user + system) / 1e6),
  };
  saveResults(join(out, 'results/ready/characters.json'), 'ready to adapt: characters', protocol, seconds, rows);
  for (const { what, learner, value, interval } of rows) console.log(`${what}, ${learner}: ${value.toFixed(4)} ± ${interval.toFixed(4)}`);
}

async function train(set: LabelledSet, steps: number, seed: string): Promise<HostParams> {
  const trainer = await metaTrainer(charactersLearner(), fewShot(set, training), {
    innerSteps: 0,
    metaBatchSize: 1,
    outerLearningRate: cosine(outer.learningRate, steps, { end: outer.end }),
    outerClip: outer.clip,
    seed,
  });
  const began = performance.now();
  let sum = 0;
  for await (const { step, queryLoss } of trainer.train({ steps })) {
    sum += queryLoss;
    if (step % 100 !== 0) continue;
    console.log(`step ${step} of ${steps}: query loss ${(sum / 100).toFixed(3)}, ${((performance.now() - began) / 1000).toFixed(0)} s`);
    sum = 0;
  }
  const meta = copyToHost(trainer.meta);
  trainer.dispose();
  return meta;
}

/** Of what ships, of what it was packed from, and of drawings of another hand. */
async function scoreAll(unseen: LabelledSet, meta: HostParams, text: string, episodes: number, seed: string): Promise<readonly ResultRow[]> {
  const plain = withOtherPens(unseen, () => false, seed);
  const pens = withOtherPens(unseen, () => true, seed);
  const packed = unpackWeights(charactersLearner().specs, text);
  const score = async (set: LabelledSet, [ways, shots]: readonly [ways: number, shots: number], of: HostParams, how: string): Promise<ResultRow> => {
    const trainer = await metaTrainer(charactersLearner(), fewShot(set, { ways, shots, queryShots }), { innerSteps: 0, meta: of });
    const { metric, scores } = await trainer.evaluate({ episodes });
    trainer.dispose();
    return resultRow(`${ways}-way ${shots}-shot`, how, metric, scores[0]!, seed); // no step, one score
  };
  return [
    await score(plain, [5, 1], packed, 'as shipped, float16'),
    await score(plain, [5, 5], packed, 'as shipped, float16'),
    await score(plain, [20, 1], packed, 'as shipped, float16'),
    await score(plain, [5, 1], meta, 'before packing, float32'),
    await score(pens, [5, 1], packed, 'as shipped; other pens, prepared'),
  ];
}

function writeModule(text: string, out: string): void {
  const file = join(out, 'src/ready/characters-weights.ts');
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(
    file,
    `/*!
 * Made by \`npm run ready:train\`. Learned from Omniglot's background set: Lake, Salakhutdinov, Tenenbaum, "Human-level concept
 * learning through probabilistic program induction", Science 350, 2015. Omniglot: MIT licence, copyright (c) 2015 Brenden Lake.
 */

/** Float16 values of the meta-parameters of \`charactersLearner\`, in the order of its specs, in base64. */
export const charactersWeights: string = '${text}';
`,
  );
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
