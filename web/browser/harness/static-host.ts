import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

const BUILT = fileURLToPath(new URL("../../target/classes/io/topicstream/web/chat", import.meta.url));
const TYPES: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json",
  ".svg": "image/svg+xml",
  ".webmanifest": "application/manifest+json",
};

/** The headers with which the page is to be served; `connect` is where the server is, if it is elsewhere. */
export function headers(connect = "'self'"): Record<string, string> {
  return {
    "Content-Security-Policy":
      `default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src ${connect}; ` +
      "worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; " +
      "require-trusted-types-for 'script'; trusted-types topicstream",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
  };
}

/** Files that any web server could have, on an origin that is not the server's. */
export class StaticHost {
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  /** The page as it was built, told by `config.json` where the server is. */
  static chat(server: string, path = "/somewhere/chat/"): Promise<StaticHost> {
    const origin = new URL(server).origin;
    return StaticHost.#listen(async (asked, response) => {
      const name = asked.startsWith(path) ? asked.slice(path.length) || "index.html" : undefined;
      if (name === undefined) {
        return false;
      }
      const body =
        name === "config.json"
          ? JSON.stringify({ server })
          : await readFile(join(BUILT, normalize(`/${name}`)));
      response.writeHead(200, {
        "Content-Type": TYPES[extname(name)] ?? "application/octet-stream",
        ...headers(`'self' ${origin}`),
      });
      response.end(body);
      return true;
    });
  }

  /** One page at `/`, as somebody would have written it. */
  static page(html: string): Promise<StaticHost> {
    return StaticHost.#listen((asked, response) => {
      response.writeHead(asked === "/" ? 200 : 204, { "Content-Type": "text/html; charset=utf-8" });
      response.end(asked === "/" ? html : undefined);
      return Promise.resolve(true);
    });
  }

  static async #listen(
    answer: (path: string, response: ServerResponse) => Promise<boolean>,
  ): Promise<StaticHost> {
    const server = createServer((request, response) => {
      const path = new URL(request.url ?? "/", "http://host").pathname;
      answer(path, response)
        .catch(() => false)
        .then((found) => {
          if (!found) response.writeHead(404).end();
        })
        .catch(() => undefined);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return new StaticHost(server);
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }
}
