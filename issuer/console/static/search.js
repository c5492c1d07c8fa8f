// Searches as one types: the same page is asked for, and its answer takes the place of the one before. Without this the form works as a form.

const PAUSE = 250;
const form = document.getElementById("search");
const field = document.getElementById("q");
let timer;
let asked = 0;

field.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(search, PAUSE);
});
// The cursor stands behind what was typed.
field.setSelectionRange(field.value.length, field.value.length);

async function search() {
  const typed = field.value.trim();
  // One letter finds half of the register.
  if (typed.length === 1) return;
  const mine = ++asked;
  const url = typed ? `${form.action}?q=${encodeURIComponent(typed)}` : form.action;
  const response = await fetch(url, { redirect: "manual" }).catch(() => undefined);
  // The session may be over: then the page itself is loaded, which leads to the sign-in.
  if (response?.type === "opaqueredirect") return location.assign(url);
  if (!response?.ok || mine !== asked) return;
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  document.getElementById("found").replaceChildren(...page.getElementById("found").childNodes);
  // What was not understood, or must not be typed here, is not kept in the address.
  if (!document.querySelector("#found .fault")) history.replaceState(null, "", url);
}
