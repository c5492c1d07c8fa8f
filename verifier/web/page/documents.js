// Certificates in PDFs, and in pictures that browsers do not know. The reader is a WebAssembly of its own, larger than all the rest of the page, so
// nothing here is fetched before somebody chooses such a file. Afterwards it is kept, as the page is, and works without a network.

import { compile } from "./engine.js";
import { Unread } from "./picture.js";

/** The longest that a document is worked on. */
const TIMEOUT_MS = 60_000;

let module = null;

/**
 * The texts of the certificates in a document, and whether a part of it was not looked at: pages beyond the limit, a picture that was too
 * large. Throws `Unread`.
 */
export async function read(bytes, kind) {
  try {
    module ??= await compile(new URL("documents.wasm", import.meta.url));
  } catch {
    throw new Unread("reader_missing", kind);
  }
  const worker = new Worker(new URL("documents-worker.js", import.meta.url), { type: "module" });
  let timer;
  try {
    return await new Promise((resolve, reject) => {
      timer = setTimeout(() => reject(new Unread("slow", kind)), TIMEOUT_MS);
      worker.onerror = () => reject(new Unread("damaged", kind));
      worker.onmessage = ({ data: { answer } }) => {
        if (answer) resolve({ texts: answer.certificates, unexamined: Boolean(answer.unexamined) });
        else reject(new Unread("damaged", kind));
      };
      worker.postMessage({ module, bytes }, [bytes.buffer]);
    });
  } finally {
    clearTimeout(timer);
    worker.terminate(); // With it goes its memory.
  }
}
