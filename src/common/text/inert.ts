import { endOf } from './clean.js';

/**
 * What a model writes may be rendered as Markdown or HTML by a client, and a document can make a model write anything: an image or a link
 * whose address carries away what the model has read (EchoLeak, CVE-2025-32711). So no answer holds a live image, link, definition or tag.
 */
export interface InertOptions {
  /** Whether an address stands word for word in the sources: such a one stays readable. No other does, since it may carry data. */
  isKnown?: (address: string) => boolean;
}

const address =
  /(?:\b[a-z][a-z0-9+.-]{1,20}:)?\/\/[^\s<>"'`|\\^{}()[\]]+|(?<![a-z0-9])www\.[^\s<>"'`|\\^{}()[\]]+/giu;
const tag = /<[/!?]?[a-z-][^<>]*>/giu;
// a browser reads an unclosed tag on to the next `>`, wherever that is
const tagStart = /<(?=[a-z/!?-])/giu;
const elementStart = /<(script|style|iframe|object|svg|math|template|noscript|title|textarea)\b/giu;
const comment = /<!--[\s\S]*?(?:-->|$)/gu;
const autolink = /<([a-z][a-z0-9+.-]{1,31}:[^\s<>]*|[^\s<>@]+@[^\s<>]+)>/giu;
const scheme = /(?:javascript|vbscript|livescript)\s*:|\bdata\s*:\s*[a-z]+\/[a-z0-9.+-]+\s*[;,]/giu;
// white space is bounded: two runs of it that may share a long one cost the square of its length
const destination = String.raw`\s{0,50}(?:<[^<>\n]*>|(?:[^\s()\\]|\\.|\((?:[^\s()\\]|\\.)*\))*)(?:\s{1,50}(?:"[^"]*"|'[^']*'|\([^()]*\)))?\s{0,50}`;
const inlineLink = new RegExp(String.raw`\[((?:[^[\]\\]|\\.)*)\]\((${destination})\)`, 'gu');
const definitionStart = /^([ \t>*+-]*|[ \t>]*\d+[.)][ \t]*)\[(?:[^[\]\\]|\\.)+\]:[ \t]*(?:\n[ \t]*)?/gmu;
const definitionAddress = /<?([^\s<>]*)>?[ \t]*/uy;
const definitionEnd = /(?:"[^"\n]*"|'[^'\n]*'|\([^()\n]*\))?[ \t]*$/muy;
const trailing = (text: string): string =>
  endOf(text, (character) => ".,;:!?…。，；：！？'*_~".includes(character));

/** Every address that stands in a text, for `isKnown`. */
export const addressesIn = (text: string): string[] =>
  [...text.matchAll(address)].map(([found]) => found.slice(0, found.length - trailing(found).length));

const reference = /\](\s*)\[(?!\d{1,3}\])[^\]\n]*\]/gu;
// what was not recognised as a link or an image must not be one to a more lenient reader either, nor what the replacements have joined
const leftover = /(\](?=\()|!(?=\[))/gu;
// no bracket of Markdown: it must not become a part of another link
const removed = '‹link removed›';

const maxRounds = 8;

/**
 * Repeats while something is left to replace, since taking a tag out of `<scr<b>ipt>` must not leave one behind. Deeper nesting is left to
 * the caller, who disarms every `<`.
 */
function replaceRepeatedly(text: string, replace: (text: string) => string): string {
  let before = '';
  for (let round = 0; round < maxRounds && before !== text; round++) {
    before = text;
    text = replace(text);
  }
  return text;
}

/** Takes out elements whose content is no text, with their content. */
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

/** Takes out link definitions: `[label]: address "title"`, the address perhaps on the next line. */
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
 * The text with every image as its description, every link as its text, no HTML, no link definition, no script address; addresses that the
 * sources do not hold word for word are replaced.
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
