import { CommanderError } from 'commander';
import { program, type Asked } from './program';
import type { ExitCode, Io } from './io';
import { UsageError } from './usage-error';

/** Runs the command that the words ask for, `['train', '--config', 'waves.json', …]`, and says how it ended. */
export async function run(words: readonly string[], version: string, io: Io): Promise<ExitCode> {
  const asked: Asked = {};
  try {
    program(version, io, asked).parse(words, { from: 'user' });
    return (await asked.work?.()) ?? 0;
  } catch (error) {
    if (error instanceof CommanderError) return endOfParsing(error, words, io);
    io.stderr.write(`${describe(error, words.includes('--verbose'))}\n`);
    return error instanceof UsageError ? 2 : 1;
  }
}

/** Help and version are not failures; the rest is said in a sentence. */
function endOfParsing({ code, message, exitCode }: CommanderError, words: readonly string[], io: Io): ExitCode {
  if (exitCode === 0) return 0;
  const command = words[0] && !words[0].startsWith('-') && code !== 'commander.unknownCommand' ? `hypermeta ${words[0]}` : 'hypermeta';
  if (code === 'commander.help') io.stderr.write(`hypermeta: expected a command, got none; see hypermeta --help.\n`);
  else io.stderr.write(`${command}: ${message.replace(/^error: /, '').replaceAll('\n', ' ').replace(/\.$/, '')}; see ${command} --help.\n`);
  return 2;
}

function describe(error: unknown, isVerbose: boolean): string {
  if (!(error instanceof Error)) return String(error);
  return isVerbose ? `${error.stack ?? error.message}${error.cause instanceof Error ? `\ncaused by ${error.cause.stack}` : ''}` : error.message;
}
