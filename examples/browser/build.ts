import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { build, transformWithEsbuild, type Plugin } from 'vite';
import { contentSecurityPolicy } from './content-security-policy';
import { trainedNames } from './learners';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const { resolve } = createRequire(import.meta.url);

/** Writes the page as a folder of files, for any file server, at any address. */
export async function buildPage(outDir: string): Promise<void> {
  await build({
    root: here('.'),
    base: './',
    configFile: false,
    logLevel: 'warn',
    resolve: { alias: { hypermeta: here('../../src/index.ts') } },
    worker: { format: 'es' },
    build: { outDir, emptyOutDir: true, target: 'es2022', assetsInlineLimit: 0, modulePreload: false, chunkSizeWarningLimit: 4000 },
    plugins: [policy(), namedFiles(), serviceWorker()],
  });
}

/** Files that are fetched by name: checkpoints, and the wasm of TensorFlow.js. */
function namedFiles(): Plugin {
  const files = [
    ...trainedNames.map((name) => [`checkpoints/${name}.safetensors`, here(`./checkpoints/${name}.safetensors`)] as const),
    ...['', '-simd'].map((kind) => [`engines/tfjs-backend-wasm${kind}.wasm`, resolve(`@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm${kind}.wasm`)] as const),
  ];
  return {
    name: 'named-files',
    generateBundle() {
      for (const [fileName, from] of files) this.emitFile({ type: 'asset', fileName, source: readFileSync(from) });
    },
  };
}

/** The page's Content-Security-Policy, for file servers that send none. */
function policy(): Plugin {
  return {
    name: 'content-security-policy',
    transformIndexHtml: () => [{ tag: 'meta', attrs: { 'http-equiv': 'Content-Security-Policy', content: contentSecurityPolicy }, injectTo: 'head-prepend' }],
  };
}

/** The engines that a first visit does not need are left to when they are chosen. */
const keptLater = /webgpu|asyncify|^engines\//;

/** Writes the service worker with the list of all files that the page needs offline. */
function serviceWorker(): Plugin {
  return {
    name: 'service-worker',
    enforce: 'post',
    async generateBundle(_options, bundle) {
      const names = Object.keys(bundle).filter((name) => !keptLater.test(name)).sort();
      const version = createHash('sha256');
      for (const name of names) version.update(name).update(contentOf(bundle[name]!));
      const { code } = await transformWithEsbuild(readFileSync(here('./service-worker.ts'), 'utf8'), 'service-worker.ts', { target: 'es2022' });
      const source = code.replace(/\["FILES"\]/, JSON.stringify(['./', ...names])).replace('VERSION', version.digest('hex').slice(0, 12));
      this.emitFile({ type: 'asset', fileName: 'service-worker.js', source });
    },
  };
}

function contentOf(file: { readonly code: string } | { readonly source: string | Uint8Array }): string | Uint8Array {
  return 'code' in file ? file.code : file.source;
}
