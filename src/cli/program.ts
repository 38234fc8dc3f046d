import { Command, Option } from 'commander';
import type { ExportFormat } from 'hypermeta';
import type { ExitCode, Io } from './io';
import { parseCount, parseCounts, parseNumbers, parsePositive } from './parse-option';

/** Does a command's work: its module is loaded only then. */
type Work = (options: never, io: Io) => Promise<ExitCode>;

/** Which work the words ask for, if any. */
export interface Asked {
  work?: () => Promise<ExitCode>;
}

const exitCodes = `Exit codes:
  0    done
  1    failure at work: data that cannot be read, a loss that is not finite
  2    wrong usage or config: nothing was done
  130  interrupted, and saved`;

const usualEpisodes = "(default: the config's, or else 600)";
const usualSteps = "(default: the config's, or else 0, 1, … as many as in training)";

/** The commands, their options and examples. What is asked for is put into `asked`, not yet done. */
export function program(version: string, io: Io, asked: Asked): Command {
  const root = new Command('hypermeta')
    .description('Meta-trains hypernetworks and other learners, adapts them to new tasks, and takes them elsewhere.')
    .version(version)
    .configureOutput({ writeOut: (words) => io.stdout.write(words), writeErr: () => undefined, getOutHasColors: () => false, getOutHelpWidth: () => 100 })
    .exitOverride()
    .showSuggestionAfterError()
    .addHelpText('after', `\nEvery command has examples: hypermeta train --help\n\n${exitCodes}`);

  /** A command with the options that all have. */
  function add(name: string, about: string, load: () => Promise<Work>, examples: readonly string[]): Command {
    return root
      .command(name)
      .description(about)
      .action((options: object) => {
        asked.work = async () => (await load())(options as never, io); // each work names its own options
      })
      .addHelpText('after', `\nExamples:\n${examples.map((example) => `  npx hypermeta ${example}`).join('\n')}`);
  }
  const from = ['--from <dir>', 'folder that train has made'] as const;
  const task = ['--task <file>', 'task that adapt has written'] as const;

  add('train', 'Meta-trains what a config describes; saves along the way and evaluates at the end.', async () => (await import('./train')).train, [
    'train --config waves.json --out waves',
    'train --config hypermeta.config.ts --out run --steps 500',
    'train --out waves --resume                    goes on where it was interrupted',
    'train --out waves --resume --steps 4000       goes on beyond its end',
  ])
    .option('--config <file>', 'config: .json, .ts, .mts, .js or .mjs; not needed with --resume')
    .requiredOption('--out <dir>', 'folder for config, checkpoints, events and evaluation; a new run replaces no file there')
    .option('--resume', 'go on with the run in --out, if there is one')
    .option('--steps <n>', "outer steps in all, in place of the config's", parseCount('--steps'))
    .option('--tensorboard', 'event files for TensorBoard too, in the folder tensorboard of --out');
  add('adapt', 'Adapts a trained run to the examples of a new task.', async () => (await import('./adapt')).adapt, [
    'adapt --from waves --support points.csv --steps 5 --out task.json',
    'adapt --from birds --support photos/ --out task.json     photos/wren/1.png, photos/robin/1.png …',
  ])
    .requiredOption(...from)
    .requiredOption('--support <data>', "the examples, in the form of the config's data: a folder of class folders, CSV, JSONL, or JSON { x, y }")
    .option('--steps <n>', 'gradient steps; as many as in training if left out', parseCount('--steps', 0))
    .option('--rate <x>', 'inner learning rate; as in training if left out', parsePositive('--rate'))
    .option('--row <n>', 'which known task it is, for a table of embeddings', parseCount('--row', 0))
    .option('--condition <list>', 'the description of the task, for a learner with one', parseNumbers('--condition'))
    .requiredOption('--out <file>', 'where the task is written, as JSON');
  add('predict', 'Predicts with an adapted task: labels and probabilities, or values in the units of the data.', async () => (await import('./predict')).predict, [
    'predict --from waves --task task.json --input more.csv',
    'predict --from birds --task task.json --input unknown.png --json',
    'predict --from birds --task task.json --input unknown/ --out birds.csv',
  ])
    .requiredOption(...from)
    .requiredOption(...task)
    .requiredOption('--input <data>', "one sample or many: an image or a folder of images, CSV, JSONL, or JSON")
    .option('--out <file>', 'where predictions are written: .json, .jsonl or .csv; on the terminal if left out. The column of inputs is _input where a target is called input');
  add('evaluate', 'Adapts a trained run to unseen episodes and scores it.', async () => (await import('./evaluate')).evaluate, [
    'evaluate --from waves',
    'evaluate --from waves --episodes 1000 --steps 0,1,5,10',
  ])
    .requiredOption(...from)
    .option('--episodes <n>', `how many ${usualEpisodes}`, parseCount('--episodes'))
    .option('--steps <list>', `inner steps to score after ${usualSteps}`, parseCounts('--steps'));
  add('export', 'Writes the network of an adapted task for other programs.', async () => (await import('./export')).exportTask, [
    'export --from waves --task task.json --format onnx --out wave.onnx',
    'export --from birds --task task.json --format tfjs --out birds-model         a folder: model.json and weights.bin',
    'export --from birds --task task.json --format javascript --out birds.mjs     a module without dependencies',
  ])
    .requiredOption(...from)
    .requiredOption(...task)
    .addOption(new Option('--format <name>', 'of the file').choices(formatNames).makeOptionMandatory())
    .option('--batch <n>', 'onnx, tfjs: samples that go through the model together (default 1); a tfjs model takes any number where it can', parseCount('--batch'))
    .requiredOption('--out <path>', 'the file, or for tfjs the folder, that is written');
  add('inspect', 'Shows what a run is made of, its scores, and its learning curve.', async () => (await import('./inspect')).inspect, [
    'inspect --from waves',
  ]).requiredOption(...from);
  add('report', 'Writes a run as one HTML page: scores, learning curves, embeddings, episodes. Needs vega, vega-lite and ml-pca.', async () => (await import('./report')).report, [
    'report --from waves',
    'report --from birds --episodes 1000 --out birds.html',
  ])
    .requiredOption(...from)
    .option('--episodes <n>', `how many are scored ${usualEpisodes}`, parseCount('--episodes'))
    .option('--steps <list>', `inner steps to score after ${usualSteps}`, parseCounts('--steps'))
    .option('--out <file>', "the page; report.html in the run's folder if left out");
  add('schema', 'Prints the JSON Schema of a config, from which editors complete and check it.', async () => (await import('./schema')).schema, [
    'schema > hypermeta.schema.json                in a config: "$schema": "./hypermeta.schema.json"',
  ]);
  add('demo', 'Meta-trains on sine waves for some seconds and draws an unseen one.', async () => (await import('./demo')).demo, ['demo', 'demo --steps 1500 --seed two'])
    .option('--steps <n>', 'outer steps (default 500)', parseCount('--steps'))
    .option('--seed <text>', 'source of all chance (default one)');
  for (const command of root.commands) command.option('--json', 'results as JSON').option('--verbose', 'where something went wrong, the stack too');
  return root;
}

const formatNames: readonly ExportFormat[] = ['onnx', 'tfjs', 'javascript', 'safetensors'];
