// A plain web server: files, and a redirection from a folder without a slash, as every web server does it.

import { once } from 'node:events';
import { readFile, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join } from 'node:path';

const TYPES = {
  '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.json': 'application/json',
  '.wasm': 'application/wasm', '.svg': 'image/svg+xml', '.png': 'image/png', '.webmanifest': 'application/manifest+json',
};

export class StaticServer {
  #intercepted = new Map();

  /** `folders` tells which folder lies at which path, `notFound` what is shown for what is not found. */
  static async start(folders, { notFound } = {}) {
    const files = new StaticServer();
    files.requests = [];
    files.server = createServer(async ({ url, headers }, response) => {
      files.requests.push(`${url} ${JSON.stringify(headers)}`);
      const path = decodeURIComponent(new URL(url, 'http://x').pathname);
      const intercepted = files.#intercepted.get(path);
      if (intercepted) return response.writeHead(200, { 'content-type': TYPES[extname(path)] }).end(intercepted());
      const at = Object.keys(folders).find((prefix) => path.startsWith(prefix));
      try {
        let file = join(folders[at], path.slice(at.length));
        if ((await stat(file)).isDirectory()) {
          if (!path.endsWith('/')) return response.writeHead(301, { location: `${path}/` }).end();
          file = join(file, 'index.html');
        }
        const bytes = await readFile(file);
        response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream' }).end(bytes);
      } catch {
        const page = notFound ? await readFile(notFound) : '';
        response.writeHead(404, { 'content-type': TYPES['.html'] }).end(page);
      }
    });
    files.server.listen(0, '127.0.0.1');
    await once(files.server, 'listening');
    files.url = `http://127.0.0.1:${files.server.address().port}`;
    return files;
  }

  /** What is sent at a path instead of the file. */
  intercept(path, content) {
    this.#intercepted.set(path, content);
  }

  async stop() {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }
}
