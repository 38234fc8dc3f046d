import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { DataError } from '../../src/core/errors';
import { downloadFile, type DownloadProgress } from '../../src/tasks/download-node';
import { fetchDataset } from '../../src/tasks/fetch-dataset-node';
import { readLabelledIdx } from '../../src/tasks/idx-node';
import { publicDatasets, type PublicFile } from '../../src/tasks/public-datasets';
import { realData, withFiles } from './files';

const content = new Uint8Array(200_000).map((_, index) => (index * 7919) % 251);
const file: PublicFile = { name: 'data.bin', bytes: content.length, sha256: createHash('sha256').update(content).digest('hex') };

type Answer = (request: IncomingMessage, response: ServerResponse, count: number) => void;

/** A server on this machine, and a folder. `count` is how many requests came before. */
async function withServer(answer: Answer, work: (from: string, dir: string, requests: IncomingMessage[]) => Promise<unknown>): Promise<void> {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => answer(request, response, requests.push(request) - 1));
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  try {
    await withFiles({}, (dir) => work(`http://127.0.0.1:${(server.address() as AddressInfo).port}/sets`, dir, requests));
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

/** As servers of files do: the whole, or what is asked for of it. */
const serve = (bytes: Uint8Array): Answer => (request, response) => {
  const [, start] = /^bytes=(\d+)-$/.exec(request.headers.range ?? '') ?? [];
  if (start === undefined) return void response.writeHead(200, { 'content-length': bytes.length }).end(bytes);
  if (Number(start) >= bytes.length) return void response.writeHead(416).end();
  const rest = bytes.subarray(Number(start));
  response.writeHead(206, { 'content-range': `bytes ${start}-${bytes.length - 1}/${bytes.length}`, 'content-length': rest.length }).end(rest);
};

/** The first half, then the connection breaks once the client has it. */
const breakOff: Answer = (_request, response) => {
  response.writeHead(200, { 'content-length': content.length });
  response.write(content.subarray(0, 100_000), () => setImmediate(() => response.destroy()));
};

const isWhole = (path: string) => expect(readFileSync(path).equals(content)).toBe(true);

describe('downloadFile', () => {
  test('a good download is checked, renamed and not asked for again', () =>
    withServer(serve(content), async (from, dir, requests) => {
      const seen: DownloadProgress[] = [];
      const path = await downloadFile(file, [from], dir, { onProgress: (progress) => seen.push(progress) });
      isWhole(path);
      expect([path, readdirSync(dir), requests[0]!.url]).toEqual([join(dir, 'data.bin'), ['data.bin'], '/sets/data.bin']);
      expect(seen.at(-1)).toEqual({ file: 'data.bin', bytes: content.length, of: content.length });
      await downloadFile(file, [from], dir);
      expect(requests).toHaveLength(1);
    }));

  test('a connection that breaks is taken up where it ended', () =>
    withServer((request, response, count) => (count === 0 ? breakOff : serve(content))(request, response, count), async (from, dir, requests) => {
      isWhole(await downloadFile(file, [from], dir));
      expect(requests).toHaveLength(2);
      expect(requests[1]!.headers.range).toMatch(/^bytes=\d+-$/);
    }));

  test('aborted, it keeps what is there; a later process goes on, also where the server knows no ranges', () =>
    withServer((_request, response, count) => {
      if (count > 0) return void response.writeHead(200).end(content);
      response.writeHead(200).write(content.subarray(0, 50_000)); // and no more
    }, async (from, dir, requests) => {
      const stop = new AbortController();
      const cut = downloadFile(file, [from], dir, { signal: stop.signal, onProgress: () => stop.abort(new Error('enough')) });
      await expect(cut).rejects.toThrow('enough');
      expect(readdirSync(dir)).toEqual([`.partial-${process.pid}-data.bin`]);
      isWhole(await downloadFile(file, [from], dir));
      expect(requests[1]!.headers.range).toMatch(/^bytes=\d+-$/);
    }));

  test('what a process that died had is taken over; were it something else, it is thrown away', () =>
    withServer(serve(content), async (from, dir, requests) => {
      writeFileSync(join(dir, '.partial-999999999-data.bin'), content.subarray(0, 150_000));
      isWhole(await downloadFile(file, [from], dir));
      expect(requests.map(({ headers }) => headers.range)).toEqual(['bytes=150000-']);
      const other = { ...file, name: 'other.bin' };
      writeFileSync(join(dir, '.partial-999999999-other.bin'), new Uint8Array(150_000));
      isWhole(await downloadFile(other, [from], dir));
      writeFileSync(join(dir, '.partial-999999999-longer.bin'), new Uint8Array(300_000));
      isWhole(await downloadFile({ ...file, name: 'longer.bin' }, [from], dir));
      expect(readdirSync(dir)).toEqual(['data.bin', 'longer.bin', 'other.bin']);
    }));

  test('the next mirror is asked where one has it not, or something else', () =>
    withServer((request, response, count) => {
      if (request.url!.startsWith('/good')) return serve(content)(request, response, count);
      if (request.url!.startsWith('/wrong')) return serve(new Uint8Array(content.length))(request, response, count);
      if (request.url!.startsWith('/long')) return void response.writeHead(200).end(new Uint8Array(300_000));
      response.writeHead(404).end();
    }, async (from, dir) => {
      const mirrors = ['absent', 'wrong', 'long', 'good'].map((name) => new URL(name, from).href);
      const host = new URL(from).host;
      isWhole(await downloadFile(file, mirrors, dir));
      const refused = downloadFile({ ...file, name: 'two.bin' }, mirrors.slice(0, 3), dir);
      await expect(refused).rejects.toThrow(DataError);
      await expect(refused).rejects.toThrow(
        `two.bin: expected a server that has it, got ${host}: HTTP 404; ${host}: another content than published; ${host}: more than the 200000 bytes that it has; download ${mirrors[0]}/two.bin by hand to ${join(dir, 'two.bin')}, or name a mirror as { from: URL }; behind a proxy`,
      );
    }));

  test('a server that says nothing is given up; offline the host and what to do are named', async () => {
    let closed = '';
    await withServer(() => undefined, async (from, dir) => {
      closed = from;
      await expect(downloadFile(file, [from], dir, { stallAfter: 20 })).rejects.toThrow(/^data\.bin: expected a server that has it, got 127\.0\.0\.1:\d+: nothing for 0\.02 s; download/);
    });
    await withFiles({}, (dir) =>
      expect(downloadFile(file, [closed], dir)).rejects.toThrow(/got 127\.0\.0\.1:\d+: no connection \(ECONNREFUSED\); download http:.* by hand to .*data\.bin, or/));
  });

  test('refuses a file that is another, and a folder that is none', () =>
    withFiles({ 'data.bin': new Uint8Array(3) }, async (dir) => {
      await expect(downloadFile(file, ['http://127.0.0.1:1'], dir)).rejects.toThrow(`data.bin: expected the file of SHA-256 ${file.sha256}, got another; remove it to download it anew.`);
      await expect(downloadFile(file, ['http://127.0.0.1:1'], join(dir, 'data.bin/below'))).rejects.toThrow('below: expected a folder that can be written to, got ');
    }));
});

describe('fetchDataset', () => {
  const real = realData('fashion-mnist');

  test.skipIf(!real)('gives what the reader takes; any number may ask at once, and each file is asked for once', () =>
    withServer((request, response, count) => serve(readFileSync(join(real!, request.url!.split('/').at(-1)!)))(request, response, count), async (from, dir, requests) => {
      const [set, again] = await Promise.all([fetchDataset('fashion-mnist', { dir, from }), fetchDataset('fashion-mnist', { dir, from })]);
      expect(again).toEqual(set);
      expect(requests).toHaveLength(publicDatasets['fashion-mnist'].files.length);
      const { classes } = readLabelledIdx(set.test);
      expect(classes[9]!.name).toBe('Ankle boot');
      expect(existsSync(join(dir, 'fashion-mnist', 't10k-images-idx3-ubyte.gz'))).toBe(true);
    }));

  test.each([[[], 'none'], ['my-mirror/mnist', "'my-mirror/mnist'"]])('refuses %j as servers', (from, got) =>
    withFiles({}, (dir) => expect(fetchDataset('mnist', { from, dir })).rejects.toThrow(new DataError(`fetchDataset: from: expected URLs of folders, such as https://example.org/mnist, got ${got}.`))));

  test('refuses a name that it does not know', () =>
    expect(fetchDataset('imagenet' as 'mnist')).rejects.toThrow("fetchDataset: name: expected one of 'omniglot', 'mnist', 'fashion-mnist', got 'imagenet'."));
});
