// The scanning page in a real Chromium, against the real server and a real office. Run it as README.md beside this file says.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { test, before, after } from 'node:test';

import { Browser } from './browser.mjs';
import { film } from './camera.mjs';
import { Office, Server, exportPage } from './programs.mjs';

const WIDTHS = [320, 414, 1280];
/** Pictures of every state, to be looked at. */
const PICTURES = resolve(process.env.PICTURES ?? join(import.meta.dirname, '../../target/browser'));
const MAX_COMPRESSED = 450_000;

const folder = mkdtempSync(join(tmpdir(), 'vernet-browser-'));
let office;
let server;
let browser;

before(async () => {
  mkdirSync(PICTURES, { recursive: true });
  office = new Office(join(folder, 'demo'));
  server = await Server.start(office);
  const drawing = await Browser.start(join(folder, 'drawing'));
  await film(await drawing.page(), office.png, join(folder, 'camera.y4m'));
  await drawing.close();
  browser = await Browser.start(join(folder, 'phone'), { film: join(folder, 'camera.y4m') });
});

after(async () => {
  await browser?.close();
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

test('from the camera to green, suspended to red, without a network still an answer, beyond the end amber', async () => {
  const page = await browser.page();
  await page.goto(server.url.href);
  await page.locator('[data-act=camera]').click();
  await browser.code(page, 'authorised');
  assert.equal(await page.locator('body').getAttribute('data-colour'), 'accepted');
  await browser.looks(page, 'green', PICTURES, WIDTHS, { accessible: true });

  office.suspend();
  await server.answers(office.link, 'suspended');
  // One refresh of the page: it asks when somebody looks at it again.
  await page.goto('about:blank');
  await page.goto(office.link.replace(/^.*#/, `${server.url.href}#`));
  await browser.code(page, 'suspended');
  assert.equal(await page.locator('body').getAttribute('data-colour'), 'refused');
  await browser.looks(page, 'red', PICTURES, WIDTHS, { accessible: true });

  office.lift();
  await server.answers(office.link, 'authorised');
  await page.reload();
  await browser.learnt(page);
  await browser.installed(page);
  await server.stop();
  await page.context().setOffline(true);
  await page.goto(`${server.url.href}#${digits()}`);
  await browser.code(page, 'authorised');
  assert.match(await page.locator('#knowledge').innerText(), /\d|akkurat|just/i, 'the age of what it knows');
  await browser.looks(page, 'offline-green', PICTURES, WIDTHS, { accessible: true });

  // The link as it is printed, without the slash; and as old scanners write it.
  await page.goto(`${server.url.origin}/v#${digits()}`);
  await browser.code(page, 'authorised');
  await page.goto(`${server.url.origin}/v%23${digits()}`);
  await browser.code(page, 'authorised');

  // Beyond the lists' own end: four days without news.
  const later = await browser.page({ days: 4 });
  await later.goto(`${server.url.href}#${digits()}`);
  await browser.code(later, 'status_stale');
  assert.equal(await later.locator('body').getAttribute('data-colour'), 'undetermined');
  await browser.looks(later, 'amber', PICTURES, WIDTHS, { accessible: true });
  await later.close();

  // A verdict that stands on the screen turns amber by itself.
  const waiting = await browser.page({ days: 0 });
  await waiting.goto(`${server.url.href}#${digits()}`);
  await browser.code(waiting, 'authorised');
  await browser.move(waiting, 4);
  await waiting.evaluate(() => document.dispatchEvent(new Event('visibilitychange', { bubbles: true })));
  await browser.code(waiting, /^(status_stale|undefined)$/);
  await waiting.close();
  await page.context().setOffline(false);
  await page.close();
});

test('a link sends neither its fragment nor a claim anywhere, and leaves no trace', async () => {
  server = await Server.start(office, { listen: new URL(server.url).host });
  const visitor = await Browser.start(join(folder, 'visitor'));
  const page = await visitor.page();
  const sent = [];
  page.context().on('request', (request) => sent.push(`${request.method()} ${request.url()} ${request.postData() ?? ''} ${JSON.stringify(request.headers())}`));
  await page.goto(`${server.url.href}#${digits()}`);
  await visitor.code(page, 'authorised');
  assert.equal(page.url(), server.url.href, 'the fragment is gone from the address bar');
  assert.equal(await page.evaluate(() => history.length), 2, 'and from the history');
  const secrets = [digits().slice(20, 60), office.number, 'Kj', '9144889', '1984-05-17'];
  const log = server.log + (await (await fetch(new URL('/metrics', server.url))).text());
  for (const secret of secrets) {
    assert.ok(!sent.some((request) => request.includes(secret)), `\`${secret}\` was sent`);
    assert.ok(!log.includes(secret), `\`${secret}\` is in the log`);
  }
  const stored = await page.evaluate(async () => {
    const databases = await indexedDB.databases();
    const contents = await Promise.all(databases.map(({ name }) => new Promise((done) => {
      indexedDB.open(name).onsuccess = ({ target }) => {
        target.result.transaction('state').objectStore('state').getAll().onsuccess = (event) => done(JSON.stringify(event.target.result));
      };
    })));
    return contents.join() + JSON.stringify({ ...localStorage }) + JSON.stringify({ ...sessionStorage });
  });
  for (const secret of secrets.slice(0, 2)) assert.ok(!stored.includes(secret), `\`${secret}\` is stored`);
  const routes = new Set(server.requests().map(({ method, route }) => `${method} ${route}`));
  console.log('# the server\'s log of an opened link:', [...routes].sort().join(', '));
  assert.ok(!routes.has('POST /v1/verify'), 'the page asks nobody');
  await visitor.close();
});

test('what it weighs, and how soon it answers', async () => {
  const visitor = await Browser.start(join(folder, 'weight'));
  const page = await visitor.page();
  const session = await page.context().newCDPSession(page);
  await session.send('Network.enable');
  const urls = new Map();
  let compressed = 0;
  const sizes = [];
  session.on('Network.requestWillBeSent', ({ requestId, request }) => urls.set(requestId, request.url));
  session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    compressed += encodedDataLength;
    sizes.push(`${Math.round(encodedDataLength / 100) / 10} kB ${new URL(urls.get(requestId) ?? 'x:unknown').pathname}`);
  });
  await page.goto(`${server.url.href}#${digits()}`, { waitUntil: 'load' });
  const loaded = performance.now();
  await visitor.code(page, 'authorised');
  const first = performance.now() - loaded;
  await visitor.installed(page);
  await page.goto('about:blank');
  const opened = performance.now();
  await page.goto(`${server.url.href}#${digits()}`, { waitUntil: 'commit' });
  await visitor.code(page, 'authorised');
  const again = performance.now() - opened;
  console.log(`# ${compressed} bytes compressed at the first visit: ${sizes.sort((a, b) => parseFloat(b) - parseFloat(a)).slice(0, 6).join(', ')}`);
  console.log(`# verdict ${Math.round(first)} ms after load at the first visit, ${Math.round(again)} ms after opening at the second`);
  assert.ok(compressed <= MAX_COMPRESSED, `${compressed} bytes`);
  await visitor.close();
});

test('by photo, by paste, and what is no certificate', async () => {
  const page = await browser.page();
  await page.goto(server.url.href);
  await page.locator('#file').setInputFiles(office.png);
  await browser.code(page, 'authorised');
  await page.locator('[data-act=start]:visible').click();
  await page.locator('#text').fill(readFileSync(office.at(`certificates/${office.number}.jwt`), 'utf8'));
  await page.locator('#typed button').click();
  await browser.code(page, 'authorised');
  await page.locator('[data-act=start]:visible').click();
  await page.locator('#text').fill(readFileSync(office.at('forged.jwt'), 'utf8'));
  await page.locator('#typed button').click();
  await browser.code(page, 'bad_signature');
  assert.equal(await page.locator('#name').innerText(), '', 'claims that nobody signed are not shown');
  await browser.looks(page, 'forged', PICTURES, WIDTHS, { accessible: true });
  await page.locator('[data-act=start]:visible').click();
  await page.locator('#text').fill('hello');
  await page.locator('#typed button').click();
  await browser.code(page, 'malformed');
  await page.close();
});

test('conditions, the start, settings and every language are readable and accessible, light and dark', async () => {
  office.limit();
  await server.answers(office.link, 'authorised_with_conditions');
  for (const colorScheme of ['light', 'dark']) {
    const page = await browser.page({ colorScheme });
    await page.goto(server.url.href);
    await browser.looks(page, `start-${colorScheme}`, PICTURES, WIDTHS, { state: 'start', accessible: true });
    await page.locator('#about summary').click();
    await browser.looks(page, `about-${colorScheme}`, PICTURES, WIDTHS, { accessible: true });
    await page.goto(`${server.url.href}#${digits()}`);
    await browser.code(page, 'authorised_with_conditions');
    for (const language of ['nb', 'nn', 'en', 'sv', 'da']) {
      await page.locator('#language').selectOption(language);
      await page.waitForFunction((language) => document.documentElement.lang === language, language);
      await browser.looks(page, `conditions-${colorScheme}-${language}`, PICTURES, language === 'nb' ? WIDTHS : [320], { accessible: true });
    }
    await page.close();
  }
});

test('a camera that sees no code goes on looking', async () => {
  const elsewhere = await Browser.start(join(folder, 'elsewhere'));
  const page = await elsewhere.page();
  await page.goto(server.url.href);
  await page.locator('[data-act=camera]').click();
  await page.waitForFunction(() => document.querySelector('video').videoWidth > 0);
  await elsewhere.looks(page, 'camera', PICTURES, WIDTHS, { state: 'camera', accessible: true });
  assert.equal(await page.locator('body').getAttribute('data-code'), null);
  await elsewhere.close();
});

test('no camera, and a first visit without a network: told kindly, and amber', async () => {
  const blind = await Browser.start(join(folder, 'blind'), { deny: true });
  const page = await blind.page();
  await page.goto(server.url.href);
  await page.locator('[data-act=camera]').click();
  await page.locator('#hint:not([hidden])').waitFor();
  await blind.looks(page, 'no-camera', PICTURES, WIDTHS, { state: 'start', accessible: true });
  await blind.close();

  const cut = await Browser.start(join(folder, 'cut'));
  const without = await cut.page();
  await without.route('**/bundle.json', (route) => route.abort());
  await without.goto(`${server.url.href}#${digits()}`);
  await cut.code(without, 'status_missing');
  await cut.looks(without, 'first-visit-offline', PICTURES, WIDTHS, { accessible: true });
  await cut.close();
});

test('bad news from the publication changes nothing', async () => {
  const page = await browser.page();
  const bundle = await (await fetch(new URL('/v1/publication/bundle.json', server.url))).json();
  const forged = structuredClone(bundle);
  forged.status_lists = forged.status_lists.map((list) => `${list.slice(0, -4)}AAAA`);
  for (const body of [JSON.stringify(forged), JSON.stringify(bundle).slice(0, 900), '<html>hotel network: log in</html>', '']) {
    await page.route('**/bundle.json', (route) => route.fulfill({ body, contentType: 'application/json' }));
    await page.goto('about:blank');
    await page.goto(`${server.url.href}#${digits()}`);
    await browser.code(page, 'authorised_with_conditions');
    await page.waitForFunction(() => document.body.dataset.problem);
    await page.unroute('**/bundle.json');
  }
  await page.close();
});

test('the exported page on a plain web server, beside the publication', async () => {
  const { StaticServer } = await import('./static.mjs');
  const root = join(folder, 'static');
  office.exportPage(root, '../../publication/');
  const files = await StaticServer.start({ '/page/': root, '/publication/': office.at('publication') });
  const visitor = await Browser.start(join(folder, 'static-visitor'));
  const page = await visitor.page();
  await page.goto(`${files.url}/page/v#${digits()}`);
  await visitor.code(page, 'authorised_with_conditions');
  await visitor.installed(page);
  await files.stop();
  await page.goto(`${files.url}/page/v#${digits()}`);
  await visitor.code(page, 'authorised_with_conditions');
  await visitor.close();
});

test('what old scanners make of the link leads to the exported page too, and sends the digits once', async () => {
  const { StaticServer } = await import('./static.mjs');
  const root = join(folder, 'old-scanners');
  office.exportPage(root, '../../publication/');
  const files = await StaticServer.start(
    { '/page/': root, '/publication/': office.at('publication') }, { notFound: join(root, '404.html') },
  );
  for (const hash of ['v%23', 'v/%23', 'v%2523', 'v/%2523']) {
    const visitor = await Browser.start(join(folder, `old-scanner-${encodeURIComponent(hash)}`));
    const page = await visitor.page();
    files.requests.length = 0;
    await page.goto(`${files.url}/page/${hash}${digits()}`).catch(() => {}); // It leads elsewhere at once.
    await visitor.code(page, /^authorised/);
    assert.equal(page.url(), `${files.url}/page/v/`);
    const told = files.requests.filter((request) => request.includes(digits().slice(20, 60)));
    assert.equal(told.length, 1, `by the scanner's own request and no other: ${told.join(' ')}`);
    await page.goBack().catch(() => {});
    assert.doesNotMatch(page.url(), /\d{60}/, 'and it is not where *back* leads');
    // Once the page is installed, its worker does the same without the server.
    await page.goto(`${files.url}/page/v/`);
    await visitor.installed(page);
    await page.goto('about:blank');
    await page.context().setOffline(true);
    await page.goto(`${files.url}/page/${hash}${digits()}`);
    await visitor.code(page, /^authorised/);
    await visitor.close();
  }
  const stranger = await browser.page();
  await stranger.goto(`${files.url}/page/v%23abc`);
  assert.match(await stranger.locator('h1').innerText(), /404/);
  await stranger.close();
  await files.stop();
});

test('the log of a large office, in tiles beside the bundle', async () => {
  const { StaticServer } = await import('./static.mjs');
  const example = (name) => resolve(import.meta.dirname, '../../keys-example', name);
  const root = join(folder, 'large');
  exportPage(example('roots.json'), join(root, 'page'), '../../publication/');
  const bundle = readFileSync(example('vectors/bundles/log-too-large-for-the-bundle.json'), 'utf8');
  // The leaves that `cargo run --example keys_example` makes up: those of the example office, and others up to 1,025.
  const known = JSON.parse(readFileSync(example('publication/bundle.json'), 'utf8')).log.leaves;
  const leaves = [Buffer.from(known, 'base64url')];
  for (let n = 0n; n < 1025n - BigInt(leaves[0].length / 32); n++) {
    const entry = Buffer.alloc(9);
    entry.writeBigUInt64BE(n, 1);
    leaves.push(createHash('sha256').update(entry).digest());
  }
  const all = Buffer.concat(leaves);
  const write = (name, bytes) => {
    mkdirSync(dirname(join(root, 'publication', name)), { recursive: true });
    writeFileSync(join(root, 'publication', name), bytes);
  };
  write('bundle.json', bundle);
  for (const tile of [1, 2, 3]) write(`log/tile/0/00${tile}`, all.subarray(tile * 8192, (tile + 1) * 8192));
  // The log has grown meanwhile: the full tile has taken the place of the partial one.
  write('log/tile/0/004', Buffer.concat([all.subarray(4 * 8192), Buffer.alloc(255 * 32)]));
  const files = await StaticServer.start({ '/page/': join(root, 'page'), '/publication/': join(root, 'publication') });
  const visitor = await Browser.start(join(folder, 'large-visitor'));
  const days = (Date.parse('2026-11-22T10:00:00Z') - Date.now()) / 86400e3;
  const page = await visitor.page({ days });
  const asked = [];
  page.on('request', (request) => asked.push(new URL(request.url()).pathname.replace('/publication/', '')));
  const link = readFileSync(example('certificates/NO-PE-2026-000001.url'), 'utf8').trim().replace(/^.*#/, `${files.url}/page/v#`);
  await page.goto(link);
  // A mirror withholds a tile: the new lists count, but who was in the log is not known yet.
  await visitor.code(page, 'log_missing');
  write('log/tile/0/000', all.subarray(0, 8192));
  asked.length = 0;
  await page.goto(link);
  await visitor.code(page, 'authorised');
  // The page before may have asked once more for what it waited for.
  assert.deepEqual([...new Set(asked.filter((name) => name.startsWith('log/')))].sort(), [
    'log/tile/0/000', 'log/tile/0/001', 'log/tile/0/002', 'log/tile/0/003', 'log/tile/0/004', 'log/tile/0/004.p/1',
  ]);
  await visitor.installed(page);
  await files.stop();
  await page.goto(link);
  await visitor.code(page, 'authorised');
  await visitor.close();
});

function digits() {
  return office.link.replace(/^.*#/, '');
}
