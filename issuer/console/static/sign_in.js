// Signing in: the key file is read and opened here, and only what it signed is sent.

import { Trouble, forget, open, remember, remembered, signIn, statedKid } from "./keys.js";

const at = (id) => document.getElementById(id);
const proof = at("proof");

showRemembered();
at("forget").addEventListener("click", () => {
  forget();
  showRemembered();
  at("file").focus();
});
at("key").addEventListener("submit", (event) => {
  event.preventDefault();
  go();
});

function showRemembered() {
  const pem = remembered();
  at("remembered").hidden = pem === undefined;
  at("choose").hidden = pem !== undefined;
  at("remembered-kid").textContent = pem ? statedKid(pem) : "";
}

async function go() {
  const button = at("go");
  const words = button.textContent;
  at("fault").hidden = true;
  button.disabled = true;
  button.textContent = button.dataset.busy;
  try {
    const pem = remembered() ?? (await at("file").files[0]?.text());
    if (pem === undefined) throw new Trouble({ code: "no_file", message: "no file was chosen" });
    await open(pem, at("passphrase").value);
    if (at("remember").checked) remember(pem);
    const signed = await signIn(proof.dataset.nonce, Number(proof.dataset.iat));
    at("passphrase").value = "";
    for (const name of ["kid", "payload", "signature"]) proof.elements[name].value = signed[name];
    proof.submit();
  } catch (trouble) {
    button.disabled = false;
    button.textContent = words;
    say(trouble);
  }
}

function say({ code, message }) {
  const fault = at("fault");
  fault.textContent = fault.dataset[code] ?? `${fault.dataset.other} (${code ?? message})`;
  fault.hidden = false;
  at(code === "no_file" ? "file" : "passphrase").focus();
}
