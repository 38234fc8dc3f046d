/** Where the program was started, and where it lies. Node only. */
export function programFolders(): readonly string[] {
  const { dirname } = process.getBuiltinModule('node:path');
  const [, program] = process.argv;
  return program === undefined ? [process.cwd()] : [process.cwd(), dirname(program)];
}

/** A `require` that looks for packages as a file of this folder would. */
export function requireFrom(folder: string): NodeJS.Require {
  const { createRequire } = process.getBuiltinModule('node:module');
  return createRequire(process.getBuiltinModule('node:path').join(folder, 'a-file.js')); // which need not exist
}
