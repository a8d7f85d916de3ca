import { BlockList, isIP } from 'node:net';

/** Whether the peer `hop` steps away (0: who holds the connection) is a proxy that tells the truth of whom it speaks for. */
export type Trust = (address: string, hop: number) => boolean;

const plain = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/i, '');
const familyOf = (address: string): 'ipv4' | 'ipv6' => (isIP(address) === 6 ? 'ipv6' : 'ipv4');

/** @param proxies none, as many as stand in a row, or those of some addresses and networks */
export function trustOf(proxies: false | number | string[]): Trust {
  if (proxies === false) return () => false;
  if (typeof proxies === 'number') return (_address, hop) => hop < proxies;
  const known = new BlockList();
  for (const network of proxies) {
    const [address = '', bits] = network.split('/');
    if (bits === undefined) known.addAddress(address, familyOf(address));
    else known.addSubnet(address, Number(bits), familyOf(address));
  }
  return (address) => {
    const peer = plain(address);
    return isIP(peer) !== 0 && known.check(peer, familyOf(peer));
  };
}

/** Without the port and the brackets that some proxies add: `203.0.113.9:51234`, `[2001:db8::1]:443`. */
const withoutPort = (address: string): string =>
  /^\[([^\]]*)\](?::\d{1,5})?$/.exec(address)?.[1] ?? address.replace(/^([\d.]+):\d{1,5}$/, '$1');

/**
 * The addresses of an `X-Forwarded-For`, each without its port. A hop that is no address ends the chain: what stands before it was not
 * written by a proxy that is known.
 */
export function readableHops(forwardedFor: string): string[] {
  const hops = forwardedFor.split(',').map((hop) => withoutPort(hop.trim()));
  return hops.slice(hops.findLastIndex((hop) => isIP(plain(hop)) === 0) + 1);
}

/**
 * Who speaks through a chain of trusted proxies: each adds the address of its own peer at the end of `X-Forwarded-For`, and what stands
 * before the first address that nobody trusted vouches for is a client's own invention.
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
 * Under what an address is counted: itself, or of IPv6 the first 64 bits, which are one customer's and hold more addresses than anybody
 * could count.
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
