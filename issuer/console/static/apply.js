// What the rules say of an application while it is typed: by the register's own code, here in the browser, without a request. What only the register
// knows is asked for when typing pauses, and what was typed is kept as a draft.

import { findings } from "./keys.js";

const RULES_PAUSE = 250;
const REGISTER_PAUSE = 900;
const DRAFT_PAUSE = 2000;

const form = document.getElementById("application");
const facts = JSON.parse(form.dataset.facts);
const at = (id) => document.getElementById(id);
const timers = {};
let asked = 0;
let keeping = Promise.resolve();

form.addEventListener("input", changed);
form.addEventListener("change", changed);
answer();

function changed({ target }) {
  if (target.type === "file") return;
  later("rules", RULES_PAUSE, answer);
  later("register", REGISTER_PAUSE, lookUp);
  later("draft", DRAFT_PAUSE, keep);
}

function later(name, pause, act) {
  clearTimeout(timers[name]);
  timers[name] = setTimeout(act, pause);
}

/** What was typed, by the names of the fields; not the token, and no documents. */
function typed() {
  const fields = {};
  for (const [name, value] of new FormData(form)) {
    const text = typeof value === "string" ? value.trim() : "";
    if (text && !["token", "draft", "reason"].includes(name)) fields[name] = text;
  }
  return fields;
}

async function answer() {
  const mine = ++asked;
  const fields = typed();
  // What the lists begin with was not chosen yet.
  if (!Object.keys(fields).some((name) => !["title", "kind", "basis", "language"].includes(name))) return show([]);
  const found = await findings(fields, facts, form.dataset.language).catch(() => undefined);
  if (found && mine === asked) show(found);
}

function show(found) {
  const rest = [];
  const wrong = new Map();
  for (const { field, text } of found) {
    const place = at(`${field}-fault`);
    if (place) wrong.set(field, [...(wrong.get(field) ?? []), text]);
    else rest.push(text);
  }
  for (const place of form.querySelectorAll('[id$="-fault"]')) {
    const name = place.id.slice(0, -"-fault".length);
    const said = (wrong.get(name) ?? []).join(" ");
    // The same words again would be read aloud again.
    if (place.textContent !== said) place.textContent = said;
    const field = form.elements[name];
    if (said) field.setAttribute("aria-invalid", "true");
    else field.removeAttribute("aria-invalid");
  }
  at("findings").textContent = rest.join(" ");
}

async function post(path, body) {
  const headers = { "content-type": "application/json", "x-form-token": form.dataset.formToken };
  const response = await fetch(path, { method: "POST", headers, body: JSON.stringify(body), redirect: "manual" }).catch(() => undefined);
  return response?.ok ? response.json() : undefined;
}

async function lookUp() {
  const found = await post("/applications/check", { fields: typed() });
  if (!found) return;
  at("known").replaceChildren(...found.alerts.map((alert) => notice("bad", alert)), ...found.namesakes.map(namesake));
  const { refused } = found;
  at("refused").replaceChildren(...(refused ? [notice("bad", `${at("refused").dataset.says} ${refused.text} (${refused.code})`)] : []));
}

function namesake({ why, person, hpr_number, has }) {
  const box = notice("", why);
  const link = element("a", person);
  link.href = `/person/${encodeURIComponent(hpr_number)}`;
  // What was typed stays in this tab.
  link.target = "_blank";
  link.rel = "noopener";
  const list = element("ul");
  list.append(...has.map((one) => element("li", one)));
  box.append(link, list);
  return box;
}

function notice(kind, text) {
  const box = element("div");
  box.className = `notice ${kind}`.trim();
  box.append(element("p", text));
  return box;
}

function element(name, text = "") {
  const made = document.createElement(name);
  made.textContent = text;
  return made;
}

/** One after the other, so that the first one's token is known to the second. */
function keep() {
  keeping = keeping.then(async () => {
    const draft = at("draft").value || undefined;
    const kept = await post("/applications/draft", { fields: typed(), draft });
    const { saved, lost } = at("saved").dataset;
    at("saved").textContent = kept ? `${saved} ${kept.at}` : lost;
    if (!kept) return;
    at("draft").value = kept.draft;
    history.replaceState(null, "", `/applications/new?draft=${encodeURIComponent(kept.draft)}`);
  });
}
