// Pictures for the README and the manual, of the demonstration's office: `npm run pictures`. Small, as WebP, into docs/pictures/.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { Browser } from './browser.mjs';
import { Console, Office, Server } from './programs.mjs';

const PICTURES = resolve(import.meta.dirname, '../../docs/pictures');
const DESK = { viewport: { width: 1280, height: 860 }, locale: 'nb-NO' };
const PHONE = { width: 390, height: 780 };
const LANGUAGES = ['nb', 'en'];

const folder = mkdtempSync(join(tmpdir(), 'vernet-pictures-'));
mkdirSync(PICTURES, { recursive: true });
const office = new Office(join(folder, 'demo'));
const proposal = office.propose('suspend', office.number, '--until', new Date(Date.now() + 60 * 86400e3).toISOString().slice(0, 10));
const served = await Console.start(office, '--publish', office.at('publication'));
const hospital = await Server.start(office);
const browser = await Browser.start(join(folder, 'profile'), { settings: DESK });
try {
  const desk = await browser.page();
  await desk.goto(`${served.url}/sign-in`);
  await desk.setInputFiles('#file', office.at('officers/ola.pem'));
  await desk.fill('#passphrase', office.passphrase);
  await desk.click('#go');
  await desk.waitForURL(`${served.url}/`);
  // Not those that name a folder of this machine.
  const screens = {
    today: '/', search: '/search?q=kari', proposals: '/proposals', review: `/proposals/${proposal}`, apply: '/applications/new', applications: '/inbox', import: '/import',
    letters: '/print', ceremony: '/ceremony', figures: '/figures', officers: '/officers', keys: '/keys', rules: '/rules', audit: '/audit', 'access-log': '/access-log',
  };
  for (const language of LANGUAGES) {
    await desk.goto(`${served.url}/language/${language}?back=/`);
    for (const [name, path] of Object.entries(screens)) {
      await desk.goto(served.url + path);
      await keep(`console-${name}-${language}`, [await desk.screenshot()], { width: 640, quality: 0.5 });
    }
  }
  const page = await browser.page();
  await page.setViewportSize(PHONE);
  await page.goto(new URL('/v/', hospital.url).href + office.link.slice(office.link.indexOf('#')));
  await browser.code(page, 'authorised');
  const verdict = await page.screenshot();
  await desk.goto(`${served.url}/language/en?back=/`);
  await keep('console-and-verdict', [await desk.screenshot(), verdict], { width: 1100, quality: 0.7 });

  /** Pictures side by side, as high as each other, as one of this width. */
  async function keep(name, pictures, { width, quality }) {
    const canvas = await browser.page();
    const webp = await canvas.evaluate(async ({ sources, width, quality }) => {
      const pictures = await Promise.all(sources.map(async (source) => createImageBitmap(await (await fetch(`data:image/png;base64,${source}`)).blob())));
      const gap = 16;
      const ratio = pictures.reduce((sum, picture) => sum + picture.width / picture.height, 0);
      const height = Math.round((width - gap * (pictures.length - 1)) / ratio);
      const sheet = new OffscreenCanvas(width, height);
      const pen = sheet.getContext('2d');
      pen.imageSmoothingQuality = 'high';
      let at = 0;
      for (const picture of pictures) {
        const wide = (height * picture.width) / picture.height;
        pen.drawImage(picture, at, 0, wide, height);
        at += wide + gap;
      }
      const blob = await sheet.convertToBlob({ type: 'image/webp', quality });
      return Array.from(new Uint8Array(await blob.arrayBuffer()));
    }, { sources: pictures.map((picture) => picture.toString('base64')), width, quality });
    await canvas.close();
    writeFileSync(join(PICTURES, `${name}.webp`), Buffer.from(webp));
    console.log(`${name}.webp ${webp.length}`);
  }
} finally {
  await browser.close();
  await hospital.stop();
  await served.stop();
  rmSync(folder, { recursive: true, force: true });
}
