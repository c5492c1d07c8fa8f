// The office's console: what is decided about a person, and everything by the keyboard alone.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { test, before, after } from 'node:test';

import { Browser } from './browser.mjs';
import { Console, Office, program } from './programs.mjs';

const WIDTHS = [320, 1280];
const PICTURES = resolve(process.env.PICTURES ?? join(import.meta.dirname, '../../target/browser'));
const PDF = '%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 300]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n';

const folder = mkdtempSync(join(tmpdir(), 'vernet-console-'));
const browsers = [];
let office;
let served;
let kari;
let ola;
let number;

before(async () => {
  mkdirSync(PICTURES, { recursive: true });
  office = new Office(join(folder, 'demo'));
  number = office.number;
  writeFileSync(join(folder, 'diploma.pdf'), PDF);
  writeFileSync(join(folder, 'page.pdf'), '<html>no document</html>');
  served = await Console.start(office);
  kari = await start('kari', 'nb-NO');
  ola = await start('ola', 'en-GB');
});

after(async () => {
  for (const one of browsers) await one.close();
  await served?.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function start(officer, locale) {
  const browser = await Browser.start(join(folder, `profile-${officer}`), { settings: { viewport: { width: 1280, height: 900 }, locale } });
  browsers.push(browser);
  browser.officer = officer;
  browser.desk = await browser.page();
  const { desk } = browser;
  await desk.goto(`${served.url}/sign-in`);
  await desk.setInputFiles('#file', office.at(`officers/${officer}.pem`));
  await desk.fill('#passphrase', office.passphrase);
  await desk.check('#remember');
  await desk.click('#go');
  await desk.waitForURL(`${served.url}/`);
  return browser;
}

/** Opens a form, with pictures of it. */
async function form(browser, act, looks = true) {
  const { desk } = browser;
  await desk.goto(`${served.url}/certificate/${number}/decide?act=${act}`);
  await desk.locator('#affected').waitFor();
  if (looks) await browser.looks(desk, `console-react-${act}`, PICTURES, WIDTHS, { accessible: true, whole: true });
}

/** Sends the form and signs what it led to. */
async function sign({ desk }, expected) {
  await desk.click('main form .primary, main form .danger');
  await signed({ desk }, expected);
}

async function signed({ desk }, expected) {
  await desk.waitForURL(/\/sign\//);
  await desk.locator('#statements h2').first().waitFor();
  assert.match(await desk.locator('#statements').innerText(), expected);
  await desk.fill('#passphrase', office.passphrase);
  await desk.click('#go');
  await desk.waitForURL((url) => !url.pathname.startsWith('/sign/'));
}

/** The other officer approves the newest proposal. */
async function approve(browser, expected, look) {
  const seq = await newest(browser);
  await browser.desk.goto(`${served.url}/proposals/${seq}`);
  await browser.desk.click('#approve');
  await browser.desk.waitForURL(/\/sign\//);
  await browser.desk.locator('#statements h2').first().waitFor();
  if (look) await browser.looks(browser.desk, look, PICTURES, WIDTHS, { accessible: true, whole: true });
  await signed(browser, expected);
  return seq;
}

async function newest({ desk }) {
  await desk.goto(`${served.url}/proposals`);
  const links = await desk.locator('main a[href^="/proposals/"]').evaluateAll((all) => all.map((link) => Number(link.getAttribute('href').split('/').pop())));
  return Math.max(...links);
}

function issuer(...words) {
  const env = { ...process.env, VERNET_OFFICE: office.at('office'), VERNET_OFFICER_KEY: office.at('officers/kari.pem'), VERNET_PASSPHRASE_FILE: office.at('passphrase.txt') };
  return execFileSync(program('vernet-issuer'), words, { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

test('the list of decisions, in its parts', async () => {
  await kari.desk.goto(`${served.url}/certificate/${number}/decide`);
  assert.ok(await kari.desk.locator('.choices li').count() >= 25);
  await kari.looks(kari.desk, 'console-react', PICTURES, WIDTHS, { accessible: true, whole: true });
  await kari.desk.emulateMedia({ colorScheme: 'dark' });
  await kari.looks(kari.desk, 'console-react-dark', PICTURES, WIDTHS, { accessible: true, whole: true });
  await kari.desk.emulateMedia({ colorScheme: null });
});

test('what is written wrongly is corrected', async () => {
  await form(kari, 'correct');
  await kari.desk.fill('#birthdate', '18.5.1984');
  await sign(kari, /18\. mai 1984/);
  await approve(ola, /18 May 1984/);
  assert.match(issuer('person', '9144889'), /1984-05-18/);
});

test('a suspension says its last day while it is typed, and again where it is signed', async () => {
  await form(kari, 'suspend');
  await kari.desk.fill('#until', inDays(60));
  const last = long(inDays(59), 'nb-NO');
  await kari.desk.locator('#until-last', { hasText: last }).waitFor();
  await kari.looks(kari.desk, 'console-react-last-day', PICTURES, WIDTHS, { accessible: true, whole: true });
  await sign(kari, new RegExp(`Siste dag\\s+${last.replaceAll('.', '\\.')}`));
  await approve(ola, new RegExp(`The last day\\s+${long(inDays(59), 'en-GB')}`));
  assert.match(issuer('show', number), /suspended/);
});

test('on appeal, a milder decision takes its place', async () => {
  await form(kari, 'replace');
  await kari.desk.selectOption('#decision', { index: 0 });
  await kari.desk.selectOption('#instead', 'instruction');
  await kari.desk.fill('#reference', '26/1234-5');
  await sign(kari, /26\/1234-5/);
  await approve(ola, /26\/1234-5/);
  assert.doesNotMatch(issuer('show', number), /suspended until/);
});

test('a rule refuses in the language of the page', async () => {
  await form(kari, 'lift', false);
  await kari.desk.click('main form .primary');
  await kari.desk.locator('[role="alert"]').waitFor();
  assert.match(await kari.desk.locator('[role="alert"]').innerText(), /Bare en suspensjon som gjelder[\s\S]*suspension_not_in_force/);
  await kari.looks(kari.desk, 'console-react-refused', PICTURES, WIDTHS, { accessible: true, whole: true });
});

test('an emergency is shown to everybody, and taken back by whoever made it', async () => {
  await form(kari, 'emergency');
  await kari.desk.fill('#until', inDays(30));
  await sign(kari, /Siste dag/);
  await kari.desk.goto(`${served.url}/certificate/${number}/decide`);
  await kari.desk.locator('.affected a').click();
  await kari.looks(kari.desk, 'console-person-emergency', PICTURES, WIDTHS, { accessible: true, whole: true });
  const person = kari.desk.url();
  await ola.desk.goto(person);
  assert.equal(await ola.desk.locator('a[href*="take_back"]').count(), 0);
  assert.equal(await ola.desk.locator('.notice a[href^="/proposals/"]').count(), 1);
  await kari.desk.click('a[href*="take_back"]');
  await sign(kari, /opphev/i);
  await ola.desk.goto(person);
  assert.equal(await ola.desk.locator('.notice a[href^="/proposals/"]').count(), 0);
});

test('the rules answer while an application is typed, and it survives the browser', async () => {
  const { desk } = kari;
  await desk.goto(`${served.url}/applications/new`);
  await desk.fill('#granted', inDays(9));
  await desk.waitForFunction(() => document.getElementById('granted').getAttribute('aria-invalid') === 'true');
  assert.match(await desk.locator('#granted-fault').innerText(), /Ingen tildeling fra en dag som ikke har vært/);
  await desk.fill('#birthdate', '31.2.1990');
  await desk.waitForFunction(() => document.getElementById('birthdate').getAttribute('aria-invalid') === 'true');
  await kari.looks(desk, 'console-apply-findings', PICTURES, WIDTHS, { accessible: true, whole: true });
  await desk.fill('#birthdate', '24.12.1985');
  await desk.waitForFunction(() => !document.getElementById('birthdate').hasAttribute('aria-invalid'));
  await desk.fill('#family_name', 'Ørstavik');
  await desk.fill('#hpr_number', '9122334');
  await desk.waitForFunction(() => new URLSearchParams(location.search).has('draft'));
  // What is dropped is looked at by its content.
  await drop(desk, 'page.pdf', '<html>no document</html>');
  assert.match(await desk.locator('#chosen .fault').innerText(), /verken PDF/);
  assert.equal(await desk.evaluate(() => document.getElementById('documents').checkValidity()), false);
  await desk.setInputFiles('#documents', join(folder, 'diploma.pdf'));
  await desk.locator('#chosen .soft').waitFor();
  await kari.looks(desk, 'console-apply-draft', PICTURES, WIDTHS, { accessible: true, whole: true });
  const draft = desk.url();

  // Closed, and opened again.
  await desk.goto('about:blank');
  await desk.goto(`${served.url}/`);
  await kari.looks(desk, 'console-today-drafts', PICTURES, WIDTHS, { accessible: true, whole: true });
  await desk.click('.drafts a');
  assert.equal(desk.url(), draft);
  assert.equal(await desk.inputValue('#family_name'), 'Ørstavik');
  await desk.click('.drafts button');
  await desk.waitForURL(`${served.url}/applications/new`);
  assert.equal(await desk.locator('.drafts').count(), 0);
});

test('an application is refused, with the document beside what is signed', async () => {
  const { desk } = kari;
  await desk.goto(`${served.url}/applications/new`);
  const school = await desk.locator('#schools option').first().getAttribute('value');
  for (const [field, text] of [['family_name', 'Avslag'], ['birthdate', '24.12.1985'], ['hpr_number', '9122335'], ['exam_school', school], ['exam_date', '15.06.2012'], ['decided', inDays(0)]]) {
    await desk.fill(`#${field}`, text);
  }
  await desk.selectOption('#basis', 'norwegian_exam');
  await desk.setInputFiles('#documents', join(folder, 'diploma.pdf'));
  await desk.locator('form#application details summary').click();
  await desk.fill('#reason', '26/0815-3');
  await kari.looks(desk, 'console-apply-refuse', PICTURES, WIDTHS, { accessible: true, whole: true });
  await desk.click('form#application .danger');
  await signed(kari, /26\/0815-3/);
  const seq = await newest(ola);
  await ola.desk.goto(`${served.url}/proposals/${seq}`);
  await ola.desk.click('#approve');
  await ola.desk.waitForURL(/\/sign\//);
  await ola.desk.locator('#statements h2').first().waitFor();
  await ola.desk.locator('.documents summary').click();
  await ola.desk.locator('.documents iframe').waitFor();
  const [words, document] = await ola.desk.evaluate(() => ['#statements', '.documents'].map((one) => globalThis.document.querySelector(one).getBoundingClientRect().toJSON()));
  assert.ok(words.right <= document.left, 'they stand beside one another');
  await ola.looks(ola.desk, 'console-sign-documents', PICTURES, WIDTHS, { accessible: true, whole: true });
  await signed(ola, /Ola|refus/i);
  assert.match(issuer('person', '9122335'), /refused/i);
});

test('from the application to the letter by the keyboard alone', async () => {
  const press = (desk, ...keys) => keys.reduce((before, key) => before.then(() => desk.keyboard.press(key)), Promise.resolve());
  /** Goes on with Tab until this has the focus. */
  async function reach(desk, what) {
    for (let i = 0; i < 120; i++) {
      if (await desk.evaluate((what) => document.activeElement?.matches(what), what)) return;
      await press(desk, 'Tab');
    }
    throw new Error(`Tab does not lead to ${what}`);
  }
  async function type(desk, what, text) {
    await reach(desk, what);
    await desk.keyboard.type(text);
  }
  async function signByKeyboard(desk) {
    await desk.waitForURL(/\/sign\//);
    await desk.locator('#statements h2').first().waitFor();
    await desk.waitForFunction(() => !document.getElementById('go').disabled);
    await type(desk, '#passphrase', office.passphrase);
    await press(desk, 'Enter');
    await desk.waitForURL((url) => !url.pathname.startsWith('/sign/'));
  }

  const { desk } = kari;
  await desk.goto(`${served.url}/`);
  await reach(desk, 'nav a[href="/applications/new"]');
  await press(desk, 'Enter');
  await desk.waitForURL(/\/applications\/new/);
  const school = await desk.locator('#schools option').first().getAttribute('value');
  await type(desk, '#given_name', 'Solveig');
  await type(desk, '#family_name', 'Tastatur');
  await type(desk, '#birthdate', '24.12.1985');
  await type(desk, '#hpr_number', '9122336');
  await reach(desk, '#basis');
  const basis = await desk.locator('#basis option[value="norwegian_exam"]').innerText();
  await desk.keyboard.type(basis.slice(0, 4));
  assert.equal(await desk.inputValue('#basis'), 'norwegian_exam');
  await type(desk, '#exam_school', school);
  await press(desk, 'Escape');
  await type(desk, '#exam_date', '15.06.2012');
  await type(desk, '#decided', inDays(0));
  await type(desk, '#granted', inDays(0));
  await reach(desk, 'form#application .primary');
  await press(desk, 'Enter');
  await signByKeyboard(desk);

  const other = ola.desk;
  await other.goto(`${served.url}/`);
  await reach(other, 'main a[href^="/proposals/"]');
  await press(other, 'Enter');
  await other.waitForURL(/\/proposals\/\d+/);
  await reach(other, '#approve');
  await press(other, 'Enter');
  await signByKeyboard(other);

  await other.goto(`${served.url}/search`);
  await type(other, '#q', 'Tastatur');
  await other.locator('#found a', { hasText: 'Tastatur' }).waitFor();
  await reach(other, '#found a');
  await press(other, 'Enter');
  await other.waitForURL(/\/person\//);
  await reach(other, 'main a[href$="/letter"]');
  const letter = await other.evaluate(async () => {
    const answer = await fetch(document.activeElement.href);
    return { status: answer.status, type: answer.headers.get('content-type') };
  });
  assert.deepEqual(letter, { status: 200, type: 'application/pdf' });
  issuer('audit');
});

/** Drops a file, as from a folder of the desk. */
async function drop(desk, name, text) {
  await desk.evaluate(([name, text]) => {
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File([text], name, { type: 'application/pdf' }));
    document.getElementById('drop').dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }));
  }, [name, text]);
  await desk.locator('#chosen li').first().waitFor();
}

/** A day as people in Norway write it. */
function inDays(days) {
  const [year, month, day] = new Date(Date.now() + days * 86400e3).toLocaleDateString('sv-SE', { timeZone: 'Europe/Oslo' }).split('-');
  return `${day}.${month}.${year}`;
}

/** The same in words. */
function long(day, locale) {
  const [date, month, year] = day.split('.');
  return new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeZone: 'UTC' }).format(new Date(`${year}-${month}-${date}T00:00:00Z`));
}
