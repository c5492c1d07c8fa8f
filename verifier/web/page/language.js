// The words. Every sentence that a person reads is in `lang/*.json`, dates and spans of time come from the browser.

const LANGUAGES = ["nb", "nn", "en", "sv", "da"];
const REMEMBERED = "vernet-language";

let words = {};
let language = "nb";

/** The language that was chosen before, else the first of the browser's that we have, else bokmål. */
export function preferred() {
  const wanted = [remembered(), ...(navigator.languages ?? [])];
  for (const tag of wanted) {
    const base = tag?.toLowerCase().split("-")[0];
    const found = base === "no" ? "nb" : base;
    if (LANGUAGES.includes(found)) return found;
  }
  return "nb";
}

export async function use(chosen) {
  const response = await fetch(`lang/${chosen}.json`);
  if (!response.ok) throw new Error(`lang/${chosen}.json: ${response.status}`);
  words = await response.json();
  language = chosen;
  document.documentElement.lang = chosen;
  document.title = say("title");
  for (const element of document.querySelectorAll("[data-text]")) element.textContent = say(element.dataset.text);
  for (const element of document.querySelectorAll("[data-label]")) {
    element.setAttribute("aria-label", say(element.dataset.label));
  }
}

export function remember(chosen) {
  try {
    localStorage.setItem(REMEMBERED, chosen);
  } catch {
    // Then it is chosen again next time.
  }
}

function remembered() {
  try {
    return localStorage.getItem(REMEMBERED);
  } catch {
    return null;
  }
}

/** The words at `a.b.c`, with `{name}` replaced. */
export function say(path, values = {}) {
  const text = path.split(".").reduce((branch, key) => branch?.[key], words);
  return String(text ?? path).replace(/\{(\w+)\}/g, (whole, key) => values[key] ?? whole);
}

export const has = (path) => path.split(".").reduce((branch, key) => branch?.[key], words) !== undefined;

/** Whose words to show where there are none in the language of the page. */
const NEXT_BEST = { nn: ["nb"], da: ["nb"], sv: ["nb"], nb: [] };

/** One of the texts in an object from language to text: in the page's language, else the nearest. `undefined` if there is none. */
export function translated(texts) {
  const order = [language, ...(NEXT_BEST[language] ?? []), "en", "nb"];
  return order.map((tag) => texts?.[tag]).find((text) => typeof text === "string");
}

/** A civil date, `2026-11-22`: the same day wherever the reader is. */
export function date(civil) {
  const [year, month, day] = civil.split("-").map(Number);
  return new Intl.DateTimeFormat(locales(), { dateStyle: "long", timeZone: "UTC" }).format(Date.UTC(year, month - 1, day));
}

/** An instant, in seconds since 1970, by the clock on the reader's wall. */
export function instant(seconds) {
  return new Intl.DateTimeFormat(locales(), { dateStyle: "long", timeStyle: "short" }).format(seconds * 1000);
}

/** The civil date in Norway that an instant begins: what runs out there runs out at midnight there. */
export function norwegianDate(seconds) {
  return new Intl.DateTimeFormat(locales(), { dateStyle: "long", timeZone: "Europe/Oslo" }).format(seconds * 1000);
}

/** "12 minutes ago". The spans are those of the command line. */
export function ago(seconds) {
  if (seconds < 60) return say("just_now");
  const [size, unit] = seconds < 7200 ? [60, "minute"] : seconds < 172_800 ? [3600, "hour"] : [86_400, "day"];
  return new Intl.RelativeTimeFormat(locales(), { numeric: "always" }).format(-Math.floor(seconds / size), unit);
}

function locales() {
  // A browser may not have nynorsk; bokmål is nearer than its own language. British English writes dates as Europe does.
  return { nn: ["nn", "nb", "no"], nb: ["nb", "no"], en: ["en-GB"] }[language] ?? [language];
}
