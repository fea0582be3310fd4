// The service worker: keeps the site for use without a network, and isolates its pages
// from other origins, as Z3 needs.

/** Put here by the build: a name for this state of the site, and its files but Z3. */
declare const VERSION: string;
declare const FILES: string[];

interface Fetch extends Event { request: Request; respondWith(response: Promise<Response>): void }
interface Extendable extends Event { waitUntil(done: Promise<unknown>): void }

const scope = globalThis as unknown as {
  addEventListener(name: string, heard: (event: never) => void): void;
  skipWaiting(): Promise<void>;
  clients: { claim(): Promise<void> };
  registration: { scope: string };
};

const CACHE = `vera-${VERSION}`;

scope.addEventListener("install", (event: Extendable) => {
  const filled = caches.open(CACHE).then((cache) => cache.addAll(FILES));
  event.waitUntil(filled.then(() => scope.skipWaiting()));
});

scope.addEventListener("activate", (event: Extendable) => {
  const old = caches.keys().then((names) => Promise.all(names.filter((name) => name.startsWith("vera-") && name !== CACHE).map((name) => caches.delete(name))));
  event.waitUntil(old.then(() => scope.clients.claim()));
});

scope.addEventListener("fetch", (event: Fetch) => {
  const { request } = event;
  if (request.method !== "GET" || !request.url.startsWith(scope.registration.scope)) return;
  event.respondWith(answer(request));
});

async function answer(request: Request): Promise<Response> {
  const cache = await caches.open(CACHE);
  const known = await cache.match(request, { ignoreSearch: true });
  if (known !== undefined) return isolated(known);
  const response = await fetch(request);
  if (response.ok) await cache.put(request, response.clone());
  return isolated(response);
}

/** With the headers that let threads share memory. */
function isolated(response: Response): Response {
  if (response.status === 0 || response.redirected) return response;
  const headers = new Headers(response.headers);
  headers.set("Cross-Origin-Opener-Policy", "same-origin");
  headers.set("Cross-Origin-Embedder-Policy", "require-corp");
  headers.set("Cross-Origin-Resource-Policy", "same-origin");
  return new Response(response.body, { status: response.status, statusText: response.statusText, headers });
}

export {};
