/** npm run bench -- NAME [--out FILE]: runs one benchmark; the last line it prints is its result as JSON. */
import { parseArgs } from 'node:util';
import { benchBatching } from './batching';
import { environment } from '../../examples/environment';
import type { Row } from './measure';
import { writeFileSync } from 'node:fs';

const benchmarks: Readonly<Record<string, () => Promise<readonly Row[]>>> = { batching: benchBatching };

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { out: { type: 'string' } } });
  const name = positionals[0] ?? '';
  const bench = benchmarks[name];
  if (!bench) throw new RangeError(`bench: expected one of ${Object.keys(benchmarks).join(', ')}, got '${name}'.`);
  const rows = await bench();
  const result = JSON.stringify({ bench: name, env: environment(), rows });
  if (values.out) writeFileSync(values.out, `${result}\n`);
  console.log(result);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
