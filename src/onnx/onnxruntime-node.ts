import { programFolders, requireFrom } from '../core/program-folders-node';

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
    return requireFrom(from[0]!)(path) as unknown;
  }
}

function resolvedPath(name: string, from: readonly string[]): string | undefined {
  try {
    return requireFrom(from[0]!).resolve(name, { paths: [...from] });
  } catch {
    return undefined; // the caller knows why already
  }
}
