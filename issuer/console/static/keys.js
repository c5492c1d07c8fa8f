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

/** The same with a passkey, of which the browser finds its own among those of the officers. */
export async function signInByPasskey(passkeys, nonce, iat) {
  const { payload, challenge } = (await ask({ wish: { origin: location.origin, nonce, iat } })).wished;
  const { id, ...signed } = await assertion(passkeys, challenge);
  const kid = passkeys.find((passkey) => passkey.id === id)?.kid;
  if (kid === undefined) throw new Trouble({ code: "passkey", message: "the passkey is no officer's" });
  return { kid, payload, ...signed };
}

/** What is wrong with an application as far as it is typed: `[{ field, code, text }]`. */
export async function findings(fields, facts, language) {
  return (await ask({ findings: { fields, facts, language } })).findings.findings;
}

/** Reads a day as people write it: `{ day, last }`, each as in 2027-02-28, or null. */
export async function day(text) {
  return (await ask({ day: { text } })).day;
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

/** What statements say, in words: `[{ title, about, lines: [{ label, text | day | instant }] }]`. */
export async function describe(statements, language) {
  return (await ask({ describe: { statements, language } })).described.statements;
}

/** Whose certificates statements make, if each is a part of the proposal: `[{ name, birthdate, hpr_number, certificate, title, granted }]`. */
export async function parts(proposal, statements) {
  return (await ask({ parts: { proposal, statements } })).parts.parts;
}

/** Opens the file of the office's inbox key for as long as this page is there. */
export async function openInbox(pem, passphrase) {
  return (await ask({ open_inbox: { pem, passphrase } })).opened.kid;
}

/** Opens an application: see `issuer/console/web/src/inbox.rs`. */
export async function openApplication(sealed) {
  return (await ask({ application: sealed })).application;
}

/** Signs an answer to an applicant, and seals it for both: `{ own, sealed }`. */
export async function sealAnswer(answer) {
  return (await ask({ answer })).answered;
}

/** Seals an answer anew that the inbox lost. */
export async function answerAgain(lost) {
  return (await ask({ answer_again: lost })).answered;
}

/** Signs statements with the open key file: a signature for each. */
export async function signStatements(statements) {
  return (await ask({ sign: { statements } })).signatures.signatures;
}

/** Signs statements with a passkey, by one touch: the assertion of all of them. */
export async function signByPasskey(passkey, statements) {
  const { challenge } = (await ask({ challenge: { statements } })).challenge;
  const { id, ...signed } = await assertion([passkey], challenge);
  return signed;
}

/** What the authenticator signs: `{ id, signature, authenticator_data, client_data }`, each in base64url. */
async function assertion(passkeys, challenge) {
  let made;
  try {
    made = await navigator.credentials.get({
      publicKey: {
        challenge: bytes(challenge),
        rpId: passkeys[0].rp_id,
        allowCredentials: passkeys.map(({ id }) => ({ type: "public-key", id: bytes(id) })),
        userVerification: "required",
        timeout: 240_000,
      },
    });
  } catch (error) {
    throw new Trouble({ code: "passkey", message: String(error?.message ?? error) });
  }
  const { signature, authenticatorData, clientDataJSON } = made.response;
  return { id: text(made.rawId), signature: text(signature), authenticator_data: text(authenticatorData), client_data: text(clientDataJSON) };
}

/** Makes a passkey for this console: its public key, as the office's register has it. */
export async function makePasskey({ rp_id: id, name, user }) {
  let made;
  try {
    made = await navigator.credentials.create({
      publicKey: {
        rp: { id, name },
        user: { id: crypto.getRandomValues(new Uint8Array(16)), name: user, displayName: user },
        // What signs is checked by the register, whatever the challenge was.
        challenge: crypto.getRandomValues(new Uint8Array(32)),
        pubKeyCredParams: [{ type: "public-key", alg: -7 }, { type: "public-key", alg: -8 }],
        authenticatorSelection: { userVerification: "required", residentKey: "preferred" },
        attestation: "none",
        timeout: 240_000,
      },
    });
  } catch (error) {
    throw new Trouble({ code: "passkey", message: String(error?.message ?? error) });
  }
  const spki = made.response.getPublicKey();
  if (spki === null) throw new Trouble({ code: "passkey", message: "the browser does not know this kind of key" });
  return { credential_id: text(made.rawId), spki: text(spki) };
}

function bytes(base64url) {
  const binary = atob(base64url.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (c) => c.charCodeAt(0));
}

function text(buffer) {
  const binary = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
