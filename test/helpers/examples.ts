import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { buildSync } from 'esbuild';
import { isFull } from './full';

const root = fileURLToPath(new URL('../..', import.meta.url));
const bundles = join(root, 'node_modules/.cache/hypermeta'); // packages are found from there

/**
 * What `examples/NAME.ts` prints with these words. The short form of the tests bundles it first: tsx takes longer to start than most
 * examples need for a few steps.
 *
 * @throws Error with what it said, if it fails
 */
export function runExample(name: string, ...words: readonly string[]): string {
  const program = join(root, `examples/${name}.ts`);
  const command = isFull ? ['--import', 'tsx', program] : [bundleOf(name, program)];
  return execFileSync(process.execPath, [...command, ...words], { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

const built = new Map<string, string>();

function bundleOf(name: string, program: string): string {
  const path = built.get(name) ?? bundle(program, join(bundles, `${name.replaceAll('/', '-')}.mjs`));
  built.set(name, path);
  return path;
}

function bundle(program: string, path: string): string {
  if (!existsSync(bundles)) mkdirSync(bundles, { recursive: true });
  const own = `${path}.${process.pid}`;
  buildSync({
    entryPoints: [program],
    outfile: own,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    alias: { hypermeta: join(root, 'src/index.ts') },
    define: { 'import.meta.url': JSON.stringify(pathToFileURL(program).href) }, // files beside the example
    logLevel: 'error',
  });
  renameSync(own, path); // whole, for another worker that runs it now
  return path;
}
