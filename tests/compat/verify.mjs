// Drives a verifier of an earlier commit, which is kept here as WebAssembly: requests as lines of JSON on standard input, answers as lines
// of JSON on standard output. It has its own way of calling, because that of today's page may change.
//
// usage: node verify.mjs verifier.wasm.gz < requests

import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";

const bytes = gunzipSync(readFileSync(process.argv[2]));
const { instance } = await WebAssembly.instantiate(bytes, {});
const { memory, allocate, call, release } = instance.exports;

for (const line of readFileSync(0, "utf8").split("\n").filter((line) => line)) {
  const message = Buffer.from(line);
  const place = allocate(message.length) >>> 0;
  if (place === 0) throw new Error("the message is too large");
  new Uint8Array(memory.buffer, place, message.length).set(message);
  const answer = call(place, message.length) >>> 0;
  const length = new DataView(memory.buffer).getUint32(answer, true);
  process.stdout.write(`${Buffer.from(memory.buffer, answer + 4, length).toString()}\n`);
  release(answer, 4 + length);
}
