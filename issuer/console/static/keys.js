// The officer's key. The one place that knows what kind of key it is: whoever needs a signature calls `signIn`, and later screens sign statements
// the same way. A key file is opened by WebAssembly in a worker of this page; passphrase and key never leave it, and end with it.

const KEPT = "vernet-key-file";

let worker;
let waiting = Promise.resolve();

/** Why a key was not opened or did not sign. `code` is one of the library's. */
export class Trouble extends Error {
  constructor({ code, message }) {
    super(message);
    this.code = code;
  }
}

/** The encrypted key file that this browser was told to remember; `undefined` if there is none. */
export function remembered() {
  try {
    return localStorage.getItem(KEPT) ?? undefined;
  } catch {
    return undefined;
  }
}

/** Remembers a key file as it is: encrypted. */
export function remember(pem) {
  try {
    localStorage.setItem(KEPT, pem);
  } catch {
    // Then it is chosen again next time.
  }
}

export function forget() {
  try {
    localStorage.removeItem(KEPT);
  } catch {
    // There is nothing to forget.
  }
}

/** The id that a key file states in clear text; empty if it does not. */
export function statedKid(pem) {
  return /^kid: ([\w-]{8})$/m.exec(pem)?.[1] ?? "";
}

/** Opens a key file for as long as this page is there. Returns the key's id. */
export async function open(pem, passphrase) {
  return (await ask({ open: { pem, passphrase } })).opened.kid;
}

/** Signs that the officer wishes to sign in, on this page: `{ kid, payload, signature }`. */
export async function signIn(nonce, iat) {
  return (await ask({ sign_in: { origin: location.origin, nonce, iat } })).signed;
}

/** Forgets the open key. */
export function close() {
  worker?.terminate();
  worker = undefined;
}

/** One request at a time, so that each answer is for the one that waits. */
function ask(request) {
  const answered = waiting.then(() => send(request));
  waiting = answered.catch(() => {});
  return answered;
}

function send(request) {
  worker ??= new Worker("/static/keys_worker.js", { type: "module" });
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => (data.problem ? reject(new Trouble(data.problem)) : resolve(data));
    worker.onerror = () => {
      close();
      reject(new Trouble({ code: "failed", message: "the key could not be opened here" }));
    };
    worker.postMessage(request);
  });
}
