// What the page knows of the office: fetched from the publication, judged by the engine, kept in IndexedDB. Nothing about a person is ever
// stored.

import { Engine, Trouble } from "./engine.js";

const MAX_BUNDLE = 12 * 1024 * 1024; // docs/FORMAT.md, section 15.
const MAX_TILE = 8192; // 256 hashes, as C2SP tlog-tiles says.
const TILES_AT_ONCE = 8;
const LEAF_BYTES = 32;
const TIMEOUT_MS = 20_000;
const SHORTEST_PAUSE_MS = 15_000;
const LONGEST_PAUSE_MS = 5 * 60_000;
/** The storage of some browsers never answers, neither yes nor no. For a while after that it is not asked: a person is waiting. */
const STORAGE_MS = 4_000;
const STORAGE_REST_MS = 10_000;

/** An office with rare lists may still have to revoke somebody tomorrow. The server asks as often. */
const LONGEST_UNASKED_MS = 6 * 60 * 60_000;
/** Clocks are corrected by seconds every day. */
const LARGEST_CORRECTION_MS = 60_000;

export const now = () => Math.floor(Date.now() / 1000);

/**
 * How many milliseconds ago that was, `then` being what `Date.now()` said. `Infinity` if the clock was set back meanwhile: nobody can tell how
 * long it was, so whatever waited for its time does not wait for the clock to get there again.
 */
export function since(then) {
  const past = Date.now() - then;
  return past < -LARGEST_CORRECTION_MS ? Infinity : past;
}

export class Knowledge extends EventTarget {
  /** `{iss, fingerprint}` of the pinned roots. */
  office = null;
  /** `{as_of, next_update, trust_list_seq, trust_list_exp}`, in seconds since 1970; null as long as there are no lists. */
  news = null;
  /** Why the last update did not count, `{code, message}`, or null. */
  problem = null;
  /** Whether what is stored cannot be used, so that only starting again can help. */
  unusable = false;
  /** Whether an update is under way. */
  fetching = false;

  #module;
  #roots;
  #publication;
  #engine = null;
  /** Whether the engine has taken up what is stored. */
  #opened = false;
  #opening = null;
  #store = null;
  /** When the storage last did not answer. */
  #silent = -Infinity;
  /** What was stored last. Should the browser take the storage away while the page is open, nothing that was seen is forgotten. */
  #stored = null;
  #update = null;
  #asked = Date.now();
  #wait = 0;
  #pause = SHORTEST_PAUSE_MS;
  #tabs;

  constructor(module, roots, publication) {
    super();
    this.#module = module;
    this.#roots = roots;
    this.#publication = publication;
    // Another tab that learnt something newer: go on from what it stored.
    this.#tabs = new BroadcastChannel(storeName());
    this.#tabs.onmessage = () => this.open().catch((error) => this.#failed(error));
  }

  /** Goes on from what is stored; at the first visit, from the roots that came with the page. */
  open() {
    this.#opening ??= this.#open().finally(() => {
      this.#opening = null;
    });
    return this.#opening;
  }

  async #open() {
    this.#opened = false;
    let answer;
    try {
      answer = await this.#transact((engine, stored) =>
        engine.call({ op: "open", roots: this.#roots, stored, now: now() }),
      );
    } catch (error) {
      this.unusable = error.code === "stored_unreadable";
      throw error;
    }
    // It was the storage that failed, and not the publication: that need not be spared.
    if (this.problem?.code === "storage_failed") this.#wait = 0;
    this.unusable = Boolean(answer.problem);
    this.#opened = true;
    this.office = answer.office;
    this.news = answer.news;
    this.problem = answer.problem;
    this.#changed();
  }

  /** Forgets everything and pins the page's roots anew. For a person to decide, never for the page. */
  async startAgain() {
    await this.#transact((engine) => engine.call({ op: "open", roots: this.#roots, stored: null, now: now() }), true);
    await this.open();
  }

  /** The engine's verdict. Throws a `Trouble` if there is none. */
  async verify(input) {
    if (!this.#opened) await this.open();
    const answer = this.#guard((engine) => engine.call({ op: "verify", input, now: now() }));
    if (answer.answer !== "verdict") throw new Trouble("page_failed", answer.problem?.message);
    return answer;
  }

  /** Which of the texts in one picture count: those that are certificates, or else the first. */
  among(texts) {
    const answer = this.#guard((engine) => engine.call({ op: "among", texts }));
    if (answer.answer !== "among") throw new Trouble("page_failed", answer.problem?.message);
    return answer.texts;
  }

  /** What is in a text that was chosen as a file: the `texts` of certificates, and whether a part is `unexamined`. */
  read(text) {
    const answer = this.#guard((engine) => engine.call({ op: "read", text }));
    if (answer.answer !== "read") throw new Trouble("page_failed", answer.problem?.message);
    return answer;
  }

  /** Whether it is time to ask for newer lists. */
  get due() {
    return !this.news || now() >= this.news.next_update || since(this.#asked) >= LONGEST_UNASKED_MS;
  }

  /** Asks for newer lists if they are due and the last failure is long enough ago. */
  refreshIfDue() {
    return this.due && since(this.#asked) >= this.#wait ? this.refresh() : this.#update;
  }

  /** Asks for newer lists now. There is one request at a time. Never throws: `problem` says what was wrong. */
  refresh() {
    this.#update ??= this.#refresh().finally(() => {
      this.#update = null;
    });
    return this.#update;
  }

  async #refresh() {
    this.fetching = true;
    this.#changed();
    try {
      if (!this.#opened) await this.open();
      const bundle = text(await download(this.#url("bundle.json"), MAX_BUNDLE));
      const answer = await this.#learn(bundle);
      this.#opened = true;
      this.news = answer.news;
      this.problem = null;
      this.unusable = false;
      this.#pause = SHORTEST_PAUSE_MS;
      this.#tabs.postMessage("learnt");
    } catch (error) {
      this.problem = { code: error.code ?? "page_failed", message: error.message };
      this.#pause = Math.min(2 * this.#pause, LONGEST_PAUSE_MS);
    }
    // Also after a success: an office may be late with its next lists.
    this.#asked = Date.now();
    this.#wait = this.#pause * (0.75 + Math.random() / 2);
    this.fetching = false;
    this.#changed();
  }

  /** Learns from a bundle, and fetches what it lacks of a large log. Should what is kept of that be of no use, all of it is fetched. */
  async #learn(bundle, afresh = false) {
    const learn = (known) => this.#transact((engine, stored) => engine.call({ op: "learn", bundle, ...known, stored, now: now() }));
    const plan = this.#plan(bundle, afresh);
    if (plan.tiles.length > 0) {
      // Who withholds tiles must not hide that somebody was suspended.
      this.news = (await learn({})).news;
      this.#opened = true;
      this.#tabs.postMessage("learnt");
      this.#changed();
    }
    const { kept } = plan;
    try {
      return await learn({ kept, leaves: await this.#leaves(plan.tiles) });
    } catch (error) {
      if (kept === 0 || !["log_root", "log_leaves_missing"].includes(error.code)) throw error;
      return this.#learn(bundle, true);
    }
  }

  /** Which tiles of the log to fetch, and how many leaves before them are stored. */
  #plan(bundle, afresh) {
    const request = { op: "tiles", bundle, stored: this.#stored, afresh, now: now() };
    const answer = this.#guard((engine) => engine.call(request));
    if (answer.answer === "failed") throw new Trouble(answer.problem.code, answer.problem.message);
    return answer;
  }

  /** The leaves of the log that are in tiles: the same files for everybody. */
  async #leaves(tiles) {
    const leaves = tiles.map(() => null);
    let next = 0;
    const fetchSome = async () => {
      while (next < tiles.length) {
        const place = next++;
        leaves[place] = hashes(await this.#tile(tiles[place]));
      }
    };
    await Promise.all(Array.from({ length: TILES_AT_ONCE }, fetchSome));
    return leaves.flat();
  }

  /** A tile; if it is gone because the log has grown, the front of the full one. */
  async #tile({ path, full, bytes }) {
    let tile;
    try {
      tile = await download(this.#url(path), MAX_TILE);
    } catch (error) {
      if (full === path) throw error;
      tile = await download(this.#url(full), MAX_TILE);
    }
    if (tile.length < bytes) throw new Trouble("fetch_failed", `${path}: ${tile.length} bytes, expected ${bytes}`);
    return tile.subarray(0, bytes);
  }

  #url(file) {
    return new URL(file, this.#publication).href;
  }

  /**
   * Reads what is stored, asks the engine, and stores its answer, all in one transaction: no other tab can come in between and put older
   * lists back.
   */
  async #transact(ask, afresh = false) {
    if (since(this.#silent) < STORAGE_REST_MS) throw silence();
    const attempt = { over: false, transaction: null };
    let timer;
    const late = new Promise((_, reject) => {
      timer = setTimeout(() => {
        attempt.over = true;
        this.#silent = Date.now();
        try {
          attempt.transaction?.abort();
        } catch {
          // It had ended, and nobody was told.
        }
        this.#drop();
        reject(silence());
      }, STORAGE_MS);
    });
    try {
      return await Promise.race([this.#attempt(ask, afresh, attempt), late]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** `attempt` says whether somebody still waits for it. */
  async #attempt(ask, afresh, attempt) {
    let transaction;
    try {
      transaction = await this.#transaction();
    } catch (error) {
      throw new Trouble("storage_failed", String(error));
    }
    if (attempt.over) return transaction.abort();
    attempt.transaction = transaction;
    return new Promise((resolve, reject) => {
      const state = transaction.objectStore("state");
      let answer;
      let trouble = null;
      const read = state.get("stored");
      read.onsuccess = () => {
        if (attempt.over) return;
        try {
          answer = this.#guard((engine) => ask(engine, afresh ? null : (read.result ?? this.#stored)));
          if (answer.answer === "failed") throw new Trouble(answer.problem.code, answer.problem.message);
          if (answer.stored !== read.result) state.put(answer.stored, "stored");
        } catch (error) {
          trouble = error;
          transaction.abort();
        }
      };
      transaction.oncomplete = () => {
        this.#stored = answer.stored;
        resolve(answer);
      };
      transaction.onabort = () => {
        if (trouble instanceof Trouble) return reject(trouble);
        // Not stored, so not learnt: the next call begins with what is stored.
        this.#drop();
        this.#store = null;
        reject(new Trouble("storage_failed", String(trouble ?? transaction.error)));
      };
    });
  }

  /** Begins a transaction. A browser may have closed the connection meanwhile, with or without telling: then a new one is made. */
  async #transaction() {
    const begin = async () => {
      const opening = (this.#store ??= openStore());
      const store = await opening;
      store.onclose = store.onversionchange = () => {
        store.close();
        if (this.#store === opening) this.#store = null;
      };
      return store.transaction("state", "readwrite", { durability: "strict" });
    };
    try {
      return await begin();
    } catch {
      this.#store = null;
      return begin();
    }
  }

  #guard(ask) {
    if (!globalThis.WebAssembly) throw new Trouble("no_webassembly");
    try {
      this.#engine ??= new Engine(this.#module);
      return ask(this.#engine);
    } catch (error) {
      this.#drop();
      throw new Trouble("page_failed", String(error));
    }
  }

  /** The next question gets a new engine, which begins with what is stored. */
  #drop() {
    this.#engine = null;
    this.#opened = false;
  }

  #failed(error) {
    this.#drop();
    this.problem = { code: error.code ?? "page_failed", message: error.message };
    this.#changed();
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}

function silence() {
  return new Trouble("storage_failed", "the browser's storage does not answer");
}

/** Several pages may lie under one origin, each with its own office. */
function storeName() {
  return `vernet ${new URL(".", location.href).pathname}`;
}

function openStore() {
  return new Promise((resolve, reject) => {
    const failed = (event) => reject(new Trouble("storage_failed", String(event?.target?.error ?? "blocked")));
    let request;
    try {
      request = indexedDB.open(storeName(), 1);
    } catch (error) {
      return failed({ target: { error } });
    }
    request.onupgradeneeded = () => request.result.createObjectStore("state");
    request.onerror = failed;
    request.onblocked = failed;
    request.onsuccess = () => resolve(request.result);
  });
}

function text(bytes) {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    throw new Trouble("fetch_failed", String(error?.message ?? error));
  }
}

/** The hashes of a tile, each in base64url. */
function hashes(tile) {
  const all = [];
  for (let at = 0; at < tile.length; at += LEAF_BYTES) {
    const base64 = btoa(String.fromCharCode(...tile.subarray(at, at + LEAF_BYTES)));
    all.push(base64.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", ""));
  }
  return all;
}

/** The bytes at an address, within limits of size and time. */
async function download(url, most) {
  const failed = (error) => new Trouble("fetch_failed", String(error?.message ?? error));
  try {
    const response = await fetch(url, {
      cache: "no-cache",
      credentials: "omit",
      referrerPolicy: "no-referrer",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (!response.ok) throw failed(`${response.status}`);
    const reader = response.body.getReader();
    const parts = [];
    let size = 0;
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return new Uint8Array(await new Blob(parts).arrayBuffer());
      size += value.length;
      if (size > most) {
        reader.cancel();
        throw new Trouble("too_large", `more than ${most} bytes`);
      }
      parts.push(value);
    }
  } catch (error) {
    throw error instanceof Trouble ? error : failed(error);
  }
}
