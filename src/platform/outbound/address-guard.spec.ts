import { describe, expect, it } from '@jest/globals';
import { AddressGuard } from './address-guard.js';

const check = (url: string, allowed: string[] = []): Promise<void> =>
  new AddressGuard(allowed).check(new URL(url));

describe('addresses that a client chose', () => {
  it.each([
    'http://127.0.0.1/',
    'http://127.1/',
    'http://2130706433/',
    'http://0x7f.0.0.1/',
    'http://0.0.0.0/',
    'http://10.1.2.3/',
    'http://172.16.0.1/',
    'http://192.168.1.1/',
    'http://169.254.169.254/latest/meta-data/',
    'http://100.64.0.1/',
    'http://168.63.129.16/machine?comp=goalstate',
    'http://0251.0376.0251.0376/',
    'http://[::127.0.0.1]/',
    'http://[::ffff:a9fe:a9fe]/',
    'http://[2002:7f00:1::]/',
    'http://[fec0::1]/',
    'http://127.0.0.1./',
    'http://①②⑦.0.0.1/',
    'http://[::1]/',
    'http://[::]/',
    'http://[fe80::1]/',
    'http://[fd00::1]/',
    'http://[::ffff:127.0.0.1]/',
    'http://[64:ff9b::7f00:1]/',
    'http://localhost/',
    'ftp://93.184.216.34/',
    'http://user:secret@93.184.216.34/',
  ])('refuses %s', async (url) => {
    await expect(check(url)).rejects.toMatchObject({ code: 'address_not_allowed' });
  });

  it.each(['http://93.184.216.34/', 'https://[2606:2800:220:1:248:1893:25c8:1946]/'])(
    'takes %s',
    async (url) => {
      await expect(check(url)).resolves.toBeUndefined();
    },
  );

  it('accepts what the operator allows: a name, an address, a network', async () => {
    await expect(check('http://localhost:9/', ['localhost'])).resolves.toBeUndefined();
    await expect(check('http://127.0.0.1:9/', ['127.0.0.1'])).resolves.toBeUndefined();
    await expect(check('http://10.1.2.3/', ['10.0.0.0/8'])).resolves.toBeUndefined();
    await expect(check('http://11.1.2.3/', ['10.0.0.0/8'])).resolves.toBeUndefined();
    await expect(check('http://192.168.1.1/', ['10.0.0.0/8'])).rejects.toMatchObject({
      code: 'address_not_allowed',
    });
  });
});
