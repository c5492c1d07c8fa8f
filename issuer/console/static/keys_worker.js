// Opens key files beside the page, which goes on meanwhile: deriving a key from a passphrase is slow on purpose.

let wasm;

self.addEventListener("message", async ({ data }) => {
  wasm ??= WebAssembly.instantiateStreaming(fetch("/static/desk.wasm")).then(({ instance }) => instance.exports);
  postMessage(call(await wasm, data));
});

/** One request, as an object; the answer, as an object. See `issuer/console/web/src/lib.rs`. */
function call({ allocate, call, release, memory }, request) {
  const message = new TextEncoder().encode(JSON.stringify(request));
  const into = allocate(message.length) >>> 0;
  if (into === 0) return { problem: { code: "too_large", message: "the message is too large" } };
  new Uint8Array(memory.buffer, into, message.length).set(message);
  const place = call(into, message.length) >>> 0;
  const length = new DataView(memory.buffer).getUint32(place, true);
  const text = new TextDecoder("utf-8", { fatal: true }).decode(new Uint8Array(memory.buffer, place + 4, length));
  release(place, 4 + length);
  return JSON.parse(text);
}
