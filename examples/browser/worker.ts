import type { EngineChoice } from './engine-choices';
import { hasWebGpu, startEngine, type EngineInUse } from './engines';
import { trainedNames } from './learners';
import { openWorkbench, type Checkpoints, type Workbench } from './workbench';

/** What a worker is asked for; the first question is `start`. */
export interface Question {
  readonly id: number;
  readonly method: 'start' | keyof Workbench;
  readonly args: readonly unknown[];
}

export type Answer = { readonly id: number } & ({ readonly value: unknown } | { readonly error: string });

export interface Started extends EngineInUse {
  readonly hasWebGpu: boolean;
  /** What tells the model of a link from another. */
  readonly models: { readonly drawings: string; readonly curve: string };
}

let bench: Workbench | undefined;
let last: Promise<unknown> = Promise.resolve();

async function start(choice: EngineChoice, base: string): Promise<Started> {
  const fetched = Promise.all(trainedNames.map(async (name) => [name, await fetchBytes(new URL(`checkpoints/${name}.safetensors`, base))] as const));
  const engine = await startEngine(choice, base);
  const checkpoints = Object.fromEntries(await fetched) as Checkpoints;
  bench = openWorkbench(checkpoints, engine.runtime);
  const models = { drawings: checksum(checkpoints.hypernetwork), curve: checksum(checkpoints.curve) };
  return { ...engine, models, hasWebGpu: await hasWebGpu() };
}

/** Eight digits; FNV-1a of 32 bits (Fowler, Noll, Vo). */
function checksum(bytes: Uint8Array): string {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, '0');
}

async function fetchBytes(url: URL): Promise<Uint8Array> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url.pathname}: expected a file, got ${response.status} ${response.statusText}.`);
  return new Uint8Array(await response.arrayBuffer());
}

async function answer({ id, method, args }: Question): Promise<Answer> {
  try {
    if (method === 'start') return { id, value: await start(...(args as Parameters<typeof start>)) };
    if (!bench) throw new Error('Internal: expected the question start first.');
    return { id, value: await (bench[method] as (...given: readonly unknown[]) => unknown)(...args) };
  } catch (error) {
    return { id, error: error instanceof Error ? error.message : String(error) };
  }
}

addEventListener('message', ({ data }: MessageEvent<Question>) => {
  last = last.then(async () => postMessage(await answer(data))); // one after another
});
