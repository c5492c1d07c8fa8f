// The office's console: officers sign in by key file, and read. Run it as README.md beside this file says.

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { test, before, after } from 'node:test';

import { Browser } from './browser.mjs';
import { Console, Office } from './programs.mjs';

const WIDTHS = [320, 1280, 1920];
const PICTURES = resolve(process.env.PICTURES ?? join(import.meta.dirname, '../../target/browser'));
const DESK = { viewport: { width: 1280, height: 900 } };

const folder = mkdtempSync(join(tmpdir(), 'vernet-console-'));
const browsers = [];
let office;
let served;
let browser;
let proposal;

before(async () => {
  mkdirSync(PICTURES, { recursive: true });
  office = new Office(join(folder, 'demo'));
  const letter = join(folder, 'brev <b>.txt');
  writeFileSync(letter, 'Et brev <script>alert(1)</script>\n');
  const [pdf, picture] = ['pdf', 'png'].map((kind) => office.at(`certificates/${office.number}.${kind}`));
  proposal = office.propose('revoke', office.number, '--document', letter, '--document', pdf, '--document', picture);
  served = await Console.start(office);
  browser = await start('ola', 'nb-NO');
});

after(async () => {
  for (const one of browsers) await one.close();
  await served?.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function start(name, locale) {
  const one = await Browser.start(join(folder, `profile-${name}`), { settings: { ...DESK, locale } });
  browsers.push(one);
  return one;
}

async function signIn(page, officer) {
  await page.goto(`${served.url}/sign-in`);
  await page.setInputFiles('#file', office.at(`officers/${officer}.pem`));
  await page.fill('#passphrase', office.passphrase);
  await page.click('#go');
  await page.waitForURL(`${served.url}/`);
}

test('whoever is not signed in sees nothing, and comes back to where they were going', async () => {
  const page = await browser.page();
  await page.goto(`${served.url}/person/9144889`);
  assert.equal(new URL(page.url()).pathname, '/sign-in');
  await browser.looks(page, 'console-sign-in', PICTURES, WIDTHS, { accessible: true });

  await page.click('#go');
  // The browser itself asks for the passphrase, which is required.
  await page.fill('#passphrase', 'five wrong words are here');
  await page.click('#go');
  await page.locator('#fault').waitFor();
  assert.match(await page.locator('#fault').innerText(), /nøkkelfilen/i);

  await page.setInputFiles('#file', office.at('officers/ola.pem'));
  await page.click('#go');
  await page.waitForFunction(() => /passordfrasen/i.test(document.getElementById('fault').textContent));
  await browser.looks(page, 'console-sign-in-refused', PICTURES, WIDTHS, { accessible: true });

  await page.fill('#passphrase', office.passphrase);
  const sent = page.waitForRequest((request) => request.method() === 'POST');
  await page.click('#go');
  const body = (await sent).postData();
  assert.ok(!body.includes(office.passphrase) && !body.includes('PRIVATE'), body);
  await page.waitForURL(`${served.url}/person/9144889`);
  await page.close();
});

test('every screen can be used by everybody, in three widths and three languages', async () => {
  const page = await browser.page();
  await page.goto(`${served.url}/`);
  const screens = await page.locator('nav.screens a').evaluateAll((links) => links.map((link) => link.getAttribute('href')));
  const more = ['/search?q=ostlyngen', '/person/9144889', '/person/9144889?on=2020-01-01', `/proposals/${proposal}`];
  for (const language of ['nb', 'nn', 'en']) {
    await page.goto(`${served.url}/language/${language}?back=/`);
    for (const path of [...screens, ...more]) {
      const answer = await page.goto(served.url + path);
      assert.equal(answer.status(), 200, path);
      assert.equal(await page.locator('html').getAttribute('lang'), language);
      const name = `console${path.replace(/\W+/g, '-').replace(/-$/, '') || '-today'}-${language}`;
      await browser.looks(page, name, PICTURES, WIDTHS, { accessible: true, whole: true });
      const text = await page.locator('body').innerText();
      assert.doesNotMatch(text, /\b(due|aim|event|member|standing|reminder|review|today|person)\.[a-z_]+/, `${path} shows the name of words`);
    }
  }
  await page.goto(`${served.url}/language/nb?back=/`);
  await page.close();
});

test('in the dark, too', async () => {
  const page = await browser.page({ colorScheme: 'dark' });
  for (const path of ['/', '/person/9144889', `/proposals/${proposal}`]) {
    await page.goto(served.url + path);
    await browser.looks(page, `console-dark${path.replace(/\W+/g, '-')}`, PICTURES, [1280], { accessible: true });
  }
  await page.close();
});

test('by keyboard alone: search, person, proposal', async () => {
  const page = await browser.page();
  await page.goto(`${served.url}/search`);
  await page.keyboard.type('ostlyngen bråthen', { delay: 15 });
  await page.locator('#found table').waitFor();
  // From the field over the button to the person.
  for (let i = 0; i < 4 && !(await page.evaluate(() => document.activeElement.href?.includes('/person/'))); i += 1) await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/person\/9144889/);
  assert.match(await page.locator('h1').innerText(), /Åse Kjærstad Østlyngen-Bråthen/);
  await page.keyboard.press('Tab');
  assert.match(await page.evaluate(() => document.activeElement.className), /skip/);
  await page.keyboard.press('Enter');
  await page.goto(`${served.url}/proposals`);
  const link = page.locator('main a').first();
  await link.focus();
  await page.keyboard.press('Enter');
  await page.waitForURL(`${served.url}/proposals/${proposal}`);
  const summary = page.locator('.documents summary', { hasText: 'brev' });
  await summary.focus();
  await page.keyboard.press('Enter');
  const shown = page.frameLocator('.documents li:has-text("brev") iframe').locator('body');
  assert.match(await shown.innerText(), /<script>alert\(1\)<\/script>/, 'the document is shown as the text that it is');
  await page.close();
});

test('a letter and a document open in the browser, and nothing in them runs', async () => {
  const page = await browser.page();
  await page.goto(`${served.url}/person/9144889`);
  const letter = await page.request.get(`${served.url}/certificate/${office.number}/letter`);
  assert.equal(letter.headers()['content-type'], 'application/pdf');
  assert.equal((await letter.body()).subarray(0, 5).toString(), '%PDF-');

  // In place, beside the proposal: whatever the browser refuses fails the test.
  await page.goto(`${served.url}/proposals/${proposal}`);
  for (const summary of await page.locator('.documents summary').all()) await summary.click();
  const picture = page.frameLocator('.documents li:has-text(".png") iframe').locator('img');
  await picture.waitFor();
  assert.ok(await picture.evaluate((image) => image.naturalWidth > 100), 'the picture is drawn');
  await page.waitForTimeout(1500);
  await page.screenshot({ path: join(PICTURES, 'console-documents.png'), fullPage: true });
  await page.close();
});

test('an audit shows how far it has come, and its result', async () => {
  const page = await browser.page();
  await page.goto(`${served.url}/audit`);
  await page.click('main button');
  await page.getByText('Ingen feil.').waitFor();
  await browser.looks(page, 'console-audited', PICTURES, WIDTHS, { accessible: true, whole: true });
  await page.reload();
  await page.getByText('Ingen feil.').waitFor();
  await page.close();
});

test('whoever signs out is out, also with the way back', async () => {
  const page = await browser.page();
  await page.goto(`${served.url}/person/9144889`);
  await page.click('form.who button');
  await page.waitForURL(/\/sign-in/);
  await page.goBack();
  await page.waitForURL(/\/sign-in/);
  assert.doesNotMatch(await page.content(), /Østlyngen/);

  // The encrypted key file is remembered only if one wants it.
  await page.goto(`${served.url}/sign-in`);
  await page.setInputFiles('#file', office.at('officers/kari.pem'));
  await page.check('#remember');
  await page.fill('#passphrase', office.passphrase);
  await page.click('#go');
  await page.waitForURL(`${served.url}/`);
  const kept = await page.evaluate(() => localStorage.getItem('vernet-key-file'));
  assert.equal(kept, readFileSync(office.at('officers/kari.pem'), 'utf8'));
  await page.click('form.who button');
  await page.fill('#passphrase', office.passphrase);
  await page.click('#go');
  await page.waitForURL(`${served.url}/`);
  await page.close();
});
