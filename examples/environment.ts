import * as tf from '@tensorflow/tfjs';
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { cpus } from 'node:os';
import { join } from 'node:path';

let commit: string | undefined; // git is asked once, at the first result

/** What a figure depends on beside the code. */
export function environment(): Readonly<Record<string, string | number>> {
  return {
    commit: (commit ??= readCommit()),
    date: new Date().toISOString(),
    node: process.version,
    tfjs: tf.version.tfjs,
    engine: tf.getBackend(),
    onnxruntime: onnxruntimeVersion(),
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    threads: 1,
  };
}

function onnxruntimeVersion(): string {
  try {
    return (createRequire(join(process.cwd(), 'package.json'))('onnxruntime-node/package.json') as { readonly version: string }).version;
  } catch {
    return 'none';
  }
}

function readCommit(): string {
  try {
    const run = (...words: string[]) => execFileSync('git', words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
    return run('rev-parse', '--short', 'HEAD') + (run('status', '--porcelain', '--', 'src', 'examples', 'test/bench', ':!test/bench/results') === '' ? '' : ' with changes');
  } catch {
    return 'unknown';
  }
}
