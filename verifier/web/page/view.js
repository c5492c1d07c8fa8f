// Puts things on the screen. Everything that comes from outside is text, never markup.

import { KINDS } from "./kind.js";
import { ago, date, has, instant, norwegianDate, say, translated } from "./language.js";

const STATES = ["starting", "start", "camera", "checking", "verdict", "several", "trouble"];
/** Those with somebody's name on them. */
const ANSWERS = ["verdict", "several"];

export const element = (id) => document.getElementById(id);

/** Whether an answer is on the screen. */
export const answerShown = () => ANSWERS.includes(document.body.dataset.state);

/** Shows one of the sections and no other, and moves the focus to its heading, or to where a scanner types. */
export function show(state, focus = element(state).querySelector("h1")) {
  document.body.dataset.state = state;
  for (const id of STATES) element(id).hidden = id !== state;
  if (!answerShown()) clearVerdict();
  scrollTo(0, 0);
  focus.focus({ preventScroll: true });
}

/** No colour, no name, nothing of a former verdict is left in the document. */
export function clearVerdict() {
  delete document.body.dataset.colour;
  delete document.body.dataset.code;
  delete document.body.dataset.played;
  for (const id of ["headline", "name", "born", "office", "advice", "contacts", "as-of", "details", "several-heading", "several-list", "announce"]) {
    element(id).replaceChildren();
  }
  element("contact").hidden = true;
  element("among").hidden = true;
  element("idle").hidden = true;
  drawn = "";
}

/** What is drawn of a verdict as the engine gave it. */
export function ofVerdict(verdict) {
  const { verdict: colour, code, certificate, title, cause, office } = verdict;
  // A code without words cannot be: the page has all of the engine's. If it were, it would not be shown in any colour but amber.
  if (!has(`verdicts.${code}`)) return ofFailure({ code, message: verdict.advice });
  const asOf = Date.parse(verdict.as_of) / 1000;
  return {
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
    title: certificate && (translated(title) ?? certificate.title),
    cause,
    office,
  };
}

/** Amber, for what the engine could not answer. `office` is the one to call. */
export function ofFailure(trouble, office = null) {
  const code = has(`failures.${trouble.code}`) ? trouble.code : "page_failed";
  return {
    colour: "undetermined",
    code,
    sign: "undetermined",
    headline: say("verdicts.status_missing.headline"),
    advice: say(`failures.${code}`),
    asOf: "",
    certificate: null,
    cause: { code: trouble.code ?? code, message: trouble.message },
    office,
  };
}

/** Amber, for what could not be read: that says nothing about the certificate that may be in it. */
export function ofUnread({ unread, kind, count }) {
  return {
    colour: "undetermined",
    code: "unreadable",
    sign: "undetermined",
    headline: say("verdicts.unreadable.headline"),
    advice: say(`unread.${unread}`, { kind: KINDS[kind] ?? "", count }),
    asOf: "",
    certificate: null,
    cause: null,
    kind,
  };
}

/**
 * Draws one answer. The same answer a little later only changes its age. `file` is the name of the file that it came from, `others` how many
 * answers there are beside it.
 */
export function drawAnswer(answer, { file, others = 0 } = {}) {
  const { colour, code, sign, advice, asOf, certificate, title, cause, kind, office } = answer;
  const body = document.body.dataset;
  const before = body.code;
  drawn = "";
  body.colour = colour;
  body.code = code;
  element("sign").setAttribute("href", `#sign-${sign}`);
  const [word, name, born] = wordNameBorn(answer);
  element("headline").textContent = word;
  element("name").textContent = name;
  element("born").textContent = born;
  element("advice").textContent = sentence(advice);
  element("as-of").textContent = asOf;
  element("among").hidden = others === 0;
  element("among-text").textContent = others === 0 ? "" : say("several.among", { count: others });
  drawOffice(office, colour);
  list("details", [
    ...(certificate
      ? [
          ["hpr", certificate.hpr_number],
          ["title", title],
          ["kind", say(`kinds.${certificate.authorisation.kind}`)],
          ["granted", date(certificate.authorisation.granted)],
          ["ends", norwegianDate(certificate.exp)],
          ["number", certificate.certificate_number],
        ].map(([key, value]) => [say(`verdict.${key}`), value])
      : []),
    ...(file ? [[say("unread.file"), file]] : []),
    ...(KINDS[kind] ? [[say("unread.file_kind"), KINDS[kind]]] : []),
    [say("verdict.code"), code, "code"],
    ...(cause ? [[say("verdict.cause"), `${cause.message ?? ""} [${cause.code}]`, "code", "en"]] : []),
  ]);
  if (before !== code) {
    element("announce").textContent = [word, name, born, sentence(advice)].filter(Boolean).join(". ");
  }
}

/** The sign before the words is drawn, large. */
function wordNameBorn({ headline, certificate, title }) {
  return [
    headline.replace(/^\S+\s/, ""),
    certificate ? [certificate.given_name, certificate.family_name].filter(Boolean).join(" ") : "",
    certificate ? `${title}, ${say("verdict.born", { date: date(certificate.birthdate) })}` : "",
  ];
}

/** The office in words beside its domain; and for what is not green, whom to call. */
function drawOffice(office, colour) {
  element("office").replaceChildren();
  element("contacts").replaceChildren();
  element("contact").hidden = true;
  if (!office) return;
  element("office").textContent = say("verdict.office", { office: officeName(office) });
  const contacts = colour === "accepted" ? [] : inOrder(office.contacts ?? []);
  const items = contacts.map(contactItem).filter((item) => item.querySelector("a"));
  element("contacts").replaceChildren(...items);
  element("contact").hidden = items.length === 0;
}

const WORKING_HOURS = { from: 8, to: 16 };

/** At night and at weekends those come first who answer then. */
function inOrder(contacts) {
  const now = new Date();
  const open = now.getDay() % 6 !== 0 && now.getHours() >= WORKING_HOURS.from && now.getHours() < WORKING_HOURS.to;
  return open ? contacts : [...contacts].sort((a, b) => Number(Boolean(b.always)) - Number(Boolean(a.always)));
}

function contactItem({ phone, email, url, when }) {
  const item = document.createElement("li");
  const links = [
    /^\+[0-9]{7,15}$/.test(phone ?? "") ? [`tel:${phone}`, spaced(phone)] : null,
    email ? [`mailto:${encodeURI(email)}`, email] : null,
    /^https:/.test(url ?? "") ? [url, host(url)] : null,
  ];
  for (const [href, text] of links.filter(Boolean)) {
    const link = document.createElement("a");
    link.href = href;
    link.textContent = text;
    link.rel = "noreferrer";
    item.append(link, " ");
  }
  const words = translated(when);
  if (words) {
    const span = document.createElement("span");
    span.textContent = words;
    item.append(span);
  }
  return item;
}

/** Norwegian numbers in pairs, as they are written there; others as they are. */
function spaced(phone) {
  const norwegian = /^\+47([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})$/.exec(phone);
  return norwegian ? `+47 ${norwegian.slice(1).join(" ")}` : phone;
}

/** "Eksempeldirektoratet (office.example.no)": people know the one, nobody can imitate the other. */
function officeName({ iss, name }) {
  const words = translated(name);
  return words ? `${words} (${host(iss)})` : host(iss);
}

let drawn = "";

/**
 * Draws all answers that there are to one upload, the worst first. No colour counts for all of them: each row has its own. `open` is called with
 * the place of the one that a person chose.
 */
export function drawSeveral(answers, open) {
  const order = answers.map((answer, place) => ({ answer, place }));
  order.sort((a, b) => WORST_FIRST.indexOf(a.answer.colour) - WORST_FIRST.indexOf(b.answer.colour));
  const rows = order.map(({ answer }) => [answer.colour, answer.sign, ...wordNameBorn(answer), rowNote(answer)]);
  const now = JSON.stringify([document.documentElement.lang, rows]);
  if (drawn === now) return; // Whoever is about to press one finds it in its place.
  drawn = now;
  document.body.dataset.code = "several_certificates";
  delete document.body.dataset.colour;
  const counts = WORST_FIRST.map((colour) => [colour, answers.filter((answer) => answer.colour === colour).length]);
  const summary = counts.filter(([, count]) => count > 0).map(([colour, count]) => `${count} ${say(`several.${colour}`)}`).join(", ");
  element("several-heading").textContent = say("several.heading", { count: answers.length });
  element("several-summary").textContent = sentence(summary);
  element("several-list").replaceChildren(
    ...order.map(({ answer, place }) => {
      const item = document.createElement("li");
      const button = document.createElement("button");
      button.type = "button";
      button.className = "row";
      button.dataset.colour = answer.colour;
      button.dataset.code = answer.code;
      button.addEventListener("click", () => open(place));
      const [word, name, born] = wordNameBorn(answer);
      button.append(signOf(answer.sign), part("row-text", [
        part("row-word", word), part("row-name", name), part("row-born", born), part("row-note", rowNote(answer)),
      ]));
      item.append(button);
      return item;
    }),
  );
  element("announce").textContent = `${element("several-heading").textContent}. ${element("several-summary").textContent}`;
}

const WORST_FIRST = ["refused", "undetermined", "accepted"];

/** What tells one row without a name from another. */
function rowNote({ certificate, advice, file }) {
  return certificate ? "" : [file, sentence(advice)].filter(Boolean).join(": ");
}

function signOf(sign) {
  const svg = element("sign").closest("svg").cloneNode(true);
  svg.querySelector("use").removeAttribute("id");
  svg.querySelector("use").setAttribute("href", `#sign-${sign}`);
  return svg;
}

function part(name, content) {
  const span = document.createElement("span");
  span.className = name;
  if (Array.isArray(content)) span.append(...content);
  else span.textContent = content;
  return span;
}

/** How old the knowledge is, and whether the last update counted. */
export function drawKnowledge(knowledge, { offline, version, now }) {
  const { news, office, problem, fetching } = knowledge;
  const overdue = Boolean(news) && now >= news.next_update && !fetching;
  // It was asked and has answered: a whole publication is missing, not only our refresh.
  const late = overdue && !problem && now - news.as_of >= 2 * (news.next_update - news.as_of);
  const words = late ? "knowledge.late" : overdue ? "knowledge.overdue" : "knowledge.age";
  document.body.dataset.knowledge = !news ? "none" : overdue ? "overdue" : "current";
  document.body.dataset.offline = offline ? "ready" : "no";
  document.body.dataset.fetching = fetching ? "yes" : "no";
  element("knowledge").textContent = news
    ? say(words, { age: ago(now - news.as_of), office: officeName(news.office ?? office) })
    : say(fetching ? "knowledge.fetching" : "knowledge.none");
  element("problem").hidden = !problem;
  element("problem").textContent = problem ? explain(problem) : "";
  document.body.dataset.problem = problem?.code ?? "";
  list("about-list", [
    ...(office
      ? [
          [say("about.office"), news?.office ? officeName(news.office) : office.iss],
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
  return iss.replace(/^https:\/\//, "").replace(/\/$/, "");
}
