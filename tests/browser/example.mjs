// The example office of `keys-example`, as a plain web server publishes it: certificates of every standing, at the time for which its lists are made.

import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { exportPage } from './programs.mjs';
import { StaticServer } from './static.mjs';

const example = (name) => resolve(import.meta.dirname, '../../keys-example', name);

export class Example {
  static async start(folder) {
    const office = new Example();
    exportPage(example('roots.json'), join(folder, 'page'), '../../publication/');
    office.files = await StaticServer.start({ '/page/': join(folder, 'page'), '/publication/': example('publication') }, { notFound: join(folder, 'page/404.html') });
    // How far a clock must be moved to be at the time of the lists.
    office.days = (Date.parse('2026-11-22T09:20:00Z') - Date.now()) / 86400e3;
    office.url = `${office.files.url}/page/v/`;
    return office;
  }

  /** The link in the code of a certificate, 1 to 9. */
  link(number) {
    return readFileSync(example(`certificates/NO-PE-2026-00000${number}.url`), 'utf8').trim();
  }

  digits(number) {
    return this.link(number).replace(/^.*#/, '');
  }

  file(number, extension) {
    return example(`certificates/NO-PE-2026-00000${number}.${extension}`);
  }

  async stop() {
    await this.files.stop();
  }
}
