/** Keeps the page for later visits without a network. `files` and `version` are written here when the page is built. */
const files = ['FILES'];
const cacheName = 'hypermeta-VERSION';

/** What we use of a service worker's own names: the DOM's types do not have them. */
interface Worker {
  addEventListener(type: 'install' | 'activate', listener: (event: { waitUntil(work: Promise<unknown>): void }) => void): void;
  addEventListener(type: 'fetch', listener: (event: { readonly request: Request; respondWith(answer: Promise<Response>): void }) => void): void;
  skipWaiting(): Promise<void>;
  readonly clients: { claim(): Promise<void> };
}

const worker = self as unknown as Worker;

worker.addEventListener('install', (event) => event.waitUntil(caches.open(cacheName).then((cache) => cache.addAll(files)).then(() => worker.skipWaiting())));

worker.addEventListener('activate', (event) => event.waitUntil(dropOlder().then(() => worker.clients.claim())));

worker.addEventListener('fetch', (event) => {
  if (event.request.method === 'GET' && new URL(event.request.url).origin === location.origin) event.respondWith(answer(event.request));
});

async function dropOlder(): Promise<void> {
  for (const name of await caches.keys()) if (name.startsWith('hypermeta-') && name !== cacheName) await caches.delete(name);
}

/** From the cache of this version; what is not in it, such as another engine, is fetched once and kept. */
async function answer(request: Request): Promise<Response> {
  const cache = await caches.open(cacheName);
  const kept = await cache.match(request, { ignoreSearch: true });
  if (kept) return kept;
  const response = await fetch(request);
  if (response.ok) await cache.put(request, response.clone());
  return response;
}
