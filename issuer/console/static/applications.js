// What applicants sent. It comes sealed; WebAssembly opens it with the office's inbox key, in this page alone, and seals what is answered. What becomes an
// application of the office is sent as the form for a new one, with the documents.

import { Trouble, answerAgain, openApplication, openInbox, sealAnswer } from "./keys.js";

const KEPT = "vernet-inbox-key-file";
const at = (id) => document.getElementById(id);
const form = at("open");
const inbox = form && JSON.parse(form.dataset.inbox);
const language = inbox?.language === "en" ? "en-GB" : inbox?.language;
const days = new Intl.DateTimeFormat(language, { dateStyle: "long", timeZone: "UTC" });
const instants = new Intl.DateTimeFormat(language, { dateStyle: "long", timeStyle: "short", timeZone: "Europe/Oslo" });
const say = (path) => inbox.words[path] ?? path.split(".").pop().replaceAll("_", " ");
const day = (text) => (text ? days.format(new Date(`${text}T00:00:00Z`)) : "");

/** The application that is open, and what the server has of it. */
let one;
let files = [];
let urls = [];

if (form) {
  if (remembered()) {
    at("remembered").hidden = false;
    at("choose").hidden = true;
  }
  on(form, "submit", openAll);
  on(at("take-over"), "click", takeOver);
  on(at("answer"), "submit", answer);
  at("step").addEventListener("change", () => (at("by-field").hidden = !["request", "hearing"].includes(at("step").value)));
}

/** Does something, and says what went wrong. */
function on(element, what, work) {
  element.addEventListener(what, async (event) => {
    event.preventDefault();
    at("fault").hidden = true;
    try {
      await work();
    } catch ({ code, message }) {
      const fault = at("fault");
      fault.querySelector("p").textContent = fault.dataset[code] ?? `${fault.dataset.other} ${message} (${code ?? "failed"})`;
      fault.hidden = false;
      fault.scrollIntoView({ block: "center" });
    }
  });
}

function remembered() {
  try {
    return localStorage.getItem(KEPT) ?? undefined;
  } catch {
    return undefined;
  }
}

async function openAll() {
  const pem = (await at("file").files[0]?.text()) ?? remembered();
  if (pem === undefined) throw new Trouble({ code: "no_file", message: "no file was chosen" });
  const button = at("go");
  const words = button.textContent;
  Object.assign(button, { disabled: true, textContent: button.dataset.busy });
  try {
    await openInbox(pem, at("passphrase").value);
    if (at("remember").checked) localStorage.setItem(KEPT, pem);
    at("passphrase").value = "";
    await list();
    form.hidden = true;
  } finally {
    Object.assign(button, { disabled: false, textContent: words });
  }
}

async function list() {
  const opened = [];
  for (const waiting of inbox.receipts) opened.push({ waiting, ...(await open(waiting, false)) });
  // What waits for the office first, the oldest of it on top.
  opened.sort((a, b) => Number(b.is_news) - Number(a.is_news) || String(a.applied).localeCompare(String(b.applied)));
  at("rows").replaceChildren(...opened.map(row));
  at("none").hidden = opened.length > 0;
  at("table").hidden = opened.length === 0;
  at("list").hidden = false;
}

function row({ waiting, name, birthdate, title, applied, step, is_news, waits_until }) {
  const button = element("button", name || say("applications.no_name"));
  button.className = "small";
  on(button, "click", () => show(waiting));
  const state = [is_news && say("applications.news"), step && say(`applications.step.${step}`), waits_until && `${say("applications.by")} ${day(waits_until)}`];
  const made = document.createElement("tr");
  made.insertCell().append(button);
  for (const text of [day(birthdate), title, day(applied), state.filter(Boolean).join(", ")]) made.insertCell().textContent = text;
  return made;
}

/** Fetches what is sealed, and opens it here. */
async function open({ receipt, sent, own }, whole) {
  const files = await Promise.all(sent.map(async (name) => ({ name, bytes: await sealed(`/inbox/${receipt}/sent/${name}`) })));
  const answers = await Promise.all(own.map(async (number) => ({ number, bytes: await sealed(`/inbox/${receipt}/answers/${number}`) })));
  return openApplication({ receipt, sent: files, answers, today: inbox.today, whole });
}

async function sealed(path) {
  const response = await fetch(path);
  if (!response.ok) throw new Trouble({ code: "failed", message: `${response.status}` });
  return base64url(new Uint8Array(await response.arrayBuffer()));
}

async function show(waiting) {
  one = { waiting, ...(await open(waiting, true)) };
  at("name").textContent = one.name || say("applications.no_name");
  at("receipt").textContent = one.receipt;
  at("delete").action = `/inbox/${one.receipt}/delete`;
  at("fields").replaceChildren(...one.fields.flatMap(([name, text]) => [element("dt", say(`member.${name}`)), element("dd", /^\d{4}-\d\d-\d\d$/.test(text) ? day(text) : (inbox.words[`value.${text}`] ?? text))]));
  at("faults").replaceChildren(...one.faults.map(([name, message]) => {
    const notice = element("p", `${say("applications.fault")} ${name}: ${message}`);
    notice.className = "notice bad";
    return notice;
  }));
  at("happened").replaceChildren(...one.happened.map(happened));
  urls.forEach(URL.revokeObjectURL);
  files = one.documents.map(({ name, media_type, bytes }) => new File([decoded(bytes)], name, { type: media_type }));
  urls = files.map((file) => URL.createObjectURL(file));
  at("documents").replaceChildren(...one.documents.map(paper));
  at("application").replaceChildren();
  at("one").hidden = false;
  at("one").focus();
}

function happened({ at: when, step, by, text, documents }) {
  const what = [step ? say(`applications.step.${step}`) : say("applications.sent"), by && `${say("applications.by")} ${day(by)}`, documents && `${say("applications.documents")}: ${documents}`];
  const item = document.createElement("li");
  item.append(element("p", `${instants.format(new Date(when * 1000))}: ${what.filter(Boolean).join(", ")}`));
  if (text) item.append(element("pre", text));
  return item;
}

/** Pictures are shown; a PDF opens by itself, away from this page. */
function paper({ name, label, media_type, bytes }, place) {
  const item = document.createElement("li");
  const link = element("a", `${say("applications.open")}: ${name}`);
  Object.assign(link, { href: urls[place], target: "_blank", rel: "noopener" });
  item.append(element("p", say(`applications.label.${label}`)));
  if (media_type.startsWith("image/")) {
    const picture = new Image();
    picture.src = `data:${media_type};base64,${bytes.replaceAll("-", "+").replaceAll("_", "/")}`;
    picture.alt = say(`applications.label.${label}`);
    picture.className = "paper";
    item.append(picture);
  }
  item.append(link);
  return item;
}

/** The form for a new application, filled in: what the officer sends is what the officer sees. */
async function takeOver() {
  place(await (await fetch("/applications/new")).text());
  const { exam, recognition, ...draft } = one.draft ?? {};
  const values = { ...draft, exam_school: exam?.school, exam_date: exam?.date, recognition_state: recognition?.state };
  for (const [name, value] of Object.entries(values)) fill(name, value);
}

function fill(name, value) {
  const field = at("application").querySelector(`[name="${name}"]`);
  if (!field || value === null || value === undefined || value === "") return;
  if (field.type === "checkbox") field.checked = Boolean(value);
  else field.value = /^\d{4}-\d\d-\d\d$/.test(value) ? value.split("-").reverse().join(".") : value;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

/** Shows a page's form for a new application here, with the documents in it. */
function place(html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  const shown = page.querySelector('form[action="/applications/new"]');
  if (!shown) throw new Trouble({ code: "failed", message: page.querySelector("h1")?.textContent ?? "" });
  const alert = page.querySelector('main [role="alert"]');
  at("application").replaceChildren(...[alert, shown].filter(Boolean).map((node) => document.importNode(node, true)));
  const ours = at("application").querySelector("form");
  const input = ours.querySelector('input[type="file"][name="documents"]');
  const papers = new DataTransfer();
  files.forEach((file) => papers.items.add(file));
  if (input) input.files = papers.files;
  on(ours, "submit", async () => {
    const response = await fetch(ours.action, { method: "POST", body: new FormData(ours) });
    if (response.redirected) location.assign(response.url);
    else place(await response.text());
  });
  at("application").scrollIntoView();
}

async function answer() {
  const { waiting, receipt, reply_to } = one;
  if (!reply_to) throw new Trouble({ code: "failed", message: "nothing that was sent opens" });
  for (const number of waiting.own.filter((number) => !waiting.posted.includes(number))) {
    const answer = { number, bytes: await sealed(`/inbox/${receipt}/answers/${number}`) };
    const { sealed: again } = await answerAgain({ receipt, reply_to, answer, seed: seed() });
    await post({ number, sealed: again });
    waiting.posted.push(number);
  }
  const letters = await Promise.all([...at("letters").files].map(async (file) => base64url(new Uint8Array(await file.arrayBuffer()))));
  const certificate = at("certificate").value.trim();
  if (certificate) letters.push(await sealed(`/certificate/${encodeURIComponent(certificate)}/letter`));
  const number = Math.max(0, ...waiting.own, ...waiting.posted) + 1;
  const step = at("step").value;
  const by = at("by-field").hidden ? null : at("by").value || null;
  const iat = Math.floor(Date.now() / 1000);
  const sealedAnswer = await sealAnswer({ receipt, number, iat, step, text: at("text").value, by, letters, reply_to, seed: seed() });
  const news = at("mail").checked && one.mail ? { to: one.mail, language: one.language, by } : null;
  const { mail, fault } = await post({ number, news, ...sealedAnswer });
  waiting.own.push(number);
  waiting.posted.push(number);
  at("answer").reset();
  at("by-field").hidden = true;
  await show(waiting);
  await list();
  at("sent").textContent = [say("applications.posted"), mail ? `${say("applications.told")} ${mail}` : say("applications.not_told"), fault].filter(Boolean).join(" ");
}

async function post(body) {
  const headers = { "content-type": "application/json", "x-form-token": form.dataset.formToken };
  const response = await fetch(`/inbox/${one.receipt}/answers`, { method: "POST", headers, body: JSON.stringify(body) });
  const said = await response.json().catch(() => ({ code: "failed", message: "" }));
  if (!response.ok) throw new Trouble(said);
  return said;
}

const seed = () => base64url(crypto.getRandomValues(new Uint8Array(32)));

function base64url(bytes) {
  let text = "";
  for (let from = 0; from < bytes.length; from += 0x8000) text += String.fromCharCode(...bytes.subarray(from, from + 0x8000));
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function decoded(text) {
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
}

function element(name, text = "") {
  const made = document.createElement(name);
  made.textContent = text;
  return made;
}
