// The service worker: keeps every file of one version of the page, so that it opens without a network. It lies beside the folder `v`, as
// `v-worker.js`, because the link in a QR code is `…/v#digits`, without a slash.

// Filled in by `vernet-verifier`: the version, and the SHA-256 of each file. Those under `later` are fetched, and kept, when they are first needed.
const RELEASE = { version: "", files: {}, later: {} };

const BASE = new URL(".", self.location.href);
const PAGE = new URL("v/", BASE);
const PREFIX = `vernet ${PAGE.pathname} `;
const CACHE = PREFIX + RELEASE.version;

self.addEventListener("install", (event) => event.waitUntil(keepAll()));
self.addEventListener("activate", (event) => event.waitUntil(forgetOthers().then(() => self.clients.claim())));
self.addEventListener("message", (event) => {
  if (event.data === "take over") self.skipWaiting();
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== BASE.origin) return;
  if (request.mode === "navigate") {
    const link = linkToPage(url);
    if (link) event.respondWith(Response.redirect(link));
    else if (isPage(url)) event.respondWith(kept(PAGE, request));
  } else if (url.pathname.startsWith(PAGE.pathname) && name(url) in RELEASE.files) {
    event.respondWith(kept(url, request));
  } else if (url.pathname.startsWith(PAGE.pathname) && name(url) in RELEASE.later) {
    event.respondWith(keptLater(url, RELEASE.later[name(url)]));
  }
});

/** All files or none. `integrity` refuses a file of another version, however it came here. */
async function keepAll() {
  const cache = await caches.open(CACHE);
  await Promise.all(Object.entries(RELEASE.files).map(([file, integrity]) => keep(cache, new URL(file, PAGE), integrity)));
}

async function keep(cache, url, integrity) {
  // What the page has just fetched is asked for again, not fetched again.
  const response = await fetch(url, { cache: "no-cache", integrity, credentials: "same-origin" });
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  // Made anew: a response that came by a redirection must not answer a navigation. The body is no longer compressed.
  const headers = new Headers(response.headers);
  for (const name of ["content-encoding", "content-length", "set-cookie"]) headers.delete(name);
  await cache.put(url, new Response(await response.blob(), { headers }));
}

async function forgetOthers() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith(PREFIX) && name !== CACHE).map((name) => caches.delete(name)));
}

async function kept(url, request) {
  const cache = await caches.open(CACHE);
  return (await cache.match(url, { ignoreSearch: true })) ?? fetch(request);
}

async function keptLater(url, integrity) {
  const cache = await caches.open(CACHE);
  if (!(await cache.match(url))) await keep(cache, url, integrity);
  return cache.match(url);
}

function name(url) {
  return url.pathname.slice(PAGE.pathname.length);
}

function isPage(url) {
  return url.href.split(/[?#]/)[0] === PAGE.href || name(url) === "index.html";
}

/** `…/v` is the page; `…/v%23digits` is what old scanners make of `…/v#digits`, and `…/v%2523digits` what others make of that. */
function linkToPage(url) {
  const bare = PAGE.pathname.slice(0, -1);
  if (url.pathname === bare) return PAGE.href + url.search;
  const digits = url.pathname.startsWith(bare) && /^\/?%(?:25)*23(.*)$/.exec(url.pathname.slice(bare.length));
  return digits ? `${PAGE.href}#${digits[1]}` : undefined;
}
