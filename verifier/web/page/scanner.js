// Hand-held and built-in scanners, which are keyboards: they type the link in a code, fast, and then Enter or Tab. Wherever the focus is: the next
// person does not wait until somebody has clicked somewhere. What the keys mean in another layout, the engine knows.

/** A longer pause ends what was typed. */
const PAUSE_MS = 2_000;
/** Nobody types that fast for that long; the slowest scanner does. */
const FAST_MS = 80;
const FEWEST = 6;
/** Nobody types that much into nothing. */
const ENOUGH = 40;
/** What comes so soon after the end still belongs to it: some scanners send CR and LF. */
const SAME_END_MS = 150;
const MOST = 16 * 1024;

/** Calls `taken` with each text that a scanner typed. */
export function listen(taken) {
  let typed = "";
  let began = 0;
  let last = 0;
  let ended = -Infinity;

  const swallow = (event) => {
    event.preventDefault();
    event.stopPropagation();
  };
  const isScan = (editable) => {
    const fast = typed.length >= FEWEST && (last - began) / (typed.length - 1) < FAST_MS;
    return fast || (typed.length >= ENOUGH && !editable);
  };

  addEventListener(
    "keydown",
    (event) => {
      const { key, target, timeStamp } = event;
      const control = event.ctrlKey && !event.altKey && !event.getModifierState("AltGraph");
      const editable = Boolean(target.closest?.("textarea, input"));
      const ends = key === "Enter" || key === "Tab";
      const lineFeed = control && key.toLowerCase() === "j";
      if ((ends || lineFeed) && timeStamp - ended < SAME_END_MS && !typed) return swallow(event);
      if (timeStamp - last > PAUSE_MS) typed = "";
      // `Alt` with the digits of the keypad is one character, which the browser puts into the field by itself.
      const keypad = event.altKey && !event.ctrlKey && event.code.startsWith("Numpad");
      if (key.length === 1 && !control && !event.metaKey && !keypad) {
        if (!typed) began = timeStamp;
        last = timeStamp;
        typed = typed.length < MOST ? typed + key : "";
        // Not a search in the page, and not another language in the list that has the focus.
        if (!editable && key !== " ") event.preventDefault();
      } else if (ends && isScan(editable)) {
        const text = typed;
        typed = "";
        ended = timeStamp;
        swallow(event);
        taken(text);
      } else if (!["Shift", "CapsLock", "NumLock", "Alt", "AltGraph", "Control", "Dead"].includes(key)) {
        typed = "";
      }
    },
    { capture: true },
  );
}
