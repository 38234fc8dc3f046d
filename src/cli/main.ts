#!/usr/bin/env node
import { createRequire } from 'node:module';
import { run } from './run';

const { version } = createRequire(import.meta.url)('hypermeta/package.json') as { version: string };

/** A reader that has seen enough, such as `head`, is no failure. */
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

void run(process.argv.slice(2), version, { stdout: process.stdout, stderr: process.stderr, cwd: process.cwd(), signals: process }).then((code) => {
  process.exitCode = code;
});
