import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Tests of pure functions: the files share a process, which saves starting TensorFlow.js anew for each. */
const pure = 'test/{embeddings,evaluation,graph,hypernets,learners,meta,nn,ops,optim,report,tasks}/**/*.test.ts';

export default defineConfig({
  root,
  resolve: { alias: { hypermeta: `${root}src/index.ts` } },
  test: {
    testTimeout: 30_000,
    setupFiles: ['test/helpers/setup.ts'],
    pool: 'forks',
    maxWorkers: '100%',
    projects: [
      { extends: true, test: { name: 'pure', isolate: false, include: [pure] } },
      { extends: true, test: { name: 'apart', include: ['test/**/*.test.ts'], exclude: [pure] } },
    ],
  },
});
