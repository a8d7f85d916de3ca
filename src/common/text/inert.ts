import { trimEnd } from './clean.js';

/**
 * A client may render a model's text as Markdown or HTML, and a document can make a model write anything: an
 * image or a link whose address carries away text that the model has read (EchoLeak, CVE-2025-32711). So no
 * answer contains a live image, link, definition or tag.
 */
export interface InertOptions {
  /**
   * True for an address that stands word for word in the sources: only such an address stays readable. Others
   * may carry data.
   */
  isKnown?: (address: string) => boolean;
}

const address =
  /(?:\b[a-z][a-z0-9+.-]{1,20}:)?\/\/[^\s<>"'`|\\^{}()[\]]+|(?<![a-z0-9])www\.[^\s<>"'`|\\^{}()[\]]+/giu;
const tag = /<[/!?]?[a-z-][^<>]*>/giu;
// a browser reads an unclosed tag up to the next `>`, however far away
const tagStart = /<(?=[a-z/!?-])/giu;
const elementStart = /<(script|style|iframe|object|svg|math|template|noscript|title|textarea)\b/giu;
const comment = /<!--[\s\S]*?(?:-->|$)/gu;
const autolink = /<([a-z][a-z0-9+.-]{1,31}:[^\s<>]*|[^\s<>@]+@[^\s<>]+)>/giu;
const scheme = /(?:javascript|vbscript|livescript)\s*:|\bdata\s*:\s*[a-z]+\/[a-z0-9.+-]+\s*[;,]/giu;
// white space is bounded: two adjacent runs that can share a long one cost quadratic time
const destination = String.raw`\s{0,50}(?:<[^<>\n]*>|(?:[^\s()\\]|\\.|\((?:[^\s()\\]|\\.)*\))*)(?:\s{1,50}(?:"[^"]*"|'[^']*'|\([^()]*\)))?\s{0,50}`;
const inlineLink = new RegExp(String.raw`\[((?:[^[\]\\]|\\.)*)\]\((${destination})\)`, 'gu');
const definitionStart = /^([ \t>*+-]*|[ \t>]*\d+[.)][ \t]*)\[(?:[^[\]\\]|\\.)+\]:[ \t]*(?:\n[ \t]*)?/gmu;
const definitionAddress = /<?([^\s<>]*)>?[ \t]*/uy;
const definitionEnd = /(?:"[^"\n]*"|'[^'\n]*'|\([^()\n]*\))?[ \t]*$/muy;
const trailing = (text: string): string =>
  trimEnd(text, (character) => ".,;:!?…。，；：！？'*_~".includes(character));

/** Every address in a text, for `isKnown`. */
export const addressesIn = (text: string): string[] =>
  [...text.matchAll(address)].map(([found]) => found.slice(0, found.length - trailing(found).length));

const reference = /\](\s*)\[(?!\d{1,3}\])[^\]\n]*\]/gu;
// text that was not recognised as a link or an image, or that replacements have joined, must not be one for a
// more lenient reader
const leftover = /(\](?=\()|!(?=\[))/gu;
// contains no Markdown bracket, so it cannot become part of another link
const removed = '‹link removed›';

const maxRounds = 8;

/**
 * Repeats until nothing is left to replace, since removing a tag from `<scr<b>ipt>` must not leave another
 * one. For deeper nesting the caller disarms every `<`.
 */
function replaceRepeatedly(text: string, replace: (text: string) => string): string {
  let before = '';
  for (let round = 0; round < maxRounds && before !== text; round++) {
    before = text;
    text = replace(text);
  }
  return text;
}

/** Removes elements whose content is not text, with their content. */
function withoutElements(text: string): string {
  let rest = '';
  let from = 0;
  const unclosed = new Set<string>();
  elementStart.lastIndex = 0;
  for (let found = elementStart.exec(text); found; found = elementStart.exec(text)) {
    const name = (found[1] ?? '').toLowerCase();
    const inside = unclosed.has(name) ? -1 : text.indexOf('>', elementStart.lastIndex);
    if (inside < 0) continue;
    const closing = new RegExp(`</${name}\\s*>`, 'giu');
    closing.lastIndex = inside;
    if (!closing.test(text)) {
      unclosed.add(name);
      continue;
    }
    rest += text.slice(from, found.index);
    from = elementStart.lastIndex = closing.lastIndex;
  }
  return rest + text.slice(from);
}

/** Removes link definitions: `[label]: address "title"`, with the address perhaps on the next line. */
function withoutDefinitions(text: string): string {
  let rest = '';
  let from = 0;
  definitionStart.lastIndex = 0;
  for (let found = definitionStart.exec(text); found; found = definitionStart.exec(text)) {
    definitionAddress.lastIndex = definitionStart.lastIndex;
    const target = definitionAddress.exec(text)?.[1] ?? '';
    definitionEnd.lastIndex = definitionAddress.lastIndex;
    if (!/[:./#?]/u.test(target) || !definitionEnd.test(text)) continue;
    rest += text.slice(from, found.index) + (found[1] ?? '');
    from = definitionStart.lastIndex = definitionEnd.lastIndex;
  }
  return rest + text.slice(from);
}

function withoutTags(text: string): string {
  const plain = text
    .replace(autolink, (_, target: string) => (target.includes(':') ? ` ${target} ` : target))
    .replace(comment, '');
  return replaceRepeatedly(replaceRepeatedly(plain, withoutElements), (left) =>
    left.replace(comment, '').replace(tag, ''),
  ).replace(tagStart, '‹');
}

const shown = (target: string, isKnown: (address: string) => boolean): string => {
  const end = trailing(target);
  const bare = target.slice(0, target.length - end.length);
  return (isKnown(bare) ? bare : removed) + end;
};

/**
 * The text with every image as its description and every link as its text, without HTML, link definitions and
 * script addresses. Addresses that the sources do not contain word for word are replaced.
 */
export function makeInert(text: string, { isKnown = () => false }: InertOptions = {}): string {
  let safe = withoutTags(text.replace(/&(?=#|(?:lt|colon|tab|newline|sol|lpar|lbrack|excl);)/giu, '&amp;'));
  safe = withoutDefinitions(safe).replace(/!(?=\[(?!\d{1,3}\]))/gu, '');
  safe = safe.replace(inlineLink, (_, label: string, target: string) => {
    const known = /^\s*<?([^\s<>]+)/u.exec(target)?.[1] ?? '';
    const text = /^\d{1,3}$/u.test(label) ? `[${label}]` : label;
    return known !== '' && known !== label && /^https?:/iu.test(known) && isKnown(known)
      ? `${text} (${known})`
      : text;
  });
  safe = safe
    .replace(reference, ']$1')
    .replace(scheme, removed)
    .replace(address, (target) => shown(target, isKnown));
  return withoutTags(safe).replace(leftover, '$1 ');
}
