import { describe, expect, it } from '@jest/globals';
import { addressShare, clientAddress, makeTrust } from './client-address.js';

const of = (proxies: false | number | string[], peer: string, forwarded?: string) =>
  clientAddress(peer, forwarded, makeTrust(proxies));

describe('who speaks through proxies', () => {
  it('is who holds the connection when no proxy is trusted, whatever the header says', () => {
    expect(of(false, '203.0.113.9', '198.51.100.1')).toBe('203.0.113.9');
  });

  it('is whom the last of so many proxies saw, and never what a client wrote before it', () => {
    expect(of(1, '10.0.0.1', '127.0.0.1, 198.51.100.1')).toBe('198.51.100.1');
    expect(of(2, '10.0.0.1', '127.0.0.1, 198.51.100.1, 10.0.0.2')).toBe('198.51.100.1');
    expect(of(1, '::ffff:10.0.0.1', '2001:db8::1')).toBe('2001:db8::1');
  });

  it('is the first address that is no trusted network', () => {
    const networks = ['10.0.0.0/8', 'fd00::/8', '192.0.2.7'];
    expect(of(networks, '10.1.2.3', '127.0.0.1, 198.51.100.1, fd00::5, 192.0.2.7')).toBe('198.51.100.1');
    expect(of(networks, '198.51.100.9', '127.0.0.1')).toBe('198.51.100.9');
  });

  it('is never a word that is no address', () => {
    expect(of(1, '10.0.0.1', 'evil, <script>')).toBe('10.0.0.1');
    expect(of(1, '10.0.0.1', '')).toBe('10.0.0.1');
  });
});

describe('addresses with ports, as Azure and some load balancers write them', () => {
  it('are the same client, whatever its port', () => {
    expect(of(1, '10.0.0.1', '1.2.3.4, 203.0.113.9:51234')).toBe('203.0.113.9');
    expect(of(1, '10.0.0.1', '1.2.3.4, [2001:db8::9]:51234')).toBe('2001:db8::9');
    expect(of(1, '10.0.0.1', '[2001:db8::9]')).toBe('2001:db8::9');
    expect(of(2, '10.0.0.1', '203.0.113.9:1, 10.0.0.2:443')).toBe('203.0.113.9');
  });

  it('end the chain where a hop cannot be read', () => {
    expect(of(2, '10.0.0.1', '1.2.3.4, unknown, 10.0.0.2')).toBe('10.0.0.2');
    expect(of(1, '10.0.0.1', '1.2.3.4, _hidden')).toBe('10.0.0.1');
  });
});

describe('the share of an address', () => {
  it.each([
    ['203.0.113.9', '203.0.113.9'],
    ['::ffff:203.0.113.9', '203.0.113.9'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::6', '2001:db8:1:2::/64'],
    ['2001:0DB8:0001:0002::', '2001:db8:1:2::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
  ])('of %s is %s', (address, share) => {
    expect(addressShare(address)).toBe(share);
  });
});
