import dgram from 'node:dgram';
import dns from 'node:dns';
import http2 from 'node:http2';
import https from 'node:https';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';
import tls from 'node:tls';

/** `import` would read every property of the module, also those that load Node's `fetch`: 50 ms in each child. */
const http = process.getBuiltinModule('node:http');

const asks = /^(?:lookup|resolve|reverse)/u;
const namesOfQueries = (resolver: object): string[] =>
  Object.getOwnPropertyNames(resolver).filter((name) => asks.test(name));
/** The methods of `Resolver` do not go through those of the module. */
const resolvers = [dns, dns.promises, dns.Resolver.prototype, dns.promises.Resolver.prototype].flatMap(
  (resolver) => [resolver, Object.getPrototypeOf(resolver) as object],
);

/**
 * Removes every way to the network from this process. Children that read untrusted bytes or run models never
 * need it.
 */
export function severNetwork(): void {
  const refuse = (): never => {
    throw new Error('This process has no network.');
  };
  for (const [module, names] of [
    [net, ['connect', 'createConnection']],
    // only the method, not the class: the process's own pipes are sockets too
    [net.Socket.prototype, ['connect']],
    [net.Server.prototype, ['listen']],
    [tls, ['connect']],
    [http, ['request', 'get']],
    [https, ['request', 'get']],
    [http2, ['connect']],
    [dgram, ['createSocket']],
    ...resolvers.map((resolver): [object, string[]] => [resolver, namesOfQueries(resolver)]),
    [globalThis, ['fetch', 'WebSocket', 'EventSource']],
  ] as [object, string[]][]) {
    for (const name of names)
      Object.defineProperty(module, name, { value: refuse, configurable: true, writable: true });
  }
  syncBuiltinESMExports();
}
