import { describe, expect, it } from '@jest/globals';
import { addressShare, clientAddress, makeTrust } from './client-address.js';

const of = (proxies: false | number | string[], peer: string, forwarded?: string) =>
  clientAddress(peer, forwarded, makeTrust(proxies));

describe('the client address behind proxies', () => {
  it('is the peer of the connection when no proxy is trusted, whatever the header says', () => {
    expect(of(false, '203.0.113.9', '198.51.100.1')).toBe('203.0.113.9');
  });

  it('is what the outermost trusted proxy saw, never what a client wrote into the header', () => {
    expect(of(1, '10.0.0.1', '127.0.0.1, 198.51.100.1')).toBe('198.51.100.1');
    expect(of(2, '10.0.0.1', '127.0.0.1, 198.51.100.1, 10.0.0.2')).toBe('198.51.100.1');
    expect(of(1, '::ffff:10.0.0.1', '2001:db8::1')).toBe('2001:db8::1');
  });

  it('is the first address outside the trusted networks', () => {
    const networks = ['10.0.0.0/8', 'fd00::/8', '192.0.2.7'];
    expect(of(networks, '10.1.2.3', '127.0.0.1, 198.51.100.1, fd00::5, 192.0.2.7')).toBe('198.51.100.1');
    expect(of(networks, '198.51.100.9', '127.0.0.1')).toBe('198.51.100.9');
  });

  it('is never text that is not an address', () => {
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

  it('stop at a hop that cannot be read', () => {
    expect(of(2, '10.0.0.1', '1.2.3.4, unknown, 10.0.0.2')).toBe('10.0.0.2');
    expect(of(1, '10.0.0.1', '1.2.3.4, _hidden')).toBe('10.0.0.1');
  });
});

describe('the rate-limit key of an address', () => {
  it.each([
    ['203.0.113.9', '203.0.113.9'],
    ['::ffff:203.0.113.9', '203.0.113.9'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::6', '2001:db8:1:2::/64'],
    ['2001:0DB8:0001:0002::', '2001:db8:1:2::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
  ])('for %s is %s', (address, share) => {
    expect(addressShare(address)).toBe(share);
  });
});
