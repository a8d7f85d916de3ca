import { isIP } from 'node:net';
import { z } from 'zod';
import { isNetwork } from './proxies.js';
import { list } from './setting-types.js';

/** A list whose entries all look as they must: one that never matches would have no effect, silently. */
const listOf = (isRight: (entry: string) => boolean, message: string) =>
  list.refine((entries) => entries.every(isRight), message);

const isName = (text: string): boolean => /^[\w-]+(\.[\w-]+)*\.?$/.test(text);

/** Origins as browsers send them: in lower case and without a slash at the end. */
export const origins = listOf(
  (entry) => entry === '*' || /^[a-z][a-z0-9+.-]*:\/\/[^\s/?#@]+\/?$/i.test(entry),
  'must be origins with their scheme and without a path, such as https://app.example.org',
).transform((entries) => entries.map((entry) => entry.toLowerCase().replace(/\/$/, '')));

export const hostNames = listOf(
  (entry) => isName(entry) || isIP(entry) !== 0,
  'must be host names without scheme and port, such as docs.example.org',
).transform((entries) => entries.map((entry) => entry.toLowerCase()));

export const hostsAndNetworks = listOf(
  (entry) => isName(entry) || isNetwork(entry),
  'must be host names, addresses and networks, such as wiki.example.org or 10.0.0.0/8',
);

/** What the service listens on. */
export const listenAddress = z
  .string()
  .refine(
    (text) => isName(text) || isIP(text.replace(/^\[|\]$/g, '')) !== 0,
    'must be an address of this machine, such as 127.0.0.1, or 0.0.0.0 for all of them',
  );
