/**
 * tsx test/bench/memory-estimate.ts [--out FILE]: `trainer.estimate()` beside the resident memory that meta-training takes,
 * each in a process of its own. With a name, that one alone; the last line is JSON.
 */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { conv4, fewShot, fullHypernetwork, hyperLearner, labelledSet, maml, metaTrainer, mlp, protonet, sinusoids, type MetaTrainer, type MetaTrainerOptions } from 'hypermeta';
import { environment } from '../../examples/environment';
import { noiseBatches } from './hypernetwork';
import { convolutionNetwork, noise, noiseEpisodes } from './images';

const configurations: Readonly<Record<string, () => Promise<MetaTrainer>>> = {
  'sine waves, mlp 1-200-200-1, 100 tasks, 5 inner steps': () => metaTrainer(maml(mlp([1, 200, 200, 1])), sinusoids({ shots: 10 }), { metaBatchSize: 100, innerSteps: 5, innerLearningRate: 0.001 }),
  'conv4-64 strided, 8 tasks, 75 queries': () => onImages({ metaBatchSize: 8 }),
  'conv4-64 pooled, 20 ways, 4 tasks, 100 queries': () => twentyWays({ metaBatchSize: 4 }),
  'the same, 2 inner steps': () => twentyWays({ metaBatchSize: 4, innerSteps: 2 }),
  'ProtoNet, conv4-64 pooled, 8 episodes, 75 queries': () => metaTrainer(protonet(conv4({ inputShape: [28, 28, 1], ways: 5 })), noiseEpisodes(), { metaBatchSize: 8, innerSteps: 0 }),
  'conv4-64 strided, 16 tasks, 3 inner steps, first order': () => onImages({ metaBatchSize: 16, innerSteps: 3, order: 'first' }),
  'generated network, 9 M weights, batch 128': () => {
    const family = fullHypernetwork({ embeddingSize: 10, hidden: [100, 100] });
    return metaTrainer(hyperLearner(mlp([784, 100, 100, 10]), family, { adapt: 'nothing' }), noiseBatches(), { innerSteps: 0, metaBatchSize: 1 });
  },
};

function onImages(options: MetaTrainerOptions): Promise<MetaTrainer> {
  return metaTrainer(maml(convolutionNetwork('strided'), { head: 'columns' }), noiseEpisodes(), options);
}

function twentyWays(options: MetaTrainerOptions): Promise<MetaTrainer> {
  const set = labelledSet({ x: noise(40 * 10), y: Array.from({ length: 400 }, (_, index) => Math.floor(index / 10)), inputShape: [28, 28, 1] });
  return metaTrainer(maml(conv4({ inputShape: [28, 28, 1], ways: 20 }), { head: 'columns' }), fewShot(set, { ways: 20, shots: 1, queryShots: 5 }), options);
}

/** Megabytes: what three steps add to a process that has trained something small, at their most. */
async function measure(name: string): Promise<{ readonly what: string; readonly estimate_mb: number; readonly measured_mb: number; readonly ratio: number; readonly estimate_ms: number }> {
  const small = await metaTrainer(maml(mlp([1, 4, 1])), sinusoids(), { metaBatchSize: 2 });
  for await (const _ of small.train({ steps: 2 }));
  const before = process.memoryUsage.rss();
  const trainer = await configurations[name]!();
  for await (const _ of trainer.train({ steps: 3, memory: 'unchecked' }));
  const measured = process.resourceUsage().maxRSS * 1024 - before;
  const began = performance.now();
  const { bytes } = trainer.estimate();
  const [mb, ratio] = [(value: number) => Math.round(value / 1e6), Number((bytes / measured).toFixed(2))];
  return { what: name, estimate_mb: mb(bytes), measured_mb: mb(measured), ratio, estimate_ms: Math.round(performance.now() - began) };
}

async function main([name, file]: readonly string[]): Promise<void> {
  if (name !== undefined && name !== '--out') return console.log(JSON.stringify(await measure(name)));
  const here = fileURLToPath(import.meta.url);
  const rows = Object.keys(configurations).map((each) => {
    const output = execFileSync(process.execPath, ['--import', 'tsx', here, each], { encoding: 'utf8' });
    return JSON.parse(output.trim().split('\n').at(-1)!) as Awaited<ReturnType<typeof measure>>;
  });
  console.table(rows);
  if (file) writeFileSync(file, `${JSON.stringify({ bench: 'memory-estimate', env: environment(), rows })}\n`);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
