import * as tf from '@tensorflow/tfjs';
import { execFileSync } from 'node:child_process';
import { cpus } from 'node:os';

/** What a figure depends on beside the code. */
export function environment(): Readonly<Record<string, string | number>> {
  return {
    commit: commit(),
    date: new Date().toISOString(),
    node: process.version,
    tfjs: tf.version.tfjs,
    engine: tf.getBackend(),
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    threads: 1,
  };
}

function commit(): string {
  try {
    const run = (...words: string[]) => execFileSync('git', words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
    return run('rev-parse', '--short', 'HEAD') + (run('status', '--porcelain', '--', 'src', 'examples', 'test/bench') === '' ? '' : ' with changes');
  } catch {
    return 'unknown';
  }
}
