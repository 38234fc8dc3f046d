import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** What a program printed, or why it ended badly. */
export interface Run {
  readonly stdout: string;
  readonly stderr: string;
  readonly failure?: string;
}

/** Runs a TypeScript module that imports `hypermeta` in a Node process of its own, on this checkout's sources. */
export async function runProgram(code: string): Promise<Run> {
  const folder = mkdtempSync(join(root, 'node_modules/.hypermeta-program-')); // where its packages can be found
  const outfile = join(folder, 'program.mjs');
  try {
    await build({
      stdin: { contents: code, resolveDir: root, loader: 'ts' },
      alias: { hypermeta: join(root, 'src/index.ts') },
      bundle: true,
      packages: 'external',
      platform: 'node',
      format: 'esm',
      logLevel: 'silent',
      outfile,
    });
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [outfile], { cwd: root, timeout: 60_000 });
    return { stdout, stderr };
  } catch (error) {
    const { stdout = '', stderr = '', message } = error as Partial<Run> & { message: string };
    return { stdout, stderr, failure: message };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
