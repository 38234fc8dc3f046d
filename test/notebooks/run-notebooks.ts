import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installApart, installPacked, run } from '../helpers/packed';

/** Where the notebooks are, with their outputs. */
export const notebooksFolder = fileURLToPath(new URL('../../examples/notebooks', import.meta.url));
export const notebookNames = readdirSync(notebooksFolder).filter((name) => name.endsWith('.ipynb'));

/** What the README tells the reader of a notebook to install, tslab apart: it brings a `tsc` of its own. */
const packages = ['@tensorflow/tfjs', 'onnxruntime-node', 'vega', 'vega-lite'];
const executor = fileURLToPath(new URL('execute.py', import.meta.url));

/** The Python that has nbclient, if there is one: Debian's package is not seen by a Python of another origin. */
export function pythonOfNotebooks(): string | undefined {
  return ['python3', '/usr/bin/python3'].find((python) => spawnSync(python, ['-c', 'import nbclient, nbformat']).status === 0);
}

/** A folder in which notebooks run as with their readers: on the packed package, under tslab. */
export interface NotebookRoom {
  /**
   * Executes notebooks and writes them, with their outputs, to the folder `out`. The kernel runs on `node`.
   *
   * @throws Error with what a cell said if it fails
   */
  execute(paths: readonly string[], out: string, node?: string): void;
}

/** Packs and installs all in an empty folder; the caller removes it. */
export function notebookRoom(folder: string, python: string): NotebookRoom {
  const reader = join(folder, 'reader');
  mkdirSync(reader);
  installPacked(reader, packages);
  const tslab = join(installApart(folder, 'tslab@1.0.22'), 'tslab/bin/tslab');
  const kernel = join(folder, 'jupyter/kernels/tslab');
  mkdirSync(kernel, { recursive: true });
  return {
    execute(paths, out, node = process.execPath) {
      const argv = [node, tslab, 'kernel', '--config-path', '{connection_file}'];
      writeFileSync(join(kernel, 'kernel.json'), JSON.stringify({ argv, display_name: 'TypeScript', language: 'typescript' }));
      run(python, [executor, reader, out, ...paths], folder, { JUPYTER_PATH: join(folder, 'jupyter') });
    },
  };
}
