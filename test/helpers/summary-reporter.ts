import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Reporter, TestModule } from 'vitest/node';
import { environment } from '../../examples/environment';

const file = fileURLToPath(new URL('../bench/results/test-full.json', import.meta.url));

/** Writes how the full tests ended, where and when: the file is committed with the change that it vouches for. */
export default class SummaryReporter implements Reporter {
  private readonly began = performance.now();

  onTestRunEnd(modules: readonly TestModule[]): void {
    const states = modules.flatMap((module) => [...module.children.allTests()].map((test) => test.result().state));
    const count = (state: string) => states.filter((each) => each === state).length;
    const seconds = Math.round((performance.now() - this.began) / 1000);
    const summary = { passed: count('passed'), failed: count('failed'), skipped: count('skipped') };
    writeFileSync(file, `${JSON.stringify({ tests: 'full', ...summary, env: { ...environment(), seconds } }, null, 1)}\n`);
  }
}
