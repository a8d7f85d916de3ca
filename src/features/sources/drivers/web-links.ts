import { createHash } from 'node:crypto';
import { extname } from 'node:path';
import { Parser } from 'htmlparser2';
import { knownExtensions } from '../../parsing/formats/formats.js';

const pageExtensions = new Set(['', 'html', 'htm', 'xhtml', 'php', 'asp', 'aspx', 'jsp']);
const maxStemLength = 150;
/**
 * Characters of an address; longer ones are left out. Each
 * link is resolved against the whole base of its page.
 */
const maxAddressLength = 2000;

const getExtension = (url: URL): string => extname(url.pathname).slice(1).toLowerCase();
export const isPage = (url: URL): boolean => pageExtensions.has(getExtension(url));
/** True for a file that is taken unchanged, such as a PDF. */
export const isFile = (url: URL): boolean => !isPage(url) && knownExtensions.has(getExtension(url));

/** The links of a page, and whether its author allows it to be taken and followed. */
export interface PageLinks {
  links: URL[];
  noIndex: boolean;
}

export function findLinks(html: string, address: URL): PageLinks {
  const found = new Map<string, URL>();
  let base = address;
  let noIndex = false;
  let noFollow = false;
  const parser = new Parser({
    onopentag(name, { href, rel, content, name: meta }) {
      const link = href !== undefined && href.length <= maxAddressLength ? href : undefined;
      if (name === 'base' && link !== undefined && URL.canParse(link, address.href))
        base = new URL(link, address);
      if (name === 'meta' && meta?.toLowerCase() === 'robots') {
        noIndex ||= /\b(noindex|none)\b/i.test(content ?? '');
        noFollow ||= /\b(nofollow|none)\b/i.test(content ?? '');
      }
      if (name !== 'a' || link === undefined || /\bnofollow\b/i.test(rel ?? '')) return;
      if (!URL.canParse(link, base.href)) return;
      const url = withoutFragment(new URL(link, base));
      found.set(url.href, url);
    },
  });
  parser.end(html);
  return { links: noFollow ? [] : [...found.values()], noIndex };
}

export function withoutFragment(url: URL): URL {
  const clean = new URL(url);
  clean.hash = '';
  return clean;
}

/** The entries of a sitemap, or the sitemaps of an index. */
export interface Sitemap {
  pages: { url: URL; version: string | null }[];
  sitemaps: URL[];
}

export function readSitemap(xml: string, address: URL): Sitemap {
  const sitemap: Sitemap = { pages: [], sitemaps: [] };
  let entry: { loc: string; lastmod: string } | null = null;
  let field: 'loc' | 'lastmod' | null = null;
  const parser = new Parser(
    {
      onopentagname(name) {
        if (name === 'url' || name === 'sitemap') entry = { loc: '', lastmod: '' };
        field = name === 'loc' || name === 'lastmod' ? name : null;
      },
      ontext(text) {
        if (entry && field) entry[field] += text;
      },
      onclosetag(name) {
        field = null;
        if (!entry || (name !== 'url' && name !== 'sitemap')) return;
        const { loc, lastmod } = entry;
        entry = null;
        if (loc.length > maxAddressLength || !URL.canParse(loc.trim(), address.href)) return;
        const url = withoutFragment(new URL(loc.trim(), address));
        if (name === 'sitemap') sitemap.sitemaps.push(url);
        else sitemap.pages.push({ url, version: lastmod.trim() || null });
      },
    },
    { xmlMode: true },
  );
  parser.end(xml);
  return sitemap;
}

/** A filename that shows the address of the page, with a hash of its query if it has one. */
export function nameOfUrl(url: URL): string {
  const extension = isFile(url) ? extname(url.pathname) : '.html';
  const path = url.pathname.replace(/\.[a-z0-9]+$/i, '').replace(/%2f/gi, '-');
  const words = path.split('/').filter(Boolean).join('-') || 'index';
  const stem = decode(words);
  const hash = createHash('sha256').update(url.href).digest('hex').slice(0, 8);
  const isLong = stem.length > maxStemLength;
  const shown = isLong ? stem.slice(0, maxStemLength) : stem;
  return url.search !== '' || isLong ? `${shown}-${hash}${extension}` : `${shown}${extension}`;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
