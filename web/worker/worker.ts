/**
 * The service worker: keeps the files of the page, so that it opens without a network. It answers no question
 * of the API: what is known of a task is kept by the page itself, with its age, and what is written waits in the
 * outbox. The list of files is put in by the build (`vite.config.ts`).
 */
/** `[version, files]` */
declare const __FILES__: [string, string[]];

const scope = self as unknown as ServiceWorkerGlobalScope;
const [version, files] = __FILES__;
const CACHE = `skyriver-${version}`;

scope.addEventListener('install', (event) => {
  event.waitUntil(
    caches
      .open(CACHE)
      .then((cache) => cache.addAll(['/', ...files]))
      .then(() => scope.skipWaiting()),
  );
});

scope.addEventListener('activate', (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter((name) => name !== CACHE).map((name) => caches.delete(name))))
      .then(() => scope.clients.claim()),
  );
});

scope.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  const isOurs = url.origin === scope.location.origin && request.method === 'GET';
  if (!isOurs || url.pathname.startsWith('/api/')) return;
  if (request.mode === 'navigate') {
    // The newest page when there is a network; the kept one otherwise. `/public` is made by the server.
    if (url.pathname === '/public') return;
    event.respondWith(fetch(request).catch(() => kept('/')));
  } else if (files.includes(url.pathname)) {
    event.respondWith(kept(url.pathname));
  }
});

async function kept(path: string): Promise<Response> {
  const cache = await caches.open(CACHE);
  return (await cache.match(path)) ?? fetch(path);
}

export {};
