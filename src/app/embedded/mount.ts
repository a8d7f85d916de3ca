import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HttpServer } from '@nestjs/common';
import { ConfigurationError } from '../../config/env.js';
import type { Docent } from './docent.js';

type Handle = Docent['handle'];
type Raw<T> = T | { raw: T };
type Next = () => void;

const unwrap = <T extends object>(value: Raw<T>): T => ('raw' in value ? value.raw : value);

/** The address below the mount; undefined for another part of the application. */
function below(path: string, url: string): string | undefined {
  const rest = url.startsWith(path) ? url.slice(path.length) : undefined;
  if (rest === undefined || !/^(?:$|[/?])/.test(rest)) return undefined;
  return rest.startsWith('/') ? rest : `/${rest}`;
}

/** @throws ConfigurationError for a path that is none, and without an HTTP server */
export function assertMountable(server: HttpServer | undefined, path: string): asserts server {
  if (!/^(\/[\w.~-]+)+$/.test(path))
    throw new ConfigurationError(['mountAt: must be a path such as /docent']);
  if (!server) throw new ConfigurationError(['mountAt: the application has no HTTP server']);
}

/** Hands every request below `path` to docent, before the application has read its body. */
export function mount(server: HttpServer, path: string, handle: Handle): void {
  const take = (request: Raw<IncomingMessage>, response: Raw<ServerResponse>): boolean => {
    const message = unwrap<IncomingMessage>(request);
    const url = below(path, message.url ?? '/');
    if (url === undefined) return false;
    message.url = url;
    handle(message, unwrap<ServerResponse>(response));
    return true;
  };
  if (server.getType?.() === 'fastify') mountOnFastify(server.getInstance() as Hooked, take);
  else
    server.use((request: IncomingMessage, response: ServerResponse, next: Next) => {
      if (!take(request, response)) next();
    });
}

interface Hooked {
  addHook(
    name: 'onRequest',
    hook: (
      request: { raw: IncomingMessage },
      reply: { raw: ServerResponse; hijack(): void },
      done: Next,
    ) => void,
  ): void;
}

function mountOnFastify(
  fastify: Hooked,
  take: (request: { raw: IncomingMessage }, reply: { raw: ServerResponse }) => boolean,
): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    if (!take(request, reply)) done();
    else reply.hijack();
  });
}
