// Pictures that somebody chose: the browser decodes them, within bounds, and they become pixels on white paper.

/** The longest side that is looked at: an A4 page that fills it shows a code of 25 mm with 7 pixels per module. 64 MB at most. */
const LARGEST_SIDE = 4096;
/** What is not even decoded, as on the command line: the photo of a 50-megapixel phone may. A file of a few kilobytes can claim far more. */
const MOST_PIXELS = 8192 * 6144;
const LONGEST_SIDE = 16_384;

/** Why a picture is not read; `reason` is one of the words under `unread`. */
export class Unread extends Error {
  constructor(reason, kind) {
    super(reason);
    this.reason = reason;
    this.kind = kind;
  }
}

/** The picture in a file of this kind, as an `ImageData` of bounded size. Throws `Unread`. */
export async function pixels(file, bytes, kind) {
  const [width, height] = kind === "svg" ? [0, 0] : sizeOf(bytes, kind);
  if (Math.max(width, height) > LONGEST_SIDE || width * height > MOST_PIXELS) throw new Unread("too_large", kind);
  const canvas = document.createElement("canvas");
  try {
    if (kind === "svg") drawSvg(bytes, canvas);
    else await drawPicture(file, kind, Math.max(width, height), width, canvas);
    return canvas.getContext("2d", { willReadFrequently: true }).getImageData(0, 0, canvas.width, canvas.height);
  } catch (error) {
    if (error instanceof Unread) throw error;
    throw new Unread("too_large", kind); // There is no memory for it.
  } finally {
    canvas.width = canvas.height = 0; // Gives the memory back at once.
  }
}

async function drawPicture(file, kind, longest, width, canvas) {
  // Reduced while it is decoded, where the browser can. One side alone keeps the proportions, also of a picture that its own data turns.
  const resize = longest > LARGEST_SIDE ? { resizeWidth: Math.round((width * LARGEST_SIDE) / longest), resizeQuality: "high" } : {};
  let bitmap;
  try {
    bitmap = await createImageBitmap(file, resize);
  } catch {
    // Every browser shows these.
    throw new Unread(["png", "jpeg", "gif", "bmp", "webp"].includes(kind) ? "damaged" : kind === "heic" ? "heic" : "picture", kind);
  }
  if (bitmap.width * bitmap.height > MOST_PIXELS) {
    bitmap.close();
    throw new Unread("too_large", kind);
  }
  const scale = Math.min(1, LARGEST_SIDE / Math.max(bitmap.width, bitmap.height));
  const draw = paper(canvas, bitmap.width * scale, bitmap.height * scale);
  draw.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
}

/** White paper: many programs save a drawing as black on transparent. */
function paper(canvas, width, height) {
  canvas.width = Math.max(1, Math.round(width));
  canvas.height = Math.max(1, Math.round(height));
  const draw = canvas.getContext("2d", { willReadFrequently: true });
  draw.imageSmoothingQuality = "high";
  draw.fillStyle = "#fff";
  draw.fillRect(0, 0, canvas.width, canvas.height);
  return draw;
}

const SVG_SIDE = 1024;
const MOST_SHAPES = 20_000;

/**
 * Draws the filled paths and rectangles of an SVG: what programs that export QR codes write, ours among them. A browser shows more of it, but
 * only from an address that the page's policy forbids, and rightly.
 */
function drawSvg(bytes, canvas) {
  const svg = new DOMParser().parseFromString(new TextDecoder().decode(bytes), "image/svg+xml").documentElement;
  const size = ["width", "height"].map((name) => parseFloat(svg.getAttribute(name)));
  const [x, y, width, height] = svg.getAttribute("viewBox")?.trim().split(/[\s,]+/).map(Number) ?? [0, 0, ...size];
  if (svg.localName !== "svg" || !(width > 0 && height > 0)) throw new Unread("damaged", "svg");
  const scale = SVG_SIDE / Math.max(width, height);
  const draw = paper(canvas, width * scale, height * scale);
  draw.setTransform(scale, 0, 0, scale, -x * scale, -y * scale);
  const shapes = [...svg.querySelectorAll("path, rect")];
  if (shapes.length > MOST_SHAPES) throw new Unread("too_large", "svg");
  for (const shape of shapes) {
    const number = (name) => parseFloat(shape.getAttribute(name)) || 0;
    const fill = shape.closest("[fill]")?.getAttribute("fill") ?? "#000";
    if (fill === "none" || shape.closest("defs, clipPath, mask")) continue;
    draw.fillStyle = fill;
    if (shape.localName === "path") draw.fill(new Path2D(shape.getAttribute("d") ?? ""));
    else if (shape.getAttribute("width") === "100%") draw.fillRect(x, y, width, height);
    else draw.fillRect(number("x"), number("y"), number("width"), number("height"));
  }
}

/** Width and height that the file claims, before anything is decoded; 0 where that is not found. */
export function sizeOf(bytes, kind) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    return SIZES[kind]?.(view) ?? [0, 0];
  } catch {
    return [0, 0]; // Cut short: the decoder will say so.
  }
}

const SIZES = {
  png: (view) => [view.getUint32(16), view.getUint32(20)],
  gif: (view) => [view.getUint16(6, true), view.getUint16(8, true)],
  bmp: (view) => (view.getUint8(14) === 12 ? [view.getUint16(18, true), view.getUint16(20, true)] : [view.getInt32(18, true), Math.abs(view.getInt32(22, true))]),
  jpeg(view) {
    for (let at = 2; ; ) {
      const marker = view.getUint16(at);
      if (marker === 0xffff) at += 1; // Padding.
      // The frame's header, of whatever kind of coding; not the tables that have numbers among them.
      else if (marker >= 0xffc0 && marker <= 0xffcf && ![0xffc4, 0xffc8, 0xffcc].includes(marker)) return [view.getUint16(at + 7), view.getUint16(at + 5)];
      else at += 2 + view.getUint16(at + 2);
    }
  },
  webp(view) {
    const three = (at) => view.getUint16(at, true) + (view.getUint8(at + 2) << 16);
    switch (view.getUint32(12)) {
      case 0x56503858: // "VP8X"
        return [three(24) + 1, three(27) + 1];
      case 0x5650384c: { // "VP8L"
        const bits = view.getUint32(21, true);
        return [(bits & 0x3fff) + 1, ((bits >> 14) & 0x3fff) + 1];
      }
      default:
        return [view.getUint16(26, true) & 0x3fff, view.getUint16(28, true) & 0x3fff];
    }
  },
  avif: largestExtent,
  heic: largestExtent,
};

/** The largest of the `ispe` boxes: the picture, its tiles and its thumbnail each have one. */
function largestExtent(view) {
  let largest = [0, 0];
  const end = Math.min(view.byteLength - 16, 64 * 1024);
  for (let at = 0; at < end; at += 1) {
    if (view.getUint32(at) !== 0x69737065) continue;
    const size = [view.getUint32(at + 8), view.getUint32(at + 12)];
    if (size[0] * size[1] > largest[0] * largest[1]) largest = size;
  }
  return largest;
}
