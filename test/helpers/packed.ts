import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const quiet = ['--ignore-scripts', '--no-audit', '--no-fund'];

/** What a command prints; throws with what it said if it fails. */
export function run(command: string, words: readonly string[], cwd: string, env: NodeJS.ProcessEnv = {}): string {
  return execFileSync(command, words, { cwd, env: { ...process.env, ...env }, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

/** Packs the project and installs it beside other packages in an empty folder; offline, from the cache that `npm ci` filled. */
export function installPacked(folder: string, others: readonly string[]): void {
  const tarball = pack(folder);
  const versions = lockedVersions();
  const chosen = Object.fromEntries(others.map((name) => [name, versions[name]]));
  const overrides = Object.fromEntries(Object.entries(versions).filter(([name]) => !others.includes(name)));
  const dependencies = { hypermeta: `file:${tarball}`, ...chosen };
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'consumer', private: true, dependencies, overrides }));
  try {
    run('npm', ['install', ...quiet, '--offline'], folder);
  } catch {
    run('npm', ['install', ...quiet, '--prefer-offline'], folder); // a cache without these packages, such as one that was cleaned
  }
}

/** Built from a copy, so that tests that pack at the same time, and the checkout's own `dist`, are left in peace. */
function pack(folder: string): string {
  const copy = mkdtempSync(join(tmpdir(), 'hypermeta-source-'));
  try {
    for (const name of ['src', 'package.json', 'tsconfig.json', 'README.md', 'LICENSE', 'CHANGELOG.md'])
      cpSync(join(root, name), join(copy, name), { recursive: true });
    symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
    run('npm', ['run', 'build'], copy);
    return run('npm', ['pack', '--silent', '--pack-destination', folder], copy).trim();
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

/** The versions that the project was installed with: those are in npm's cache. */
function lockedVersions(): Readonly<Record<string, string>> {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as { packages: Record<string, { version: string }> };
  const deepestFirst = Object.entries(lock.packages).sort(([one], [other]) => other.split('node_modules/').length - one.split('node_modules/').length);
  const entries = deepestFirst.map(([path, { version }]) => [path.split('node_modules/').at(-1)!, version] as const);
  return Object.fromEntries(entries.filter(([name]) => name !== '')); // of several versions, that of the project
}

/** Installs a package in a new folder under `folder`, from the registry, and says in which folder of packages it is. */
export function installApart(folder: string, what: string): string {
  const elsewhere = mkdtempSync(join(folder, 'tool-'));
  run('npm', ['install', '--prefix', elsewhere, ...quiet, '--prefer-offline', what], folder);
  return join(elsewhere, 'node_modules');
}
