// The office's console: officers decide, each by a signature of their own browser. Kari has a key file, Ola a passkey of a virtual authenticator.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { test, before, after } from 'node:test';

import { Browser } from './browser.mjs';
import { Console, Office, program } from './programs.mjs';

const WIDTHS = [320, 1280, 1920];
const PICTURES = resolve(process.env.PICTURES ?? join(import.meta.dirname, '../../target/browser'));
const DESK = { viewport: { width: 1280, height: 900 } };
/** The smallest document that is one. */
const PDF = '%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n';

const folder = mkdtempSync(join(tmpdir(), 'vernet-console-'));
const browsers = [];
let office;
let served;
let kari;
let ola;
let authenticator;
let number;

before(async () => {
  mkdirSync(PICTURES, { recursive: true });
  office = new Office(join(folder, 'demo'));
  writeFileSync(join(folder, 'diploma.pdf'), PDF);
  served = await Console.start(office);
  kari = await start('kari');
  ola = await start('ola');
});

after(async () => {
  for (const one of browsers) await one.close();
  await served?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** A browser of an officer, in English, with its page. */
async function start(name) {
  const browser = await Browser.start(join(folder, `profile-${name}`), { settings: { ...DESK, locale: 'en-GB' } });
  browsers.push(browser);
  browser.officer = name;
  browser.desk = await browser.page();
  await signIn(browser);
  return browser;
}

async function signIn({ desk, officer }) {
  await desk.goto(`${served.url}/sign-in`);
  await desk.setInputFiles('#file', office.at(`officers/${officer}.pem`));
  await desk.fill('#passphrase', office.passphrase);
  await desk.check('#remember');
  await desk.click('#go');
  await desk.waitForURL(`${served.url}/`);
}

/** Reads what is to be signed, and signs it by the key file that the browser remembers. */
async function signByFile({ desk }, expected) {
  await desk.waitForURL(/\/sign\//);
  await desk.locator('#statements h2').first().waitFor();
  assert.match(await desk.locator('#statements').innerText(), expected);
  await desk.fill('#passphrase', office.passphrase);
  await desk.click('#go');
  await desk.waitForURL((url) => !url.pathname.startsWith('/sign/'));
}

/** The same by touching the passkey. */
async function signByPasskey({ desk }, expected) {
  await desk.waitForURL(/\/sign\//);
  await desk.locator('#statements h2').first().waitFor();
  assert.match(await desk.locator('#statements').innerText(), expected);
  await desk.click('#go');
  await desk.waitForURL((url) => !url.pathname.startsWith('/sign/'));
}

/** The number of the newest proposal that waits. */
async function newest({ desk }) {
  await desk.goto(`${served.url}/proposals`);
  const links = await desk.locator('main a[href^="/proposals/"]').evaluateAll((all) => all.map((link) => Number(link.getAttribute('href').split('/').pop())));
  return Math.max(...links);
}

/** Gives Ola's browser the passkeys that it had: the debugger of the pictures takes them away. */
async function plugIn(credentials = []) {
  const session = await ola.desk.context().newCDPSession(ola.desk);
  await session.send('WebAuthn.enable');
  const options = { protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true };
  const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', { options });
  for (const credential of credentials) await session.send('WebAuthn.addCredential', { authenticatorId, credential });
  authenticator = { session, id: authenticatorId };
}

/** Pictures of Ola's page. */
async function looks(name) {
  const { credentials } = await authenticator.session.send('WebAuthn.getCredentials', { authenticatorId: authenticator.id });
  await ola.looks(ola.desk, name, PICTURES, WIDTHS, { accessible: true, whole: true });
  await plugIn(credentials);
}

/** What the command line says, of what the console recorded. */
function issuer(...words) {
  const env = { ...process.env, VERNET_OFFICE: office.at('office'), VERNET_OFFICER_KEY: office.at('officers/kari.pem'), VERNET_PASSPHRASE_FILE: office.at('passphrase.txt') };
  return execFileSync(program('vernet-issuer'), words, { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

test('an application is typed, refused by a rule, mended, and proposed with its document', async () => {
  const { desk } = kari;
  await desk.goto(`${served.url}/applications/new`);
  await kari.looks(desk, 'console-apply', PICTURES, WIDTHS, { accessible: true, whole: true });
  const school = await desk.locator('#schools option').first().getAttribute('value');
  await desk.fill('#given_name', 'Solveig <b>');
  await desk.fill('#family_name', 'Ørstavik');
  await desk.fill('#birthdate', '24.12.1985');
  await desk.fill('#hpr_number', '9122334');
  await desk.selectOption('#kind', 'authorisation');
  await desk.selectOption('#basis', 'norwegian_exam');
  await desk.fill('#exam_school', school);
  await desk.fill('#exam_date', '15.06.2012');
  await desk.fill('#decided', today());
  await desk.fill('#granted', today());
  await desk.setInputFiles('#documents', join(folder, 'diploma.pdf'));
  await desk.click('main .primary');
  await desk.locator('[role="alert"]').waitFor();
  assert.match(await desk.locator('[role="alert"]').innerText(), /Given names[\s\S]*field_invalid/);
  assert.equal(await desk.inputValue('#birthdate'), '24.12.1985', 'what was typed is still there');
  assert.equal(await desk.getAttribute('#given_name', 'aria-invalid'), 'true');
  await kari.looks(desk, 'console-apply-refused', PICTURES, WIDTHS, { accessible: true, whole: true });

  await desk.fill('#given_name', 'Solveig');
  await desk.setInputFiles('#documents', join(folder, 'diploma.pdf'));
  await desk.click('main .primary');
  await desk.waitForURL(/\/sign\//);
  await desk.locator('#statements h2').first().waitFor();
  await kari.looks(desk, 'console-sign', PICTURES, WIDTHS, { accessible: true, whole: true });
  await signByFile(kari, /Ørstavik[\s\S]*24 December 1985[\s\S]*diploma\.pdf/);
  await desk.waitForURL(`${served.url}/proposals`);
});

test('a passkey is made in the browser, and counts when two administrators have enrolled it', async () => {
  await ola.desk.goto(`${served.url}/keys`);
  await ola.looks(ola.desk, 'console-keys', PICTURES, WIDTHS, { accessible: true, whole: true });
  await plugIn();
  await ola.desk.click('#go');
  await ola.desk.locator('#made').waitFor();
  const key = await ola.desk.inputValue('#key');
  assert.equal(JSON.parse(key).rp_id, 'localhost');
  const name = await ola.desk.locator('.who span').first().innerText();

  await kari.desk.goto(`${served.url}/officers/enrol`);
  await kari.looks(kari.desk, 'console-enrol', PICTURES, WIDTHS, { accessible: true, whole: true });
  await kari.desk.fill('#name', name.replace('Signed in as', '').trim());
  await kari.desk.fill('#key', key);
  for (const role of ['grant', 'supervise', 'publish', 'administer']) await kari.desk.check(`[name="role_${role}"]`);
  await kari.desk.fill('#until', '31.12.2027');
  await kari.desk.click('main .primary');
  await signByFile(kari, new RegExp(JSON.parse(key).kid));
  const seq = await newest(ola);
  await ola.desk.goto(`${served.url}/proposals/${seq}`);
  await ola.desk.click('#approve');
  await signByFile(ola, new RegExp(JSON.parse(key).kid));

  // From now on Ola signs in by touching it.
  await ola.desk.locator('.who button').click();
  await ola.desk.waitForURL(/sign-in/);
  await looks('console-sign-in-passkey');
  await ola.desk.click('#touch');
  await ola.desk.waitForURL(`${served.url}/`);
});

test('the other officer reviews it, and approves it by the passkey; the certificate is good', async () => {
  const { desk } = ola;
  await desk.goto(`${served.url}/proposals`);
  const link = desk.locator('main a', { hasText: /grant|authorisation/i }).first();
  await link.click();
  await desk.waitForURL(/\/proposals\/\d+/);
  assert.match(await desk.locator('main').innerText(), /Solveig Ørstavik/);
  await looks('console-review');
  await desk.click('#approve');
  await signByPasskey(ola, /You approve proposal[\s\S]*Ørstavik/);
  issuer('publish', '--out', office.at('publication'));
  [number] = issuer('person', '9122334', '--json').match(/NO-PE-\d{4}-\d{6}/);
  // Whoever audits on the command line finds the passkey's signature in order.
  issuer('audit');
});

test('nobody approves their own proposal, whatever the page shows', async () => {
  await kari.desk.goto(`${served.url}/certificate/${number}/decide?act=suspend`);
  await kari.looks(kari.desk, 'console-suspend', PICTURES, WIDTHS, { accessible: true, whole: true });
  await kari.desk.fill('#until', inDays(60));
  await kari.desk.click('main .primary');
  await signByFile(kari, /Suspen/i);
  const seq = await newest(kari);
  await kari.desk.goto(`${served.url}/proposals/${seq}`);
  assert.equal(await kari.desk.locator('#approve').count(), 0);
  const answer = await kari.desk.evaluate(async (seq) => {
    const token = document.querySelector('input[name="token"]').value;
    const sha256 = document.querySelector('main code').textContent.replace('sha256 ', '');
    const body = new URLSearchParams({ token, sha256 });
    const { status, url } = await fetch(`/proposals/${seq}/approve`, { method: 'POST', body });
    return { status, path: new URL(url).pathname };
  }, seq);
  assert.ok(answer.status >= 400, JSON.stringify(answer));
});

test('what was recorded meanwhile is seen before anything is signed', async () => {
  const seq = await newest(ola);
  await ola.desk.goto(`${served.url}/proposals/${seq}`);
  await ola.desk.click('#approve');
  await ola.desk.waitForURL(/\/sign\//);
  await ola.desk.locator('#statements h2').first().waitFor();
  // Meanwhile somebody publishes.
  issuer('publish', '--out', office.at('publication'));
  await ola.desk.click('#go');
  await ola.desk.locator('#again').waitFor();
  assert.match(await ola.desk.locator('#fault').innerText(), /recorded meanwhile/);
  await looks('console-overtaken');
  const before = ola.desk.url();
  await ola.desk.click('#again button');
  await ola.desk.waitForURL((url) => url.href !== before);
  await signByPasskey(ola, /You approve/);
  assert.match(issuer('show', number), /suspended/);
});

test('a passkey that does not verify the person signs nothing', async () => {
  await authenticator.session.send('WebAuthn.setUserVerified', { authenticatorId: authenticator.id, isUserVerified: false });
  await ola.desk.goto(`${served.url}/certificate/${number}/decide?act=lift`);
  await ola.desk.click('main .primary');
  await ola.desk.waitForURL(/\/sign\//);
  await ola.desk.locator('#statements h2').first().waitFor();
  await ola.desk.click('#go');
  await ola.desk.locator('#fault').waitFor();
  await authenticator.session.send('WebAuthn.setUserVerified', { authenticatorId: authenticator.id, isUserVerified: true });
  await ola.desk.click('#go');
  await ola.desk.waitForURL(`${served.url}/proposals`);
});

test('another officer cannot sign what waits for somebody else', async () => {
  await kari.desk.goto(`${served.url}/certificate/${number}/decide?act=revoke`);
  await kari.desk.click('main .primary');
  await kari.desk.waitForURL(/\/sign\//);
  const answer = await ola.desk.goto(kari.desk.url());
  assert.equal(answer.status(), 404);
});

test('a suspension in an emergency counts at once, and its maker takes it back', async () => {
  const seq = await newest(kari);
  await kari.desk.goto(`${served.url}/proposals/${seq}`);
  await kari.desk.click('#approve');
  await signByFile(kari, /You approve/);
  await kari.desk.goto(`${served.url}/certificate/${number}/decide?act=emergency`);
  await kari.desk.fill('#until', inDays(30));
  await kari.desk.click('main .primary');
  await signByFile(kari, /Suspen/i);
  assert.match(issuer('show', number), /suspended/);
  await kari.desk.goto(`${served.url}/certificate/${number}/decide?act=take_back`);
  await kari.desk.click('main .primary');
  await signByFile(kari, /lift/i);
  assert.doesNotMatch(issuer('show', number), /suspended until/);
  issuer('audit');
});

function today() {
  return inDays(0);
}

/** A day as people in Norway write it. */
function inDays(days) {
  const [year, month, day] = new Date(Date.now() + days * 86400e3).toLocaleDateString('sv-SE', { timeZone: 'Europe/Oslo' }).split('-');
  return `${day}.${month}.${year}`;
}
