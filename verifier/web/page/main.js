// What happens when. A verdict comes from the engine and from nowhere else; whatever goes wrong on the way is amber.

import { Camera, picture } from "./camera.js";
import { compile, Trouble } from "./engine.js";
import { Knowledge, now, since } from "./knowledge.js";
import { preferred, remember, say, use } from "./language.js";
import { Reader } from "./reader.js";
import * as update from "./update.js";
import { clearVerdict, drawFailure, drawKnowledge, drawVerdict, element, explain, hint, show } from "./view.js";

const TICK_MS = 5_000;
const VERIFY_AGAIN_MS = 15_000;
/** How long a check waits for newer lists, if the ones at hand are due; and if there are none. */
const WAIT_FOR_NEWER_MS = 1_000;
const WAIT_FOR_FIRST_MS = 10_000;
/** A person's name does not stay on a screen that nobody looks at. */
const IDLE_MS = 3 * 60_000;
const IDLE_NOTICE_MS = 30_000;
/** How long a code that is no certificate may be in view before it counts: beside the certificate there may be others. */
const STRANGE_MS = 3_000;
const LARGEST_TEXT = 64 * 1024;

let knowledge;
let reader;
let config;
let offline = false;
let camera = null;
/** What is being checked or shown: `{input}`. Each check is a new object, so that a late answer to an old one is told apart. */
let current = null;
let verifiedAt = 0;
let activeAt = Date.now();
let installPrompt = null;

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// ---- A check ----

async function check(input) {
  stopCamera();
  const mine = (current = { input });
  update.setBusy(true);
  activeAt = Date.now();
  clearVerdict();
  show("checking");
  try {
    if (!knowledge.office) await knowledge.open();
    if (knowledge.due) {
      const first = !knowledge.news;
      hint("checking-hint", first ? say("checking.first") : "");
      await Promise.race([knowledge.refreshIfDue(), pause(first ? WAIT_FOR_FIRST_MS : WAIT_FOR_NEWER_MS)]);
    }
  } catch {
    // The verdict says it: without knowledge there is none.
  }
  if (current !== mine) return;
  show("verdict");
  await verifyAgain();
  // Perhaps newer lists know better. The verdict on the screen then changes by itself.
  if (document.body.dataset.colour !== "accepted") knowledge.refreshIfDue();
}

/** The verdict on the screen is always the engine's on what is known at this time; if there is none, it is amber. */
async function verifyAgain() {
  const mine = current;
  if (!mine || document.body.dataset.state !== "verdict") return;
  verifiedAt = Date.now();
  let draw;
  try {
    const verdict = await knowledge.verify(mine.input);
    draw = () => drawVerdict(verdict);
  } catch (error) {
    draw = () => drawFailure(error);
  }
  if (current !== mine) return;
  try {
    draw();
  } catch (error) {
    clearVerdict();
    drawFailure(new Trouble("page_failed", String(error)));
  }
}

/** The text in one picture that counts; `undefined` if there is none, `null` if there are several. */
function certificateAmong(texts) {
  const [first, ...more] = knowledge.among([...new Set(texts)]);
  return more.length > 0 ? null : first;
}

function toStart(text = "") {
  stopCamera();
  current = null;
  element("text").value = "";
  element("file").value = "";
  hint("hint", text);
  show("start");
  update.setBusy(false);
}

// ---- The camera ----

async function startCamera() {
  if (camera) return;
  const mine = (current = {});
  hint("hint", "");
  hint("camera-hint", say("camera.starting"));
  show("camera");
  update.setBusy(true);
  let started;
  try {
    started = await Camera.start(element("video"));
  } catch (error) {
    const reasons = { NotAllowedError: "denied", NotFoundError: "missing", OverconstrainedError: "missing" };
    if (current === mine) toStart(say(`camera.${reasons[error.name] ?? "failed"}`));
    return;
  }
  if (current !== mine) return started.stop(); // Somebody went elsewhere meanwhile.
  camera = started;
  camera.onEnded(() => camera === started && toStart(say("camera.failed")));
  const torch = document.querySelector("[data-act=torch]");
  torch.hidden = !camera.hasTorch;
  torch.setAttribute("aria-pressed", "false");
  hint("camera-hint", say("camera.hint"));

  let strangeSince = 0;
  let strangeAt = 0;
  await camera.watch(async (canvas) => {
    let texts;
    try {
      texts = await reader.frame(canvas);
    } catch {
      return; // The next frame comes at once.
    }
    if (camera !== started) return;
    if (strangeSince && since(strangeAt) > STRANGE_MS) {
      strangeSince = 0;
      hint("camera-hint", say("camera.hint"));
    }
    if (texts.length === 0) return;
    try {
      const text = certificateAmong(texts);
      if (text === null) return hint("camera-hint", say("camera.several"));
      if ((await knowledge.verify(text)).code === "malformed") {
        strangeAt = Date.now();
        strangeSince ||= strangeAt;
        hint("camera-hint", say("camera.strange"));
        if (since(strangeSince) < STRANGE_MS) return;
      }
      if (camera === started) check(text);
    } catch {
      if (camera === started) check(texts[0]); // It will say what is wrong.
    }
  });
}

function stopCamera() {
  camera?.stop();
  camera = null;
  reader.close();
}

async function torch(button) {
  const on = button.getAttribute("aria-pressed") !== "true";
  try {
    await camera.setTorch(on);
    button.setAttribute("aria-pressed", String(on));
  } catch {
    button.hidden = true;
  }
}

// ---- Files, pasted and dropped things ----

async function checkFile(file) {
  stopCamera();
  const mine = (current = {});
  update.setBusy(true);
  show("checking");
  hint("checking-hint", say("checking.picture"));
  let text;
  try {
    text = file.type.startsWith("image/") ? await textInPicture(file) : await textInFile(file);
  } catch (error) {
    text = error instanceof Trouble && error.code === "hint" ? error : new Trouble("hint", "picture.unreadable");
  }
  if (current !== mine) return;
  if (text instanceof Trouble) toStart(say(text.message));
  else await check(text);
}

async function textInPicture(file) {
  const slow = Symbol("slow");
  const read = picture(file).then((canvas) => reader.picture(canvas));
  const texts = await Promise.race([read, pause(10_000).then(() => slow)]);
  if (texts === slow) throw new Trouble("hint", "picture.slow");
  const text = certificateAmong(texts);
  if (text === undefined) throw new Trouble("hint", "picture.none");
  if (text === null) throw new Trouble("hint", "camera.several");
  return text;
}

async function textInFile(file) {
  if (file.type === "application/pdf" || file.size > LARGEST_TEXT) throw new Trouble("hint", "picture.other");
  return file.text();
}

function takeFrom(transfer) {
  const file = [...(transfer?.files ?? [])][0];
  const text = transfer?.getData("text/plain")?.trim();
  if (file) checkFile(file);
  else if (text) check(text);
  return Boolean(file || text);
}

// ---- What people do ----

const ACTS = {
  camera: startCamera,
  next: startCamera,
  start: () => toStart(),
  torch,
  keep: () => {
    activeAt = Date.now();
    tick();
    element("headline").focus();
  },
  refresh: () => knowledge.refresh(),
  install: async (button) => {
    button.hidden = true;
    await installPrompt?.prompt();
  },
  trouble: () => {
    current = null;
    element("trouble-code").textContent = knowledge.problem?.code ?? "";
    show("trouble");
  },
  "start-again": async () => {
    try {
      await knowledge.startAgain();
    } catch (error) {
      return toStart(explain(error));
    }
    toStart();
    knowledge.refresh();
  },
};

function listen() {
  addEventListener("click", ({ target }) => {
    const button = target.closest?.("[data-act]");
    if (button) ACTS[button.dataset.act](button);
  });
  element("typed").addEventListener("submit", (event) => {
    event.preventDefault();
    const text = element("text").value.trim();
    if (text) check(text);
    else element("text").focus();
  });
  element("file").addEventListener("change", ({ target }) => target.files[0] && checkFile(target.files[0]));
  element("language").addEventListener("change", async ({ target }) => {
    try {
      await use(target.value);
    } catch {
      target.value = document.documentElement.lang; // No network, and not yet kept for that.
      return;
    }
    remember(target.value);
    drawStatus();
    hint("hint", "");
    await verifyAgain();
  });

  addEventListener("paste", (event) => {
    if (event.target.closest?.("textarea") && !event.clipboardData?.files.length) return;
    if (takeFrom(event.clipboardData)) event.preventDefault();
  });
  addEventListener("dragover", (event) => event.preventDefault());
  addEventListener("drop", (event) => {
    event.preventDefault();
    takeFrom(event.dataTransfer);
  });

  for (const event of ["pointerdown", "keydown", "scroll"]) {
    addEventListener(event, () => {
      activeAt = Date.now();
      if (!element("idle").hidden) tick();
    });
  }
  addEventListener("vernet-link", openLink);
  addEventListener("online", () => knowledge.refresh());
  addEventListener("visibilitychange", () => {
    if (document.hidden && document.body.dataset.state === "camera") toStart();
    if (!document.hidden) {
      verifiedAt = 0;
      tick();
      knowledge.refreshIfDue();
    }
  });
  // A page that is left is kept as it is, to be shown again, with whoever's name is on it.
  addEventListener("pagehide", () => toStart());
  addEventListener("pageshow", (event) => event.persisted && toStart());
  addEventListener("beforeinstallprompt", (event) => {
    installPrompt = event;
    document.querySelector("[data-act=install]").hidden = false;
  });
}

function openLink() {
  const link = globalThis.vernetLink;
  delete globalThis.vernetLink;
  if (link) check(link);
}

// ---- Time ----

function tick() {
  if (document.body.dataset.state === "verdict") {
    if (since(activeAt) === Infinity) activeAt = Date.now();
    const idle = since(activeAt);
    if (idle >= IDLE_MS) toStart(say("verdict.cleared"));
    else {
      element("idle").hidden = idle < IDLE_MS - IDLE_NOTICE_MS;
      if (since(verifiedAt) >= VERIFY_AGAIN_MS) verifyAgain();
    }
  }
  drawStatus();
  if (!document.hidden && navigator.onLine) knowledge.refreshIfDue();
  update.look();
}

function drawStatus() {
  drawKnowledge(knowledge, { offline, version: config.version, now: now() });
  document.querySelector("[data-act=trouble]").hidden = !knowledge.unusable;
}

async function text(file) {
  const response = await fetch(file);
  if (!response.ok) throw new Error(`${file}: ${response.status}`);
  return response.text();
}

async function start() {
  const language = preferred();
  element("language").value = language;
  const [module, roots, json] = await Promise.all([
    compile("vernet.wasm").catch(() => null), // Without it every answer is amber, and says so.
    text("roots.json"),
    text("config.json"),
    use(language),
  ]);
  config = JSON.parse(json);
  reader = new Reader(module);
  knowledge = new Knowledge(module, roots, new URL(config.publication, location.href));
  knowledge.addEventListener("change", () => {
    drawStatus();
    verifyAgain();
  });
  try {
    await knowledge.open();
  } catch (error) {
    knowledge.problem = { code: error.code ?? "page_failed", message: error.message };
  }
  listen();
  document.body.classList.add("started");
  drawStatus();
  const { problem } = knowledge;
  if (knowledge.office) knowledge.refresh();
  if (globalThis.vernetLink) openLink();
  else if (!knowledge.office && knowledge.unusable) ACTS.trouble();
  else toStart(!knowledge.office && problem ? explain(problem) : "");
  setInterval(tick, TICK_MS);
  navigator.storage?.persist?.().catch(() => {});
  update.install((ready) => {
    offline = ready;
    drawStatus();
  });
}

start().catch((error) => {
  // Without words, or without the engine: the page says that nothing was checked.
  document.body.classList.add("unstartable");
  console.error(error);
});
