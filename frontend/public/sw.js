// Keeps the page's own files, so that it opens while the server is away. Of answers it knows nothing: the page keeps those itself,
// and empties them with the session (src/api/kept.ts). The build writes its own name in: another build is another worker, which
// takes over once no tab of the one before is left.
const FILES = "assay-files";
const OURS = `${FILES} BUILD`;

// Answers and what stands beside the page; never kept, never touched.
const NOT_THE_PAGE = /^\/(v1|health|ready|metrics|openapi\.json|\.well-known)(\/|$)/;
const forget = { ignoreVary: true };

const missing = async (cache, files) => {
  const held = await Promise.all(files.map((file) => cache.match(file, forget)));
  return files.filter((_, index) => !held[index]);
};

// The document is put last: it is never kept without what it is made of. All but the document comes from the browser's own cache.
async function keep(files) {
  const cache = await caches.open(OURS);
  const page = await fetch("/", { cache: "no-cache" });
  if (!page.ok || page.redirected) return;
  const parts = [...(await page.clone().text()).matchAll(/(?:src|href)="(\/[^"/][^"]*)"/g)].map(([, path]) => path);
  const wanted = [...new Set([...parts, ...files])];
  await cache.addAll(await missing(cache, wanted));
  await cache.put("/", page);
}

async function file(request) {
  const held = await caches.match(request, forget);
  if (held) return held;
  const response = await fetch(request);
  if (response.ok) {
    const copy = response.clone();
    caches.open(OURS).then((cache) => cache.put(request, copy)).catch(() => {});
  }
  return response;
}

// The server's own page, always, while it answers: no build is shown after it was replaced.
async function page(event) {
  try {
    return await fetch(event.request);
  } catch (error) {
    const held = await caches.match("/", forget);
    if (held) return held;
    throw error;
  }
}

async function begin() {
  for (const name of await caches.keys()) if (name.startsWith(FILES) && name !== OURS) await caches.delete(name);
  await self.clients.claim();
}

self.addEventListener("install", (event) => event.waitUntil(keep([])));
self.addEventListener("activate", (event) => event.waitUntil(begin()));
self.addEventListener("message", (event) => {
  if (event.data?.kind === "made_of") event.waitUntil(keep(event.data.files).catch(() => {}));
});
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin) return;
  if (pathname.startsWith("/assets/") || pathname === "/favicon.svg") event.respondWith(file(request));
  else if (request.mode === "navigate" && !NOT_THE_PAGE.test(pathname)) event.respondWith(page(event));
});
