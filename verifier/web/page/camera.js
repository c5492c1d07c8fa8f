// The camera: it gives canvases, the reader finds the codes.

const LARGEST_FRAME = 1280;
const PAUSE_MS = 60;

/** A running camera. */
export class Camera {
  #stream;
  #video;
  #stopped = false;

  /** Asks for the camera. Throws `DOMException`s: `NotAllowedError`, `NotFoundError`, `NotReadableError`. */
  static async start(video) {
    if (!navigator.mediaDevices?.getUserMedia) throw new DOMException("no camera interface", "NotFoundError");
    const stream = await navigator.mediaDevices.getUserMedia({
      audio: false,
      // `ideal`: a machine with one camera has no rear one.
      video: { facingMode: { ideal: "environment" }, width: { ideal: 1280 }, height: { ideal: 720 } },
    });
    const camera = new Camera();
    camera.#stream = stream;
    camera.#video = video;
    video.srcObject = stream;
    try {
      await video.play();
    } catch (error) {
      camera.stop();
      throw error;
    }
    return camera;
  }

  /** Calls `look` with one frame after the other, each after the one before was dealt with, until the camera is stopped. */
  async watch(look) {
    const canvas = document.createElement("canvas");
    while (!this.#stopped) {
      if (this.#video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA && this.#video.videoWidth > 0) {
        draw(this.#video, this.#video.videoWidth, this.#video.videoHeight, canvas);
        await look(canvas);
      }
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }

  /** Called once if the camera ends by itself: unplugged, or taken away by the system. */
  onEnded(act) {
    for (const track of this.#stream.getVideoTracks()) track.onended = act;
  }

  get hasTorch() {
    return Boolean(this.#stream.getVideoTracks()[0]?.getCapabilities?.().torch);
  }

  async setTorch(on) {
    await this.#stream.getVideoTracks()[0].applyConstraints({ advanced: [{ torch: on }] });
  }

  stop() {
    this.#stopped = true;
    for (const track of this.#stream.getTracks()) track.stop();
    this.#video.srcObject = null;
  }
}

function draw(source, width, height, canvas) {
  const scale = Math.min(1, LARGEST_FRAME / Math.max(width, height));
  canvas.width = Math.max(1, Math.round(width * scale));
  canvas.height = Math.max(1, Math.round(height * scale));
  const context = canvas.getContext("2d", { willReadFrequently: true, alpha: false });
  context.imageSmoothingQuality = "high";
  context.drawImage(source, 0, 0, canvas.width, canvas.height);
}
