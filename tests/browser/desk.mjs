// A desk without a phone: scanners that type, the kiosk, whom to call, large text. Run it as README.md beside this file says.

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { test, before, after } from 'node:test';

import { Browser } from './browser.mjs';
import { Example } from './example.mjs';
import { scan } from './scanner.mjs';

const WIDTHS = [320, 414, 1280];
const PICTURES = resolve(process.env.PICTURES ?? join(import.meta.dirname, '../../target/browser'));
const DESK = { viewport: { width: 1280, height: 860 } };

const folder = mkdtempSync(join(tmpdir(), 'vernet-desk-'));
const browsers = [];
let office;
let browser;

before(async () => {
  mkdirSync(PICTURES, { recursive: true });
  office = await Example.start(folder);
  browser = await start('desk', { settings: DESK });
});

after(async () => {
  for (const one of browsers) await one.close();
  await office?.stop();
  rmSync(folder, { recursive: true, force: true });
});

test('a scanner types the link and Enter, in four layouts, without anybody touching the machine', async () => {
  for (const layout of ['us', 'de', 'no', 'fr']) {
    const page = await opened();
    assert.equal(await focused(page), 'text', 'the field has the focus from the start');
    await scan(page, office.link(1), { layout });
    await browser.code(page, 'authorised');
    assert.equal(await page.locator('#text').inputValue(), '', 'nothing of it stays in the field');

    // While that is on the screen, the next one; then one with a digit that was changed.
    await scan(page, office.link(3), { layout });
    await browser.code(page, 'suspended');
    const link = office.link(1);
    const other = link.slice(0, -9) + ((Number(link.at(-9)) + 1) % 10) + link.slice(-8);
    await scan(page, other, { layout });
    await browser.code(page, /^(bad_signature|malformed)$/);
    assert.equal(await colour(page), 'refused', layout);
    await page.close();
  }
});

test('the ends that scanners send, and scans in haste', async () => {
  const page = await opened();
  for (const end of [['Tab'], ['Enter', 'Enter'], ['Enter', 'Control+j']]) {
    await scan(page, office.link(1), { layout: 'no', end });
    await browser.code(page, 'authorised');
    await page.locator('[data-act=start]:visible').click();
    await browser.state(page, 'start');
  }
  // One after the other, faster than the answers: the last one counts.
  for (const number of [1, 3, 1, 3]) await scan(page, office.link(number));
  await browser.code(page, 'suspended');
  await page.waitForFunction(() => document.body.dataset.fetching === 'no');
  assert.equal(await page.locator('body').getAttribute('data-code'), 'suspended');
  await page.close();
});

test('a scan goes where it belongs, whatever has the focus', async () => {
  const page = await opened();
  await scan(page, office.link(1));
  await browser.code(page, 'authorised');
  // A button that Enter would press, and a list in which letters choose.
  for (const [focus, number, code] of [['[data-act=start]:visible', 3, 'suspended'], ['#language', 1, 'authorised'], ['summary', 3, 'suspended']]) {
    await page.locator(focus).focus();
    await scan(page, office.link(number), { layout: 'de' });
    await browser.code(page, code);
    assert.equal(await page.evaluate(() => document.documentElement.lang), 'nb');
    assert.equal(await page.locator('#about').getAttribute('open'), null);
  }
  // Something was typed before by hand, and left.
  await page.locator('[data-act=start]:visible').click();
  await page.locator('#text').pressSequentially('hei', { delay: 120 });
  await scan(page, office.link(1));
  await browser.code(page, 'authorised');
  await page.close();
});

test('a person types and pastes as before', async () => {
  const page = await opened();
  await page.locator('#text').fill(`${office.link(1)}\n`);
  await page.keyboard.press('Enter');
  await browser.code(page, 'authorised');
  await page.keyboard.press('Escape');
  await page.locator('[data-act=start]:visible').focus();
  await page.keyboard.press('Enter');
  await browser.state(page, 'start');
  await page.keyboard.press('Enter');
  assert.equal(await page.locator('body').getAttribute('data-state'), 'start', 'nothing was typed, nothing is checked');
  await page.close();
});

test('what a scanner typed in a layout that nobody knows is not known, and not refused', async () => {
  const page = await opened();
  const garbled = office.link(1).replace(/[0-9]/g, (digit) => 'abcdefghij'[digit]).replace('#', '-');
  await scan(page, garbled);
  await browser.code(page, 'unreadable');
  assert.equal(await colour(page), 'undetermined');
  assert.match(await page.locator('#advice').innerText(), /tastatur/);
  // Another code altogether is none of ours.
  await scan(page, '7038010000065');
  await browser.code(page, 'malformed');
  await page.close();
});

test('on a phone the field does not open the keyboard', async () => {
  const phone = await start('phone', { settings: { viewport: { width: 390, height: 780 }, hasTouch: true, isMobile: true } });
  const page = await phone.page({ days: office.days });
  await page.goto(office.url);
  await phone.state(page, 'start');
  assert.notEqual(await focused(page), 'text');
  await scan(page, office.link(1), { layout: 'no' });
  await phone.code(page, 'authorised');
  await page.close();
});

test('the kiosk: large, the next scan clears the last, and after half a minute nothing is left', async () => {
  const page = await opened('?kiosk');
  const visited = await page.evaluate(() => history.length);
  assert.equal(await focused(page), 'text');
  await browser.looks(page, 'kiosk-start', PICTURES, WIDTHS, { state: 'start', accessible: true });
  await scan(page, office.link(1), { layout: 'no' });
  await browser.code(page, 'authorised');
  await browser.looks(page, 'kiosk-green', PICTURES, WIDTHS, { accessible: true });
  await scan(page, office.link(3), { layout: 'no' });
  await browser.code(page, 'suspended');
  assert.doesNotMatch(await page.locator('body').innerHTML(), /Kj.rstad/, 'nothing of the one before');
  await browser.looks(page, 'kiosk-red', PICTURES, WIDTHS, { accessible: true });
  const name = await page.locator('#name').innerText();
  assert.notEqual(name, '');

  await browser.move(page, office.days + 31 / 86400);
  await browser.state(page, 'start');
  const left = await page.evaluate(() => document.documentElement.outerHTML);
  assert.ok(!left.includes(name), 'a passer-by sees nothing');
  assert.equal(await page.evaluate(() => document.body.dataset.code), undefined);
  assert.equal(await focused(page), 'text', 'ready for the next one');
  assert.equal(await page.evaluate(() => history.length), visited);
  assert.match(page.url(), /\/v\/\?kiosk$/);
  await page.close();
});

test('the kiosk stays a kiosk when a link is opened in it, and the screen stays on', async () => {
  const page = await browser.page({ days: office.days });
  await page.addInitScript(() => {
    globalThis.locks = [];
    Object.defineProperty(navigator, 'wakeLock', { value: { request: async (kind) => (globalThis.locks.push(kind), { released: false }) } });
  });
  await page.goto(`${office.url}?kiosk#${office.digits(1)}`);
  await browser.code(page, 'authorised');
  assert.match(page.url(), /\/v\/\?kiosk$/);
  assert.deepEqual(await page.evaluate(() => globalThis.locks), ['screen']);
  await page.close();
  const usual = await opened();
  assert.equal(await usual.locator('#sound').isVisible(), false);
  await usual.close();
});

test('the kiosk is silent until somebody wants to hear it, and then each colour has its own sound', async () => {
  const page = await opened('?kiosk');
  await page.evaluate(() => {
    globalThis.tones = [];
    const { start } = OscillatorNode.prototype;
    OscillatorNode.prototype.start = function (...when) {
      globalThis.tones.push(this.frequency.value);
      return start.apply(this, when);
    };
  });
  const heard = () => page.evaluate(() => globalThis.tones.splice(0).join());
  await scan(page, office.link(1));
  await browser.code(page, 'authorised');
  assert.equal(await heard(), '');
  await page.locator('#sound').click();
  assert.equal(await page.locator('#sound').getAttribute('aria-pressed'), 'true');
  await heard();
  const sounds = [];
  const garbled = office.link(1).replace(/[0-9]/g, 'x');
  for (const [text, code] of [[office.link(1), 'authorised'], [office.link(3), 'suspended'], [garbled, 'unreadable']]) {
    await scan(page, text);
    await browser.code(page, code);
    await page.waitForFunction(() => document.body.dataset.played === document.body.dataset.colour);
    sounds.push(await heard());
  }
  assert.equal(new Set(sounds).size, 3, sounds.join(' / '));
  assert.ok(sounds.every(Boolean));
  await page.reload();
  await browser.state(page, 'start');
  assert.equal(await page.locator('#sound').getAttribute('aria-pressed'), 'true', 'remembered');
  await page.locator('#sound').click();
  await page.close();
});

const OFFICE = {
  iss: 'https://perfusionist.example.no',
  name: { nb: 'Eksempeldirektoratet', en: 'Example Directorate' },
  contacts: [
    { phone: '+4799999901', when: { nb: 'mandag til fredag 8–16', en: 'Monday to Friday, 8 am to 4 pm' } },
    { phone: '+4799999902', when: { nb: 'hele døgnet, alle dager', en: 'day and night, every day' }, always: true },
    { email: 'vakt@perfusionist.example.no', url: 'https://perfusionist.example.no/kontakt', when: { nb: '<b>kontortid</b>' } },
    { phone: 'javascript:alert(1)', url: 'javascript:alert(1)', when: { nb: 'aldri' } },
  ],
};

test('the office in words, and for red and amber whom to call, at night those who answer then', async () => {
  for (const [hour, first] of [[3, '+4799999902'], [11, '+4799999901']]) {
    const page = await browser.page({ days: office.days });
    await page.addInitScript(([office, hour]) => {
      const { parse } = JSON;
      JSON.parse = (text, ...more) => {
        const value = parse(text, ...more);
        if (value?.answer === 'verdict') value.verdict.office = { ...office, contacts: value.verdict.verdict === 'accepted' ? [] : office.contacts };
        if (value?.news) value.news.office = office;
        return value;
      };
      Date.prototype.getHours = () => hour;
      Date.prototype.getDay = () => 2;
    }, [OFFICE, hour]);
    await page.goto(`${office.url}#${office.digits(3)}`);
    await browser.code(page, 'suspended');
    assert.match(await page.locator('#office').innerText(), /Eksempeldirektoratet \(perfusionist\.example\.no\)/);
    const links = await page.locator('#contacts a').evaluateAll((links) => links.map((link) => link.getAttribute('href')));
    assert.equal(links[0], `tel:${first}`);
    assert.deepEqual([...links].sort(), ['https://perfusionist.example.no/kontakt', 'mailto:vakt@perfusionist.example.no', 'tel:+4799999901', 'tel:+4799999902']);
    assert.match(await page.locator('#contacts').innerText(), /\+47 99 99 99 02\s+hele døgnet[^]*<b>kontortid/);
    assert.doesNotMatch(await page.locator('#contacts').innerText(), /aldri/, 'what cannot be called is not shown');
    if (hour === 3) await browser.looks(page, 'whom-to-call', PICTURES, WIDTHS, { accessible: true });
    for (const [language, words] of [['en', /Example Directorate/], ['da', /Eksempeldirektoratet/], ['nn', /Eksempeldirektoratet/], ['sv', /Eksempeldirektoratet/]]) {
      await page.locator('#language').selectOption(language);
      await page.waitForFunction((language) => document.documentElement.lang === language, language);
      await page.waitForFunction((source) => new RegExp(source).test(document.querySelector('#office').textContent), words.source);
    }
    await page.locator('#language').selectOption('nb');
    await page.goto('about:blank');
    await page.goto(`${office.url}#${office.digits(1)}`);
    await browser.code(page, 'authorised');
    assert.equal(await page.locator('#contact').isVisible(), false);
    assert.match(await page.locator('#office').innerText(), /Eksempeldirektoratet/);
    assert.match(await page.locator('#knowledge').innerText(), /Eksempeldirektoratet/);
    await page.close();
  }
});

test('text of twice the size on a small screen: the word, the name and the birth date are there at once', async () => {
  const large = await start('large-text', { flags: ['--blink-settings=defaultFontSize=32'], settings: { viewport: { width: 360, height: 640 } } });
  for (const [number, code] of [[1, 'authorised'], [2, 'authorised'], [3, 'suspended'], [4, 'authorised_with_conditions']]) {
    for (const language of ['nb', 'nn', 'en', 'sv', 'da']) {
      const page = await large.page({ days: office.days });
      await page.addInitScript((language) => localStorage.setItem('vernet-language', language), language);
      await page.goto(`${office.url}#${office.digits(number)}`);
      await large.code(page, code);
      assert.equal(await page.evaluate(() => getComputedStyle(document.documentElement).fontSize), '36px', 'twice the size');
      if (language === 'nb') await page.screenshot({ path: join(PICTURES, `large-text-${code}-${number}.png`) });
      for (const id of ['headline', 'name', 'born']) {
        const box = await page.locator(`#${id}`).boundingBox();
        assert.ok(box.y >= 0 && box.y + box.height <= 640, `${id} of ${code} in ${language} ends at ${box.y + box.height}`);
        assert.ok(box.x >= 0 && box.x + box.width <= 360, `${id} of ${code} in ${language}`);
      }
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'nothing sticks out');
      await page.close();
    }
  }
  const page = await large.page({ days: office.days });
  await page.goto(office.url);
  await large.state(page, 'start');
  await page.screenshot({ path: join(PICTURES, 'large-text-start.png') });
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
  await page.close();
});

async function opened(query = '') {
  const page = await browser.page({ days: office.days });
  await page.goto(`${office.url}${query}`);
  await browser.state(page, 'start');
  await browser.learnt(page);
  return page;
}

const focused = (page) => page.evaluate(() => document.activeElement?.id);
const colour = (page) => page.locator('body').getAttribute('data-colour');

async function start(profile, settings) {
  const started = await Browser.start(join(folder, profile), settings);
  browsers.push(started);
  return started;
}
