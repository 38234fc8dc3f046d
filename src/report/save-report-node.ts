import type { MetaTrainer } from '../trainer/trainer';
import type { RunReportOptions } from './reported-run';
import { runReport } from './run-report';

/**
 * Writes `runReport` to a file, in a folder that is made. Node only.
 *
 * @example
 * await saveReport('report.html', trainer, { events });
 *
 * @throws what `runReport` throws, before a file is touched
 */
export async function saveReport(file: string, trainer: MetaTrainer, options: RunReportOptions = {}): Promise<void> {
  const { mkdir, writeFile } = process.getBuiltinModule('node:fs/promises');
  const { dirname } = process.getBuiltinModule('node:path');
  const page = await runReport(trainer, options);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, page);
}
