// Signing in: the key file is read and opened here, and only what it signed is sent.

import { Trouble, forget, open, remember, remembered, signIn, signInByPasskey, statedKid } from "./keys.js";

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
  go(at("go"), byFile);
});
at("passkey")?.addEventListener("submit", (event) => {
  event.preventDefault();
  go(at("touch"), byPasskey);
});

function showRemembered() {
  const pem = remembered();
  at("remembered").hidden = pem === undefined;
  at("choose").hidden = pem !== undefined;
  at("remembered-kid").textContent = pem ? statedKid(pem) : "";
}

/** Signs by one of the two ways, and sends what was signed. */
async function go(button, sign) {
  const words = button.textContent;
  at("fault").hidden = true;
  button.disabled = true;
  button.textContent = button.dataset.busy;
  try {
    const signed = await sign(proof.dataset.nonce, Number(proof.dataset.iat));
    for (const [name, value] of Object.entries(signed)) proof.elements[name].value = value;
    proof.submit();
  } catch (trouble) {
    button.disabled = false;
    button.textContent = words;
    say(trouble);
  }
}

async function byFile(nonce, iat) {
  const pem = remembered() ?? (await at("file").files[0]?.text());
  if (pem === undefined) throw new Trouble({ code: "no_file", message: "no file was chosen" });
  await open(pem, at("passphrase").value);
  if (at("remember").checked) remember(pem);
  const signed = await signIn(nonce, iat);
  at("passphrase").value = "";
  return signed;
}

function byPasskey(nonce, iat) {
  return signInByPasskey(JSON.parse(at("passkey").dataset.passkeys), nonce, iat);
}

function say({ code, message }) {
  const fault = at("fault");
  fault.textContent = fault.dataset[code] ?? `${fault.dataset.other} (${code ?? message})`;
  fault.hidden = false;
  at({ no_file: "file", passkey: "touch" }[code] ?? "passphrase").focus();
}
