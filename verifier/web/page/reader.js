// How QR codes are found in pictures. The only file that knows: the browser's own `BarcodeDetector` where it reads QR codes, else the
// engine, in a worker so that the page stays smooth.

const TIMEOUT_MS = 10_000;
/** A large picture on a small phone. */
const PICTURE_TIMEOUT_MS = 40_000;
/** Every how many frames the engine also looks for light on dark, and faint codes: that takes no longer than a usual frame. */
const OTHERWISE_EVERY = 3;

export class Reader {
  #module;
  #worker = null;
  #detector;
  #frames = 0;

  constructor(module) {
    this.#module = module;
    this.#detector = nativeDetector();
  }

  /** The texts of the QR codes in a frame of the camera, which is a canvas. */
  async frame(canvas) {
    this.#frames += 1;
    if (this.#frames % OTHERWISE_EVERY === 0) {
      const texts = await this.#ask(pixels(canvas), "scan_otherwise");
      if (texts.length > 0) return texts;
    }
    const detector = await this.#detector;
    if (detector) {
      try {
        return (await detector.detect(canvas)).map((code) => code.rawValue).filter(Boolean);
      } catch {
        this.#detector = null; // Some systems promise it and cannot.
      }
    }
    return this.#ask(pixels(canvas), "scan");
  }

  /** The texts of the QR codes in a picture, which is an `ImageData`. The engine goes to more trouble than any browser's detector. */
  async picture(image) {
    // A worker of its own: it leaves a large memory behind.
    const worker = new ScanWorker(this.#module);
    try {
      return await worker.ask(image, "scan_picture", PICTURE_TIMEOUT_MS);
    } finally {
      worker.end("closed");
    }
  }

  /** Gives back the worker's memory. Who still waits for it hears that it has ended. */
  close() {
    this.#worker?.end("closed");
    this.#worker = null;
  }

  #ask(image, how) {
    // A worker that did not answer has ended: the next question gets a new one.
    if (!this.#worker || this.#worker.ended) this.#worker = new ScanWorker(this.#module);
    return this.#worker.ask(image, how, TIMEOUT_MS);
  }
}

/** The worker, and who waits for which of its answers: two pictures may be on their way at once, and one must not get the answer to the other. */
class ScanWorker {
  ended = false;

  #worker = new Worker(new URL("scan-worker.js", import.meta.url), { type: "module" });
  #waiting = new Map();
  #questions = 0;

  constructor(module) {
    this.#worker.onmessage = ({ data: { question, texts, error } }) => {
      if (error) return this.end(error);
      this.#waiting.get(question)?.resolve(texts);
      this.#forget(question);
    };
    this.#worker.onerror = (event) => this.end(event.message || "the worker did not start");
    this.#worker.postMessage({ module });
  }

  ask(image, how, patience) {
    const question = (this.#questions += 1);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.end("timeout"), patience);
      this.#waiting.set(question, { resolve, reject, timer });
      this.#worker.postMessage({ question, image, how }, [image.data.buffer]);
    });
  }

  end(reason) {
    this.ended = true;
    this.#worker.terminate();
    for (const [question, { reject }] of this.#waiting) {
      this.#forget(question);
      reject(new Error(reason));
    }
  }

  #forget(question) {
    clearTimeout(this.#waiting.get(question)?.timer);
    this.#waiting.delete(question);
  }
}

function pixels(canvas) {
  return canvas.getContext("2d", { willReadFrequently: true }).getImageData(0, 0, canvas.width, canvas.height);
}

async function nativeDetector() {
  try {
    const formats = await BarcodeDetector.getSupportedFormats();
    return formats.includes("qr_code") ? new BarcodeDetector({ formats: ["qr_code"] }) : null;
  } catch {
    return null;
  }
}
