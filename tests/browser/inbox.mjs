// The applicants' inbox: somebody applies, and reads what the office answers. Run it as README.md beside this file says.

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { test, before, after } from 'node:test';

import { Browser } from './browser.mjs';
import { Inbox, Office } from './programs.mjs';

const WIDTHS = [320, 768, 1920];
const PICTURES = resolve(process.env.PICTURES ?? join(import.meta.dirname, '../../target/browser'));
const DESK = { viewport: { width: 1280, height: 900 } };
const LANGUAGES = ['nb', 'nn', 'en'];

const folder = mkdtempSync(join(tmpdir(), 'vernet-inbox-'));
let office;
let inbox;
let browser;
let page;
let code;

before(async () => {
  mkdirSync(PICTURES, { recursive: true });
  office = new Office(join(folder, 'demo'));
  inbox = await Inbox.start(office, folder);
  browser = await Browser.start(join(folder, 'profile'), { settings: DESK });
  page = await browser.page();
});

after(async () => {
  await browser?.close();
  await inbox?.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function looks(name) {
  assert.equal(await page.evaluate(() => document.scripts.length), 0, 'a page has a script');
  await browser.looks(page, `inbox-${name}`, PICTURES, WIDTHS, { accessible: true });
}

const words = async () => page.locator('main').innerText();

/** The page that is shown, in each language, by the links at its foot. */
async function inEveryLanguage(name) {
  for (const language of LANGUAGES) {
    await page.click(`.languages a[lang=${language}]`);
    assert.equal(await page.locator('html').getAttribute('lang'), language);
    await looks(`${name}-${language}`);
  }
  await page.click('.languages a[lang=nb]');
}

test('everything can be read in three languages and three widths', async () => {
  await page.goto(inbox.url);
  assert.equal(new URL(page.url()).pathname, '/nb/');
  await inEveryLanguage('front');
  await page.click('main .button:not(.primary)');
  await inEveryLanguage('code');
  await page.click('nav a[href="/nb/apply"]');
  await inEveryLanguage('right');
});

test('somebody applies with the keyboard alone', async () => {
  await page.goto(`${inbox.url}nb/`);
  await to('Begynn en søknad');
  await page.keyboard.press('Enter');
  await page.waitForURL('**/nb/apply');
  // Nothing chosen: the faults are told, and their links lead to the fields.
  await to('Neste');
  await page.keyboard.press('Enter');
  await page.locator('#kind-fault').waitFor();
  await looks('right-faults');
  await to('Hva slags rett');
  await page.keyboard.press('Enter');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'kind');
  await page.keyboard.type('Auto');
  await page.keyboard.press('Tab');
  await page.keyboard.type('Eksamen fra en akk');
  await page.keyboard.press('Enter');
  await to('Neste');
  await page.keyboard.press('Enter');
  await page.locator('#family_name').waitFor();

  await fill({ given_name: 'Ingrid Sofie', family_name: '28029012345', birthdate: '1990' });
  await to('Neste');
  await page.keyboard.press('Enter');
  await page.locator('#family_name-fault').waitFor();
  assert.ok(!(await page.content()).includes('12345'), 'the number is shown again');
  await looks('person-faults');
  await fill({
    family_name: 'Hætta Ødegård', birthdate: '28.02.1990', hpr_number: '9144900', school: 'Fjordheim Perfusion School',
    exam_date: '11.06.2014', mail: 'ingrid@example.no',
  });
  await to('Neste');
  await page.keyboard.press('Enter');
  await page.locator('#diploma').waitFor();
  assert.match(await words(), /Hætta Ødegård/);
  await looks('documents');
});

test('what cannot be opened is told, and what can is received with a code', async () => {
  await page.setInputFiles('#diploma', { name: 'vitnemål.pdf', mimeType: 'application/pdf', buffer: Buffer.from('no PDF at all') });
  await page.click('main button.primary');
  await page.locator('.notice.bad').waitFor();
  assert.match(await words(), /Ingenting er sendt/);
  await looks('documents-faults');

  await page.setInputFiles('#identity', office.png);
  await page.setInputFiles('#diploma', inbox.letter);
  await page.fill('#text', 'Jeg håper alt er med <b>her</b>.');
  await page.click('main button.primary');
  await page.locator('.receipt-code').waitFor();
  code = (await page.locator('.receipt-code').innerText()).trim();
  assert.match(code, /^([0-9A-Z]{5}-){4}[0-9A-Z]{5}$/);
  await looks('receipt');
  await page.emulateMedia({ media: 'print' });
  await page.setViewportSize({ width: 720, height: 1000 });
  await page.screenshot({ path: join(PICTURES, 'inbox-receipt-print.png') });
  await page.emulateMedia({ media: 'screen' });
  await page.setViewportSize({ width: 1280, height: 900 });
  // Sent again by going on in the browser's history, it is the same application.
  await page.reload();
  assert.equal((await page.locator('.receipt-code').innerText()).trim(), code);
  assert.equal(readdirSync(join(folder, 'inbox/incoming')).filter((name) => !name.startsWith('.')).length, 1);
  assert.deepEqual(await browser.context.cookies(), []);
});

test('the office asks, the applicant answers, and the letter comes by a link that works once', async () => {
  const [{ receipt, form }] = inbox.applications('list');
  assert.equal(form.family_name, 'Hætta Ødegård');
  inbox.applications('answer', receipt, 'request', '--text', 'Send passet, takk.\nHelst i farger <i>.', '--by', '2099-01-15');

  await page.goto(`${inbox.url}nb/status`);
  await page.fill('#code', code.slice(0, -1) + (code.endsWith('0') ? '1' : '0'));
  await page.keyboard.press('Enter');
  await page.locator('#code-fault').waitFor();
  await looks('code-fault');
  await page.fill('#code', code.toLowerCase().replaceAll('-', ' '));
  await page.keyboard.press('Enter');
  await page.locator('.happened').waitFor();
  assert.match(await words(), /Svar innen 15\. januar 2099/);
  assert.match(await words(), /Helst i farger <i>\./);
  assert.ok(!page.url().includes(code), 'the code is in the address');
  await looks('status-request');

  await page.setInputFiles('#other', office.png);
  await page.fill('#text', 'Her er passet.');
  await page.click('form[action="/nb/more"] button');
  await page.locator('.notice.good').waitFor();
  assert.match(await words(), /Du har svart/);
  await looks('status-answered');

  inbox.applications('answer', receipt, 'granted', '--text', 'Gratulerer!', '--letter', inbox.letter);
  await page.goto(`${inbox.url}en/status`);
  await page.fill('#code', code);
  await page.keyboard.press('Enter');
  await page.locator('.happened').waitFor();
  assert.match(await words(), /has been granted/);
  await looks('status-granted');
  for (let time = 0; time < 2; time += 1) {
    await page.click('form[action="/en/letter"] button');
    await page.locator('a[download]').waitFor();
    if (time === 0) await looks('link');
    const download = page.waitForEvent('download');
    await page.click('a[download]');
    const file = join(folder, `letter-${time}.pdf`);
    await (await download).saveAs(file);
    assert.deepEqual(readFileSync(file), readFileSync(inbox.letter));
    const used = await page.request.get(new URL(await page.locator('a[download]').getAttribute('href'), inbox.url).href);
    assert.equal(used.status(), 404, 'a second time');
    // Lost: back to the application, and another link.
    await page.click('form[action="/en/status"] button');
    await page.locator('.happened').waitFor();
  }
});

test('a browser that runs no scripts at all is no worse', async () => {
  const other = await Browser.start(join(folder, 'profile-without'), { settings: { ...DESK, javaScriptEnabled: false } });
  const plain = await other.page();
  await plain.goto(`${inbox.url}nb/apply`);
  await plain.selectOption('#kind', 'authorisation');
  await plain.selectOption('#basis', 'transitional');
  await plain.click('main button.primary');
  await plain.fill('#family_name', 'Suharto');
  await plain.fill('#birthdate', '1.1.1970');
  await plain.fill('#mail', 'suharto@example.no');
  await plain.click('main button.primary');
  await plain.setInputFiles('#identity', office.png);
  await plain.click('main form[action="/nb/send"] button');
  await plain.locator('.receipt-code').waitFor();
  await other.close();
});

test('a dark screen is as readable', async () => {
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.goto(`${inbox.url}nb/apply`);
  await looks('dark');
  await page.emulateMedia({ colorScheme: 'light' });
});

/** Goes on by Tab until what has the focus says this. */
async function to(label) {
  for (let step = 0; step < 60; step += 1) {
    await page.keyboard.press('Tab');
    const found = await page.evaluate(() => (document.activeElement.labels?.[0] ?? document.activeElement).innerText ?? '');
    if (found.startsWith(label)) return;
  }
  assert.fail(`Tab never leads to ${label}`);
}

/** Types into fields. */
async function fill(fields) {
  for (const [id, text] of Object.entries(fields)) {
    await page.focus(`#${id}`);
    await page.keyboard.press('ControlOrMeta+A');
    await page.keyboard.type(text);
  }
}
