import { afterEach, expect, test, vi } from 'vitest';
import { EngineError } from '../../src/core/errors';
import { sha256 } from '../../src/io/sha256';

afterEach(() => vi.unstubAllGlobals());

test('gives the published digest of abc', async () =>
  expect(await sha256(new TextEncoder().encode('abc'))).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'));

test.each([[{}], [undefined]])('says where browsers have a digest, where crypto is %j', async (crypto) => {
  vi.stubGlobal('crypto', crypto);
  await expect(sha256(new Uint8Array())).rejects.toThrow(new EngineError('sha256: expected crypto.subtle, which browsers have on pages of https or localhost alone, got none; serve this page from one of them.'));
});
