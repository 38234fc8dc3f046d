import { build } from 'esbuild';
import { copyFileSync, cpSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const page = join(root, 'examples/browser');
const { resolve } = createRequire(import.meta.url);

/** The page, bundled in a second, for a quick look: what Vite builds is larger by minifying, hashed names and a service worker. */
export async function bundlePage(dir: string): Promise<void> {
  await build({
    entryPoints: { main: join(page, 'main.ts'), worker: join(page, 'worker.ts') },
    bundle: true,
    splitting: true,
    format: 'esm',
    target: 'es2022',
    outdir: dir,
    alias: { hypermeta: join(root, 'src/index.ts') },
    logLevel: 'error',
  });
  const rewrite = (from: string, to: string, change: (text: string) => string) => writeFileSync(join(dir, to), change(readFileSync(from, 'utf8')));
  rewrite(join(page, 'index.html'), 'index.html', (text) => text.replace('./main.ts', './main.js'));
  rewrite(join(dir, 'main.js'), 'main.js', (text) => text.replace('./worker.ts', './worker.js'));
  writeFileSync(join(dir, 'service-worker.js'), '// keeps nothing\n');
  for (const name of ['style.css', 'icon.svg']) copyFileSync(join(page, name), join(dir, name));
  cpSync(join(page, 'checkpoints'), join(dir, 'checkpoints'), { recursive: true });
  copyFileSync(resolve('onnxruntime-web/ort-wasm-simd-threaded.wasm'), join(dir, 'ort-wasm-simd-threaded.wasm'));
}
