/**
 * A package as the user's program would find it: beside this library, else from the program's folders. Node only.
 *
 * @throws what loading it throws
 */
export async function importFromProgram(name: string, from: readonly string[] = programFolders()): Promise<unknown> {
  try {
    return (await import(/* webpackIgnore: true */ /* @vite-ignore */ name)) as unknown;
  } catch (error) {
    const path = resolvedPath(name, from);
    if (path === undefined) throw error;
    return requireFrom(path)(path) as unknown;
  }
}

/** Where the program was started, and where it lies. */
function programFolders(): readonly string[] {
  const { dirname } = process.getBuiltinModule('node:path');
  const [, program] = process.argv;
  return program === undefined ? [process.cwd()] : [process.cwd(), dirname(program)];
}

function resolvedPath(name: string, from: readonly string[]): string | undefined {
  const { join } = process.getBuiltinModule('node:path');
  try {
    return requireFrom(join(from[0]!, 'hypermeta-probe.js')).resolve(name, { paths: [...from] }); // a file that need not exist
  } catch {
    return undefined; // the caller knows why already
  }
}

function requireFrom(path: string): NodeJS.Require {
  return process.getBuiltinModule('node:module').createRequire(path);
}
