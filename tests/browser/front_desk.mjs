// Files as people send them, `tests/front-desk/`, in the page. Run it as README.md says.

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { test } from 'node:test';

import { Browser } from './browser.mjs';
import { exportPage } from './programs.mjs';
import { StaticServer } from './static.mjs';

const desk = (name) => resolve(import.meta.dirname, '../front-desk', name);
/** The time for which the answers hold. */
const NOW = '2026-11-29T17:00:00Z';
/** How the page calls a kind, where the table has another name. */
const NAMES = { DOCX: 'Word', DOC: 'Word', ODT: 'OpenDocument', 'empty file': 'tom', 'e-mail': 'EML', archive: 'ikke kan leses' };

test('every file that people send gets its answer', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'vernet-desk-'));
  exportPage(desk('office/roots.json'), join(folder, 'page'), '../../publication/');
  const files = await StaticServer.start({ '/page/': join(folder, 'page'), '/publication/': desk('office/publication') });
  const browser = await Browser.start(join(folder, 'profile'));
  try {
    const page = await browser.page({ days: (Date.parse(NOW) - Date.now()) / 86400e3 });
    await page.goto(`${files.url}/page/v/`);
    await browser.state(page, 'start');
    await browser.learnt(page);
    const rows = ['expected.tsv', 'foreign.tsv'].flatMap((table) =>
      readFileSync(desk(table), 'utf8').split('\n').filter((row) => row && !row.startsWith('#')).slice(1));
    const wrong = [];
    for (const row of rows) {
      const [file, answers] = row.split('\t');
      if ((await page.locator('body').getAttribute('data-state')) !== 'start') await page.locator('[data-act=start]:visible').click();
      await browser.state(page, 'start');
      // As it is dropped, without a type.
      await page.locator('#file').setInputFiles({ name: file, mimeType: '', buffer: readFileSync(desk(file)) });
      await page.waitForFunction(() => document.body.dataset.code, undefined, { timeout: 60_000 });
      const found = await told(page);
      if (!answers.split(', or ').some((answer) => isRight(answer, found))) wrong.push(`${file}: ${JSON.stringify(found)} in place of ${answers}`);
    }
    assert.deepEqual(wrong, []);
  } finally {
    await browser.close();
    await files.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});

/** The codes on the screen, and its words. */
async function told(page) {
  const several = await page.locator('.row:visible').evaluateAll((rows) => rows.map((row) => row.dataset.code));
  const code = await page.locator('body').getAttribute('data-code');
  return { codes: (several.length > 0 ? several : [code]).sort(), words: (await page.locator('main').innerText()).slice(0, 600) };
}

function isRight(answer, { codes, words }) {
  if (answer.startsWith('amber ')) {
    const kind = answer.slice('amber '.length);
    return codes.length === 1 && codes[0] === 'unreadable' && words.toLowerCase().includes((NAMES[kind] ?? kind).toLowerCase());
  }
  return JSON.stringify(codes) === JSON.stringify(answer.split('; ').map((one) => (one.startsWith('amber ') ? 'unreadable' : one.replace(/^\d /, ''))).sort());
}
