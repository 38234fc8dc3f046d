import { createReadStream, statSync, type Stats } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { contentSecurityPolicy } from './content-security-policy';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
};

export interface Served {
  readonly url: string;
  close(): Promise<void>;
}

/** Serves the files of a folder on this machine alone. @param port 0 takes any that is free */
export async function serveFolder(dir: string, port = 0): Promise<Served> {
  const server = createServer((request, response) => {
    const refuse = (status: number, text: string) => void response.writeHead(status, { 'content-type': 'text/plain' }).end(`${text}\n`);
    const path = pathOf(request.url ?? '/');
    if (path === undefined) return refuse(400, 'Bad request');
    const file = join(dir, normalize(path.endsWith('/') ? `${path}index.html` : path));
    const found = file.startsWith(join(dir, '/')) ? statOf(file) : undefined;
    if (!found?.isFile()) return refuse(404, 'Not found');
    response.writeHead(200, {
      'content-type': types[extname(file)] ?? 'application/octet-stream',
      'content-length': found.size,
      'content-security-policy': contentSecurityPolicy,
      'cache-control': 'no-cache',
      'x-content-type-options': 'nosniff',
    });
    if (request.method === 'HEAD') return void response.end();
    createReadStream(file).pipe(response);
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve));
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === 'object' && address ? address.port : port}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** The path that a request names; nothing where it names none. */
function pathOf(url: string): string | undefined {
  try {
    const path = decodeURIComponent(new URL(url, 'http://localhost').pathname);
    return path.includes('\0') ? undefined : path;
  } catch {
    return undefined;
  }
}

/** Nothing too for what can be no file: a name that is too long, or one inside a file. */
function statOf(file: string): Stats | undefined {
  try {
    return statSync(file);
  } catch {
    return undefined;
  }
}
