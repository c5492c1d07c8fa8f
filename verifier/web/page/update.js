// A new version of the page takes over when no tab shows a verdict, in all tabs at once: files of two versions never meet.

import { since } from "./knowledge.js";

const LOCK = `vernet ${new URL(".", location.href).pathname}`;
const ASK_AGAIN_MS = 60 * 60_000;
/** How long a page that was loaded anew is left alone: while servers of two versions stand side by side, each new visit finds another one. */
const REST_MS = 60_000;

const wasReloaded = performance.getEntriesByType("navigation")[0]?.type === "reload";

let registration = null;
let asked = Date.now();
let release = null;
let reload = false;

/** Installs the service worker. `changed` is called with whether the page can be opened without a network. */
export async function install(changed) {
  const container = navigator.serviceWorker;
  if (!container) return changed(false);
  let controlled = Boolean(container.controller);
  container.addEventListener("controllerchange", () => {
    // The first worker takes charge of a page that is of its own version already.
    if (controlled) reload = true;
    controlled = true;
    takeOver();
  });
  try {
    registration = await container.register("../v-worker.js", { scope: "../v" });
    registration.addEventListener("updatefound", () => {
      registration.installing?.addEventListener("statechange", takeOver);
    });
    takeOver();
    await container.ready;
    changed(true);
  } catch {
    changed(false);
  }
}

/** Whether a verdict is on the screen, or on its way there. */
export function setBusy(busy) {
  if (busy && !release) {
    release = () => {};
    navigator.locks?.request(LOCK, { mode: "shared" }, () => new Promise((resolve) => {
      if (release) release = resolve;
      else resolve();
    }));
  } else if (!busy && release) {
    release();
    release = null;
    setTimeout(takeOver, 100);
  }
}

/** To be called now and then. */
export function look() {
  if (registration && since(asked) > ASK_AGAIN_MS) {
    asked = Date.now();
    registration.update().catch(() => {}); // No network: later.
  }
  takeOver();
}

function takeOver() {
  if (release) return;
  if (reload) return location.reload();
  if (!registration?.waiting || !navigator.locks || (wasReloaded && performance.now() < REST_MS)) return;
  // Exclusive: every tab is idle. Held for a moment, in which the new worker takes charge and all tabs reload.
  navigator.locks.request(LOCK, { mode: "exclusive", ifAvailable: true }, async (lock) => {
    if (!lock || !registration.waiting) return;
    registration.waiting.postMessage("take over");
    await new Promise((resolve) => setTimeout(resolve, 2000));
  });
}
