import { DataError } from '../core/errors';
import { isAlive } from '../core/is-alive-node';
import type { PublicFile } from './public-datasets';

/** How far a file is. */
export interface DownloadProgress {
  readonly file: string;
  /** On the disk so far. */
  readonly bytes: number;
  /** Of the whole file. */
  readonly of: number;
}

export interface DownloadOptions {
  /** Told how far the download is, whenever a part has come. @default nobody */
  readonly onProgress?: (progress: DownloadProgress) => void;
  /** Aborting ends the download; what is there is kept, and the next call goes on from it. */
  readonly signal?: AbortSignal;
  /** Milliseconds without a byte after which a server is given up. @default 30000 */
  readonly stallAfter?: number;
}

const fs = () => process.getBuiltinModule('node:fs/promises');
const path = () => process.getBuiltinModule('node:path');

/** A connection that breaks is taken up again, as often as this without a byte more. */
const mostBreaks = 3;

/**
 * A file of known content into a folder: from the first of the folders `from` that has it, taken up where a broken download
 * ended, checked, and renamed to its name when it is whole. Several processes may do so at once. Returns its path.
 *
 * @throws DataError where none has it: what each of them said, and where to put a copy by hand; the signal's reason
 */
export async function downloadFile(file: PublicFile, from: readonly string[], dir: string, options: DownloadOptions = {}): Promise<string> {
  const { join } = path();
  const to = join(dir, file.name);
  if (await isThere(to)) {
    if (!(await isWhole(to, file))) throw new DataError(`${to}: expected the file of SHA-256 ${file.sha256}, got another; remove it to download it anew.`);
    return to;
  }
  const partial = join(dir, `.partial-${process.pid}-${file.name}`);
  await adoptPartial(dir, partial, file.name);
  const refusals: string[] = [];
  for (const folder of from) {
    const url = urlOf(folder, file);
    const refusal = await fetchWhole(url, file, partial, options);
    if (refusal === undefined) {
      await fs().rename(partial, to);
      return to;
    }
    refusals.push(`${url.host}: ${refusal}`);
  }
  throw new DataError(
    `${file.name}: expected a server that has it, got ${refusals.join('; ')}; download ${urlOf(from[0]!, file).href} by hand to ${to}, ` +
      'or name a mirror as { from: URL }; behind a proxy set HTTPS_PROXY and NODE_USE_ENV_PROXY=1 (Node 22.21 or 24 on).',
  );
}

function urlOf(folder: string, { name }: PublicFile): URL {
  return new URL(name, folder.endsWith('/') ? folder : `${folder}/`);
}

/** Takes up a connection that breaks, while there is progress. Returns why there is no whole file, if so. */
async function fetchWhole(url: URL, file: PublicFile, partial: string, options: DownloadOptions): Promise<string | undefined> {
  let isInherited = (await sizeOf(partial)) > 0; // from another mirror, or another day
  for (let breaks = 0; breaks < mostBreaks; ) {
    const before = await sizeOf(partial);
    const refusal = await fetchRest(url, file, partial, before, options);
    options.signal?.throwIfAborted();
    if (refusal === undefined) {
      if (await isWhole(partial, file)) return undefined;
      await fs().rm(partial); // nothing of it can be trusted
      if (!isInherited) return 'another content than published';
      isInherited = false;
      continue;
    }
    if (refusal.isFinal) return refusal.why;
    breaks = (await sizeOf(partial)) > before ? 0 : breaks + 1;
    if (breaks === mostBreaks) return refusal.why;
  }
  return undefined;
}

interface Refusal {
  readonly why: string;
  /** Asking once more would not help. */
  readonly isFinal: boolean;
}

/** Appends what is missing. */
async function fetchRest(url: URL, file: PublicFile, partial: string, have: number, { onProgress, signal, stallAfter = 30_000 }: DownloadOptions): Promise<Refusal | undefined> {
  if (have === file.bytes) return undefined;
  const patience = stallWatch(stallAfter);
  try {
    const headers = { 'accept-encoding': 'identity', ...(have > 0 ? { range: `bytes=${have}-` } : {}) };
    const response = await fetch(url, { headers, signal: signal ? AbortSignal.any([signal, patience.signal]) : patience.signal });
    if (!response.body) return { why: 'no content', isFinal: true };
    const goesOn = response.status === 206 && (response.headers.get('content-range') ?? '').startsWith(`bytes ${have}-`);
    if (!goesOn && response.status !== 200) {
      await response.body.cancel();
      if (have > 0) await fs().rm(partial); // a range that it does not know
      return { why: `HTTP ${response.status}`, isFinal: have === 0 };
    }
    const handle = await fs().open(partial, goesOn ? 'a' : 'w');
    const reader = response.body.getReader();
    try {
      let bytes = goesOn ? have : 0;
      for (let part = await reader.read(); !part.done; part = await reader.read()) {
        patience.renew();
        bytes += part.value.length;
        if (bytes > file.bytes) return { why: `more than the ${file.bytes} bytes that it has`, isFinal: true };
        await handle.appendFile(part.value);
        onProgress?.({ file: file.name, bytes, of: file.bytes });
      }
      await handle.sync();
      return bytes === file.bytes ? undefined : { why: `${bytes} of ${file.bytes} bytes`, isFinal: false };
    } finally {
      await reader.cancel().catch(() => undefined); // a stream that failed has nothing to cancel
      await handle.close();
    }
  } catch (error) {
    if (patience.signal.aborted) return { why: `nothing for ${stallAfter / 1000} s`, isFinal: false };
    return { why: explain(error), isFinal: false };
  } finally {
    patience.end();
  }
}

/** Aborts where it is not renewed in time. */
function stallWatch(after: number): { readonly signal: AbortSignal; renew(): void; end(): void } {
  const stop = new AbortController();
  let timer = setTimeout(() => stop.abort(), after);
  return {
    signal: stop.signal,
    renew() {
      clearTimeout(timer);
      timer = setTimeout(() => stop.abort(), after);
    },
    end: () => clearTimeout(timer),
  };
}

/** `fetch failed` says nothing; its cause does. */
function explain(error: unknown): string {
  const { cause, message } = error instanceof Error ? error : { cause: undefined, message: String(error) };
  const code = cause instanceof Error ? ((cause as NodeJS.ErrnoException).code ?? cause.message) : undefined;
  return code ? `no connection (${code})` : message;
}

/** What a process that died had of the file. */
async function adoptPartial(dir: string, partial: string, name: string): Promise<void> {
  try {
    await fs().mkdir(dir, { recursive: true });
  } catch (cause) {
    throw new DataError(`${dir}: expected a folder that can be written to, got ${explain(cause)}.`, { cause });
  }
  if (await isThere(partial)) return;
  for (const found of await fs().readdir(dir)) {
    const [, owner, of] = /^\.partial-(\d+)-(.+)$/.exec(found) ?? [];
    if (of === name && !isAlive(Number(owner))) {
      await fs().rename(path().join(dir, found), partial).catch(() => undefined); // another process was first
      return;
    }
  }
}

async function isThere(file: string): Promise<boolean> {
  return (await fs().stat(file).catch(() => undefined)) !== undefined;
}

async function sizeOf(file: string): Promise<number> {
  return (await fs().stat(file).catch(() => undefined))?.size ?? 0;
}

async function isWhole(file: string, { bytes, sha256 }: PublicFile): Promise<boolean> {
  if ((await sizeOf(file)) !== bytes) return false;
  const hash = process.getBuiltinModule('node:crypto').createHash('sha256');
  for await (const chunk of process.getBuiltinModule('node:fs').createReadStream(file)) hash.update(chunk as Buffer); // no encoding is set
  return hash.digest('hex') === sha256;
}
