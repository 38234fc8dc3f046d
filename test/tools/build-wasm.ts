/** npm run build:wasm: assembles src/core/simd.wat and writes the bytes into src/core/simd-bytes.ts. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import wabt from 'wabt';

const folder = join(__dirname, '..', '..', 'src', 'core');

/** The bytes of the module, as base64. */
export async function assemble(): Promise<string> {
  const { parseWat } = await wabt();
  const module = parseWat('simd.wat', readFileSync(join(folder, 'simd.wat'), 'utf8'), { simd: true });
  const { buffer } = module.toBinary({});
  module.destroy();
  return Buffer.from(buffer).toString('base64');
}

export function moduleText(base64: string): string {
  const lines = base64.match(/.{1,110}/g)!.map((line) => `  '${line}',`);
  return `/** \`simd.wat\`, assembled by \`npm run build:wasm\`: a WebAssembly module as base64. */\nexport const simdBytes = [\n${lines.join('\n')}\n].join('');\n`;
}

if (process.argv[1]?.endsWith('build-wasm.ts')) void assemble().then((base64) => writeFileSync(join(folder, 'simd-bytes.ts'), moduleText(base64)));
