// Making a passkey. The authenticator keeps the private half; the public half goes to the administrators, who enrol it.

import { makePasskey } from "./keys.js";

const at = (id) => document.getElementById(id);
const form = at("make");

form?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const { rpId: rp_id, office: name, user, formToken } = form.dataset;
  at("fault").hidden = true;
  at("go").disabled = true;
  try {
    const made = await makePasskey({ rp_id, name, user });
    const headers = { "content-type": "application/json", "x-form-token": formToken };
    const response = await fetch("/keys", { method: "POST", headers, body: JSON.stringify(made) });
    const answer = await response.json();
    if (!response.ok) throw new Error(`${answer.message} (${answer.code})`);
    show(answer.key);
  } catch (error) {
    at("fault").querySelector("p").textContent = error.message;
    at("fault").hidden = false;
  }
  at("go").disabled = false;
});

function show(key) {
  const text = `${JSON.stringify(key)}\n`;
  at("kid").textContent = key.kid;
  at("key").value = text;
  at("save").href = `data:application/json,${encodeURIComponent(text)}`;
  at("made").hidden = false;
  at("key").focus();
}
