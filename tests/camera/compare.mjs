// Compares readers of QR codes on the frames that `tests/measure/src/bin/frames.rs` draws: the page's own WebAssembly, and zxing-wasm.
//
//     node compare.mjs FOLDER [--reader NAME]... [--wasm FILE]
//
// Prints Markdown: the share read per size, and the time per frame. Each frame is given once; a wrong text counts as a failure of the run.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";
import { prepareZXingModule, readBarcodes } from "zxing-wasm/reader";

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    reader: { type: "string", multiple: true },
    wasm: { type: "string", default: join(import.meta.dirname, "../../verifier/web/page/vernet.wasm") },
  },
});
const folder = positionals[0];
if (!folder) throw new Error("which folder?");

/** The page's own module, by its own interface. */
async function vernet(bytes, how) {
  const { instance } = await WebAssembly.instantiate(bytes, {});
  const { allocate, [how]: scan, release, memory } = instance.exports;
  return async ({ data, width, height }) => {
    const place = allocate(data.length);
    new Uint8Array(memory.buffer, place, data.length).set(data);
    const answer = scan(place, width, height);
    const length = new DataView(memory.buffer).getUint32(answer, true);
    const texts = JSON.parse(new TextDecoder().decode(new Uint8Array(memory.buffer, answer + 4, length)));
    release(answer, 4 + length);
    return texts;
  };
}

/** Full QR codes only: Micro QR gives false reads. */
function zxing(more) {
  const options = {
    formats: ["QRCodeModel2"],
    tryHarder: true,
    tryRotate: false,
    tryInvert: false,
    tryDownscale: false,
    maxNumberOfSymbols: 1,
    ...more,
  };
  return async (frame) => (await readBarcodes(frame, options)).filter((read) => read.isValid).map((read) => read.text);
}

/** Twice the width and the height, bilinear: what a canvas would do. */
function doubled({ data, width, height }) {
  const [w, h] = [2 * width, 2 * height];
  const out = new Uint8ClampedArray(4 * w * h);
  for (let y = 0; y < h; y++) {
    const near = y >> 1;
    const far = Math.min(height - 1, Math.max(0, near + (y & 1 ? 1 : -1)));
    for (let x = 0; x < w; x++) {
      const left = x >> 1;
      const right = Math.min(width - 1, Math.max(0, left + (x & 1 ? 1 : -1)));
      const value =
        (9 * data[4 * (near * width + left)] +
          3 * data[4 * (near * width + right)] +
          3 * data[4 * (far * width + left)] +
          data[4 * (far * width + right)] +
          8) >> 4;
      const at = 4 * (y * w + x);
      out[at] = out[at + 1] = out[at + 2] = value;
      out[at + 3] = 255;
    }
  }
  return { data: out, width: w, height: h };
}

function load({ file, width, height }) {
  const grey = readFileSync(join(folder, file));
  const data = new Uint8ClampedArray(4 * width * height).fill(255);
  for (let at = 0; at < grey.length; at++) data[4 * at] = data[4 * at + 1] = data[4 * at + 2] = grey[at];
  return { data, width, height };
}

const own = readFileSync(options.wasm);
const theirs = readFileSync(join(import.meta.dirname, "node_modules/zxing-wasm/dist/reader/zxing_reader.wasm"));
await prepareZXingModule({ overrides: { wasmBinary: theirs.buffer.slice(theirs.byteOffset, theirs.byteOffset + theirs.length) }, fireImmediately: true });

const scan = await vernet(own, "scan");
const [fast, full] = [zxing({}), zxing({ tryInvert: true, tryRotate: true, tryDownscale: true, tryDenoise: true })];
const readers = {
  vernet: scan,
  /** Light on dark, and faint: of these frames it reads few. */
  "vernet otherwise": await vernet(own, "scan_otherwise"),
  "vernet 2x": (frame) => scan(doubled(frame)),
  zxing: fast,
  "zxing 2x": (frame) => fast(doubled(frame)),
  "zxing all": full,
  "zxing all 2x": (frame) => full(doubled(frame)),
};

const frames = JSON.parse(readFileSync(join(folder, "frames.json"), "utf8"));
const sizes = [...new Set(frames.map(({ width, height }) => `${width}x${height}`))];
const widths = [...new Set(frames.map(({ across }) => across))].filter((across) => across > 0);
const share = (list) => `${Math.round((100 * list.filter((run) => run.read).length) / list.length)}`;
const quantile = (list, q) => {
  const times = list.map((run) => run.time).sort((a, b) => a - b);
  return times.length ? times[Math.min(times.length - 1, Math.floor(q * times.length))].toFixed(0) : "";
};

for (const size of sizes) {
  const chosen = frames.filter(({ width, height }) => `${width}x${height}` === size);
  console.log(`\n${size}: % read, by the width of the code in pixels; ms per frame with a code, of a page without one, of clutter\n`);
  console.log(`| reader | ${widths.join(" | ")} | median | 95 % | worst | page | clutter | worst |`);
  console.log(`|---|${widths.map(() => "--:|").join("")}--:|--:|--:|--:|--:|--:|`);
  for (const [name, read] of Object.entries(readers)) {
    if (options.reader && !options.reader.includes(name)) continue;
    await read(load(chosen[0]));
    const runs = [];
    for (const frame of chosen) {
      const pixels = load(frame);
      const start = performance.now();
      const texts = await read(pixels);
      const time = performance.now() - start;
      const wrong = texts.find((text) => text !== frame.text);
      // Noise may look like some code; only the link of a certificate would be taken for one.
      if (wrong?.startsWith("https://")) throw new Error(`${name} read ${wrong} in ${frame.file}`);
      runs.push({ ...frame, read: texts.includes(frame.text), time });
    }
    const codes = runs.filter(({ across }) => across > 0);
    const pages = runs.filter(({ file }) => file.includes("page"));
    const clutter = runs.filter(({ file }) => file.includes("clutter"));
    const cells = [
      ...widths.map((across) => share(codes.filter((run) => run.across === across))),
      ...[0.5, 0.95, 1].map((q) => quantile(codes, q)),
      quantile(pages, 0.5), quantile(clutter, 0.5), quantile(clutter, 1),
    ];
    console.log(`| ${name} | ${cells.join(" | ")} |`);
  }
}

console.log("\n| module | bytes | gzip |\n|---|--:|--:|");
for (const [name, bytes] of [["vernet.wasm, everything the page decides with", own], ["zxing_reader.wasm", theirs]]) {
  console.log(`| ${name} | ${bytes.length} | ${gzipSync(bytes, { level: 9 }).length} |`);
}
