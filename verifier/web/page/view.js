// Puts things on the screen. Everything that comes from outside is text, never markup.

import { ago, date, has, instant, norwegianDate, say } from "./language.js";

const STATES = ["starting", "start", "camera", "checking", "verdict", "trouble"];

export const element = (id) => document.getElementById(id);

/** Shows one of the sections and no other, and moves the focus to its heading. */
export function show(state) {
  document.body.dataset.state = state;
  for (const id of STATES) element(id).hidden = id !== state;
  if (state !== "verdict") clearVerdict();
  scrollTo(0, 0);
  element(state).querySelector("h1").focus({ preventScroll: true });
}

/** No colour, no name, nothing of a former verdict is left in the document. */
export function clearVerdict() {
  delete document.body.dataset.colour;
  delete document.body.dataset.code;
  for (const id of ["headline", "name", "born", "advice", "as-of", "details", "announce"]) element(id).replaceChildren();
  element("idle").hidden = true;
}

/** Draws a verdict as the engine gave it. The same verdict a little later only changes its age. */
export function drawVerdict(verdict) {
  const { verdict: colour, code, certificate, cause } = verdict;
  // A code without words cannot be: the page has all of the engine's. If it were, it would not be shown in any colour but amber.
  if (!has(`verdicts.${code}`)) return drawFailure({ code, message: verdict.advice });
  const asOf = Date.parse(verdict.as_of) / 1000;
  draw({
    colour,
    code,
    sign: code === "authorised_with_conditions" ? "conditions" : colour,
    headline: say(`verdicts.${code}.headline`),
    advice: say(`verdicts.${code}.advice`),
    asOf:
      verdict.status_age_s === null
        ? say("verdict.checked", { instant: instant(asOf) })
        : say("verdict.as_of", { instant: instant(asOf), age: ago(verdict.status_age_s) }),
    certificate,
    cause,
  });
}

/** Amber, for what the engine could not answer. */
export function drawFailure(trouble) {
  const code = has(`failures.${trouble.code}`) ? trouble.code : "page_failed";
  draw({
    colour: "undetermined",
    code,
    sign: "undetermined",
    headline: say("verdicts.status_missing.headline"),
    advice: say(`failures.${code}`),
    asOf: "",
    certificate: null,
    cause: { code: trouble.code ?? code, message: trouble.message },
  });
}

function draw({ colour, code, sign, headline, advice, asOf, certificate, cause }) {
  const body = document.body.dataset;
  const before = body.code;
  body.colour = colour;
  body.code = code;
  element("sign").setAttribute("href", `#sign-${sign}`);
  // The sign before the words is drawn, large.
  const word = headline.replace(/^\S+\s/, "");
  const name = certificate ? `${certificate.given_name} ${certificate.family_name}` : "";
  const born = certificate ? say("verdict.born", { date: date(certificate.birthdate) }) : "";
  element("headline").textContent = word;
  element("name").textContent = name;
  element("born").textContent = born;
  element("advice").textContent = sentence(advice);
  element("as-of").textContent = asOf;
  list("details", [
    ...(certificate
      ? [
          ["hpr", certificate.hpr_number],
          ["title", say("title_name")],
          ["kind", say(`kinds.${certificate.authorisation.kind}`)],
          ["granted", date(certificate.authorisation.granted)],
          ["ends", norwegianDate(certificate.exp)],
          ["number", certificate.certificate_number],
        ].map(([key, value]) => [say(`verdict.${key}`), value])
      : []),
    [say("verdict.code"), code, "code"],
    ...(cause ? [[say("verdict.cause"), `${cause.message ?? ""} [${cause.code}]`, "code", "en"]] : []),
  ]);
  if (before !== code) {
    element("announce").textContent = [word, name, born, sentence(advice)].filter(Boolean).join(". ");
  }
}

/** How old the knowledge is, and whether the last update counted. */
export function drawKnowledge(knowledge, { offline, version, now }) {
  const { news, office, problem, fetching } = knowledge;
  const overdue = Boolean(news) && now >= news.next_update && !fetching;
  document.body.dataset.knowledge = !news ? "none" : overdue ? "overdue" : "current";
  document.body.dataset.offline = offline ? "ready" : "no";
  document.body.dataset.fetching = fetching ? "yes" : "no";
  element("knowledge").textContent = news
    ? say(overdue ? "knowledge.overdue" : "knowledge.age", { age: ago(now - news.as_of), office: host(office.iss) })
    : say(fetching ? "knowledge.fetching" : "knowledge.none");
  element("problem").hidden = !problem;
  element("problem").textContent = problem ? explain(problem) : "";
  document.body.dataset.problem = problem?.code ?? "";
  list("about-list", [
    ...(office
      ? [
          [say("about.office"), office.iss],
          [say("about.fingerprint"), office.fingerprint.match(/.{1,4}/g).join(" "), "code"],
        ]
      : []),
    ...(news
      ? [
          [say("about.as_of"), instant(news.as_of)],
          [say("about.next"), instant(news.next_update)],
          [say("about.trust_list"), say("about.trust_list_value", { seq: news.trust_list_seq, end: instant(news.trust_list_exp) })],
        ]
      : []),
    [say("about.offline"), say(offline ? "about.offline_yes" : "about.offline_no")],
    [say("about.version"), version, "code"],
  ]);
}

/** A sentence about an update, or the page itself, that did not work. */
export function explain({ code }) {
  if (code === "fetch_failed") return say("knowledge.unreachable");
  // Lists that do not fit our clock: as likely it is the clock that is wrong.
  if (code === "clock_behind") return `${sentence(say("verdicts.clock_behind.advice"))} [${code}]`;
  if (code === "status_stale" || code === "trust_list_expired") return `${say("knowledge.outdated")} [${code}]`;
  if (has(`failures.${code}`)) return `${sentence(say(`failures.${code}`))} [${code}]`;
  return `${say("knowledge.refused")} [${code}]`;
}

/** A hint on one of the sections, or none. */
export function hint(id, text) {
  const place = element(id);
  if (place.textContent !== text) place.textContent = text;
  place.hidden = text === "";
}

function list(id, rows) {
  const parts = rows.flatMap(([term, description, kind, language]) => {
    const dt = document.createElement("dt");
    const dd = document.createElement("dd");
    dt.textContent = term;
    dd.textContent = description;
    if (kind) dd.className = kind;
    if (language) dd.lang = language;
    return [dt, dd];
  });
  element(id).replaceChildren(...parts);
}

function sentence(text) {
  const first = text.charAt(0).toLocaleUpperCase();
  return /[.!?]$/.test(text) ? first + text.slice(1) : `${first}${text.slice(1)}.`;
}

function host(iss) {
  return iss.replace(/^https:\/\//, "");
}
