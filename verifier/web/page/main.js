// What happens when. A verdict comes from the engine and from nowhere else; whatever goes wrong on the way is amber.

import { Camera } from "./camera.js";
import { compile, Trouble } from "./engine.js";
import { read } from "./files.js";
import * as kiosk from "./kiosk.js";
import { Knowledge, now, since } from "./knowledge.js";
import { preferred, remember, say, use } from "./language.js";
import { Reader } from "./reader.js";
import * as scanner from "./scanner.js";
import * as update from "./update.js";
import * as view from "./view.js";

const { element, hint, show } = view;

const TICK_MS = 5_000;
const KIOSK_TICK_MS = 1_000;
const VERIFY_AGAIN_MS = 15_000;
/** How long a check waits for newer lists, if the ones at hand are due; and if there are none. */
const WAIT_FOR_NEWER_MS = 1_000;
const WAIT_FOR_FIRST_MS = 10_000;
/** A person's name does not stay on a screen that nobody looks at. */
const IDLE_MS = 3 * 60_000;
const IDLE_NOTICE_MS = 30_000;
/** How long a code that is no certificate may be in view before it counts: beside the certificate there may be others. */
const STRANGE_MS = 3_000;
/** A page that is opened does not wait longer for its storage before it shows itself. */
const WAIT_FOR_STORAGE_MS = 1_500;
/** What a scanner typed and nobody can read is rather the scanner's fault if it is as long as a link. */
const LIKE_A_LINK = 60;
/** A machine with a mouse has a keyboard as well, and perhaps a scanner that types. On a phone the focus would open the screen's keyboard. */
const AT_A_DESK = matchMedia("(hover: hover) and (pointer: fine)").matches;

let knowledge;
let reader;
let config;
let offline = false;
let camera = null;
/**
 * What is being checked or shown: `{inputs, chosen}`, with `{text}` or `{unread}` for each input and the place of the one that a person chose
 * among several. Each check is a new object, so that a late answer to an old one is told apart.
 */
let current = null;
let verifiedAt = 0;
let activeAt = Date.now();
let installPrompt = null;

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// ---- A check ----

async function check(inputs) {
  stopCamera();
  const mine = (current = { inputs, chosen: inputs.length === 1 ? 0 : null });
  update.setBusy(true);
  activeAt = Date.now();
  element("text").value = "";
  view.clearVerdict();
  show("checking");
  try {
    if (!knowledge.office) await knowledge.open();
    if (knowledge.due && inputs.some(({ text }) => text)) {
      const first = !knowledge.news;
      hint("checking-hint", first ? say("checking.first") : "");
      await Promise.race([knowledge.refreshIfDue(), pause(first ? WAIT_FOR_FIRST_MS : WAIT_FOR_NEWER_MS)]);
    }
  } catch {
    // The verdict says it: without knowledge there is none.
  }
  if (current !== mine) return;
  await verifyAgain();
  if (current !== mine) return;
  kiosk.play(worst(mine.answers));
  // Perhaps newer lists know better. The verdict on the screen then changes by itself.
  if (worst(mine.answers) !== "accepted") knowledge.refreshIfDue();
}

/** The answers on the screen are always the engine's on what is known at this time; where there is none, it is amber. */
async function verifyAgain() {
  const mine = current;
  if (!mine?.inputs) return;
  verifiedAt = Date.now();
  const answers = [];
  for (const input of mine.inputs) answers.push(await answerTo(input));
  if (current !== mine) return;
  mine.answers = answers;
  if (mine.chosen === null) tellEachOnce(mine);
  try {
    draw();
  } catch (error) {
    view.clearVerdict();
    view.drawAnswer(view.ofFailure(new Trouble("page_failed", String(error))));
  }
}

/** The code on a letter and what is attached to it are the same certificate. */
function tellEachOnce(check) {
  const { inputs, answers } = check;
  const again = (place) => answers.slice(0, place).some(({ which }) => which && which === answers[place].which);
  const first = [...inputs.keys()].filter((place) => !again(place));
  check.inputs = first.map((place) => inputs[place]);
  check.answers = first.map((place) => answers[place]);
  if (first.length === 1) check.chosen = 0;
}

async function answerTo(input) {
  if (input.unread) return { ...view.ofUnread(input), file: input.file };
  try {
    const { verdict, certificate_sha256: which } = await knowledge.verify(input.text);
    const garbled = input.scanned && verdict.code === "malformed" && input.text.length >= LIKE_A_LINK;
    return garbled ? view.ofUnread({ unread: "scanner" }) : { ...view.ofVerdict(verdict), which, file: input.file };
  } catch (error) {
    return { ...view.ofFailure(error, knowledge.news?.office), file: input.file };
  }
}

/** One answer, or the list of several until a person chooses. */
function draw() {
  const { inputs, answers, chosen } = current;
  const state = chosen === null ? "several" : "verdict";
  if (document.body.dataset.state !== state) show(state);
  if (chosen === null) view.drawSeveral(answers, choose);
  else view.drawAnswer(answers[chosen], { file: inputs[chosen].file, others: inputs.length - 1 });
}

function choose(place) {
  if (!current?.answers) return;
  current.chosen = place;
  activeAt = Date.now();
  draw();
}

function worst(answers) {
  return ["refused", "undetermined", "accepted"].find((colour) => answers?.some((answer) => answer.colour === colour));
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
  // At a desk the next scan is typed into the field.
  if (AT_A_DESK || kiosk.isKiosk) show("start", element("text"));
  else show("start");
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
      if ((await knowledge.verify(text)).verdict.code === "malformed") {
        strangeAt = Date.now();
        strangeSince ||= strangeAt;
        hint("camera-hint", say("camera.strange"));
        if (since(strangeSince) < STRANGE_MS) return;
      }
      if (camera === started) check([{ text }]);
    } catch {
      if (camera === started) check([{ text: texts[0] }]); // It will say what is wrong.
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

async function checkFiles(files) {
  stopCamera();
  const mine = (current = {});
  update.setBusy(true);
  show("checking");
  hint("checking-hint", say("checking.file"));
  const inputs = await read(files, reader, knowledge);
  if (current === mine) await check(inputs);
}

function takeFrom(transfer) {
  const files = [...(transfer?.files ?? [])];
  const text = transfer?.getData("text/plain")?.trim();
  if (files.length > 0) checkFiles(files);
  else if (text) check([{ text }]);
  return files.length > 0 || Boolean(text);
}

// ---- What people do ----

const ACTS = {
  camera: startCamera,
  next: startCamera,
  start: () => toStart(),
  torch,
  "all-again": () => choose(null),
  sound: kiosk.toggleSound,
  keep: () => {
    activeAt = Date.now();
    tick();
    element(document.body.dataset.state).querySelector("h1").focus();
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
      return toStart(view.explain(error));
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
    if (text) check([{ text }]);
    else element("text").focus();
  });
  element("text").addEventListener("keydown", (event) => {
    // A certificate has no lines of its own: Enter checks it. What was pasted may have some, and Shift makes one.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    element("typed").requestSubmit();
  });
  scanner.listen((text) => check([{ text, scanned: true }]));
  element("file").addEventListener("change", ({ target }) => target.files.length > 0 && checkFiles([...target.files]));
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
  if (link) check([{ text: link }]);
}

// ---- Time ----

function tick() {
  if (view.answerShown()) {
    if (since(activeAt) === Infinity) activeAt = Date.now();
    const idle = since(activeAt);
    const most = kiosk.isKiosk ? kiosk.KIOSK_MS : IDLE_MS;
    if (idle >= most) toStart(kiosk.isKiosk ? "" : say("verdict.cleared"));
    else {
      element("idle").hidden = kiosk.isKiosk || idle < most - IDLE_NOTICE_MS;
      if (since(verifiedAt) >= VERIFY_AGAIN_MS) verifyAgain();
    }
  }
  drawStatus();
  if (!document.hidden && navigator.onLine) knowledge.refreshIfDue();
  update.look();
}

function drawStatus() {
  view.drawKnowledge(knowledge, { offline, version: config.version, now: now() });
  document.querySelector("[data-act=trouble]").hidden = !knowledge.unusable;
}

async function text(file) {
  const response = await fetch(file);
  if (!response.ok) throw new Error(`${file}: ${response.status}`);
  return response.text();
}

/** At a desk, where a scanner types, the field stands first and says so. */
function arrange() {
  kiosk.start(element("sound"));
  if (!AT_A_DESK && !kiosk.isKiosk) return;
  document.body.classList.add("desk");
  element("start").querySelector(".actions").before(element("typed"));
  element("text-label").dataset.text = "start.scan";
  element("start-lead").dataset.text = kiosk.isKiosk ? "kiosk.lead" : "start.lead_desk";
  if (!kiosk.isKiosk) return;
  element("start-heading").dataset.text = "kiosk.heading";
  if (!AT_A_DESK) element("text").inputMode = "none"; // The scanner is its keyboard.
}

async function start() {
  const language = preferred();
  element("language").value = language;
  arrange();
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
  const opened = knowledge.open().then(
    () => void knowledge.refresh(),
    (error) => {
      knowledge.problem ??= { code: error.code ?? "page_failed", message: error.message };
      drawStatus();
    },
  );
  await Promise.race([opened, pause(WAIT_FOR_STORAGE_MS)]);
  listen();
  document.body.classList.add("started");
  drawStatus();
  const { problem } = knowledge;
  if (globalThis.vernetLink) openLink();
  else if (!knowledge.office && knowledge.unusable) ACTS.trouble();
  else toStart(!knowledge.office && problem ? view.explain(problem) : "");
  setInterval(tick, kiosk.isKiosk ? KIOSK_TICK_MS : TICK_MS);
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
