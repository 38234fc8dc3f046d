import { programFolders, requireFrom } from '../core/program-folders-node';

/** Where tfjs-node was found, and whether it can be loaded. */
export interface TensorflowProbe {
  /** Path to require, where it works. */
  readonly path?: string;
  /** `works`, or why not: one line. */
  readonly outcome: string;
}

const packages = ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node'] as const;

/** Long enough for a cold disk; loading takes about a second. */
const patience = 60_000;

/**
 * Looks for tfjs-node as the user's program would, and computes with it in a process of its own first: a native library
 * that does not fit this Node may end the process that loads it, and on Node 23 and later tfjs-node loads but fails at
 * its first operation. Without the package nothing is started. Node only.
 */
export function probeTensorflow(from: readonly string[] = programFolders()): TensorflowProbe {
  const { resolve: find } = requireFrom(from[0]!);
  const resolve = (name: string) => find(name, { paths: [...from] });
  let outcome = '@tensorflow/tfjs-node is not installed';
  for (const name of packages) {
    const path = resolvedPath(resolve, name);
    if (path === undefined) continue;
    const failure = tryElsewhere(path);
    if (failure === undefined) return { path, outcome: 'works' };
    outcome = `${name} ${failure}`;
  }
  return { outcome };
}

/** Registers the back-end `tensorflow`. @throws what the package throws */
export function loadTensorflow(path: string): void {
  const { createRequire } = process.getBuiltinModule('node:module');
  createRequire(path)(path);
}

function resolvedPath(resolve: (name: string) => string, name: string): string | undefined {
  try {
    return resolve(name);
  } catch (error) {
    // Anything but "not found", such as a broken package.json, is a find that cannot be loaded.
    return (error as { readonly code?: string }).code === 'MODULE_NOT_FOUND' ? undefined : name;
  }
}

/** Why a package cannot be used, or undefined where it can. */
function tryElsewhere(path: string): string | undefined {
  const { spawnSync } = process.getBuiltinModule('node:child_process');
  const script = `let code = 3;
    try { const tf = require(${JSON.stringify(path)}); code = 4; tf.add(tf.ones([2]), 1).dataSync() }
    catch (error) { console.log(String(error.message).split('\\n')[0]); process.exit(code) }`;
  const { status, signal, stdout, error } = spawnSync(process.execPath, ['-e', script], {
    encoding: 'utf8',
    timeout: patience,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  if (error) return `could not be tried: ${error.message}`;
  if (status === 0) return undefined;
  const said = stdout.trim().split('\n').at(-1) ?? '';
  if (status === 3) return `cannot load its native library: ${said}`;
  if (status === 4) return `loads but cannot compute on Node ${process.versions.node}: ${said}`;
  return `ends the process that loads it (${signal ?? `exit code ${status}`}) on Node ${process.versions.node}`;
}
