import { lookup } from 'node:dns/promises';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';
import { Agent } from 'undici';
import { Problem } from '../../common/errors.js';

/** Host names, addresses and networks (`10.0.0.0/8`) that may be reached although they are not public. */
export type AllowList = readonly string[];

/** Holds requests to addresses that a client chose: public ones, and those that the operator allows. */
export class AddressGuard {
  private readonly networks = new BlockList();
  private readonly names: ReadonlySet<string>;

  constructor(allowed: AllowList) {
    const names: string[] = [];
    for (const entry of allowed) {
      const [address = '', prefix] = entry.split('/');
      const family = isIP(address);
      if (family === 0) names.push(entry.toLowerCase());
      else if (prefix === undefined) this.networks.addAddress(address, family === 6 ? 'ipv6' : 'ipv4');
      else this.networks.addSubnet(address, Number(prefix), family === 6 ? 'ipv6' : 'ipv4');
    }
    this.names = new Set(names);
  }

  /**
   * Refuses an address that can never be reached. A name that does not
   * resolve now is let through: it is looked up again for each request.
   * @throws address_not_allowed
   */
  async check(url: URL): Promise<void> {
    if (url.protocol !== 'https:' && url.protocol !== 'http:') throw refused(url.protocol);
    if (url.username !== '' || url.password !== '') throw refused('an address with a password');
    const host = bareHost(url);
    if (isIP(host) !== 0) {
      if (!this.isAllowed(host, host)) throw refused(host);
      return;
    }
    const found = await lookup(host, { all: true }).catch(() => []);
    if (found.some(({ address }) => !this.isAllowed(host, address))) throw refused(host);
  }

  /**
   * Connects to the very address that was checked: a second look-up could answer otherwise.
   * @param connections to one host at once
   */
  agent(connections = 4): Agent {
    return new Agent({ connect: { lookup: this.lookup, timeout: 5000 }, connections, pipelining: 0 });
  }

  /** For agents of other clients. */
  readonly lookup: LookupFunction = (host, options, done) => {
    lookup(host, { ...options, all: true }).then(
      (found) => {
        const [first] = found;
        if (!first || found.some(({ address }) => !this.isAllowed(host, address))) done(refused(host), '');
        else if (options.all) done(null, found);
        else done(null, first.address, first.family);
      },
      (error: NodeJS.ErrnoException) => done(error, ''),
    );
  };

  private isAllowed(host: string, address: string): boolean {
    if (this.names.has(host.toLowerCase())) return true;
    const parsed = ipaddr.process(address);
    const text = parsed.toString();
    // ipaddr calls everything that is not public by another name:
    // private, loopback, linkLocal (metadata services), carrierGradeNat …
    const isPublic = parsed.range() === 'unicast' && text !== azureWireServer && !hasOldForm(text);
    return isPublic || this.networks.check(text, parsed.kind());
  }
}

/** Answers virtual machines of Azure with their configuration, under a public address. */
const azureWireServer = '168.63.129.16';

/** `::7f00:1`: an IPv4 address in the abandoned form without a prefix, which ipaddr takes for public. */
const hasOldForm = (address: string): boolean => address.startsWith('::');

/** An IPv6 address without its brackets. */
export const bareHost = (url: URL): string => url.hostname.replace(/^\[|\]$/g, '');

const refused = (what: string): Problem =>
  new Problem(
    'address_not_allowed',
    `Requests to ${what.slice(0, 200)} are not allowed. Use a public address, or ask the operator to allow it.`,
  );
