// The whole path of a right: somebody applies in the inbox; one officer opens the application in the console, takes it over and proposes it; another officer, in
// another browser, reviews and approves it; the letter goes to the applicant; it is published by the console's button; and the verifier's page says so.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { test, before, after } from 'node:test';

import { Browser } from './browser.mjs';
import { Console, Inbox, Office, Server, program } from './programs.mjs';

const WIDTHS = [320, 1280];
const PICTURES = resolve(process.env.PICTURES ?? join(import.meta.dirname, '../../target/browser'));
const ROOTS = ['root-keys/root-1.pem', 'root-keys/root-2.pem'];
const DESK = { viewport: { width: 1280, height: 900 }, locale: 'en-GB' };

const folder = mkdtempSync(join(tmpdir(), 'vernet-path-'));
const running = [];
let office;
let inbox;
let served;
let hospital;
let kari;
let ola;
let applicant;
let code;
let number;

before(async () => {
  mkdirSync(PICTURES, { recursive: true });
  office = new Office(join(folder, 'demo'));
  inbox = await Inbox.start(office, folder);
  served = await Console.start(office, '--publish', office.at('publication'));
  hospital = await Server.start(office);
  kari = await start('kari');
  ola = await start('ola');
  applicant = await Browser.start(join(folder, 'profile-applicant'), { settings: DESK });
  running.push(applicant);
  applicant.desk = await applicant.page();
});

after(async () => {
  for (const browser of running) await browser.close();
  for (const program of [hospital, served, inbox]) await program?.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function start(name) {
  const browser = await Browser.start(join(folder, `profile-${name}`), { settings: DESK });
  running.push(browser);
  browser.desk = await browser.page();
  await browser.desk.goto(`${served.url}/sign-in`);
  await browser.desk.setInputFiles('#file', office.at(`officers/${name}.pem`));
  await browser.desk.fill('#passphrase', office.passphrase);
  await browser.desk.check('#remember');
  await browser.desk.click('#go');
  await browser.desk.waitForURL(`${served.url}/`);
  return browser;
}

const looks = (browser, name) => browser.looks(browser.desk, name, PICTURES, WIDTHS, { accessible: true, whole: true });

async function sign({ desk }, expected) {
  await desk.waitForURL(/\/sign\//);
  await desk.locator('#statements h2').first().waitFor();
  assert.match(await desk.locator('#statements').innerText(), expected);
  await desk.fill('#passphrase', office.passphrase);
  await desk.click('#go');
  await desk.waitForURL((url) => !url.pathname.startsWith('/sign/'));
}

function issuer(...words) {
  const env = { ...process.env, VERNET_OFFICE: office.at('office'), VERNET_OFFICER_KEY: office.at('officers/kari.pem'), VERNET_PASSPHRASE_FILE: office.at('passphrase.txt') };
  return execFileSync(program('vernet-issuer'), words, { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

/** Opens the inbox's applications with its key, which no server has. */
async function openInbox({ desk }) {
  await desk.goto(`${served.url}/inbox`);
  if (await desk.locator('#choose').isVisible()) await desk.setInputFiles('#file', office.at('office/keys/inbox.pem'));
  await desk.fill('#passphrase', office.passphrase);
  await desk.click('#go');
  await desk.locator('#rows tr').first().waitFor();
}

test('somebody applies', async () => {
  const { desk } = applicant;
  await desk.goto(`${inbox.url}en/apply`);
  await desk.selectOption('#kind', 'authorisation');
  await desk.selectOption('#basis', 'accredited_school_exam');
  await desk.click('main button.primary');
  for (const [id, text] of Object.entries({ given_name: 'Ingrid Sofie', family_name: 'Ødegård', birthdate: '28.02.1990', hpr_number: '9144900', school: 'Fjordheim Perfusion School', exam_date: '11.06.2014', mail: 'ingrid@example.no' })) {
    await desk.fill(`#${id}`, text);
  }
  await desk.click('main button.primary');
  await desk.setInputFiles('#identity', office.png);
  await desk.setInputFiles('#diploma', inbox.letter);
  await desk.fill('#text', 'Everything is here, <b>I hope</b>.');
  await desk.click('main button.primary');
  await desk.locator('.receipt-code').waitFor();
  code = (await desk.locator('.receipt-code').innerText()).trim();
});

test('an officer opens it in the browser, takes it over with its documents, and proposes it', async () => {
  const { desk } = kari;
  await desk.goto(`${served.url}/inbox`);
  assert.doesNotMatch(await desk.content(), /Ødegård|ingrid@/, 'the server cannot read it');
  await looks(kari, 'console-inbox-key');
  await desk.setInputFiles('#file', office.at('office/keys/inbox.pem'));
  await desk.fill('#passphrase', 'another passphrase entirely');
  await desk.click('#go');
  await desk.locator('#fault').waitFor();
  await openInbox(kari);
  assert.match(await desk.locator('#rows').innerText(), /Ingrid Sofie Ødegård[^]*28 February 1990[^]*new/);
  await desk.click('#rows button');
  await desk.locator('#documents li').nth(1).waitFor();
  assert.match(await desk.locator('#one').innerText(), /Fjordheim Perfusion School[^]*<b>I hope<\/b>/);
  await desk.waitForFunction(() => document.querySelector('#documents img').complete && document.querySelector('#documents img').naturalWidth > 0);
  await looks(kari, 'console-inbox-application');

  // Something is asked first.
  await desk.selectOption('#step', 'request');
  await desk.fill('#text', 'Please tell us your second name.');
  await desk.fill('#by', '2099-01-15');
  await desk.click('#answer button');
  await desk.locator('#happened li').nth(1).waitFor();
  assert.match(await desk.locator('#happened').innerText(), /asks for something, answer by 15 January 2099/);
  await applicant.desk.goto(`${inbox.url}en/status`);
  await applicant.desk.fill('#code', code);
  await applicant.desk.keyboard.press('Enter');
  await applicant.desk.locator('.happened').waitFor();
  assert.match(await applicant.desk.locator('main').innerText(), /second name/);

  await desk.click('#take-over');
  await desk.locator('#application form').waitFor();
  assert.equal(await desk.inputValue('#application [name="family_name"]'), 'Ødegård');
  assert.equal(await desk.inputValue('#application [name="birthdate"]'), '28.02.1990');
  assert.equal(await desk.inputValue('#application [name="basis"]'), 'accredited_school_exam');
  // What a rule refuses is mended in place, and the documents stay.
  const decided = await desk.inputValue('#application [name="decided"]');
  await desk.fill('#application [name="decided"]', '01.01.2001');
  await desk.click('#application .primary');
  await desk.locator('#application [role="alert"]').waitFor();
  await desk.fill('#application [name="decided"]', decided);
  await desk.click('#application .primary');
  await sign(kari, /Ødegård[^]*diploma-1\.pdf[^]*identity-1\.png|Ødegård[^]*identity-1\.png[^]*diploma-1\.pdf/);
});

test('another officer reviews and approves it', async () => {
  const { desk } = ola;
  await desk.goto(`${served.url}/proposals`);
  await desk.locator('main a', { hasText: /grant|authorisation/i }).first().click();
  await desk.waitForURL(/\/proposals\/\d+/);
  assert.match(await desk.locator('main').innerText(), /Ingrid Sofie Ødegård/);
  await desk.click('#approve');
  await sign(ola, /You approve proposal[^]*Ødegård/);
  [number] = issuer('person', '9144900', '--json').match(/NO-PE-\d{4}-\d{6}/);
});

test('the letter goes to the applicant, and what is printed is recorded', async () => {
  const { desk } = kari;
  await openInbox(kari);
  await desk.click('#rows button');
  await desk.locator('#documents li').first().waitFor();
  await desk.selectOption('#step', 'granted');
  await desk.fill('#certificate', number);
  await desk.click('#answer button');
  await desk.locator('#happened li').nth(2).waitFor();
  await applicant.desk.goto(`${inbox.url}en/status`);
  await applicant.desk.fill('#code', code);
  await applicant.desk.keyboard.press('Enter');
  await applicant.desk.locator('.happened').waitFor();
  assert.match(await applicant.desk.locator('main').innerText(), /granted/i);

  await desk.goto(`${served.url}/print`);
  assert.match(await desk.locator('main').innerText(), new RegExp(`Ingrid Sofie Ødegård[^]*${number}`));
  await looks(kari, 'console-print');
  const pdf = await desk.evaluate(async () => {
    const form = document.querySelector('form[action="/print"]');
    const body = new URLSearchParams({ ...Object.fromEntries(new FormData(form)), what: 'letters' });
    const response = await fetch('/print', { method: 'POST', body });
    return [response.headers.get('content-type'), (await response.text()).slice(0, 5)];
  });
  assert.deepEqual(pdf, ['application/pdf', '%PDF-']);
  await desk.click('#sent');
  await sign(kari, new RegExp(number));
  assert.match(await desk.locator('main').innerText(), /No letter waits/);
});

test('it is published by the console, and the page of the hospital says so', async () => {
  const link = issuer('export', number, '--format', 'url').trim();
  await kari.desk.goto(`${served.url}/publish`);
  await looks(kari, 'console-publish');
  await kari.desk.click('#publish');
  await sign(kari, /publish/i);
  await kari.desk.waitForURL(`${served.url}/publish`);
  assert.match(await kari.desk.locator('#published').innerText(), /Certificates verified/);
  await looks(kari, 'console-published');
  await hospital.answers(link, 'authorised');
  const page = await applicant.page();
  await page.goto(new URL('/v/', hospital.url).href + link.slice(link.indexOf('#')));
  await applicant.code(page, 'authorised');
  assert.match(await page.locator('#name').innerText(), /Ødegård/);
  issuer('audit');
});

test('a trust list is drafted here, signed away from here, and put into force', async () => {
  const { desk } = kari;
  await desk.goto(`${served.url}/ceremony`);
  const draft = await desk.evaluate(async () => (await fetch('/ceremony/draft.json')).text());
  const file = join(folder, 'draft.json');
  writeFileSync(file, draft);
  // Somebody brings it back too early.
  await desk.setInputFiles('#upload', file);
  await desk.click('#accept');
  await desk.locator('[role="alert"]').waitFor();
  assert.equal(await desk.locator('.done').count(), 0);
  for (const root of ROOTS) issuer('trust-list', 'sign', file, '--key', office.at(root));
  await desk.setInputFiles('#upload', file);
  await desk.click('#accept');
  await sign(kari, /trust list/i);
  await desk.waitForURL(`${served.url}/ceremony`);
  assert.match(await desk.locator('main').innerText(), /Trust list 2 is in force/);
  await looks(kari, 'console-ceremony');
});
