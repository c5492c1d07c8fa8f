// Files that somebody chose or dropped: what they are goes by their content. Each gives the texts of the certificates in it, or why there are none.

import { holdsMore, KINDS, kindOf, PICTURES, textOf } from "./kind.js";
import { pixels, Unread } from "./picture.js";

const LARGEST_FILE = 32 * 1024 * 1024;
const LARGEST_TEXT = 64 * 1024;
/** Texts in the languages of documents: a certificate may be written in them. */
const WRITTEN = new Set(["html", "rtf", "mail"]);
/** The most files at a time; that there were more is said. */
const MOST_FILES = 20;

/**
 * What is to be checked, at least one: `{text, file}` for each certificate, `{unread, kind, file}` for what could not be read. `file` is the
 * name, as the person knows it.
 */
export async function read(files, reader, knowledge) {
  const found = [];
  for (const file of files.slice(0, MOST_FILES)) {
    try {
      for (const text of await textsIn(file, reader, knowledge, found)) {
        if (!found.some((other) => other.text === text)) found.push({ text, file: file.name });
      }
    } catch (error) {
      const { reason = "damaged", kind } = error instanceof Unread ? error : {};
      found.push({ unread: reason, kind, file: file.name });
    }
  }
  const more = files.length - MOST_FILES;
  if (more > 0) found.push({ unread: "more", count: more });
  return found;
}

async function textsIn(file, reader, knowledge, found) {
  if (file.size > LARGEST_FILE) throw new Unread("too_large");
  const bytes = new Uint8Array(await file.arrayBuffer());
  const kind = kindOf(bytes);
  // Browsers know few of these, and of a fax or an animation they show one picture.
  if (["pdf", "tiff", "jp2"].includes(kind) || holdsMore(bytes, kind)) return inDocument(bytes, kind, file, found);
  if (PICTURES.has(kind) || kind === "svg") return inPicture(file, bytes, kind, reader);
  if (kind === "text" || WRITTEN.has(kind)) {
    if (kind === "text" && bytes.length > LARGEST_TEXT) throw new Unread("text_too_large");
    const { texts, unexamined } = knowledge.read(textOf(bytes));
    // A mail may begin with any of its headers.
    if (unexamined && texts.length > 0) found.push({ unread: "partly", kind: kind === "text" ? "mail" : kind, file: file.name });
    if (texts.length > 0) return texts;
  }
  const known = ["empty", "html", "zip", "docx"].includes(kind);
  throw new Unread(known ? kind : kind in KINDS ? "kind" : "other", kind);
}

async function inPicture(file, bytes, kind, reader) {
  const image = await pixels(file, bytes, kind);
  let texts;
  try {
    texts = await reader.picture(image);
  } catch (error) {
    throw new Unread(error.message === "timeout" ? "slow" : "no_code", kind);
  }
  if (texts.length === 0) throw new Unread("no_code", kind);
  return texts;
}

/** Documents have a reader of their own, which is fetched when the first one is chosen. What it did not look at is told beside what it found. */
async function inDocument(bytes, kind, file, found) {
  let documents;
  try {
    documents = await import("./documents.js");
  } catch {
    throw new Unread("reader_missing", kind);
  }
  const { texts, unexamined } = await documents.read(bytes, kind);
  if (texts.length === 0) throw new Unread(unexamined ? "partly" : "no_certificate", kind);
  if (unexamined) found.push({ unread: "partly", kind, file: file.name });
  return texts;
}
