import { descend, elements, type XmlElement } from '../shared/xml-tree.js';
import { symbolLetters } from '../shared/symbol-fonts.js';
import { ListNumbers, type ListLevel, type NumberedList } from '../shared/list-numbers.js';

/** The lists that a numbering part (`w:numbering`) defines. */
export function docxNumbering(root: XmlElement | null): ListNumbers {
  const lists = new Map<string, NumberedList>();
  const abstracts = new Map<string, XmlElement>();
  const byStyleLink = new Map<string, XmlElement>();
  for (const abstract of elements(root ?? undefined, 'w:abstractNum')) {
    abstracts.set(abstract.attributes['w:abstractNumId'] ?? '', abstract);
    const link = descend(abstract, 'w:styleLink')?.attributes['w:val'];
    if (link !== undefined) byStyleLink.set(link, abstract);
  }
  for (const list of elements(root ?? undefined, 'w:num')) {
    const id = descend(list, 'w:abstractNumId')?.attributes['w:val'] ?? '';
    const linked = descend(abstracts.get(id), 'w:numStyleLink')?.attributes['w:val'];
    const abstract = (linked === undefined ? undefined : byStyleLink.get(linked)) ?? abstracts.get(id);
    if (abstract) lists.set(list.attributes['w:numId'] ?? '', readList(list, abstract));
  }
  return new ListNumbers(lists);
}

function readList(list: XmlElement, abstract: XmlElement): NumberedList {
  const levels: (ListLevel | undefined)[] = [];
  const restarts = new Map<number, number>();
  for (const level of elements(abstract, 'w:lvl')) setLevel(levels, level);
  for (const override of elements(list, 'w:lvlOverride')) {
    const depth = Number(override.attributes['w:ilvl'] ?? NaN);
    const start = Number(descend(override, 'w:startOverride')?.attributes['w:val'] ?? NaN);
    if (depth >= 0 && depth <= 8 && Number.isInteger(start)) restarts.set(depth, start);
    const level = descend(override, 'w:lvl');
    if (level) setLevel(levels, level);
  }
  return { abstract: abstract.attributes['w:abstractNumId'] ?? '', levels, restarts };
}

function setLevel(levels: (ListLevel | undefined)[], level: XmlElement): void {
  const depth = Number(level.attributes['w:ilvl'] ?? NaN);
  if (!(Number.isInteger(depth) && depth >= 0 && depth <= 8)) return;
  const value = (name: string) => descend(level, name)?.attributes['w:val'];
  const start = Number(value('w:start') ?? 0);
  const restart = Number(value('w:lvlRestart') ?? NaN);
  levels[depth] = {
    format: value('w:numFmt') ?? 'decimal',
    text: bulletSign((value('w:lvlText') ?? '').slice(0, 40), level),
    start: Number.isSafeInteger(start) ? start : 1,
    style: value('w:pStyle'),
    legal: descend(level, 'w:isLgl') !== undefined,
    ...(Number.isSafeInteger(restart) && { restartAfter: restart }),
  };
}

/** Boxes of symbol fonts, empty or checked; the shadowed box of Wingdings is an ordinary bullet. */
function bulletSign(text: string, level: XmlElement): string {
  const font = descend(level, 'w:rPr', 'w:rFonts')?.attributes['w:ascii'] ?? '';
  return /^[\uf0a8\uf0fd\uf0fe]$/.test(text) ? symbolLetters(text, font) : text;
}
