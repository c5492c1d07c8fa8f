// Chromium, as a phone has it: one profile, which keeps what the page stores.

import AxeBuilderSource from 'axe-core';
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const FLAGS = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--use-fake-device-for-media-stream',
];

export class Browser {
  /** `film` is what the camera sees; `deny` is a person who does not give it; `flags` are more of Chromium's, `settings` of the context. */
  static async start(profile, { film, deny = false, flags = [], settings = {} } = {}) {
    const browser = new Browser();
    browser.context = await chromium.launchPersistentContext(profile, {
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      headless: true,
      locale: 'nb-NO',
      timezoneId: 'Europe/Oslo',
      viewport: { width: 414, height: 860 },
      ...settings,
      args: [
        ...FLAGS,
        deny ? '--use-fake-ui-for-media-stream=deny' : '--use-fake-ui-for-media-stream',
        ...flags,
        ...(film ? [`--use-file-for-fake-video-capture=${film}`] : []),
      ],
    });
    return browser;
  }

  /** A new tab; `days` from now on its clock. Whatever goes wrong in it fails the test. */
  async page({ days, colorScheme } = {}) {
    const page = await this.context.newPage();
    page.on('pageerror', (error) => { throw error; });
    page.on('console', (message) => {
      const policy = /Content Security Policy|Refused to/.test(message.text());
      if (policy) throw new Error(`the page breaks its own policy: ${message.text()}`);
    });
    if (colorScheme) await page.emulateMedia({ colorScheme });
    if (days !== undefined) await page.addInitScript(otherClock, days * 86400e3);
    return page;
  }

  /** Moves the clock of a tab that was opened with `days`. */
  async move(page, days) {
    await page.evaluate((ahead) => { globalThis.clockIsAhead = ahead; }, days * 86400e3);
  }

  /** Waits for a verdict. */
  async code(page, expected) {
    const matches = expected instanceof RegExp ? expected.source : `^${expected}$`;
    try {
      await page.waitForFunction((matches) => new RegExp(matches).test(document.body?.dataset.code), matches, { timeout: 20_000 });
    } catch (error) {
      const found = await page.evaluate(() => `${JSON.stringify({ ...document.body.dataset })} ${document.body.innerText}`);
      throw new Error(`expected the verdict ${expected}, found ${found}`, { cause: error });
    }
  }

  /** Waits for one of the page's states. */
  async state(page, state) {
    await page.waitForFunction((state) => document.body?.classList.contains('started') && document.body.dataset.state === state, state);
  }

  /** Waits until the page knows the newest lists. */
  async learnt(page) {
    await page.waitForFunction(() => document.body.dataset.knowledge === 'current' && !document.body.dataset.problem);
  }

  /** Waits until the page could be opened without a network. */
  async installed(page) {
    await page.waitForFunction(() => document.body?.dataset.offline === 'ready', undefined, { timeout: 20_000 });
  }

  /** Pictures in several widths; and whether everybody can use what is on them. */
  async looks(page, name, folder, widths, { state, accessible = false, whole = false } = {}) {
    if (state) await page.waitForFunction((state) => document.body.dataset.state === state, state);
    const size = page.viewportSize();
    for (const width of widths) {
      await page.setViewportSize({ width, height: width < 600 ? 740 : 860 });
      await page.screenshot({ path: join(folder, `${name}-${width}.png`), fullPage: whole });
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(overflow <= 0, `${name} at ${width}: ${overflow} pixels stick out`);
      assert.deepEqual(await page.evaluate(clipped), [], `${name} at ${width}: text is cut off, or lies over other text`);
      if (accessible) await this.#accessible(page, `${name} at ${width}`);
    }
    await page.setViewportSize(size);
  }

  async #accessible(page, where) {
    // Through the debugger's own world: the page's policy lets no other script in, and that is right.
    const session = await page.context().newCDPSession(page);
    const { frameTree } = await session.send('Page.getFrameTree');
    const world = await session.send('Page.createIsolatedWorld', { frameId: frameTree.frame.id, worldName: 'axe' });
    const run = (expression) => session.send('Runtime.evaluate', {
      expression, contextId: world.executionContextId, awaitPromise: true, returnByValue: true,
    });
    await run(AxeBuilderSource.source);
    const { result, exceptionDetails } = await run(
      `axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }).then((found) => found.violations.map(({ id, nodes }) => id + ': ' + nodes.map((node) => node.html).join(' ')))`,
    );
    assert.equal(exceptionDetails, undefined, JSON.stringify(exceptionDetails));
    assert.deepEqual(result.value, [], `axe-core finds violations in ${where}`);
    this.checked = (this.checked ?? 0) + 1;
    await session.detach();
  }

  async close() {
    await this.context.close();
  }
}

/** Texts that are wider than what they stand in, and boxes of text that lie over one another. Runs in the page. */
function clipped() {
  const faults = [];
  const seen = (element) => element.checkVisibility({ visibilityProperty: true }) && !element.closest('.visually-hidden, .skip, thead, pre, svg');
  const boxes = [];
  for (const element of document.querySelectorAll('main *, header *, footer *')) {
    if (!seen(element)) continue;
    const box = element.getBoundingClientRect();
    if (box.width > 0 && (box.right > innerWidth + 1 || box.left < -1)) faults.push(`sticks out: ${element.outerHTML.slice(0, 80)}`);
    const cut = getComputedStyle(element).overflowX === 'hidden' && element.scrollWidth > element.clientWidth + 1;
    if (cut) faults.push(`cut off: ${element.outerHTML.slice(0, 80)}`);
    if (element.matches('a, button, input, select, summary, h1, h2, h3, dt')) boxes.push([element, box]);
  }
  for (const [i, [one, a]] of boxes.entries()) {
    for (const [other, b] of boxes.slice(i + 1)) {
      if (one.contains(other)) continue;
      const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
      if (wide > 2 && high > 2) faults.push(`over one another: ${one.outerHTML.slice(0, 60)} ${other.outerHTML.slice(0, 60)}`);
    }
  }
  return faults;
}

/** Runs in the page before its own scripts. Only the time is another; timers go on as they are. */
function otherClock(ahead) {
  const Real = Date;
  globalThis.clockIsAhead = ahead;
  const now = () => Real.now() + globalThis.clockIsAhead;
  globalThis.Date = class extends Real {
    constructor(...parts) {
      if (parts.length) super(...parts);
      else super(now());
    }

    static now() {
      return now();
    }
  };
}
