// The office's console: an import of 300 people. Kari uploads a table as a spreadsheet saves it, maps its columns, mends what is wrong and proposes it by one
// signature of her key file. Ola sees the rows and carries it out by a passkey, one touch for all of them and one for the end.

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
const DESK = { viewport: { width: 1280, height: 900 }, locale: 'en-GB' };
const PEOPLE = 300;

const folder = mkdtempSync(join(tmpdir(), 'vernet-imports-'));
const browsers = [];
let office;
let served;
let kari;
let ola;

before(async () => {
  mkdirSync(PICTURES, { recursive: true });
  office = new Office(join(folder, 'demo'));
  served = await Console.start(office);
  kari = await start('kari');
  ola = await start('ola');
});

after(async () => {
  for (const one of browsers) await one.close();
  await served?.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function start(name) {
  const browser = await Browser.start(join(folder, `profile-${name}`), { settings: DESK });
  browsers.push(browser);
  browser.desk = await browser.page();
  await browser.desk.goto(`${served.url}/sign-in`);
  await browser.desk.setInputFiles('#file', office.at(`officers/${name}.pem`));
  await browser.desk.fill('#passphrase', office.passphrase);
  await browser.desk.check('#remember');
  await browser.desk.click('#go');
  await browser.desk.waitForURL(`${served.url}/`);
  return browser;
}

async function signByFile({ desk }) {
  await desk.waitForURL(/\/sign\//);
  await desk.locator('#statements h2').first().waitFor();
  await desk.fill('#passphrase', office.passphrase);
  await desk.click('#go');
  await desk.waitForURL((url) => !url.pathname.startsWith('/sign/'));
}

async function newest({ desk }) {
  await desk.goto(`${served.url}/proposals`);
  const links = await desk.locator('main a[href^="/proposals/"]').evaluateAll((all) => all.map((link) => Number(link.getAttribute('href').split('/').pop())));
  return Math.max(...links);
}

function issuer(...words) {
  const env = { ...process.env, VERNET_OFFICE: office.at('office'), VERNET_OFFICER_KEY: office.at('officers/kari.pem'), VERNET_PASSPHRASE_FILE: office.at('passphrase.txt') };
  return execFileSync(program('vernet-issuer'), words, { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 64 << 20 });
}

const looks = (browser, name) => browser.looks(browser.desk, name, PICTURES, WIDTHS, { accessible: true, whole: true });

/** A table as a Norwegian spreadsheet saves it: semicolons, Windows-1252, columns by its own names. */
function table(school) {
  const rows = Array.from({ length: PEOPLE }, (_, n) => {
    const born = n === 5 ? '31.02.1980' : `${String((n % 28) + 1).padStart(2, '0')}.05.19${70 + (n % 20)}`;
    const number = n === 17 ? '' : String(9_300_000 + n);
    const note = n === 40 ? '01018012345' : '';
    return [number, `Åse ${String.fromCharCode(65 + (n % 26))}`, n === 99 ? '' : `Østby${String.fromCharCode(97 + Math.floor(n / 26))}`, born, school, '11.06.2012', '20.11.2026', note].join(';');
  });
  const text = ['HPR-nr;Fornavn;Etternavn;Født;Utdanningssted;Eksamensdato;Gyldig fra;Merknad', ...rows, ''].join('\r\n');
  return Buffer.from(text, 'latin1');
}

test('a table is uploaded, mapped and mended, and proposed by one signature', async () => {
  const { desk } = kari;
  await desk.goto(`${served.url}/applications/new`);
  const school = await desk.locator('#schools option').first().getAttribute('value');
  await desk.goto(`${served.url}/import`);
  await looks(kari, 'console-import-start');
  await desk.setInputFiles('#upload', { name: 'personer.csv', mimeType: 'text/csv', buffer: table(school) });
  await desk.click('main .primary');
  await desk.waitForURL(/\/import\/./);
  // Nobody passes a column over by mistake.
  assert.match(await desk.locator('[role="alert"]').innerText(), /Merknad/);
  await looks(kari, 'console-import-columns');
  await desk.selectOption('[name="c7"]', '-');
  await desk.fill('#same_kind', 'authorisation');
  await desk.fill('#same_basis', 'norwegian_exam');
  await desk.click('section[aria-labelledby="columns"] form > .actions button');
  await desk.locator('.sums').waitFor();
  assert.match(await desk.locator('.sums').innerText(), /297 can be granted[^]*3 refused/);
  assert.doesNotMatch(await desk.content(), /01018012345/, 'what nobody may keep is shown nowhere');
  await looks(kari, 'console-import-faults');

  const wrong = desk.locator('input[aria-invalid="true"]');
  assert.deepEqual(await wrong.evaluateAll((all) => all.map(({ name }) => name)), ['r7c3', 'r19c0', 'r101c2']);
  await desk.fill('[name="r7c3"]', '28.02.1980');
  await desk.fill('[name="r19c0"]', '9300017');
  await desk.check('[name="out101"]');
  await desk.click('form[action$="/mend"] .actions button');
  await desk.waitForFunction(() => !document.querySelector('.sums .bad'));
  // It is still there when the page is loaded again.
  await desk.reload();
  assert.match(await desk.locator('.sums').innerText(), /299 can be granted[^]*0 refused/);
  await looks(kari, 'console-import-ready');
  await desk.click('#go');
  await signByFile(kari);
  await desk.waitForURL(`${served.url}/proposals`);
  assert.match(await desk.locator('main').innerText(), /299/);
});

test('the other officer sees the rows, and carries it out by a touch for all of them', async () => {
  const { desk } = ola;
  const credentials = await passkey();
  const seq = await newest(ola);
  await desk.goto(`${served.url}/proposals/${seq}/rows`);
  assert.match(await desk.locator('main').innerText(), /299 can be granted[^]*Åse A Østbya/);
  await desk.goto(`${served.url}/proposals/${seq}`);
  await desk.click('#approve');
  await desk.waitForURL(/carry-out/);
  await desk.reload();
  const before = await touches(credentials);
  await desk.click('#go');
  await desk.locator('#completed').waitFor({ timeout: 300_000 });
  assert.equal((await touches(credentials)) - before, 2, 'one touch for all of them, and one for the end');
  assert.equal(await desk.locator('#parts tr').count(), 299);
  assert.match(await desk.locator('#running').innerText(), /299 \/ 299/);
  const person = JSON.parse(issuer('person', '9300017', '--json'));
  assert.match(JSON.stringify(person), /NO-PE-/);
  issuer('audit');
});

test('who is no second officer carries nothing out, and a server that asks for more gets no signature', async () => {
  const { desk } = kari;
  await desk.goto(`${served.url}/import`);
  const rows = 'hpr_number,given_name,family_name,birthdate,kind,basis,granted,exam_school,exam_date\n';
  await desk.goto(`${served.url}/applications/new`);
  const school = await desk.locator('#schools option').first().getAttribute('value');
  const one = (n) => `${n},Åse,Østby,1984-05-17,authorisation,norwegian_exam,2026-11-20,${school},2012-06-11\n`;
  for (const numbers of [[9_400_001, 9_400_002], [9_400_003]]) {
    await desk.goto(`${served.url}/import`);
    await desk.setInputFiles('#upload', { name: 'few.csv', mimeType: 'text/csv', buffer: Buffer.from(rows + numbers.map(one).join('')) });
    await desk.click('main .primary');
    await desk.locator('#go').waitFor();
    await desk.click('#go');
    await signByFile(kari);
  }
  const seq = await newest(kari);
  await desk.goto(`${served.url}/proposals/${seq}/carry-out`);
  await desk.fill('#passphrase', office.passphrase);
  await desk.click('#go');
  await desk.locator('#fault').waitFor();
  assert.match(await desk.locator('#fault').innerText(), /second_officer|same_officer|own|approv/i);
  await looks(kari, 'console-carry-out-refused');

  // The page is of one proposal, and a server that was taken over sends the statements of another.
  await ola.desk.goto(`${served.url}/proposals/${seq}/carry-out`);
  await ola.desk.route(/carry-out\/next$/, (route) => route.continue({ url: route.request().url().replace(`/${seq}/`, `/${seq - 1}/`) }));
  await ola.desk.click('#go');
  await ola.desk.locator('#fault').waitFor();
  assert.match(await ola.desk.locator('#fault').innerText(), /not in the proposal/);
  await ola.desk.unroute(/carry-out\/next$/);
  await ola.desk.click('#go');
  await ola.desk.locator('#completed').waitFor();
  assert.equal(await ola.desk.locator('#parts tr').count(), 1);
});

/** Makes Ola a passkey, and has it enrolled by both. */
async function passkey() {
  const session = await ola.desk.context().newCDPSession(ola.desk);
  await session.send('WebAuthn.enable');
  const options = { protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true };
  const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', { options });
  await ola.desk.goto(`${served.url}/keys`);
  await ola.desk.click('#go');
  await ola.desk.locator('#made').waitFor();
  const key = await ola.desk.inputValue('#key');
  const name = (await ola.desk.locator('.who span').first().innerText()).replace('Signed in as', '').trim();
  await kari.desk.goto(`${served.url}/officers/enrol`);
  await kari.desk.fill('#name', name);
  await kari.desk.fill('#key', key);
  for (const role of ['grant', 'supervise', 'publish', 'administer']) await kari.desk.check(`[name="role_${role}"]`);
  await kari.desk.fill('#until', '31.12.2027');
  await kari.desk.click('main .primary');
  await signByFile(kari);
  const seq = await newest(ola);
  await ola.desk.goto(`${served.url}/proposals/${seq}`);
  await ola.desk.click('#approve');
  await signByFile(ola);
  await ola.desk.locator('.who button').click();
  await ola.desk.waitForURL(/sign-in/);
  await ola.desk.click('#touch');
  await ola.desk.waitForURL(`${served.url}/`);
  // Enrolling was proposed after the import, and is decided.
  return { session, authenticatorId };
}

async function touches({ session, authenticatorId }) {
  const { credentials } = await session.send('WebAuthn.getCredentials', { authenticatorId });
  return credentials[0].signCount;
}
