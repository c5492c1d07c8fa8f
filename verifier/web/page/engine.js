// The verifier's library as WebAssembly. It decides; the rest of the page draws. Messages go in and come out as JSON, see
// `verifier/web/src/lib.rs`.

const LARGEST_SIDE = 4096; // `allocate` gives room for 64 MiB: a picture of 4096 x 4096.

/** Compiles the module once; camera worker and page each make their own instance of it. */
export async function compile(url) {
  try {
    return await WebAssembly.compileStreaming(fetch(url));
  } catch {
    // A web server that does not know the media type `application/wasm`: the bytes are as good.
    const response = await fetch(url);
    if (!response.ok) throw new Error(`${url}: ${response.status}`);
    return WebAssembly.compile(await response.arrayBuffer());
  }
}

/** One instance. After an exception it must not be used again: a trap leaves it in an unknown state. */
export class Engine {
  #wasm;

  constructor(module) {
    this.#wasm = new WebAssembly.Instance(module).exports;
  }

  /** One request, as an object; the answer, as an object. Synchronous. */
  call(request) {
    const message = new TextEncoder().encode(JSON.stringify(request));
    return this.#take(this.#wasm.call(this.#put(message), message.length));
  }

  /** The texts of the QR codes in an `ImageData`: `how` is `scan` or `scan_otherwise` for a frame of the camera, `scan_picture` for a picture. */
  scan({ data, width, height }, how) {
    if (Math.max(width, height) > LARGEST_SIDE) throw new Error("the picture is too large");
    return this.#take(this.#wasm[how](this.#put(data), width, height));
  }

  /** What is in a document; for the module that reads those. */
  document(bytes) {
    return this.#take(this.#wasm.read(this.#put(bytes), bytes.length));
  }

  #put(bytes) {
    const place = this.#wasm.allocate(bytes.length) >>> 0;
    if (place === 0) throw new Error("the message is too large");
    new Uint8Array(this.#wasm.memory.buffer, place, bytes.length).set(bytes);
    return place;
  }

  #take(signed) {
    const place = signed >>> 0;
    const { buffer } = this.#wasm.memory;
    const length = new DataView(buffer).getUint32(place, true);
    const text = new TextDecoder("utf-8", { fatal: true }).decode(new Uint8Array(buffer, place + 4, length));
    this.#wasm.release(place, 4 + length);
    return JSON.parse(text);
  }
}

/** Why an answer is not the one that was asked for. `code` is one of the library's, or the page's own. */
export class Trouble extends Error {
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}
