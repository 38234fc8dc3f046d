import { expectPositive } from '../core/errors';
import { loadPackage, picturePackages } from '../core/load-package';

type Resvg = typeof import('@resvg/resvg-js');

/** Of the optional package dejavu-fonts-ttf, for machines that have no fonts. resvg reads .ttf, not .woff. */
const packagedFonts = ['dejavu-fonts-ttf/ttf/DejaVuSans.ttf', 'dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf'];

/** Where a picture was written, and what a person should know about it. */
export interface SavedPicture {
  readonly svg: string;
  readonly png: string;
  /** One sentence, if the PNG is not all that it should be: this machine has no fonts. */
  readonly warning?: string;
}

/**
 * Writes an SVG document as `path.svg` and `path.png`, the latter at twice its size. Makes the folder. Node only.
 *
 * @param path where, without an extension.
 * @throws RangeError if the path has the extension of a picture; Error if `@resvg/resvg-js` is not installed.
 */
export async function savePicture(svg: string, path: string): Promise<SavedPicture> {
  if (/\.(svg|png)$/i.test(path))
    throw new RangeError(`savePicture: expected a path without extension, got '${path}'; both .svg and .png are written.`);
  const { png, warning } = await renderPng(svg);
  const { mkdir, writeFile } = process.getBuiltinModule('node:fs/promises');
  const { dirname } = process.getBuiltinModule('node:path');
  await mkdir(dirname(path), { recursive: true });
  await Promise.all([writeFile(`${path}.svg`, svg), writeFile(`${path}.png`, png)]);
  return { svg: `${path}.svg`, png: `${path}.png`, ...(warning && { warning }) };
}

/**
 * The bytes of a PNG of an SVG document. Node only.
 *
 * @throws RangeError if `scale` is not above 0; Error if `@resvg/resvg-js` is not installed or the SVG is not valid.
 */
export async function renderPng(
  svg: string,
  options: {
    /** Pixels per unit of the SVG. @default 2 */
    readonly scale?: number;
    /** Font files to use and no others. @default those of the machine, and dejavu-fonts-ttf where that is installed */
    readonly fontFiles?: readonly string[];
  } = {},
): Promise<{ readonly png: Uint8Array; readonly warning?: string }> {
  const { scale = 2, fontFiles } = options;
  expectPositive('renderPng: scale', scale);
  const { Resvg } = await loadPackage<Resvg>('renderPng', '@resvg/resvg-js', picturePackages);
  const font = { loadSystemFonts: !fontFiles, fontFiles: [...(fontFiles ?? installedFonts())] };
  const png = new Resvg(svg, { font, fitTo: { mode: 'zoom', value: scale } }).render().asPng();
  // Without any font, resvg leaves out text and says nothing.
  const probe = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><text y="8">x</text></svg>';
  if (new Resvg(probe, { font }).innerBBox()) return { png };
  return { png, warning: noFonts };
}

const noFonts =
  'The PNG has no text, because this machine has no fonts: run `npm install dejavu-fonts-ttf`, or open the SVG in a browser.';

/** Looked for from the folder of the program, where its node_modules are. */
function installedFonts(): string[] {
  const { createRequire } = process.getBuiltinModule('node:module');
  const { resolve } = createRequire(`${process.cwd()}/`);
  return packagedFonts.flatMap((file) => {
    try {
      return [resolve(file)];
    } catch {
      return []; // not installed: the fonts of the machine must do
    }
  });
}
