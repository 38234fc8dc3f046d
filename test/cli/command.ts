import { EventEmitter } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../../src/cli/run';
import type { ExitCode } from '../../src/cli/io';

/** How a command ended, and what it said. */
export interface Ended {
  readonly code: ExitCode;
  readonly out: string;
  readonly err: string;
}

export interface CommandOptions {
  readonly cwd: string;
  /** Called with everything that is written to standard output, and may send a signal. */
  readonly onOut?: (words: string, signals: EventEmitter) => void;
}

/** Runs a command in this process: `hypermeta train --config waves.json --out waves`. */
export async function command(line: string, { cwd, onOut }: CommandOptions): Promise<Ended> {
  const said = { out: '', err: '' };
  const signals = new EventEmitter();
  const stdout = {
    write(words: string) {
      said.out += words;
      onOut?.(words, signals);
      return true;
    },
  };
  const stderr = { write: (words: string) => Boolean((said.err += words)) };
  const io = { cwd, signals, stdout, stderr: stderr as unknown as NodeJS.WriteStream }; // only what is written counts
  const code = await run(line.split(' ').filter((word) => word !== ''), '0.0.0', io);
  return { code, ...said };
}

/** Runs `work` in a new folder, and removes it. */
export async function inFolder(work: (dir: string) => Promise<void>): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'hypermeta-cli-'));
  try {
    await work(dir);
  } finally {
    rmSync(dir, { recursive: true });
  }
}
