// A console that somebody has taken over: between the browser and the console sits somebody who answers with other words and other statements, and
// sends on other signatures. What they can do is what docs/CONSOLE.md says, and no more.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, before, after } from 'node:test';

import { Browser } from './browser.mjs';
import { Console, Office, program } from './programs.mjs';

const DESK = { viewport: { width: 1280, height: 900 }, locale: 'en-GB' };
const folder = mkdtempSync(join(tmpdir(), 'vernet-taken-over-'));
const attacker = { page: (path, html) => html, signed: (path, body) => body, seen: [] };
let office;
let served;
let kari;

before(async () => {
  office = new Office(join(folder, 'demo'));
  served = await Console.start(office);
  kari = await Browser.start(join(folder, 'profile'), { settings: DESK });
  await takeOver(kari.context);
  kari.desk = await kari.page();
  await kari.desk.goto(`${served.url}/sign-in`);
  await kari.desk.setInputFiles('#file', office.at('officers/kari.pem'));
  await kari.desk.fill('#passphrase', office.passphrase);
  await kari.desk.check('#remember');
  await kari.desk.click('#go');
  await kari.desk.waitForURL(`${served.url}/`);
});

after(async () => {
  await kari?.close();
  await served?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Sits where the console does: what comes from it and what goes to it can be anything. */
async function takeOver(context) {
  await context.route(/\/sign\//, async (route) => {
    const asked = route.request();
    const { pathname } = new URL(asked.url());
    if (asked.method() === 'POST') {
      attacker.seen.push(JSON.parse(asked.postData() || '{}'));
      return route.continue({ postData: attacker.signed(pathname, asked.postData() ?? '') });
    }
    const response = await route.fetch();
    return route.fulfill({ response, body: attacker.page(pathname, await response.text()) });
  });
}

/** Another copy of the office: that of the second officer, at the command line. */
function elsewhere(...words) {
  const copy = join(folder, `copy-${Math.random()}`);
  cpSync(office.at('office'), copy, { recursive: true });
  return run(copy, words);
}

function here(...words) {
  return run(office.at('office'), words);
}

function run(at, words) {
  const env = {
    ...process.env, VERNET_OFFICE: at, VERNET_OFFICER_KEY: office.at('officers/ola.pem'), VERNET_PASSPHRASE_FILE: office.at('passphrase.txt'),
  };
  return spawnSync(program('vernet-issuer'), words, { env, encoding: 'utf8' });
}

/** The page on which Kari signs what she asked for: an act, with what is typed. */
async function ask(act, typed = {}) {
  await kari.desk.goto(`${served.url}/certificate/${office.number}/decide?act=${act}`);
  for (const [field, value] of Object.entries(typed)) await kari.desk.fill(`#${field}`, value);
  await kari.desk.click('main .primary');
  await kari.desk.waitForURL(/\/sign\//);
  // What a form leads to is not seen by `route`; asked for again, it is.
  await kari.desk.reload();
  await kari.desk.locator('#statements h2').first().waitFor();
}

const shown = () => kari.desk.locator('#statements').innerText();
const toSign = (html) => html.match(/data-to-sign="([^"]*)"/)[1];
const state = () => JSON.parse(here('show', office.number, '--json').stdout);

function inDays(days) {
  const [year, month, day] = new Date(Date.now() + days * 86400e3).toLocaleDateString('sv-SE', { timeZone: 'Europe/Oslo' }).split('-');
  return `${day}.${month}.${year}`;
}

test('whatever the server writes around it, the words are those of the bytes', async () => {
  attacker.page = (path, html) => (path.startsWith('/sign/') ? html.replace(/<h1>.*<\/h1>/, '<h1>You lift the suspension</h1>') : html);
  await ask('revoke');
  assert.match(await kari.desk.locator('h1').innerText(), /lift the suspension/, 'it lies in the title');
  assert.match(await shown(), /Revo/i);
  assert.doesNotMatch(await shown(), /lift/i);
});

test('other bytes give other words, and their signature is not one of what was asked for', async () => {
  // Bytes of a revocation, which the attacker had prepared in her session.
  let other;
  attacker.page = (path, html) => {
    if (path.startsWith('/sign/')) other = toSign(html);
    return html;
  };
  await ask('revoke');
  const revocation = other;
  attacker.page = (path, html) => (path.startsWith('/sign/') ? html.replace(toSign(html), revocation) : html);
  await ask('suspend', { until: inDays(60) });
  assert.match(await shown(), /Revo/i, 'she sees what the bytes say, and can leave it');
  assert.doesNotMatch(await shown(), /Suspen/i);
  // She signs nevertheless. The register does not take it for the suspension that waits there.
  attacker.seen = [];
  await kari.desk.fill('#passphrase', office.passphrase);
  await kari.desk.click('#go');
  await kari.desk.locator('#fault:not([hidden])').waitFor();
  assert.match(await kari.desk.locator('#fault').innerText(), /signature_invalid|prepared_overtaken|recorded meanwhile/);
  const [stolen] = attacker.seen;
  assert.equal(stolen.signatures.length, 1, 'the attacker has a signature over the revocation');
  attacker.page = (path, html) => html;

  // With it the attacker can do what one officer's signature does: propose, if it is quick. Sent for anything else, it is refused.
  attacker.signed = () => JSON.stringify(stolen);
  await ask('suspend', { until: inDays(30) });
  await kari.desk.fill('#passphrase', office.passphrase);
  await kari.desk.click('#go');
  await kari.desk.locator('#fault:not([hidden])').waitFor();
  attacker.signed = (path, body) => body;
  assert.equal(here('audit').status, 0, 'nothing of it is in the register');
});

test('a first officer who is deceived has proposed it, and the second one sees on another machine what it is', async () => {
  // The scripts are the server's as well: this one shows other words, and signs what it was sent.
  await ask('revoke');
  await kari.desk.evaluate(() => {
    document.querySelector('h1').textContent = 'You correct a name';
    document.querySelector('#statements').innerHTML = '<section><h2>Correction</h2><dl><dt>Name</dt><dd>Åse</dd></dl></section>';
  });
  assert.match(await shown(), /Correction/);
  await kari.desk.fill('#passphrase', office.passphrase);
  await kari.desk.click('#go');
  await kari.desk.waitForURL((url) => !url.pathname.startsWith('/sign/'));
  const before = state();
  const waiting = JSON.parse(here('proposals', '--json').stdout);
  const seq = String(Math.max(...waiting.map((one) => one.proposal ?? one.seq)));
  // It has no effect, and the command line of the second officer says what was signed.
  const review = elsewhere('review', seq);
  assert.match(review.stdout, /revoke/i, review.stderr);
  assert.doesNotMatch(review.stdout, /correct/i);
  const refused = here('reject', seq, '--reason', 'She was told that it was a correction.');
  assert.equal(refused.status, 0, refused.stderr);
  assert.deepEqual(state().standing, before.standing);
});

test('what one officer may do alone a taken-over console can have done, and it stands under the name', async () => {
  await ask('emergency', { until: inDays(20) });
  await kari.desk.evaluate(() => { document.querySelector('#statements').textContent = 'You open a page.'; });
  await kari.desk.fill('#passphrase', office.passphrase);
  await kari.desk.click('#go');
  await kari.desk.waitForURL((url) => !url.pathname.startsWith('/sign/'));
  assert.match(here('show', office.number).stdout, /suspended/i);
  const today = new Date().toLocaleDateString('sv-SE', { timeZone: 'Europe/Oslo' });
  const activity = elsewhere('officers', 'activity', 'Kari Nordmann', '--since', today);
  assert.match(activity.stdout, /suspended/i, activity.stderr);
  assert.equal(here('audit').status, 0);
});
