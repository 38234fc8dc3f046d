import { progressBar, type ProgressBar, type ProgressOptions } from 'hypermeta';
import type { Io } from './io';

/** A bar where somebody watches, lines where not; lines too where the package for a bar is missing, which is said. */
export async function openProgress(steps: Pick<ProgressOptions, 'total' | 'from'>, { stderr }: Io): Promise<ProgressBar> {
  try {
    return await progressBar({ ...steps, stream: stderr });
  } catch {
    stderr.write('No progress bar without the package cli-progress; install it with `npm install cli-progress`.\n');
    return progressBar({ ...steps, stream: { write: (words: string) => stderr.write(words) } as NodeJS.WriteStream }); // no terminal
  }
}
