import type { AdaptOptions } from 'hypermeta';
import { mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { say, type CommonOptions, type ExitCode, type Io } from './io';
import { writeJson } from './run-folder';
import { trainedRun } from './use-run';

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
  const { trainer, forms } = await trainedRun(from, io);
  try {
    const examples = await forms.examples(resolve(io.cwd, support));
    const adapted = await trainer.adapt(examples, adaptOptions(how));
    const file = resolve(io.cwd, out);
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

function adaptOptions({ steps, rate, row, condition }: Pick<AdaptCommand, 'steps' | 'rate' | 'row' | 'condition'>): AdaptOptions {
  return {
    ...(steps === undefined ? {} : { steps }),
    ...(rate === undefined ? {} : { learningRate: rate }),
    ...(row === undefined ? {} : { row }),
    ...(condition ? { condition } : {}),
  };
}
