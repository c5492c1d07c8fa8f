// `/v/?kiosk`: a screen at a desk that nobody holds. Large, awake, silent unless somebody wants to hear it; what it shows goes away by itself.

/** How long an answer stays without a key, a touch or a movement. It is in docs/SERVER.md and on the screen. */
export const KIOSK_MS = 30_000;

export const isKiosk = /[?&]kiosk(=|&|$)/.test(location.search);

const SOUND = "vernet-sound";

/** Tones of an answer, `[hertz, start, length]`: told apart by their number and direction, also by who does not hear pitches well. */
const TONES = {
  accepted: [[660, 0, 0.12], [990, 0.14, 0.2]],
  undetermined: [[550, 0, 0.12], [550, 0.2, 0.12], [550, 0.4, 0.12]],
  refused: [[220, 0, 0.7]],
};

let sound = isKiosk && remembered();
let audio = null;
let lock = null;

/** Begins the mode, if it is asked for. `button` turns the sound on and off. */
export function start(button) {
  if (!isKiosk) return;
  document.body.classList.add("kiosk");
  button.hidden = false;
  button.setAttribute("aria-pressed", String(sound));
  stayAwake();
  addEventListener("visibilitychange", stayAwake);
}

/** Turns the sound on or off, and lets it be heard: a browser allows it only after somebody has pressed something. */
export function toggleSound(button) {
  sound = !sound;
  button.setAttribute("aria-pressed", String(sound));
  try {
    localStorage.setItem(SOUND, sound ? "on" : "off");
  } catch {
    // Then it is chosen again next time.
  }
  play("accepted");
}

/** The tones of a colour, if the sound is on. */
export function play(colour) {
  if (!sound || !TONES[colour]) return;
  try {
    audio ??= new AudioContext();
    audio.resume();
    for (const [hertz, start, length] of TONES[colour]) tone(hertz, audio.currentTime + 0.02 + start, length);
    document.body.dataset.played = colour;
  } catch {
    // The colour is on the screen.
  }
}

function tone(hertz, start, length) {
  const oscillator = audio.createOscillator();
  const volume = audio.createGain();
  oscillator.type = hertz < 300 ? "sawtooth" : "sine";
  oscillator.frequency.value = hertz;
  // Without a slope at either end it clicks.
  volume.gain.setValueAtTime(0, start);
  volume.gain.linearRampToValueAtTime(0.3, start + 0.01);
  volume.gain.setValueAtTime(0.3, start + length - 0.03);
  volume.gain.linearRampToValueAtTime(0, start + length);
  oscillator.connect(volume).connect(audio.destination);
  oscillator.start(start);
  oscillator.stop(start + length);
}

/** A browser takes the lock away when the page is hidden. */
async function stayAwake() {
  if (document.hidden || (lock && !lock.released)) return;
  try {
    lock = await navigator.wakeLock?.request("screen");
  } catch {
    // Battery saver: the system's own setting decides.
  }
}

function remembered() {
  try {
    return localStorage.getItem(SOUND) === "on";
  } catch {
    return false;
  }
}
