import type { RunConfig } from 'hypermeta';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, extname } from 'node:path';
import { pathToFileURL } from 'node:url';
import { checkConfig } from './config';
import { UsageError } from './usage-error';

/** A config and where it came from. */
export interface LoadedConfig {
  readonly config: RunConfig;
  /** Absolute. */
  readonly file: string;
  readonly text: string;
  /** Where its relative paths start. */
  readonly folder: string;
}

/**
 * Reads a config: JSON, or the default export of a TypeScript or JavaScript module.
 *
 * @param file absolute
 * @param folder where its relative paths start, if elsewhere than beside it
 * @throws UsageError for a file that is missing, unreadable or wrong
 */
export async function loadConfig(file: string, folder = dirname(file)): Promise<LoadedConfig> {
  if (!existsSync(file) || !statSync(file).isFile()) throw new UsageError(`${file}: expected a config, got ${existsSync(file) ? 'a folder' : 'nothing there'}.`);
  const text = readFileSync(file, 'utf8');
  return { config: checkConfig(await readValue(file, text), file), file, text, folder };
}

function readValue(file: string, text: string): unknown {
  const ending = extname(file).toLowerCase();
  if (ending === '.json') return parseJson(file, text);
  if (['.ts', '.mts', '.cts'].includes(ending)) return importDefault(file, importTypeScript);
  if (['.js', '.mjs', '.cjs'].includes(ending)) return importDefault(file, importModule);
  throw new UsageError(`${file}: expected a config .json, .ts, .mts, .cts, .js, .mjs or .cjs, got ${ending || 'no ending'}.`);
}

function parseJson(file: string, text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (cause) {
    throw new UsageError(`${file}: expected JSON, got "${messageOf(cause)}".`, { cause });
  }
}

type Importer = (file: string) => Promise<object>;

const importModule: Importer = (file) => import(pathToFileURL(file).href) as Promise<object>; // what a module exports

/** Node takes types out itself from 22.18 on; before that jiti does, and hands this copy of hypermeta over. */
const importTypeScript: Importer = async (file) => {
  if ((process.features as { readonly typescript?: unknown }).typescript) return importModule(file);
  const { createJiti } = await import('jiti').catch((cause: unknown) => {
    throw new UsageError(`${file}: expected Node 22.18 or later, or the package jiti, to read TypeScript, got neither; install it with \`npm install jiti\`.`, { cause });
  });
  const hypermeta = await import('hypermeta');
  return createJiti(file, { virtualModules: { hypermeta }, fsCache: false, moduleCache: false }).import(file);
};

async function importDefault(file: string, load: Importer): Promise<unknown> {
  const found = await load(file).catch((cause: unknown) => {
    if (cause instanceof UsageError) throw cause;
    throw new UsageError(`${file}: expected a module that can be loaded, got "${messageOf(cause)}".`, { cause });
  });
  if (!('default' in found)) throw new UsageError(`${file}: expected the config as the default export, got ${Object.keys(found).join(', ') || 'no exports'}.`);
  return found.default;
}

function messageOf(cause: unknown): string {
  return (cause instanceof Error ? cause.message : String(cause)).split('\n')[0]!; // a text has a first line
}
