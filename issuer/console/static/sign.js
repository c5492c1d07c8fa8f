// Signing what is to be recorded. WebAssembly says in words what the bytes say, and the officer's own key signs those bytes. The server sees the
// signatures, and checks them as every reader of the register does.

import { Trouble, describe, open, remembered, signByPasskey, signStatements, statedKid } from "./keys.js";

const at = (id) => document.getElementById(id);
const form = at("sign");
const toSign = JSON.parse(form.dataset.toSign);
const headers = { "content-type": "application/json", "x-form-token": form.dataset.formToken };
// Days as people write them here: `en` alone would be American.
const language = toSign.language === "en" ? "en-GB" : toSign.language;
const days = new Intl.DateTimeFormat(language, { dateStyle: "long", timeZone: "UTC" });
const instants = new Intl.DateTimeFormat(language, { dateStyle: "long", timeStyle: "short", timeZone: "Europe/Oslo" });

showRemembered();
form.addEventListener("submit", (event) => {
  event.preventDefault();
  go();
});
at("again").addEventListener("submit", (event) => {
  event.preventDefault();
  send("again").then(({ to }) => location.replace(to), say);
});
read();

function showRemembered() {
  const pem = toSign.passkey ? undefined : remembered();
  if (!pem || statedKid(pem) !== toSign.kid) return;
  at("remembered").hidden = false;
  at("choose").hidden = true;
  at("remembered-kid").textContent = toSign.kid;
}

/** Nobody signs what was not shown: the button works when the words are there. */
async function read() {
  try {
    const described = await describe(toSign.statements, toSign.language);
    at("statements").replaceChildren(...described.map(statement));
    at("statements").setAttribute("aria-busy", "false");
    at("go").disabled = false;
    (at("passphrase") ?? at("go")).focus({ preventScroll: true });
  } catch (trouble) {
    say(trouble);
  }
}

/** One statement, as the bytes say it. */
function statement({ title, about, lines }) {
  const list = element("dl");
  for (const { label, text, day, instant } of lines) {
    const value = day ? days.format(new Date(`${day}T00:00:00Z`)) : instant ? instants.format(new Date(instant * 1000)) : text;
    list.append(element("dt", label), element("dd", value));
  }
  const section = element("section");
  section.append(element("h2", title), ...about.map((line) => element("p", line)), list);
  return section;
}

function element(name, text = "") {
  const made = document.createElement(name);
  made.textContent = text;
  return made;
}

async function go() {
  const button = at("go");
  const words = button.textContent;
  at("fault").hidden = true;
  at("again").hidden = true;
  button.disabled = true;
  button.textContent = button.dataset.busy;
  try {
    const signatures = toSign.passkey ? [await signByPasskey(toSign.passkey, toSign.statements)] : await signByFile();
    location.assign((await send("", { signatures })).to);
  } catch (trouble) {
    button.disabled = false;
    button.textContent = words;
    say(trouble);
  }
}

async function signByFile() {
  const kept = remembered();
  const pem = kept && statedKid(kept) === toSign.kid ? kept : await at("file").files[0]?.text();
  if (pem === undefined) throw new Trouble({ code: "no_file", message: "no file was chosen" });
  const kid = await open(pem, at("passphrase").value);
  if (kid !== toSign.kid) throw new Trouble({ code: "other_key", message: "the file is of another key" });
  at("passphrase").value = "";
  return (await signStatements(toSign.statements)).map((signature) => ({ signature }));
}

async function send(what, body) {
  const path = ["/sign", form.dataset.token, what].filter(Boolean).join("/");
  const response = await fetch(path, { method: "POST", headers, body: body && JSON.stringify(body) });
  const answer = await response.json().catch(() => ({ code: "failed", message: "" }));
  if (!response.ok) throw new Trouble(answer);
  return answer;
}

function say({ code, message }) {
  const fault = at("fault");
  const known = fault.dataset[code];
  fault.querySelector("p").textContent = known ?? `${fault.dataset.other} ${message} (${code})`;
  fault.hidden = false;
  // What was prepared is no longer what would be recorded: it is shown anew.
  at("again").hidden = !["prepared_overtaken", "prepared_too_old"].includes(code);
}
