/** What a command may touch beside files: given, so that a test can watch. */
export interface Io {
  /** Results. */
  readonly stdout: Pick<NodeJS.WritableStream, 'write'>;
  /** Progress, and what went wrong. */
  readonly stderr: NodeJS.WriteStream;
  /** Where relative paths start. */
  readonly cwd: string;
  /** Where SIGINT and SIGTERM arrive. */
  readonly signals: Pick<NodeJS.EventEmitter, 'on' | 'off'>;
}

/** Options of every command. */
export interface CommonOptions {
  /** Results as JSON. */
  readonly json?: true;
}

/** 0 done, 1 failure at work, 2 bad usage or config, 130 interrupted and saved. */
export type ExitCode = 0 | 1 | 2 | 130;

export function say(io: Io, words: string): void {
  io.stdout.write(`${words}\n`);
}
