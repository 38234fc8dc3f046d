import { exportAdapted, writeExport, type ExportFormat } from 'hypermeta';
import { resolve } from 'node:path';
import { say, type CommonOptions, type ExitCode, type Io } from './io';
import { adaptedTask, trainedRun } from './use-run';
import { UsageError } from './usage-error';

export interface ExportCommand extends CommonOptions {
  readonly from: string;
  readonly task: string;
  readonly format: ExportFormat;
  readonly batch?: number;
  readonly out: string;
}

/** Formats whose models may be for a fixed number of samples. */
const batched: readonly ExportFormat[] = ['onnx', 'tfjs'];

/** Writes the network of an adapted task for other programs. */
export async function exportTask({ from, task, format, batch, out, json }: ExportCommand, io: Io): Promise<ExitCode> {
  if (batch !== undefined && !batched.includes(format)) throw new UsageError(`--batch: expected --format ${batched.join(' or ')} beside it, got ${format}; leave it out.`);
  const run = await trainedRun(from, io);
  try {
    const adapted = await adaptedTask(run, task, io);
    const exported = exportAdapted(adapted, format, batch === undefined ? {} : { batch });
    adapted.dispose();
    const path = resolve(io.cwd, out);
    writeExport(path, exported);
    const { files, note } = exported;
    const bytes = Object.values(files).reduce((sum, file) => sum + file.length, 0);
    say(io, json ? JSON.stringify({ path, format, bytes, ...(note ? { note } : {}) }) : `${path}: ${bytes} bytes.${note ? ` ${note}` : ''}`);
    return 0;
  } finally {
    run.trainer.dispose();
  }
}
