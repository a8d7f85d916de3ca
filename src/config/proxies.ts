import { isIP } from 'node:net';
import { z } from 'zod';

const maxPrefix: Record<number, number> = { 4: 32, 6: 128 };

/** `10.0.0.0/8`, or a single address. */
export function isNetwork(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/');
  const longest = maxPrefix[isIP(address)];
  return (
    longest !== undefined &&
    more.length === 0 &&
    (bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= longest))
  );
}

/**
 * The trusted proxies in front of the service: none, the number of proxies in a row, or their addresses and
 * networks.
 */
export const TrustedProxies = z.string().transform((text, context): false | number | string[] => {
  if (/^(false|no|off|0)$/i.test(text)) return false;
  if (/^(true|yes|on)$/i.test(text)) return 1;
  if (/^[1-9]$/.test(text)) return Number(text);
  const networks = text.split(',').map((part) => part.trim());
  if (networks.every(isNetwork)) return networks;
  context.addIssue({
    code: 'custom',
    message: 'must be true, false, a number of proxies, or addresses and networks',
  });
  return z.NEVER;
});
