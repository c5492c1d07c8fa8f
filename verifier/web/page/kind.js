// What kind of file somebody chose, by its content. Names and declared types are not asked: they are often wrong.

/** How people call the kinds. They are names, the same in every language. */
export const KINDS = {
  png: "PNG", jpeg: "JPEG", webp: "WebP", gif: "GIF", bmp: "BMP", tiff: "TIFF", heic: "HEIC", avif: "AVIF", jp2: "JPEG 2000",
  jxl: "JPEG XL", svg: "SVG", pdf: "PDF", docx: "Word", xlsx: "Excel", pptx: "PowerPoint", odf: "OpenDocument", office: "Word/Excel 97",
  rtf: "RTF", zip: "ZIP", gzip: "gzip", tar: "TAR", rar: "RAR", "7z": "7-Zip", video: "MP4", html: "HTML", mail: "EML",
};

/** Those that a browser may be able to show. */
export const PICTURES = new Set(["png", "jpeg", "webp", "gif", "bmp", "tiff", "heic", "avif", "jp2", "jxl"]);

const STARTS = [
  ["png", "\x89PNG\r\n\x1a\n"], ["jpeg", "\xff\xd8\xff"], ["gif", "GIF8"], ["bmp", "BM"], ["tiff", "II*\0"], ["tiff", "MM\0*"],
  ["tiff", "II+\0"], ["tiff", "MM\0+"], ["jp2", "\0\0\0\x0cjP  "], ["jp2", "\xff\x4f\xff\x51"], ["jxl", "\xff\x0a"],
  ["jxl", "\0\0\0\x0cJXL "], ["zip", "PK\x03\x04"], ["zip", "PK\x05\x06"], ["office", "\xd0\xcf\x11\xe0"], ["rtf", "{\\rtf"],
  ["gzip", "\x1f\x8b"], ["rar", "Rar!\x1a\x07"], ["7z", "7z\xbc\xaf\x27\x1c"],
];
const BRANDS = { heic: "heic", heix: "heic", hevc: "heic", hevx: "heic", heim: "heic", heis: "heic", mif1: "heic", msf1: "heic", avif: "avif", avis: "avif" };
/** Readers of PDFs look for the beginning as far in. */
const PDF_WITHIN = 1024;
const HTML = /^<(!doctype\s+html|html|head|body|meta|script|title|div|table|p)\b/i;
const MAIL = /^(received|return-path|mime-version|delivered-to): |^from: [\s\S]*\nmime-version: /i;
const SVG = /^<([\w-]+:)?svg[\s/>]/i;
const BEYOND_SHAPES = /<(?![/?!]|(svg|g|path|rect|title|desc|metadata)\b)|transform|style|&/i;

/**
 * The kind of a file with these bytes: one of `KINDS`, or `empty`, `text`, `other`. This is the only place that knows: the library's answer can
 * take its place.
 */
export function kindOf(bytes) {
  if (bytes.length === 0) return "empty";
  const start = latin(bytes.subarray(0, 64));
  for (const [kind, magic] of STARTS) {
    if (start.startsWith(magic) && (kind !== "bmp" || isBmp(bytes))) return kind === "zip" ? inArchive(bytes) : kind;
  }
  if (start.startsWith("RIFF") && start.slice(8, 12) === "WEBP") return "webp";
  if (start.slice(4, 8) === "ftyp") return inMedia(bytes);
  if (latin(bytes.subarray(0, PDF_WITHIN)).includes("%PDF-")) return "pdf";
  if (latin(bytes.subarray(257, 262)) === "ustar") return "tar";
  const text = textOf(bytes)?.trimStart();
  if (text === undefined) return "other";
  if (text.trim() === "") return "empty";
  const head = text.slice(0, 4096);
  const root = afterProlog(text).slice(0, 64);
  return /^<!doctype\s+html/i.test(head) ? "html" : SVG.test(root) ? "svg" : HTML.test(root) ? "html" : MAIL.test(head) ? "mail" : "text";
}

/** What follows the declaration, the comments and the document type of a text in XML or HTML, of whatever length. */
function afterProlog(text) {
  let rest = text;
  for (;;) {
    const end = rest.startsWith("<!--") ? after(rest, "-->") : rest.startsWith("<?") ? after(rest, "?>") : /^<!doctype\s+(?!html)/i.test(rest) ? afterType(rest) : 0;
    if (end === 0) return rest;
    rest = rest.slice(end).trimStart();
  }
}

function after(text, end) {
  const at = text.indexOf(end);
  return at < 0 ? 0 : at + end.length;
}

/** A document type may have definitions within it, and quoted texts with any characters. */
function afterType(text) {
  let depth = 0;
  for (const { 0: part, index } of text.matchAll(/<!--[^]*?-->|"[^"]*"|'[^']*'|[<>]/g)) {
    depth += part === "<" ? 1 : part === ">" ? -1 : 0;
    if (depth === 0) return index + 1;
  }
  return 0;
}

/** Whether there may be more in a picture than the page draws: an animation, a drawing with more than shapes, a PDF within the same bytes. */
export function holdsMore(bytes, kind) {
  const start = latin(bytes.subarray(0, PDF_WITHIN));
  if (kind === "svg") return BEYOND_SHAPES.test(textOf(bytes));
  if (PICTURES.has(kind) && start.includes("%PDF-")) return true;
  return kind === "gif" || (kind === "webp" && start.startsWith("VP8X", 12) && (bytes[20] & 2) !== 0) || (kind === "png" && start.includes("acTL"));
}

/** The text in these bytes, in any of the encodings that editors write; `undefined` if it is none. */
export function textOf(bytes) {
  const [a, b] = bytes;
  // Text that is mostly ASCII has a zero in every second byte, in UTF-16.
  const zeros = (odd) => bytes.subarray(0, 64).filter((byte, at) => at % 2 === odd && byte === 0).length > bytes.subarray(0, 64).length / 3;
  const encoding =
    (a === 0xff && b === 0xfe) || zeros(1) ? "utf-16le" : (a === 0xfe && b === 0xff) || zeros(0) ? "utf-16be" : "utf-8";
  // A link is ASCII; what Windows writes around it does no harm.
  for (const attempt of [encoding, "windows-1252"]) {
    try {
      const text = new TextDecoder(attempt, { fatal: true }).decode(bytes);
      // eslint-disable-next-line no-control-regex
      return /[\x00-\x08\x0e-\x1a\x1c-\x1f]/.test(text) ? undefined : text;
    } catch {
      // The next one.
    }
  }
  return undefined;
}

function isBmp(bytes) {
  // Four reserved bytes, and one of the sizes of the header that follows.
  return bytes.length > 26 && bytes[6] + bytes[7] + bytes[8] + bytes[9] === 0 && [12, 40, 52, 56, 64, 108, 124].includes(bytes[14]);
}

/** Documents that are ZIP files: their first entries tell. */
function inArchive(bytes) {
  const names = latin(bytes.subarray(0, 64 * 1024)) + latin(bytes.subarray(-64 * 1024));
  if (names.includes("mimetypeapplication/vnd.oasis.opendocument")) return "odf";
  if (!names.includes("[Content_Types].xml")) return "zip";
  return [["word/", "docx"], ["xl/", "xlsx"], ["ppt/", "pptx"]].find(([folder]) => names.includes(folder))?.[1] ?? "zip";
}

/** HEIF, AVIF and films share a container; its brands tell. */
function inMedia(bytes) {
  const size = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
  const header = latin(bytes.subarray(8, Math.min(size, 128)));
  const brands = [header.slice(0, 4), ...(header.slice(8).match(/[\s\S]{4}/g) ?? [])];
  if (brands.includes("avif") || brands.includes("avis")) return "avif";
  return brands.map((brand) => BRANDS[brand]).find(Boolean) ?? (brands[0] === "jxl " ? "jxl" : "video");
}

/** A character for each byte. `TextDecoder` has no such encoding: its "latin1" is that of Windows. */
function latin(bytes) {
  let text = "";
  for (let at = 0; at < bytes.length; at += 4096) text += String.fromCharCode(...bytes.subarray(at, at + 4096));
  return text;
}
