// Five grants in the console, as somebody does them who was told how: what they click, what they type, and how long the machine takes. Run it as
// README.md beside this file says; it prints the counts.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, before, after } from 'node:test';

import { Browser } from './browser.mjs';
import { Console, Office, program } from './programs.mjs';

const DESK = { viewport: { width: 1280, height: 900 }, locale: 'en-GB' };
const PDF = '%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n';
const PEOPLE = [
  ['Solveig', 'Ørstavik', '24.12.1985', '9122334'],
  ['Jon', 'Bjørnstad', '03.02.1979', '9122342'],
  ['Ailin', 'Sara', '17.05.1990', '9122350'],
  ['Thi Mai', 'Nguyen', '30.09.1988', '9122369'],
  ['Per Olav', 'Å', '01.01.1970', '9122377'],
];

const folder = mkdtempSync(join(tmpdir(), 'vernet-newcomer-'));
const browsers = [];
const counted = { clicks: 0, strokes: 0, choices: 0 };
let office;
let served;

before(async () => {
  office = new Office(join(folder, 'demo'));
  writeFileSync(join(folder, 'diploma.pdf'), PDF);
  served = await Console.start(office);
});

after(async () => {
  for (const one of browsers) await one.close();
  await served?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Hands at a keyboard and a mouse, which count. */
class Hands {
  static async of(name) {
    const browser = await Browser.start(join(folder, name), { settings: DESK });
    browsers.push(browser);
    const hands = new Hands();
    hands.page = await browser.page();
    return hands;
  }

  async click(what) {
    counted.clicks += 1;
    await this.page.click(what);
  }

  /** Tab to the next field, and type: a stroke each. */
  async type(field, text) {
    counted.strokes += 1 + [...text].length;
    await this.page.focus(field);
    await this.page.keyboard.type(text);
  }

  /** Tab, and the first letters of an entry of a list, or the arrow keys. */
  async choose(field, value) {
    counted.strokes += 3;
    await this.page.selectOption(field, value);
  }

  /** A file is chosen in the system's window: a click opens it, two choose it. */
  async file(field, path) {
    counted.clicks += 1;
    counted.choices += 1;
    await this.page.setInputFiles(field, path);
  }

  async enter() {
    counted.strokes += 1;
    await this.page.keyboard.press('Enter');
  }

  async signIn(officer) {
    // The address stands among the bookmarks.
    counted.clicks += 1;
    await this.page.goto(`${served.url}/sign-in`);
    await this.file('#file', office.at(`officers/${officer}.pem`));
    await this.click('#remember');
    await this.type('#passphrase', office.passphrase);
    await this.enter();
    await this.page.waitForURL(`${served.url}/`);
  }

  async sign() {
    await this.page.waitForURL(/\/sign\//);
    const from = this.page.url();
    await this.page.locator('#statements h2').first().waitFor();
    // The field for the passphrase has the focus already.
    counted.strokes += [...office.passphrase].length;
    await this.page.keyboard.type(office.passphrase);
    await this.enter();
    await this.page.waitForURL((url) => url.href !== from);
  }
}

test('five grants: proposed by one officer, approved in a row by another one, published, with letters', async () => {
  const began = Date.now();
  const today = new Date().toLocaleDateString('nb-NO', { timeZone: 'Europe/Oslo', day: '2-digit', month: '2-digit', year: 'numeric' });
  const kari = await Hands.of('kari');
  await kari.signIn('kari');
  for (const [given, family, born, hpr] of PEOPLE) {
    await kari.click('nav a[href="/applications/new"]');
    await kari.page.waitForURL(/applications\/new/);
    const school = await kari.page.locator('#schools option').first().getAttribute('value');
    await kari.type('#given_name', given);
    await kari.type('#family_name', family);
    await kari.type('#birthdate', born);
    await kari.type('#hpr_number', hpr);
    await kari.choose('#kind', 'authorisation');
    await kari.choose('#basis', 'norwegian_exam');
    // Two letters, and the entry of the list.
    counted.strokes += 5;
    await kari.page.fill('#exam_school', school);
    await kari.type('#exam_date', '15.06.2012');
    for (const field of ['#decided', '#granted']) {
      if ((await kari.page.inputValue(field)) === '') await kari.type(field, today);
    }
    await kari.file('#documents', join(folder, 'diploma.pdf'));
    await kari.page.focus('#hpr_number');
    await kari.enter();
    await kari.sign();
    await kari.page.waitForURL(`${served.url}/proposals`);
  }
  const proposed = { ...counted };
  const ola = await Hands.of('ola');
  await ola.signIn('ola');
  // Today shows what waits: the first one is opened, and the others follow.
  await ola.click('main a[href^="/proposals/"]');
  for (let number = 0; number < PEOPLE.length; number += 1) {
    await ola.page.locator('#approve').waitFor();
    await ola.click('#approve');
    await ola.sign();
  }
  await ola.page.waitForURL(`${served.url}/proposals`);
  // A letter each: the person is found by their number, and the letter opened.
  for (const [, , , hpr] of PEOPLE) {
    await ola.click('nav a[href="/search"]');
    await ola.type('main input[name="q"]', hpr);
    await ola.enter();
    await ola.page.locator(`main a[href="/person/${hpr}"]`).waitFor();
    await ola.click(`main a[href="/person/${hpr}"]`);
    const letter = ola.page.locator('a[href$="/letter"]').first();
    await letter.waitFor();
    counted.clicks += 1;
    const answer = await ola.page.request.get(new URL(await letter.getAttribute('href'), served.url).href);
    assert.equal(answer.headers()['content-type'], 'application/pdf');
  }
  const minutes = (Date.now() - began) / 60e3;
  // Publication is one command.
  const publish = `vernet-issuer publish --out ${'publication'}`;
  const env = { ...process.env, VERNET_OFFICE: office.at('office'), VERNET_OFFICER_KEY: office.at('officers/ola.pem'), VERNET_PASSPHRASE_FILE: office.at('passphrase.txt') };
  execFileSync(program('vernet-issuer'), ['publish', '--out', office.at('publication')], { env, stdio: 'pipe' });
  const strokes = publish.length + 1;
  const listed = JSON.parse(execFileSync(program('vernet-issuer'), ['list', '--json'], { env, encoding: 'utf8' }));
  assert.equal(listed.length, 1 + PEOPLE.length);
  console.log(JSON.stringify({
    grants: PEOPLE.length,
    clicks: counted.clicks,
    files_chosen: counted.choices,
    keystrokes: counted.strokes,
    of_which_proposing: proposed,
    passphrase_strokes: [...office.passphrase].length * (2 + 2 * PEOPLE.length),
    on_the_command_line: { commands: 1, keystrokes: strokes },
    machine_minutes: Number(minutes.toFixed(2)),
  }));
});
