// Our own programs, as a person starts them: the office's, and the hospital's server.

import { spawn, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';

const repository = resolve(import.meta.dirname, '../..');
export const program = (name) => join(repository, 'target', process.env.PROFILE ?? 'release', name);

/** An office with one certificate, made by the demonstration in `folder`. */
export class Office {
  constructor(folder) {
    this.folder = folder;
    execFileSync(program('vernet-issuer'), ['demo', this.at('')], { stdio: ['ignore', 'ignore', 'inherit'] });
    const [file] = readdirSync(this.at('certificates')).filter((name) => name.endsWith('.url'));
    this.number = file.replace('.url', '');
    this.link = readFileSync(this.at(`certificates/${file}`), 'utf8').trim();
    this.png = this.at(`certificates/${this.number}.png`);
  }

  at(name) {
    return join(this.folder, name).replace(/\/$/, '');
  }

  suspend() {
    const until = new Date(Date.now() + 60 * 86400e3).toISOString().slice(0, 10);
    this.#decide('suspend', this.number, '--until', until);
    this.publish();
  }

  lift() {
    this.#decide('lift', this.number);
    this.publish();
  }

  limit() {
    this.#decide('limit', this.number, '--reference', '26/1234-5');
    this.publish();
  }

  publish() {
    this.#issuer('publish', '--out', this.at('publication'));
  }

  /** One officer proposes; returns the number of the proposal. */
  propose(...words) {
    return JSON.parse(this.#issuer('propose', ...words, '--json')).proposal;
  }

  /** One officer proposes, the other one approves. */
  #decide(...words) {
    this.#issuer('approve', String(this.propose(...words)), '--officer-key', this.at('officers/ola.pem'));
  }

  get passphrase() {
    return readFileSync(this.at('passphrase.txt'), 'utf8').trim();
  }

  #issuer(...words) {
    return execFileSync(program('vernet-issuer'), words, {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: {
        ...process.env,
        VERNET_OFFICE: this.at('office'),
        VERNET_OFFICER_KEY: this.at('officers/kari.pem'),
        VERNET_PASSPHRASE_FILE: this.at('passphrase.txt'),
      },
    });
  }

  /** The page as files for another web server. */
  exportPage(folder, publication) {
    exportPage(this.at('roots.json'), folder, publication);
  }
}

/** The page of the office with these roots, as files for any web server. */
export function exportPage(roots, folder, publication) {
  execFileSync(program('vernet-verifier'), ['page', 'export', folder, '--roots', roots, '--publication', publication], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

/** `vernet-issuer serve`: the console of an office. */
export class Console {
  static async start(office, ...more) {
    const server = new Console();
    const words = ['serve', '--office', office.at('office'), '--listen', '127.0.0.1:0', '--json', ...more];
    const env = { ...process.env, VERNET_PASSPHRASE_FILE: office.at('passphrase.txt') };
    server.process = spawn(program('vernet-issuer'), words, { stdio: ['ignore', 'pipe', 'pipe'], env });
    server.log = '';
    server.process.stderr.on('data', (data) => { server.log += data; });
    for await (const line of createInterface({ input: server.process.stdout })) {
      server.url = JSON.parse(line).listening.replace(/\/$/, '');
      return server;
    }
    throw new Error(`the console did not start: ${server.log}`);
  }

  async stop() {
    this.process.kill('SIGTERM');
    await once(this.process, 'exit');
  }
}

/** `vernet-issuer inbox`: where people apply to an office, and the office's commands about it. */
export class Inbox {
  static async start(office, folder) {
    const inbox = new Inbox();
    inbox.office = office;
    const key = office.at('office/keys/inbox.pem');
    inbox.#issuer('keys', 'new', '--use', 'inbox', '--out', key);
    inbox.letter = join(folder, 'letter.pdf');
    inbox.#issuer('export', office.number, '--format', 'pdf', '--out', inbox.letter);
    // The address is in the settings, so a port is looked for before.
    const port = await freePort();
    inbox.url = `http://localhost:${port}/`;
    const shared = join(folder, 'inbox');
    const settings = join(folder, 'inbox.json');
    writeFileSync(settings, JSON.stringify({
      folder: shared, key: key.replace('.pem', '.pub'), origin: `http://localhost:${port}`,
      office: { nb: 'Perfusjonistkontoret', en: 'The Perfusionists’ Office' }, contact: 'post@example.no',
    }));
    const config = office.at('office/office.json');
    const own = { folder: shared, url: 'https://soknad.example.no' };
    writeFileSync(config, JSON.stringify({ ...JSON.parse(readFileSync(config)), inbox: own }));
    const words = ['inbox', '--settings', settings, '--listen', `127.0.0.1:${port}`, '--json'];
    inbox.process = spawn(program('vernet-issuer'), words, { stdio: ['ignore', 'pipe', 'pipe'] });
    inbox.log = '';
    inbox.process.stderr.on('data', (data) => { inbox.log += data; });
    await once(createInterface({ input: inbox.process.stdout }), 'line');
    return inbox;
  }

  /** What `vernet-issuer applications` answers. */
  applications(...words) {
    return JSON.parse(this.#issuer('applications', ...words, '--json'));
  }

  #issuer(...words) {
    return execFileSync(program('vernet-issuer'), words, {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, VERNET_OFFICE: this.office.at('office'), VERNET_PASSPHRASE_FILE: this.office.at('passphrase.txt') },
    });
  }

  async stop() {
    this.process.kill('SIGTERM');
    await once(this.process, 'exit');
  }
}

/** A port that nobody listens on. */
async function freePort() {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address();
  await once(server.close(), 'close');
  return port;
}

/** `vernet-verifier serve`, asking the office for news every second. */
export class Server {
  static async start(office, { listen = '127.0.0.1:0' } = {}) {
    const server = new Server();
    server.process = spawn(
      program('vernet-verifier'),
      ['--state', office.at('state'), '--json', 'serve', '--listen', listen, '--refresh', '1', '--rate-limit', '0',
        '--roots', office.at('roots.json'), '--publication', office.at('publication')],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    server.log = '';
    server.process.stderr.on('data', (chunk) => (server.log += chunk));
    const [line] = await once(createInterface({ input: server.process.stdout }), 'line');
    server.url = new URL(JSON.parse(line).listening);
    await server.until(async () => (await fetch(new URL('/readyz', server.url))).ok);
    return server;
  }

  /** The requests in the log. */
  requests() {
    return this.log.trim().split('\n').map((line) => JSON.parse(line)).filter((entry) => entry.message === 'request');
  }

  /** Waits until the server's own answer to a link has this code: the office's news has arrived. */
  async answers(link, code) {
    await this.until(async () => {
      const answer = await fetch(new URL('/v1/verify', this.url), {
        method: 'POST', headers: { 'content-type': 'text/plain' }, body: link,
      });
      return (await answer.json()).code === code;
    });
  }

  async until(condition) {
    for (const start = Date.now(); Date.now() - start < 20_000; ) {
      if (await condition().catch(() => false)) return;
      await new Promise((resume) => setTimeout(resume, 50));
    }
    throw new Error(`it did not come about within 20 s; the server's log:\n${this.log}`);
  }

  async stop() {
    if (this.process.exitCode !== null) return;
    this.process.kill('SIGTERM');
    await once(this.process, 'exit');
  }
}
