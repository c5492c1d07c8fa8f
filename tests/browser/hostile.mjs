// What goes wrong on a phone, or is made to: haste, a wrong clock, storage that is taken away. Run it as README.md beside this file says.

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, before, after } from 'node:test';

import { Browser } from './browser.mjs';
import { film } from './camera.mjs';
import { Office, Server } from './programs.mjs';
import { StaticServer } from './static.mjs';

const folder = mkdtempSync(join(tmpdir(), 'vernet-hostile-'));
let office;
let server;
let browser;
/** Also those of tests that failed: an open browser would keep the runner waiting. */
const browsers = [];

before(async () => {
  office = new Office(join(folder, 'demo'));
  server = await Server.start(office);
  browser = await start('phone');
});

after(async () => {
  for (const one of browsers) await one.close();
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

test('two pictures in haste: the second does not get the answer to the first', async () => {
  const page = await browser.page();
  await page.goto(server.url.href);
  await browser.learnt(page);
  await page.evaluate(async (png) => {
    const certificate = new File([Uint8Array.from(atob(png), (c) => c.charCodeAt(0))], 'a.png', { type: 'image/png' });
    // It takes longer to unpack, so its question comes second.
    const canvas = new OffscreenCanvas(4000, 3000);
    const draw = canvas.getContext('2d');
    draw.fillStyle = 'white';
    draw.fillRect(0, 0, canvas.width, canvas.height);
    const blank = new File([await canvas.convertToBlob()], 'b.png', { type: 'image/png' });
    for (const file of [certificate, blank]) {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(file);
      document.body.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }));
    }
  }, readFileSync(office.png).toString('base64'));
  await browser.code(page, 'unreadable'); // There is no code in the second picture.
  assert.equal(await page.locator('#name').innerText(), '');
  await page.close();
});

test('storage that is taken away while the page is open: it goes on, and has not forgotten what it saw', async () => {
  const older = readFileSync(office.at('publication/bundle.json'), 'utf8');
  const page = await browser.page();
  await page.goto(server.url.href);
  office.suspend();
  await server.answers(office.link, 'suspended');
  await page.locator('#about summary').click();
  const refresh = async () => {
    await page.locator('[data-act=refresh]').click();
    await page.waitForFunction(() => document.body.dataset.fetching === 'no');
  };
  await refresh();
  await browser.learnt(page);
  const session = await page.context().newCDPSession(page);
  await session.send('Storage.clearDataForOrigin', { origin: server.url.origin, storageTypes: 'indexeddb' });

  await page.route('**/bundle.json', (route) => route.fulfill({ body: older, contentType: 'application/json' }));
  await refresh();
  assert.equal(await page.locator('body').getAttribute('data-problem'), 'status_list_rolled_back');
  await page.unroute('**/bundle.json');
  await refresh();
  await browser.learnt(page);
  await page.locator('#text').fill(office.link);
  await page.locator('#typed button').click();
  await browser.code(page, 'suspended');
  office.lift();
  await server.answers(office.link, 'authorised');
  await page.close();
});

test('storage that fails once: what was stored before still answers', async () => {
  const page = await browser.page();
  await page.addInitScript(() => {
    const { put } = IDBObjectStore.prototype;
    IDBObjectStore.prototype.put = function (...values) {
      const request = put.apply(this, values);
      if (globalThis.full) this.transaction.abort();
      return request;
    };
  });
  await page.goto(server.url.href);
  await browser.learnt(page);
  office.publish();
  const published = readFileSync(office.at('publication/bundle.json'), 'utf8');
  await page.route('**/bundle.json', (route) => route.fulfill({ body: published, contentType: 'application/json' }));
  await page.evaluate(() => { globalThis.full = true; });
  await page.locator('#about summary').click();
  await page.locator('[data-act=refresh]').click();
  await page.waitForFunction(() => document.body.dataset.problem === 'storage_failed');
  await page.evaluate(() => { globalThis.full = false; });
  await page.unroute('**/bundle.json');
  await page.route('**/bundle.json', (route) => route.abort());
  await page.locator('#file').setInputFiles(office.png);
  await browser.code(page, /authorised|status/);
  assert.equal(await page.locator('body').getAttribute('data-code'), 'authorised');
  await page.close();
});

test('storage that never answers: amber within seconds, and when it answers, the page goes on', async () => {
  const visitor = await start('silent');
  const page = await visitor.page();
  await page.addInitScript(() => {
    const { open } = IDBFactory.prototype;
    const { set } = Object.getOwnPropertyDescriptor(IDBRequest.prototype, 'onsuccess');
    const waiting = [];
    globalThis.silent = true;
    globalThis.answer = () => {
      globalThis.silent = false;
      for (const act of waiting.splice(0)) act();
    };
    // The request is made, but nobody hears of it.
    IDBFactory.prototype.open = function (...words) {
      const request = open.apply(this, words);
      const later = (act) => (event) => (globalThis.silent ? waiting.push(() => act.call(request, event)) : act.call(request, event));
      Object.defineProperty(request, 'onsuccess', { set: (act) => set.call(request, later(act)) });
      return request;
    };
  });
  const opened = performance.now();
  await page.goto(`${server.url.href}#${digits()}`);
  await visitor.code(page, 'storage_failed');
  const seconds = (performance.now() - opened) / 1000;
  assert.equal(await page.locator('body').getAttribute('data-colour'), 'undetermined');
  console.log(`# amber after ${seconds.toFixed(1)} s`);
  assert.ok(seconds < 15, `${seconds} s`);
  await page.waitForFunction(() => document.body.dataset.problem === 'storage_failed' && document.body.dataset.fetching === 'no');
  await page.evaluate(() => globalThis.answer());
  // By itself, at the next attempt.
  await page.waitForFunction(() => document.body.dataset.code === 'authorised', undefined, { timeout: 60_000 });
  await visitor.learnt(page);
  await page.close();
});

test('a transaction that never ends: amber within seconds', async () => {
  const page = await browser.page();
  await page.goto(server.url.href);
  await browser.learnt(page);
  await page.evaluate(() => {
    const { get } = IDBObjectStore.prototype;
    globalThis.silent = true;
    IDBObjectStore.prototype.get = function (...words) {
      const request = get.apply(this, words);
      if (globalThis.silent) Object.defineProperty(request, 'onsuccess', { set: () => {} });
      return request;
    };
    // An idle transaction would commit by itself; one that hangs does not.
    const { get: oncomplete, set } = Object.getOwnPropertyDescriptor(IDBTransaction.prototype, 'oncomplete');
    Object.defineProperty(IDBTransaction.prototype, 'oncomplete', {
      get: oncomplete, set(act) { set.call(this, (event) => globalThis.silent || act.call(this, event)); },
    });
  });
  await page.locator('#about summary').click();
  await page.locator('[data-act=refresh]').click();
  await page.waitForFunction(() => document.body.dataset.problem === 'storage_failed' && document.body.dataset.fetching === 'no', undefined, { timeout: 15_000 });
  await page.close();
});

test('a browser without WebAssembly: amber, and told to take another one', async () => {
  const page = await browser.page();
  await page.addInitScript(() => delete globalThis.WebAssembly);
  await page.goto(`${server.url.href}#${digits()}`);
  await browser.code(page, 'no_webassembly');
  assert.equal(await page.locator('body').getAttribute('data-colour'), 'undetermined');
  assert.match(await page.locator('#advice').innerText(), /annen nettleser/);
  await page.close();
});

test('a clock that is set back while a verdict is on the screen: amber within seconds, and asked for news', async () => {
  const page = await browser.page({ days: 0 });
  await page.goto(`${server.url.href}#${digits()}`);
  await browser.code(page, 'authorised');
  await page.waitForFunction(() => document.body.dataset.fetching === 'no');
  const asked = page.waitForRequest('**/bundle.json');
  await browser.move(page, -2);
  await browser.code(page, 'clock_behind');
  await asked;
  await page.close();
});

test('a wrong clock at the first visit is told as what it is, and not as damaged storage', async () => {
  for (const [days, problem, text] of [[-2, 'clock_behind', /klokken/i], [30, 'status_stale', /klokken/i]]) {
    const visitor = await start(`clock${days}`);
    const page = await visitor.page({ days });
    await page.goto(`${server.url.href}#${digits()}`);
    await visitor.code(page, 'status_missing');
    await page.waitForFunction((problem) => document.body.dataset.problem === problem, problem);
    assert.match(await page.locator('#problem').innerText(), text);
    await page.locator('#about summary').click();
    assert.equal(await page.locator('[data-act=trouble]').isVisible(), false, 'starting again would not help');
    await page.close();
  }
});

test('what is stored and cannot be read is not replaced until somebody says so', async () => {
  const visitor = await start('damaged');
  const page = await visitor.page();
  await page.goto(server.url.href);
  await visitor.learnt(page);
  await page.evaluate(async () => {
    const [{ name }] = await indexedDB.databases();
    await new Promise((done) => {
      indexedDB.open(name).onsuccess = ({ target: { result } }) => {
        const transaction = result.transaction('state', 'readwrite');
        transaction.objectStore('state').put('{"anchor":', 'stored');
        transaction.oncomplete = done;
      };
    });
  });
  await page.goto(`about:blank`);
  await page.goto(`${server.url.href}#${digits()}`);
  await visitor.code(page, 'stored_unreadable');
  assert.equal(await page.locator('body').getAttribute('data-colour'), 'undetermined');
  await page.locator('#about summary').click();
  await page.locator('[data-act=trouble]').click();
  await page.locator('[data-act=start-again]').click();
  await visitor.learnt(page);
  await page.locator('#text').fill(office.link);
  await page.locator('#typed button').click();
  await visitor.code(page, 'authorised');
  await page.close();
});

test('a page that is left keeps nobody on its screen', async () => {
  const page = await browser.page();
  await page.goto(`${server.url.href}#${digits()}`);
  await browser.code(page, 'authorised');
  const text = await page.evaluate(() => {
    dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }));
    return `${document.body.dataset.code} ${document.body.innerHTML}`;
  });
  assert.match(text, /^undefined /);
  assert.doesNotMatch(text, /Kj.rstad|9144889/);
  await page.close();
});

test('what the page\'s own camera has read is in no file of the browser', async () => {
  const recording = join(folder, 'camera.y4m');
  const drawing = await browser.page();
  await film(drawing, office.png, recording);
  await drawing.close();
  const scanner = await start('scanner', { film: recording });
  const page = await scanner.page();
  await page.goto(server.url.href);
  await page.locator('[data-act=camera]').click();
  await scanner.code(page, 'authorised');
  await page.goto('about:blank');
  // What it keeps in memory is written when it ends.
  await scanner.close();
  const profile = join(folder, 'scanner');
  const files = readdirSync(profile, { recursive: true }).map((name) => join(profile, name)).filter((file) => statSync(file, { throwIfNoEntry: false })?.isFile());
  assert.ok(files.some((file) => file.endsWith('History')), 'it does keep a history');
  for (const secret of [digits().slice(20, 60), office.number, 'Kjærstad', '9144889']) {
    for (const encoding of ['utf8', 'utf16le']) {
      const found = files.filter((file) => readFileSync(file).includes(Buffer.from(secret, encoding)));
      assert.deepEqual(found, [], `\`${secret}\``);
    }
  }
});

test('servers of two versions side by side do not have the page reload without end', async () => {
  const exported = join(folder, 'page');
  office.exportPage(exported, '../../publication/');
  const files = await StaticServer.start({ '/page/': exported, '/publication/': office.at('publication') });
  // Each time the script of the other version.
  const script = readFileSync(join(exported, 'v-worker.js'), 'utf8');
  let asked = 0;
  files.intercept('/page/v-worker.js', () => script.replace('"version":"', `"version":"${(asked += 1) % 2}`));
  const visitor = await start('versions');
  const page = await visitor.page();
  await page.goto(`${files.url}/page/v/`);
  await visitor.installed(page);
  await page.goto('about:blank');
  await page.goto(`${files.url}/page/v/`);
  await page.waitForEvent('load'); // The new version takes over,
  await page.waitForFunction(async () => (await navigator.serviceWorker.getRegistration('../v')).waiting); // the next has come,
  const again = page.waitForEvent('load', { timeout: 10_000 }); // longer than the page takes from one look to the next,
  await assert.rejects(again, /Timeout/, 'and waits.');
  await page.close();
  await files.stop();
});

async function start(profile, settings) {
  const started = await Browser.start(join(folder, profile), settings);
  browsers.push(started);
  return started;
}

function digits() {
  return office.link.replace(/^.*#/, '');
}
