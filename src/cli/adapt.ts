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
  readonly out: string;
}

/** Adapts a trained run to the examples of a task, and keeps the task. */
export async function adapt({ from, support, steps, rate, out, json }: AdaptCommand, io: Io): Promise<ExitCode> {
  const { trainer, forms } = await trainedRun(from, io);
  try {
    const examples = await forms.examples(resolve(io.cwd, support));
    const adapted = await trainer.adapt(examples, { ...(steps === undefined ? {} : { steps }), ...(rate === undefined ? {} : { learningRate: rate }) });
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
