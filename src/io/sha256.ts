import { EngineError } from '../core/errors';

/** In hexadecimal. @throws EngineError in a browser's page that came neither by https nor from localhost, which has no digest */
export async function sha256(bytes: Uint8Array): Promise<string> {
  const { subtle } = (globalThis as { readonly crypto?: Partial<Crypto> }).crypto ?? {};
  if (!subtle) throw new EngineError('sha256: expected crypto.subtle, which browsers have on pages of https or localhost alone, got none; serve this page from one of them.');
  const digest = await subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Of a value as JSON; undefined for what cannot be written so, as it nests too deeply or in a circle. */
export async function sha256OfJson(value: unknown, indent?: number): Promise<string | undefined> {
  let text: string;
  try {
    text = JSON.stringify(value, undefined, indent);
  } catch {
    return undefined;
  }
  return sha256(new TextEncoder().encode(text));
}
