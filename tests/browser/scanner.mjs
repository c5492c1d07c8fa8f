// A hand-held scanner: it presses keys, set to the layout of the United States, and the computer makes characters of them by its own layout.

const KEYS = '0123456789:/#%-.abcdefghijklmnopqrstuvwxyz';
export const LAYOUTS = {
  us: KEYS,
  de: '0123456789Ö-§%ß.abcdefghijklmnopqrstuvwxzy',
  no: '0123456789Ø-#%+.abcdefghijklmnopqrstuvwxyz',
  fr: 'à&é"\'(-è_çM!35):qbcdefghijkl,noparstuvzxyw',
};

const ENDS = {
  Enter: { key: 'Enter', code: 'Enter', text: '\r', windowsVirtualKeyCode: 13 },
  Tab: { key: 'Tab', code: 'Tab', windowsVirtualKeyCode: 9 },
  'Control+j': { key: 'j', code: 'KeyJ', modifiers: 2, windowsVirtualKeyCode: 74 },
};

/** Types a text as a scanner does, four milliseconds from key to key, with what it sends at the end. */
export async function scan(page, text, { layout = 'us', end = ['Enter'] } = {}) {
  const session = await page.context().newCDPSession(page);
  const keys = [...text].map((key) => LAYOUTS[layout][KEYS.indexOf(key)]).map((key) => ({ key, text: key, unmodifiedText: key }));
  const began = Date.now() / 1000;
  // None waits for the one before, and each says when it was pressed: a busy machine does not make the scanner slow.
  await Promise.all([...keys, ...end.map((name) => ENDS[name])].flatMap((key, at) => {
    const timestamp = began + at * 0.004;
    return ['keyDown', 'keyUp'].map((type) => session.send('Input.dispatchKeyEvent', { type, timestamp, ...key, ...(type === 'keyUp' ? { text: undefined } : {}) }));
  }));
  await session.detach();
}
