import type { Adapted, AdaptOptions, MetaTrainer, UserExamples } from 'hypermeta';
import { mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { say, type CommonOptions, type ExitCode, type Io } from './io';
import { writeJson } from './run-folder';
import { UsageError } from './usage-error';
import { trainedRun } from './use-run';
import { fileToWrite } from './write-whole';

export interface AdaptCommand extends CommonOptions {
  readonly from: string;
  readonly support: string;
  readonly steps?: number;
  readonly rate?: number;
  /** Of a learner with a table of embeddings. */
  readonly row?: number;
  /** Of a learner that is conditioned on a description. */
  readonly condition?: readonly number[];
  readonly out: string;
}

/** Adapts a trained run to the examples of a task, and keeps the task. */
export async function adapt({ from, support, out, json, ...how }: AdaptCommand, io: Io): Promise<ExitCode> {
  const file = fileToWrite(out, io.cwd);
  const { trainer, forms } = await trainedRun(from, io);
  try {
    const examples = await forms.examples(resolve(io.cwd, support));
    const adapted = await adaptTo(examples, trainer, adaptOptions(how));
    mkdirSync(dirname(file), { recursive: true });
    writeJson(file, await adapted.saveTask());
    const { supportLosses, classes } = adapted;
    adapted.dispose();
    const count = (examples.x as readonly unknown[]).length; // forms give lists
    if (json) say(io, JSON.stringify({ task: file, examples: count, supportLosses, ...(classes ? { classes } : {}) }));
    else say(io, `${out}: ${count} examples${classes ? ` of ${classes.join(', ')}` : ''}; support loss ${supportLosses.map((loss) => loss.toPrecision(3)).join(' → ')}`);
    return 0;
  } finally {
    trainer.dispose();
  }
}

/** An option that does not go with the run's tasks is the command line's fault. */
async function adaptTo(examples: UserExamples, trainer: MetaTrainer, options: AdaptOptions): Promise<Adapted> {
  try {
    return await trainer.adapt(examples, options);
  } catch (cause) {
    const words = cause instanceof RangeError ? /^adapt: ((?:row|condition): .*)/s.exec(cause.message)?.[1] : undefined;
    throw words === undefined ? cause : new UsageError(`--${words}`, { cause });
  }
}

function adaptOptions({ steps, rate, row, condition }: Pick<AdaptCommand, 'steps' | 'rate' | 'row' | 'condition'>): AdaptOptions {
  return {
    ...(steps === undefined ? {} : { steps }),
    ...(rate === undefined ? {} : { learningRate: rate }),
    ...(row === undefined ? {} : { row }),
    ...(condition ? { condition } : {}),
  };
}
