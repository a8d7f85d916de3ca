import { BlockList, isIP } from 'node:net';

/**
 * True when the peer `hop` steps away (0 holds the connection) is a proxy whose `X-Forwarded-For` can be
 * trusted.
 */
export type Trust = (address: string, hop: number) => boolean;

const plain = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/i, '');
const getFamily = (address: string): 'ipv4' | 'ipv6' => (isIP(address) === 6 ? 'ipv6' : 'ipv4');

/** @param proxies false, the number of proxies in a row, or their addresses and networks */
export function makeTrust(proxies: false | number | string[]): Trust {
  if (proxies === false) return () => false;
  if (typeof proxies === 'number') return (_address, hop) => hop < proxies;
  const known = new BlockList();
  for (const network of proxies) {
    const [address = '', bits] = network.split('/');
    if (bits === undefined) known.addAddress(address, getFamily(address));
    else known.addSubnet(address, Number(bits), getFamily(address));
  }
  return (address) => {
    const peer = plain(address);
    return isIP(peer) !== 0 && known.check(peer, getFamily(peer));
  };
}

/** Removes the port and the brackets that some proxies add: `203.0.113.9:51234`, `[2001:db8::1]:443`. */
const withoutPort = (address: string): string =>
  /^\[([^\]]*)\](?::\d{1,5})?$/.exec(address)?.[1] ?? address.replace(/^([\d.]+):\d{1,5}$/, '$1');

/**
 * The addresses of an `X-Forwarded-For`, without ports. A hop that is not an address ends the chain: no known
 * proxy wrote the part before it.
 */
export function readableHops(forwardedFor: string): string[] {
  const hops = forwardedFor.split(',').map((hop) => withoutPort(hop.trim()));
  return hops.slice(hops.findLastIndex((hop) => isIP(plain(hop)) === 0) + 1);
}

/**
 * The address of the client behind a chain of trusted proxies. Each proxy appends the address of its own peer
 * to `X-Forwarded-For`. A client can invent everything before the first address that a trusted proxy
 * reported.
 */
export function clientAddress(
  peer: string,
  forwardedFor: string | string[] | undefined,
  trust: Trust,
): string {
  const chain = [peer, ...readableHops([forwardedFor ?? []].flat().join(',')).reverse()];
  return plain(chain.find((address, hop) => !trust(address, hop)) ?? chain.at(-1) ?? peer);
}

/**
 * The key under which an address is counted: the address itself, or the first 64 bits of an IPv6 address,
 * since one customer holds all addresses below them.
 */
export function addressShare(address: string): string {
  const [host = ''] = plain(address).split('%');
  if (isIP(host) !== 6) return host;
  const [left = '', right] = host.toLowerCase().split('::');
  const groups = (text: string): string[] =>
    text === '' ? [] : text.split(':').flatMap((group) => (group.includes('.') ? ['0', '0'] : [group]));
  const [before, after] = [groups(left), groups(right ?? '')];
  const all =
    right === undefined
      ? before
      : [...before, ...Array<string>(Math.max(0, 8 - before.length - after.length)).fill('0'), ...after];
  return `${all
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`;
}
