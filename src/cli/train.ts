import { withTensorBoard, type Evaluation, type ProgressBar } from 'hypermeta';
import { existsSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { appendEvent, cutEvents, loggedEvent, type LoggedEvent } from './event-log';
import { formatEvaluation, listScores } from './format-evaluation';
import { listenForInterruption } from './interruption';
import { say, type CommonOptions, type ExitCode, type Io } from './io';
import { loadConfig } from './load-config';
import { inConfigLater, openRun, orDispose, type OpenRun } from './open-run';
import { openProgress } from './progress';
import { copyOf, expectFree, hasRun, readRun, writeJson, writeNote, writeRun, type RunNote } from './run-folder';
import { UsageError } from './usage-error';

export interface TrainCommand extends CommonOptions {
  readonly config?: string;
  readonly out: string;
  readonly resume?: true;
  readonly steps?: number;
  readonly tensorboard?: true;
}

/** Meta-trains what a config describes, saves along the way, and evaluates at the end. */
export async function train(command: TrainCommand, io: Io): Promise<ExitCode> {
  const dir = resolve(io.cwd, command.out);
  const { run, note } = command.resume && hasRun(dir) ? await takeUp(dir, command, io) : await begin(dir, command, io);
  const { steps } = note;
  try {
    const ending = note.stoppedAt === run.trainer.step ? 'patience' : await trainSteps(run, { dir, steps, ...command }, io);
    if (ending === 'interruption') {
      const asked = command.steps === undefined ? '' : ` --steps ${command.steps}`;
      io.stderr.write(`Interrupted at step ${run.trainer.step} of ${steps} and saved; go on with: npx hypermeta train --out ${command.out} --resume${asked}\n`);
      return 130;
    }
    if (ending === 'patience') {
      writeNote(dir, { ...note, stoppedAt: run.trainer.step });
      io.stderr.write(`Stopped at step ${run.trainer.step} of ${steps}: ${patienceInWords(run)} without a better one.\n`);
    }
    await finish(run, dir, command, io);
    return 0;
  } finally {
    run.trainer.dispose();
  }
}

interface Training {
  readonly run: OpenRun;
  readonly note: RunNote;
}

/** How a training ends: all its steps were taken, validations got no better, or somebody has asked. */
type Ending = 'steps' | 'patience' | 'interruption';

function patienceInWords({ config: { train: { patience } } }: OpenRun): string {
  return `${patience} ${patience === 1 ? 'validation' : 'validations'}`;
}

async function begin(dir: string, { config, steps: asked }: TrainCommand, io: Io): Promise<Training> {
  if (config === undefined) throw new UsageError(`--config: expected a file, got none; it may be left out with --resume and a run in --out only.`);
  const loaded = await loadConfig(resolve(io.cwd, config));
  expectFree(dir, loaded);
  const run = await openRun(loaded);
  const steps = asked ?? loaded.config.train.steps;
  return orDispose(run, async () => {
    await expectTrainable(run, steps, loaded.file);
    const note = writeRun(dir, loaded, { steps, tasks: run.note });
    cutEvents(dir, 0);
    return { run, note };
  });
}

/** Whether the trainer takes the config's way of training, before anything is written: asked by a training that ends before its first step. */
async function expectTrainable({ config, trainer }: OpenRun, steps: number, file: string): Promise<void> {
  const { save: _saved, ...how } = config.train;
  await inConfigLater(file, '.train', () => trainer.train({ ...how, steps, signal: AbortSignal.abort() }).next());
}

async function takeUp(dir: string, { config, steps: asked }: TrainCommand, io: Io): Promise<Training> {
  const { note: found, loaded } = await readRun(dir);
  if (config !== undefined) expectSameConfig(dir, resolve(io.cwd, config));
  const run = await openRun(loaded, { note: found.tasks });
  return orDispose(run, async () => {
    await run.trainer.resume(dir);
    const { stoppedAt: _stoppedAt, ...unended } = found;
    const note = asked === undefined ? found : { ...unended, steps: asked }; // more than what patience has ended
    const { steps } = note;
    if (steps < run.trainer.step) throw new UsageError(`--steps: expected at least the ${run.trainer.step} steps that the run has, got ${steps}.`);
    cutEvents(dir, run.trainer.step);
    if (note !== found) writeNote(dir, note);
    return { run, note };
  });
}

function expectSameConfig(dir: string, config: string): void {
  const copy = copyOf(dir, config);
  if (!existsSync(config)) throw new UsageError(`${config}: expected a config, got nothing there.`);
  if (!existsSync(copy) || readFileSync(config, 'utf8') !== readFileSync(copy, 'utf8'))
    throw new UsageError(`--config: expected the config that the run in ${dir} was started with, got another; leave --config out, or choose another folder.`);
}

async function trainSteps({ config, trainer }: OpenRun, { dir, steps, json, tensorboard }: TrainCommand & { dir: string; steps: number }, io: Io): Promise<Ending> {
  const { save = {}, ...how } = config.train;
  const left = steps - trainer.step;
  if (left === 0) return 'steps';
  const interruption = listenForInterruption(io);
  const bar = json ? undefined : await openProgress({ total: steps, from: trainer.step }, io);
  const show = shower(bar);
  const events = trainer.train({ ...how, steps: left, signal: interruption.signal, save: { ...save, dir } });
  try {
    for await (const event of tensorboard ? withTensorBoard(events, join(dir, 'tensorboard'), { from: trainer.step }) : events) {
      const logged = loggedEvent(event);
      appendEvent(dir, logged);
      if (json) say(io, JSON.stringify(logged));
      show(logged);
    }
  } finally {
    bar?.stop();
    interruption.stop();
  }
  if (trainer.step === steps) return 'steps';
  return interruption.signal.aborted ? 'interruption' : 'patience';
}

/** Shows an event, with the memory that the process takes, looked up now and then. */
function shower(bar: ProgressBar | undefined): (event: LoggedEvent) => void {
  let megabytes = 0;
  let lookedUp = -Infinity;
  let scores: Readonly<Record<string, number>> = {};
  return ({ step, queryLoss, validation }) => {
    if (performance.now() - lookedUp > 500) {
      megabytes = process.memoryUsage.rss() / 1e6;
      lookedUp = performance.now();
    }
    if (validation) scores = { [`validation ${validation.metric}`]: validation.mean };
    bar?.update(step, { loss: queryLoss, ...scores, MB: megabytes });
  };
}

async function finish({ config, trainer }: OpenRun, dir: string, { json, out }: TrainCommand, io: Io): Promise<void> {
  const evaluation: Evaluation = await trainer.evaluate(config.evaluate ?? {});
  const result = listScores(evaluation, trainer);
  writeJson(join(dir, 'evaluation.json'), result);
  if (json) return say(io, JSON.stringify({ ...result, dir }));
  say(io, `${formatEvaluation(evaluation, trainer)}\n\nRun: ${relative(io.cwd, dir) || '.'}. Next: npx hypermeta adapt --from ${out} --support DATA --out task.json`);
}
