/** The words on the command line, or the config, are not what they must be: nothing was done. Exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
