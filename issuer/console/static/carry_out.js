// Carrying out a proposal about many. What is to be signed comes in steps; WebAssembly checks that each statement of a step is a part of the proposal
// that the first officer signed, and says whose certificate it makes, before the officer's key signs it.

import { Trouble, open, parts, remembered, signByPasskey, signStatements, statedKid } from "./keys.js";

const at = (id) => document.getElementById(id);
const form = at("carry-out");
const { seq, proposal, kid, language, passkey } = JSON.parse(form.dataset.toSign);
const headers = { "content-type": "application/json", "x-form-token": form.dataset.formToken };
const days = new Intl.DateTimeFormat(language === "en" ? "en-GB" : language, { dateStyle: "long", timeZone: "UTC" });

const kept = passkey ? undefined : remembered();
if (kept && statedKid(kept) === kid) {
  at("remembered").hidden = false;
  at("choose").hidden = true;
  at("remembered-kid").textContent = kid;
}
let isOpen = false;
form.addEventListener("submit", (event) => {
  event.preventDefault();
  go();
});

// Whoever carries it out: this page, the one before it was loaded anew, or another window.
const events = new EventSource(`/proposals/${seq}/carry-out/events`);
events.addEventListener("progress", ({ data }) => progress(...data.split(" ").map(Number)));

function progress(done, of) {
  at("running").hidden = false;
  at("done").textContent = done;
  at("of").textContent = of;
  Object.assign(at("progress"), { max: Math.max(of, 1), value: done });
}

async function go() {
  const button = at("go");
  const words = button.textContent;
  at("fault").hidden = true;
  button.disabled = true;
  button.textContent = button.dataset.busy;
  try {
    if (!passkey && !isOpen) await openFile();
    while (!(await step()));
    form.hidden = true;
    at("completed").hidden = false;
    events.close();
  } catch ({ code, message }) {
    const fault = at("fault");
    fault.querySelector("p").textContent = fault.dataset[code] ?? `${fault.dataset.other} ${message} (${code})`;
    fault.hidden = false;
  } finally {
    button.disabled = false;
    button.textContent = words;
  }
}

async function openFile() {
  const pem = kept && statedKid(kept) === kid ? kept : await at("file").files[0]?.text();
  if (pem === undefined) throw new Trouble({ code: "no_file", message: "no file was chosen" });
  if ((await open(pem, at("passphrase").value)) !== kid) throw new Trouble({ code: "other_key", message: "the file is of another key" });
  isOpen = true;
  Object.assign(at("passphrase"), { value: "", required: false });
}

/** One step; whether it was the last. Nothing is signed that is not a part of the proposal. */
async function step() {
  const { statements, done, of } = await send("next");
  progress(done, of);
  const people = await parts(proposal, statements);
  const signatures = passkey ? [await signByPasskey(passkey, statements)] : (await signStatements(statements)).map((signature) => ({ signature }));
  const answer = await send("sign", { signatures });
  progress(answer.done, answer.of);
  show(people);
  return answer.completed;
}

function show(people) {
  at("signed").hidden = false;
  for (const { name, birthdate, hpr_number, title, granted, certificate } of people) {
    const row = document.createElement("tr");
    const born = days.format(new Date(`${birthdate}T00:00:00Z`));
    const right = `${title}, ${days.format(new Date(`${granted}T00:00:00Z`))}`;
    for (const text of [name, born, hpr_number, right, certificate]) row.insertCell().textContent = text;
    at("parts").append(row);
  }
}

async function send(what, body) {
  const response = await fetch(`/proposals/${seq}/carry-out/${what}`, { method: "POST", headers, body: body && JSON.stringify(body) });
  const answer = await response.json().catch(() => ({ code: "failed", message: "" }));
  if (!response.ok) throw new Trouble(answer);
  return answer;
}
