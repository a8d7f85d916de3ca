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
const withContent =
  /<(script|style|iframe|object|svg|math|template|noscript|title|textarea)\b[^>]*>[\s\S]*?<\/\1\s*>/giu;
const comment = /<!--[\s\S]*?(?:-->|$)/gu;
const autolink = /<([a-z][a-z0-9+.-]{1,31}:[^\s<>]*|[^\s<>@]+@[^\s<>]+)>/giu;
const scheme = /(?:javascript|vbscript|livescript)\s*:|\bdata\s*:\s*[a-z]+\/[a-z0-9.+-]+\s*[;,]/giu;
const destination = String.raw`\s*(?:<[^<>\n]*>|(?:[^\s()\\]|\\.|\((?:[^\s()\\]|\\.)*\))*)(?:\s+(?:"[^"]*"|'[^']*'|\([^()]*\)))?\s*`;
const inlineLink = new RegExp(String.raw`\[((?:[^[\]\\]|\\.)*)\]\((${destination})\)`, 'gu');
const definition =
  /^([ \t>*+-]*|[ \t>]*\d+[.)][ \t]*)\[(?:[^[\]\\]|\\.)+\]:[ \t]*\n?[ \t]*<?[^\s<>]*[:./#?][^\s<>]*>?[ \t]*(?:"[^"\n]*"|'[^'\n]*'|\([^()\n]*\))?[ \t]*$/gmu;
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

/** Repeats until nothing is left to replace: taking a tag out of `<scr<b>ipt>` must not leave one behind. */
function untilGone(text: string, pattern: RegExp, replacement: string): string {
  for (let before = ''; before !== text;) {
    before = text;
    text = text.replace(pattern, replacement);
  }
  return text;
}

function withoutTags(text: string): string {
  const plain = text.replace(autolink, (_, target: string) =>
    target.includes(':') ? ` ${target} ` : target,
  );
  return untilGone(untilGone(untilGone(plain, comment, ''), withContent, ''), tag, '').replace(tagStart, '‹');
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
  safe = safe.replace(definition, '$1').replace(/!(?=\[(?!\d{1,3}\]))/gu, '');
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
  return untilGone(withoutTags(safe), leftover, '$1 ');
}

const openTag = /<[a-z/!?][^>]*$/iu;
const definitionStart = /^[\s>*+\-\d.)]*\[[^\]\n]*(?:\]|\]:[^\n]*)?$/u;

/** How much of `text`, which is still growing, can be made inert by itself: up to white space outside of every bracket and tag. */
function settledLength(text: string): number {
  const longestHeld = 2000;
  for (let at = text.length; at > 0;) {
    const space = Math.max(text.lastIndexOf(' ', at - 1), text.lastIndexOf('\n', at - 1));
    if (space < 0) break;
    const head = text.slice(0, space);
    const line = head.slice(head.lastIndexOf('\n') + 1);
    if (isClosed(head) && !definitionStart.test(line)) return space;
    at = space;
  }
  return text.length > longestHeld ? Math.max(0, text.lastIndexOf(' ')) : 0;
}

function isClosed(text: string): boolean {
  if (
    openTag.test(text) ||
    /\]\s*$/u.test(text) ||
    /<(script|style|iframe|object|svg|math|template|noscript|title|textarea)\b(?![\s\S]*<\/\1)/iu.test(text)
  )
    return false;
  let depth = 0;
  for (const character of text) {
    if (character === '[' || character === '(') depth++;
    else if (character === ']' || character === ')') depth = Math.max(0, depth - 1);
  }
  return depth === 0;
}

/** Makes a stream of pieces inert: gives out what can no longer become part of a link, holds back the rest. */
export class InertStream {
  private held = '';

  constructor(private readonly settle: (text: string) => string) {}

  push(piece: string): string {
    this.held += piece;
    const length = settledLength(this.held);
    const ready = this.held.slice(0, length);
    this.held = this.held.slice(length);
    return ready === '' ? '' : this.settle(ready);
  }

  end(): string {
    const rest = this.held;
    this.held = '';
    return rest === '' ? '' : this.settle(rest);
  }
}
