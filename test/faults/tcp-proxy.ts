import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

interface Link {
  client: Socket;
  upstream: Socket;
  /** Its bytes are dropped for good, as by a firewall that forgot the connection. */
  swallowed: boolean;
}

/** Stands before a server and spoils the connections that go through it. */
export class TcpProxy {
  private readonly links = new Set<Link>();
  private delayMs = 0;
  private swallowing = false;

  private constructor(
    private readonly server: Server,
    private readonly port: number,
  ) {
    server.on('connection', (client) => this.join(client));
  }

  /** @param port of the server behind, on loopback */
  static async before(port: number): Promise<TcpProxy> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new TcpProxy(server, port);
  }

  get address(): { host: string; port: number } {
    return { host: '127.0.0.1', port: (this.server.address() as AddressInfo).port };
  }

  /** Each direction takes this much longer; 0 heals. */
  slow(milliseconds: number): void {
    this.delayMs = milliseconds;
  }

  /** Ends every connection by a reset. */
  reset(): void {
    for (const { client, upstream } of this.links) {
      client.resetAndDestroy();
      upstream.destroy();
    }
  }

  /** From now on nothing comes through, and nobody is told; after `pass` only new connections work. */
  swallow(): void {
    this.swallowing = true;
    for (const link of this.links) link.swallowed = true;
  }

  pass(): void {
    this.swallowing = false;
    this.delayMs = 0;
  }

  async close(): Promise<void> {
    for (const { client, upstream } of this.links) {
      client.destroy();
      upstream.destroy();
    }
    this.server.close();
    await once(this.server, 'close');
  }

  private join(client: Socket): void {
    const upstream = connect(this.port, '127.0.0.1');
    const link: Link = { client, upstream, swallowed: this.swallowing };
    this.links.add(link);
    this.carry(link, client, upstream);
    this.carry(link, upstream, client);
  }

  private carry(link: Link, from: Socket, to: Socket): void {
    let due = 0;
    const after = (act: () => void): void => {
      due = Math.max(due, performance.now() + this.delayMs);
      const wait = due - performance.now();
      if (wait <= 0) act();
      else setTimeout(act, wait);
    };
    from.on('data', (piece: Buffer) => {
      if (!link.swallowed) after(() => void (link.swallowed || to.destroyed || to.write(piece)));
    });
    from.on('error', () => to.destroy());
    from.on('close', () => {
      this.links.delete(link);
      if (!link.swallowed) after(() => to.destroy());
    });
  }
}
