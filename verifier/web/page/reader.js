// How QR codes are found in pictures. The only file that knows: the browser's own `BarcodeDetector` where it reads QR codes, else the
// engine, in a worker so that the page stays smooth.

const TIMEOUT_MS = 10_000;

export class Reader {
  #module;
  #worker = null;
  #detector;

  constructor(module) {
    this.#module = module;
    this.#detector = nativeDetector();
  }

  /** The texts of the QR codes in a frame of the camera, which is a canvas. */
  async frame(canvas) {
    const detector = await this.#detector;
    if (detector) {
      try {
        return (await detector.detect(canvas)).map((code) => code.rawValue).filter(Boolean);
      } catch {
        this.#detector = null; // Some systems promise it and cannot.
      }
    }
    return this.#ask(pixels(canvas));
  }

  /** The texts of the QR codes in a picture, which is a canvas. The engine goes to more trouble than any browser's detector. */
  async picture(canvas) {
    return this.#ask(pixels(canvas));
  }

  /** Gives back the worker's memory. */
  close() {
    this.#worker?.terminate();
    this.#worker = null;
  }

  #ask(image) {
    const worker = (this.#worker ??= this.#start());
    return new Promise((resolve, reject) => {
      // A worker that does not answer is ended: the next question gets a new one.
      const fail = (reason) => {
        worker.terminate();
        if (this.#worker === worker) this.#worker = null;
        reject(new Error(reason));
      };
      const timer = setTimeout(() => fail("timeout"), TIMEOUT_MS);
      worker.onmessage = ({ data }) => {
        clearTimeout(timer);
        if (data.error) fail(data.error);
        else resolve(data.texts);
      };
      worker.onerror = (event) => {
        clearTimeout(timer);
        fail(event.message || "the worker did not start");
      };
      worker.postMessage({ image }, [image.data.buffer]);
    });
  }

  #start() {
    const worker = new Worker(new URL("scan-worker.js", import.meta.url), { type: "module" });
    worker.postMessage({ module: this.#module });
    return worker;
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
