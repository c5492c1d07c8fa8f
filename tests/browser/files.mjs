// What people choose and drop: pictures of every sort, several certificates at once, and files that are none. Run it as README.md says.

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { test, before, after } from 'node:test';

import { Browser } from './browser.mjs';
import { film } from './camera.mjs';
import { picture } from './draw.mjs';
import { Example } from './example.mjs';

const WIDTHS = [320, 414, 1280];
const PICTURES = resolve(process.env.PICTURES ?? join(import.meta.dirname, '../../target/browser'));

const folder = mkdtempSync(join(tmpdir(), 'vernet-files-'));
const browsers = [];
let office;
let browser;
let drawing;

before(async () => {
  mkdirSync(PICTURES, { recursive: true });
  office = await Example.start(folder);
  browser = await start('phone');
  drawing = await browser.context.newPage();
});

after(async () => {
  for (const one of browsers) await one.close();
  await office?.stop();
  rmSync(folder, { recursive: true, force: true });
});

test('pictures as people send them are read as on the command line', async () => {
  const page = await opened();
  const code = [office.file(1, 'png')];
  const clear = 'rgba(0, 0, 0, 0)';
  for (const [what, settings] of [
    ['black on transparent', { light: clear }],
    ['white on transparent black', { dark: '#fff', light: '#000' }],
    ['inverted', { dark: '#eee', light: '#111' }],
    ['faint', { dark: 'rgb(110, 110, 110)', light: 'rgb(150, 150, 150)' }],
    ['fainter', { dark: 'rgb(120, 120, 120)', light: 'rgb(140, 140, 140)', type: 'image/jpeg' }],
    ['pale', { dark: 'rgb(200, 200, 200)', light: 'rgb(225, 225, 225)', type: 'image/jpeg' }],
    ['WebP', { type: 'image/webp' }],
    ['a letter on a desk, 12 megapixels', { width: 4032, height: 3024, across: 240, turn: 0.12, blur: 1, type: 'image/jpeg' }],
    ['the same, upright', { width: 3024, height: 4032, across: 300, turn: -0.4, blur: 1.2, type: 'image/jpeg' }],
    ['a letter on a desk, 27 megapixels', { width: 6000, height: 4500, across: 420, turn: 0.05, blur: 1.5, type: 'image/jpeg' }],
  ]) {
    const buffer = await picture(drawing, code, settings);
    const began = performance.now();
    await upload(page, { name: 'photo', mimeType: '', buffer });
    await browser.code(page, 'authorised').catch((error) => { throw new Error(`${what}: ${error.message}`); });
    console.log(`# ${what}: ${Math.round(performance.now() - began)} ms`);
  }
  await upload(page, office.file(2, 'svg'));
  await browser.code(page, 'authorised');
  await page.close();
});

test('a camera that sees a light code on dark reads it', async () => {
  const recording = join(folder, 'inverted.y4m');
  await film(drawing, office.file(1, 'png'), recording, { inverted: true });
  const phone = await start('inverted', { film: recording });
  const page = await phone.page({ days: office.days });
  await page.goto(office.url);
  await page.locator('[data-act=camera]').click();
  await phone.code(page, 'authorised');
  await page.close();
});

test('several certificates in one picture: all are told, the worst first, and never one green for the set', async () => {
  const page = await opened();
  const both = await picture(drawing, [office.file(1, 'png'), office.file(3, 'png')]);
  await upload(page, { name: 'two.png', mimeType: 'image/png', buffer: both });
  await browser.code(page, 'several_certificates');
  assert.equal(await page.locator('body').getAttribute('data-colour'), null, 'no colour for the set');
  assert.deepEqual(await rows(page), ['suspended', 'authorised']);
  assert.match(await page.locator('#several-summary').innerText(), /1 ikke gyldig nå, 1 gyldig/i);
  await browser.looks(page, 'several', PICTURES, WIDTHS, { state: 'several', accessible: true });

  await page.locator('.row[data-code=authorised]').click();
  await browser.code(page, 'authorised');
  assert.match(await page.locator('#among').innerText(), /flere/, 'that there are others stays on the screen');
  await browser.looks(page, 'several-one', PICTURES, WIDTHS, { state: 'verdict', accessible: true });
  await page.locator('[data-act=all-again]').click();
  await browser.code(page, 'several_certificates');
  assert.deepEqual(await rows(page), ['suspended', 'authorised']);
  await page.locator('[data-act=start]:visible').click();
  await browser.state(page, 'start');
  assert.doesNotMatch(await page.locator('main').innerHTML(), /Kj.rstad|9144889/, 'nobody stays on the screen');

  // Two that are both good are two answers all the same.
  await upload(page, { name: 'two.png', mimeType: 'image/png', buffer: await picture(drawing, [office.file(1, 'png'), office.file(2, 'png')]) });
  await browser.code(page, 'several_certificates');
  assert.equal(await page.locator('body').getAttribute('data-colour'), null);
  await page.close();
});

test('several files at once: each has an answer, also the one that cannot be read', async () => {
  const page = await opened();
  await page.locator('#file').setInputFiles([
    { name: 'a.png', mimeType: 'image/png', buffer: readFileSync(office.file(1, 'png')) },
    { name: 'b.docx', mimeType: '', buffer: docx() },
    { name: 'c.png', mimeType: 'image/png', buffer: readFileSync(office.file(3, 'png')) },
    { name: 'again.png', mimeType: 'image/png', buffer: readFileSync(office.file(1, 'png')) },
  ]);
  await browser.code(page, 'several_certificates');
  assert.deepEqual(await rows(page), ['suspended', 'unreadable', 'authorised'], 'each once, the worst first');
  assert.match(await page.locator('.row[data-code=unreadable]').innerText(), /b\.docx[^]*Word/);
  await browser.looks(page, 'several-files', PICTURES, WIDTHS, { state: 'several', accessible: true });
  for (const language of ['nn', 'en', 'sv', 'da', 'nb']) {
    await page.locator('#language').selectOption(language);
    await page.waitForFunction((language) => document.documentElement.lang === language, language);
    await browser.looks(page, `several-files-${language}`, PICTURES, [320], { state: 'several', accessible: true });
  }
  const many = Array.from({ length: 22 }, (_, at) => ({ name: `${at}.txt`, mimeType: '', buffer: Buffer.from(office.link(1)) }));
  await upload(page, many);
  await browser.code(page, 'several_certificates');
  assert.deepEqual(await rows(page), ['unreadable', 'authorised'], 'that some were not looked at is said');
  await page.close();
});

test('what cannot be read is not known, by its content, and says what to do', async () => {
  const page = await opened();
  const box = (brand, ...more) => Buffer.from(`\0\0\0\x18ftyp${brand}\0\0\0\0${more.join('')}`.padEnd(64, '\0'), 'latin1');
  const link = office.link(1);
  const utf16 = (text) => Buffer.from(`\ufeff${text}`, 'utf16le');
  for (const [name, buffer, code, advice] of [
    ['photo.jpg', box('heic', 'mif1', 'heic'), 'unreadable', /HEIC.*JPEG/],
    ['letter.pdf', Buffer.alloc(0), 'unreadable', /tom/],
    ['letter.pdf', Buffer.from(' \n'), 'unreadable', /tom/],
    ['letter.pdf', Buffer.from('<!DOCTYPE html><html><title>Login</title></html>'), 'unreadable', /HTML/],
    ['letter.pdf', docx(), 'unreadable', /Word/],
    ['letter.png', Buffer.from('PK\x03\x04something else', 'latin1'), 'unreadable', /ZIP/],
    ['scan.tif', Buffer.from('II*\0\x08\0\0\0', 'latin1'), 'unreadable', /TIFF/],
    ['scan.jp2', Buffer.from('\0\0\0\x0cjP  \r\n\x87\n', 'latin1'), 'unreadable', /JPEG 2000/],
    ['a.png', readFileSync(office.file(1, 'png')).subarray(0, 200), 'unreadable', /skadet/],
    ['a.png', Buffer.from([...'\x89PNG\r\n\x1a\n'].map((c) => c.charCodeAt(0)).concat([0, 0, 0, 13, 73, 72, 68, 82, 0, 0, 200, 0, 0, 0, 200, 0, 8, 0, 0, 0, 0])), 'unreadable', /for stor/],
    ['link.txt', Buffer.from(link), 'authorised', /legitimasjon/],
    ['link.txt', Buffer.from(`\ufeff${link}\r\n`), 'authorised', /legitimasjon/],
    ['link.png', utf16(`${link}\r\n`), 'authorised', /legitimasjon/],
    ['link', utf16(link).swap16(), 'authorised', /legitimasjon/],
    ['noise.bin', Buffer.from([1, 2, 3, 0, 0, 200, 201]), 'unreadable', /filtypen/],
    ['long.txt', Buffer.alloc(70_000, 'a'), 'unreadable', /for lang/],
  ]) {
    await upload(page, { name, mimeType: 'image/png', buffer });
    await browser.code(page, code).catch((error) => { throw new Error(`${name} ${advice}: ${error.message}`); });
    assert.match(await page.locator('#advice').innerText(), advice, name);
    assert.equal(await page.locator('body').getAttribute('data-colour'), code === 'unreadable' ? 'undetermined' : 'accepted');
  }
  await upload(page, { name: 'IMG_0001.jpg', mimeType: 'image/jpeg', buffer: box('heic', 'mif1', 'heic') });
  await browser.code(page, 'unreadable');
  await browser.looks(page, 'amber-heic', PICTURES, WIDTHS, { accessible: true });
  await page.close();
});

test('what is not looked at in a mail, a web page or a drawing is told beside what is', async () => {
  const page = await opened();
  const link = office.link(1);
  const svg = readFileSync(office.file(2, 'svg'), 'utf8');
  const entities = [...link].map((c) => `&#${c.codePointAt(0)};`).join('');
  for (const [name, text, codes] of [
    ['page.html', `<html><p>${entities}</p>`, ['authorised']],
    ['page.html', `<html><p>${link}</p><img src="data:x,y">`, ['unreadable', 'authorised']],
    ['mail.eml', `Subject: x\r\nContent-Type: application/pdf\r\n\r\n${link}`, ['unreadable', 'authorised']],
    ['both.html', `<html>${link} ${office.link(3)}`, ['suspended', 'authorised']],
    ['code.svg', `<!-- ${'x'.repeat(5000)} -->${svg}`, ['authorised']],
    ['code.svg', svg.replace('</svg>', '<foreignObject/></svg>'), ['unreadable', 'authorised']],
  ]) {
    await upload(page, { name, mimeType: '', buffer: Buffer.from(text) });
    await browser.code(page, codes.length === 1 ? codes[0] : 'several_certificates').catch((error) => { throw new Error(`${text.slice(0, 60)}: ${error.message}`); });
    if (codes.length > 1) assert.deepEqual(await rows(page), codes, text.slice(0, 60));
  }
  await page.close();
});

test('a PDF whose reader cannot be loaded is not known; nothing of the reader is fetched before', async () => {
  const newcomer = await Browser.start(join(folder, 'newcomer'));
  const before = office.files.requests.length;
  const asked = () => office.files.requests.slice(before).filter((request) => request.includes('documents'));
  const page = await opened(newcomer);
  await newcomer.installed(page);
  assert.deepEqual(asked(), []);
  // The page's worker fetches it, so it is the server that does not have it.
  office.files.intercept('/page/v/documents.wasm', () => 'no WebAssembly');
  await upload(page, { name: 'letter.pdf', mimeType: 'application/pdf', buffer: Buffer.from('\n%PDF-1.7\n%%EOF') });
  await newcomer.code(page, 'unreadable');
  assert.match(await page.locator('#advice').innerText(), /PDF.*nettet/);
  await newcomer.looks(page, 'amber-pdf', PICTURES, WIDTHS, { accessible: true });
  assert.ok(asked().some((request) => request.includes('/documents.js')), 'it is fetched when it is needed');
  await newcomer.close();
});

async function opened(visitor = browser) {
  const page = await visitor.page({ days: office.days });
  await page.goto(office.url);
  await visitor.state(page, 'start');
  await visitor.learnt(page);
  return page;
}

/** Chooses files after the answer before is gone, so that the next one is waited for. */
async function upload(page, files) {
  if ((await page.locator('body').getAttribute('data-state')) !== 'start') await page.locator('[data-act=start]:visible').click();
  await browser.state(page, 'start');
  await page.locator('#file').setInputFiles(files);
}

const rows = (page) => page.locator('.row').evaluateAll((rows) => rows.map((row) => row.dataset.code));

/** The beginning of a Word document: a ZIP file with the names that tell. */
function docx() {
  return Buffer.from('PK\x03\x04\x14\0\0\0\0\0[Content_Types].xml word/document.xml', 'latin1');
}

async function start(profile, settings) {
  const started = await Browser.start(join(folder, profile), settings);
  browsers.push(started);
  return started;
}
