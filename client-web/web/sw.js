// Keeps the app itself on the device, so that it starts with no network. Records are none of its business:
// they live in the app's own database.

const CACHE = "trailtrack-{{build}}";
const FILES = ["/", "{{files}}"];

self.addEventListener("install", (event) => {
  event.waitUntil(
    caches.open(CACHE)
      .then((cache) => cache.addAll(FILES.map((file) => new Request(file, { cache: "no-cache" }))))
      .then(() => self.skipWaiting()),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches.keys()
      .then((names) => Promise.all(names.filter((name) => name.startsWith("trailtrack-") && name !== CACHE).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== location.origin) return;
  if (event.request.mode === "navigate") {
    if (!isServers(url.pathname)) event.respondWith(page(event.request));
  } else if (FILES.includes(url.pathname)) {
    event.respondWith(kept(event.request));
  }
});

// Paths that are the relay's own and no screen of the app.
function isServers(path) {
  return ["/api/", "/healthz", "/metrics", "/openapi"].some((start) => path.startsWith(start));
}

// The newest page where the relay answers in time, the kept one otherwise.
async function page(request) {
  const late = new Promise((resolve) => setTimeout(resolve, 2000));
  const fresh = fetch(request).then((response) => (response.ok ? response : undefined), () => undefined);
  return (await Promise.race([fresh, late])) ?? (await caches.match("/")) ?? (await fresh) ?? Response.error();
}

async function kept(request) {
  return (await caches.match(new URL(request.url).pathname)) ?? fetch(request);
}
