/**
 * npm run web                       builds the page and serves it on this machine
 * npm run web -- --build [DIR]      writes it as a folder for any file server
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { buildPage } from './build';
import { serveFolder } from './serve';

const help = `Usage: npm run web -- [options] [DIR]

  Builds the page that adapts in the browser, from the committed checkpoints, and serves it at http://127.0.0.1:PORT/.

  --build          write the page into DIR and stop (default demo-output/web)
  --port N         where to serve it (default 4173; 0 for any that is free)`;

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { build: { type: 'boolean', default: false }, port: { type: 'string', default: '4173' }, help: { type: 'boolean', default: false } },
  });
  if (values.help) return console.log(help);
  if (positionals.length > 1) throw new RangeError(`web: expected one folder at most, got ${positionals.length}.`);
  if (values.build) {
    const dir = resolve(positionals[0] ?? 'demo-output/web');
    await buildPage(dir);
    return console.log(`Built: ${dir}`);
  }
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 0 || port > 65535) throw new RangeError(`web: --port: expected a whole number from 0 to 65535, got '${values.port}'.`);
  const dir = mkdtempSync(join(tmpdir(), 'hypermeta-web-'));
  process.once('exit', () => rmSync(dir, { recursive: true, force: true }));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(0));
  await buildPage(dir);
  const { url } = await serveFolder(dir, port);
  console.log(`Serving ${url} (Ctrl-C ends it)`);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
