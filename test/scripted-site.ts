import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Page {
  body?: string;
  type?: string;
  /** The site answers 304 to a request that names it. */
  etag?: string;
  status?: number;
  headers?: Record<string, string>;
  /** Answers in the site's place. */
  act?: (request: IncomingMessage, response: ServerResponse) => void;
}

export interface Asked {
  method: string;
  path: string;
  status: number;
  /** Milliseconds, of a clock that only goes forward. */
  at: number;
}

/** A web site that does what a test says, and remembers what it was asked. */
export interface ScriptedSite {
  address: string;
  pages: Map<string, Page>;
  asked: Asked[];
  /** Requests for pages since the last call, as `METHOD path status`; those for robots.txt left out. */
  takeAsked(): string[];
  /** Breaks every connection from now on, or no more. */
  down: boolean;
  close(): void;
}

export async function scriptedSite(): Promise<ScriptedSite> {
  const pages = new Map<string, Page>();
  const server = createServer((request, response) => {
    const path = request.url ?? '/';
    const page = pages.get(path);
    const asked: Asked = { method: request.method ?? '', path, status: 0, at: performance.now() };
    site.asked.push(asked);
    response.on('close', () => (asked.status = response.statusCode));
    if (site.down) request.socket.destroy();
    else if (!page) response.writeHead(404).end();
    else if (page.act) page.act(request, response);
    else answer(page, request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const site: ScriptedSite = {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    pages,
    asked: [],
    takeAsked: () =>
      site.asked
        .splice(0)
        .filter(({ path }) => path !== '/robots.txt')
        .map(({ method, path, status }) => `${method} ${path} ${status}`),
    down: false,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
  return site;
}

function answer(page: Page, request: IncomingMessage, response: ServerResponse): void {
  const { body = '', type = 'text/html', etag, status = 200, headers = {} } = page;
  const known = etag !== undefined && request.headers['if-none-match'] === etag;
  response.writeHead(known ? 304 : status, { 'content-type': type, ...(etag && { etag }), ...headers });
  response.end(known || request.method === 'HEAD' ? undefined : body);
}

/** A page with links, and a sentence of its own. */
export const linked = (title: string, ...links: string[]): string =>
  `<h1>${title}</h1><p>This page is about ${title}.</p>${links.map((href) => `<a href="${href}">${href}</a>`).join(' ')}`;
