import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Tests that change what all modules share (the engine, a module in place of another); the others share a process, which saves starting TensorFlow.js anew. */
const apart = ['test/readme.test.ts', 'test/engine/**/*.test.ts', 'test/examples/omniglot-challenge.test.ts'];

export default defineConfig({
  root,
  resolve: { alias: { hypermeta: `${root}src/index.ts` } },
  test: {
    testTimeout: 30_000,
    setupFiles: ['test/helpers/setup.ts'],
    pool: 'forks',
    maxWorkers: '100%',
    projects: [
      { extends: true, test: { name: 'together', isolate: false, include: ['test/**/*.test.ts'], exclude: apart } },
      { extends: true, test: { name: 'apart', include: apart } },
    ],
  },
});
