import { expect, test } from 'vitest';
import { leasedCache } from '../../src/engine/leased-cache';

/** A cache whose entries are their keys, and a record of what happens. */
function recorded(limit: number) {
  const events: string[] = [];
  const cache = leasedCache<string>(
    limit,
    async (entry) => void events.push(`released ${entry}`),
    () => new Error('closed'),
  );
  const use = (key: string, work: () => Promise<void> = async () => undefined) =>
    cache.use(key, async () => (events.push(`made ${key}`), key), async () => {
      await work();
      events.push(`used ${key}`);
    });
  return { cache, events, use };
}

test('an entry is made once, and the one unused for longest goes first', async () => {
  const { events, use } = recorded(2);
  for (const key of ['a', 'b', 'a', 'c', 'a', 'b']) await use(key);
  expect(events.filter((event) => event.startsWith('made'))).toEqual(['made a', 'made b', 'made c', 'made b']);
});

test('an entry that is dropped while in use is released after its last use', async () => {
  const { events, use } = recorded(1);
  let finish = (): void => undefined;
  const waiting = use('a', () => new Promise<void>((resolve) => (finish = resolve)));
  await use('b');
  expect(events).not.toContain('released a');
  finish();
  await waiting;
  await Promise.resolve();
  await new Promise((resolve) => setTimeout(resolve, 0));
  expect(events.indexOf('released a')).toBeGreaterThan(events.indexOf('used a'));
});

test('closing waits for what is in use, releases all, and refuses more', async () => {
  const { cache, events, use } = recorded(3);
  await use('a');
  let finish = (): void => undefined;
  const waiting = use('b', () => new Promise<void>((resolve) => (finish = resolve)));
  const closing = cache.close();
  await expect(use('c')).rejects.toThrow('closed');
  finish();
  await Promise.all([waiting, closing]);
  expect(events.filter((event) => event.startsWith('released')).sort()).toEqual(['released a', 'released b']);
});

test('closing waits for an entry that was dropped while in use', async () => {
  const { cache, events, use } = recorded(1);
  let finish = (): void => undefined;
  const waiting = use('a', () => new Promise<void>((resolve) => (finish = resolve)));
  await use('b');
  const closing = cache.close().then(() => events.push('closed'));
  await new Promise((resolve) => setImmediate(resolve));
  finish();
  await Promise.all([waiting, closing]);
  expect(events.slice(-3)).toEqual(['used a', 'released a', 'closed']);
});

test('an entry that cannot be made leaves a later one of its key in place', async () => {
  const { cache, events, use } = recorded(1);
  let fail = (_reason: Error): void => undefined;
  const failing = cache.use('a', () => new Promise<string>((_resolve, reject) => (fail = reject)), async () => undefined);
  await use('b'); // drops the first
  await use('a');
  fail(new Error('too late'));
  await expect(failing).rejects.toThrow('too late');
  await use('a');
  await cache.close();
  expect(events).toEqual(['made b', 'used b', 'made a', 'released b', 'used a', 'used a', 'released a']);
});

test('an entry that cannot be made is tried again', async () => {
  const { cache } = recorded(2);
  const fail = () => cache.use('a', () => Promise.reject(new Error('not yet')), async () => 'never');
  await expect(fail()).rejects.toThrow('not yet');
  expect(await cache.use('a', async () => 'now', async (entry) => entry)).toBe('now');
});
