/**
 * A package that only some users need, loaded when it is needed. The name is not a literal, so that a bundler neither
 * packs it nor complains that it is not installed.
 *
 * @throws Error if it is missing or broken, naming the command that installs it.
 */
export async function loadPackage<Module>(where: string, name: string, install: string): Promise<Module> {
  try {
    return (await import(/* webpackIgnore: true */ /* @vite-ignore */ name)) as Module; // the caller names the type
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.split('\n')[0] : String(cause);
    throw new Error(`${where}: expected the package ${name}, got "${reason}"; install it with \`npm install ${install}\`.`, {
      cause,
    });
  }
}

/** The optional packages that charts and pictures are made with. */
export const picturePackages = 'vega vega-lite @resvg/resvg-js';
