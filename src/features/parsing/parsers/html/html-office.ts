/** An element of a page, as far as word processors say more about it than HTML can. */
export interface OfficeElement {
  name: string;
  attributes: Record<string, string>;
  start: number;
  end: number;
  innerStart: number;
  innerEnd: number;
}

/** Marks that mdream escapes, and what becomes of them. */
const noteMark = /\\\[\^([\p{L}\p{N}*†‡]{1,4})\\?\]/gu;
const noteTarget = /^#_?(?:ftn|fn|footnote|endnote|edn|note|cite[_-]note)/i;
const noteSource = /^#_?(?:ftn|fn|footnote|endnote|edn|note|cite)[_a-z:-]*?ref/i;
const commentTarget = /^#cmnt(?:_ref)?\d/i;
const noteLabel = /^\s*\[?\(?([\p{L}\p{N}*†‡]{1,4})\)?\]?[.:]?\s*$/u;
/** Longer content is not looked through for a mark. */
const maxMark = 2_000;

interface Edit {
  start: number;
  end: number;
  by: string;
}

/**
 * Lists, titles and notes that word processors write as paragraphs and links.
 * @returns null for an element that is what it says
 */
export function officeEdits(html: string, element: OfficeElement): Edit[] | null {
  const { name, attributes } = element;
  const style = attributes['style'] ?? '';
  if (/mso-list:\s*ignore/i.test(style)) return [{ start: element.start, end: element.end, by: '' }];
  if (name === 'p' && /mso-list:\s*l\d/i.test(style)) return listItem(html, element);
  if (name === 'p' && /(?:^|\s)(?:MsoTitle|title)(?:$|\s)/.test(attributes['class'] ?? ''))
    return wrap(element, '<h1>', '</h1>');
  if (name === 'sup' || name === 'a') return noteEdits(html, element);
  return null;
}

function listItem(html: string, element: OfficeElement): Edit[] {
  const inner = html.slice(element.innerStart, Math.min(element.innerEnd, element.innerStart + maxMark));
  const marker = /mso-list:\s*ignore[^>]{0,100}>\s*([^<]{0,20})/i.exec(inner)?.[1]?.trim() ?? '';
  const number = /^\(?(\d{1,9})[.)]?$/.exec(marker)?.[1];
  if (number !== undefined) return wrap(element, `<ol start="${number}"><li>`, '</li></ol>');
  const shown = /[\p{L}\p{N}]{1,6}[.):]/u.test(marker) ? `${marker} ` : '';
  return wrap(element, `<ul><li>${shown}`, '</li></ul>');
}

function wrap({ start, end, innerStart, innerEnd }: OfficeElement, open: string, close: string): Edit[] {
  return [
    { start, end: innerStart, by: open },
    { start: innerEnd, end, by: close },
  ];
}

/** A link to a note, or from a note back to its place in the text. */
function noteEdits(html: string, { name, attributes, ...element }: OfficeElement): Edit[] | null {
  const { start, end, innerStart, innerEnd } = element;
  if (innerEnd - innerStart > maxMark) return null;
  const inner = html.slice(innerStart, innerEnd);
  const link =
    name === 'a'
      ? attributes['href']
      : /<a\s[^>]{0,300}?href\s*=\s*["']?([^"'\s>]*#[^"'\s>]+)/i.exec(inner)?.[1];
  // notes of a book may stand in another chapter
  const target = link?.replace(/^[^#]*(?=#)/, '');
  if (target !== undefined && commentTarget.test(target))
    return [{ start, end, by: /_ref/.test(target) ? 'Comment: ' : '' }];
  if (target === undefined || !(noteTarget.test(target) || noteSource.test(target))) return null;
  const text = inner.replace(/<[^<>]*>/g, '').replace(/&#?\w{1,10};/g, ' ');
  const label = noteLabel.exec(text)?.[1];
  const isBack = noteSource.test(target);
  if (label === undefined) return isBack && !/[\p{L}\p{N}]/u.test(text) ? [{ start, end, by: '' }] : null;
  return [{ start, end, by: isBack ? `[^${label}]: ` : `[^${label}]` }];
}

/** Note marks as Markdown has them, and items of one list below one another. */
export function resolveOffice(markdown: string): string {
  return markdown.replace(noteMark, '[^$1]').replace(/^(\[\^[^\]\n]{1,4}\]:)[ \u00a0]+/gm, '$1 ');
}
