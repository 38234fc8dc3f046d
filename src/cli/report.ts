import { saveReport } from 'hypermeta';
import { join, relative } from 'node:path';
import { readEvents } from './event-log';
import { say, type CommonOptions, type ExitCode, type Io } from './io';
import { trainedRun } from './use-run';
import { fileToWrite } from './write-whole';

export interface ReportCommand extends CommonOptions {
  readonly from: string;
  readonly episodes?: number;
  readonly steps?: readonly number[];
  readonly out?: string;
}

/** Writes a trained run as one HTML page. */
export async function report({ from, episodes, steps, out, json }: ReportCommand, io: Io): Promise<ExitCode> {
  const asFile = out === undefined ? undefined : fileToWrite(out, io.cwd);
  const { config, trainer, run } = await trainedRun(from, io, 'all');
  try {
    const asked = { ...config.evaluate, ...(episodes === undefined ? {} : { episodes }), ...(steps ? { steps } : {}) };
    const evaluation = await trainer.evaluate({ ...asked, keep: 'embeddings' });
    const file = asFile ?? join(run.dir, 'report.html');
    await saveReport(file, trainer, { events: readEvents(run.dir), evaluation });
    say(io, json ? JSON.stringify({ file }) : `Report: ${relative(io.cwd, file)}`);
    return 0;
  } finally {
    trainer.dispose();
  }
}
