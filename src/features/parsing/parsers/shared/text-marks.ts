/**
 * A look of text that changes its meaning. Readers wrap such text in marks; `resolveMarks` replaces the marks
 * in the finished Markdown, since the replacement depends on the text around.
 */
export type MarkKind = 'raised' | 'lowered' | 'struck' | 'hidden';

// noncharacters: no valid text holds them
const open: Readonly<Record<MarkKind, string>> = {
  raised: '\ufdd0',
  lowered: '\ufdd1',
  struck: '\ufdd2',
  hidden: '\ufdd3',
};
const close: Readonly<Record<MarkKind, string>> = {
  raised: '\ufdd4',
  lowered: '\ufdd5',
  struck: '\ufdd6',
  hidden: '\ufdd7',
};
const anyMark = /[\ufdd0-\ufdd7]/g;

/** Wraps text; blank text stays as it is. Each line is wrapped for itself. */
export function marked(kind: MarkKind, text: string): string {
  if (text.trim() === '') return text;
  return text.replace(/[^\n\r\v\f]+/g, (line) =>
    line.trim() === '' ? line : `${open[kind]}${line}${close[kind]}`,
  );
}

/** The marks before and behind a text. */
export function markEnds(kind: MarkKind): [before: string, behind: string] {
  return [open[kind], close[kind]];
}

/** Effects in the formatting of a run. */
export interface TextEffects {
  raised?: boolean;
  lowered?: boolean;
  struck?: boolean;
  hidden?: boolean;
}

export function withEffects(text: string, effects: TextEffects): string {
  let result = text;
  if (effects.raised) result = marked('raised', result);
  else if (effects.lowered) result = marked('lowered', result);
  if (effects.struck) result = marked('struck', result);
  if (effects.hidden) result = marked('hidden', result);
  return result;
}

/** Removes marks and their replacements: for comparing titles. */
export function withoutMarks(text: string): string {
  return text.replace(anyMark, '');
}

/**
 * Replaces all marks: powers as `10^9`, units and formulas in Unicode (`m²`, `H₂O`), ordinals as they are
 * read (`1st`), note marks as `[^1]` and their notes as `[^1]:
 * …`, struck text as `~~…~~`, hidden text as `[hidden: …]`.
 */
export function resolveMarks(markdown: string): string {
  if (markdown.search(anyMark) < 0) return markdown;
  const joined = joinNeighbours(markdown);
  const notes = notesIn(joined);
  const lines = joined.split('\n').map((line) => resolveLine(noteLine(line, notes), notes));
  return lines.join('\n');
}

/** Word processors cut one stretch into several runs. */
function joinNeighbours(text: string): string {
  let joined = text;
  for (const kind of ['hidden', 'struck', 'raised', 'lowered'] as const) {
    const blanks = kind === 'raised' || kind === 'lowered' ? '' : '[ \\t]*';
    joined = joined.replace(new RegExp(`${close[kind]}(${blanks})${open[kind]}`, 'g'), '$1');
  }
  return joined;
}

const noteStart = /^(?:\[\^|\\)?\ufdd0[ \t]*\(?([\p{L}\p{N}*†‡§#]{1,3})[).:]?[ \t]*\ufdd4[ \t]*(?=\S)/u;
const raisedText = /\ufdd0([^\ufdd0-\ufdd7]*)\ufdd4/g;

/** Labels of notes that are their own paragraphs and are referred to elsewhere. */
function notesIn(text: string): ReadonlySet<string> {
  const numbered = new Set([...text.matchAll(/^\[\^([^\]\n]{1,3})\]:/gm)].map(([, label = '']) => label));
  const defined = new Map<string, number>();
  for (const line of text.split('\n')) {
    const label = noteStart.exec(line)?.[1];
    if (label !== undefined && !numbered.has(label)) defined.set(label, (defined.get(label) ?? 0) + 1);
    if (defined.size > 500) break;
  }
  if (defined.size === 0) return new Set();
  const met = new Map<string, number>();
  for (const [, marks = ''] of text.matchAll(raisedText))
    for (const label of listLabels(marks)) met.set(label, (met.get(label) ?? 0) + 1);
  // links to notes are marks already
  for (const [, label = ''] of text.matchAll(/\[\^([^\]\n]{1,3})\](?!:)/g))
    met.set(label, (met.get(label) ?? 0) + 1);
  return new Set(
    [...defined].filter(([label, times]) => (met.get(label) ?? 0) > times).map(([label]) => label),
  );
}

function listLabels(marks: string): string[] {
  return marks.length > 40 ? [] : marks.split(/[\s,;()]+/).filter(Boolean);
}

function noteLine(line: string, notes: ReadonlySet<string>): string {
  const match = noteStart.exec(line);
  return match && notes.has(match[1] ?? '') ? `[^${match[1]}]: ${line.slice(match[0].length)}` : line;
}

function resolveLine(line: string, notes: ReadonlySet<string>): string {
  if (line.search(anyMark) < 0) return line;
  const pieces = line.split(/(\ufdd0[^\ufdd0-\ufdd7]*\ufdd4|\ufdd1[^\ufdd0-\ufdd7]*\ufdd5)/);
  let before = '';
  const drawn = pieces.map((piece, index) => {
    const kind = piece.startsWith(open.raised) ? 'raised' : piece.startsWith(open.lowered) ? 'lowered' : null;
    const whole = kind === null ? piece : piece.slice(1, -1);
    const inner = kind === null ? whole : whole.trimEnd();
    const blanks = whole.slice(inner.length);
    const after = blanks === '' ? withoutMarks(pieces[index + 1] ?? '').slice(0, 1) : ' ';
    const text =
      (isPartOfFraction(pieces, index)
        ? `${kind === 'raised' && /\d$/.test(before) ? ' ' : ''}${inner}`
        : kind === 'raised'
          ? raised(inner, before, after, notes)
          : kind === 'lowered'
            ? lowered(inner, before, after)
            : inner) + blanks;
    before = (before + withoutMarks(text)).slice(-24);
    return text;
  });
  return wrapped(wrapped(drawn.join(''), 'struck', '~~', '~~'), 'hidden', '[hidden: ', ']').replace(
    anyMark,
    '',
  );
}

/** A raised number, a stroke and a lowered number are a fraction: `5 1/2`. */
function isPartOfFraction(pieces: readonly string[], index: number): boolean {
  const isNumber = (piece = ''): boolean => /^[\ufdd0\ufdd1]\d{1,3}\s*[\ufdd4\ufdd5]$/.test(piece);
  const at = pieces[index]?.startsWith(open.lowered) ? index - 2 : index;
  return (
    isNumber(pieces[at]) &&
    (pieces[at] ?? '').startsWith(open.raised) &&
    /^[/\u2044\u2215]$/.test(pieces[at + 1] ?? '') &&
    isNumber(pieces[at + 2]) &&
    (pieces[at + 2] ?? '').startsWith(open.lowered)
  );
}

/** Blanks stay outside: GFM does not read `~~ so ~~` as struck. */
function wrapped(text: string, kind: 'struck' | 'hidden', before: string, after: string): string {
  const [start, end] = [open[kind], close[kind]];
  return text.replace(new RegExp(`${start}([^${start}${end}]*)${end}`, 'g'), (_whole, inner: string) => {
    const content = inner.trim();
    const from = inner.length - inner.trimStart().length;
    return content === ''
      ? inner
      : `${inner.slice(0, from)}${before}${content}${after}${inner.slice(from + content.length)}`;
  });
}

const plainSigns = '0123456789+-−–()';
const superscripts = alphabet('⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁻⁽⁾');
const subscripts = alphabet('₀₁₂₃₄₅₆₇₈₉₊₋₋₋₍₎');
const ordinal = /^(?:st|nd|rd|th|er|re|ers|res|e|es|ème|eme|nd|nde|de|º|ª|o|a|os|as|ter|te)\.?$/i;
/** `2)`: a note mark, since no power ends so. */
const closedLabel = /^\(?([\p{L}\p{N}]{1,2})\)$/u;
const unit =
  /(?:^|[^\p{L}])(?:[YZEPTGMkhdcmµμunpf]?(?:m|g|s|A|K|V|W|J|N|Pa|Hz|l|L|Ω|C|T|H|F|mol|cd|rad|Gy|Sv)|min|h|ft|in|yd|mi|kn|lb|lbf|sec)$/u;

function raised(inner: string, before: string, after: string, notes: ReadonlySet<string>): string {
  const text = inner.trim();
  if (text === '' || !/[\p{L}\p{N}]/u.test(text)) return inner;
  const previous = before.slice(-1);
  const labels = listLabels(text);
  const stands = previous !== '' && !/\s/.test(previous);
  const known = labels.length > 0 && labels.every((label) => notes.has(label));
  if (stands && known && !isPowerOfTen(before) && !isUnitPower(text, before)) return noteMarks(labels);
  if (!stands) return besideBlank(inner, text, after);
  const closed = closedLabel.exec(text)?.[1];
  if (closed !== undefined && (!text.startsWith('(') || (/\d/.test(previous) && !isPowerOfTen(before))))
    return noteMarks([closed]);
  if (/\d/.test(previous)) return afterDigit(inner, text, before, after);
  // a charge behind an index: SO₄²⁻
  if (/[₀-₉]/.test(previous)) return every(text, superscripts) ?? power(text, after);
  if (/\p{L}/u.test(previous)) return afterLetter(inner, text, before, after);
  return /^\d{1,3}$/.test(text) && /["”»’.!?%‰\p{Sc}]/u.test(previous)
    ? noteMarks([text])
    : power(text, after);
}

/** True when a script needs no separation on its left: `¹⁴C`. */
function besideBlank(inner: string, text: string, after: string): string {
  if (!/[\p{L}\p{N}]/u.test(after)) return inner;
  return every(text, superscripts) ?? `${inner} `;
}

function afterDigit(inner: string, text: string, before: string, after: string): string {
  if (isNoteLetter(text, before)) return noteMarks([text]);
  if (ordinal.test(text)) return inner;
  if (/^\d{1,2}$/.test(text) && !isPowerOfTen(before) && isAmount(before)) return noteMarks([text]);
  return power(text, after);
}

function afterLetter(inner: string, text: string, before: string, after: string): string {
  if (/^tm$/i.test(text)) return '™';
  if (/^sm$/i.test(text)) return '℠';
  const word = /[\p{L}\p{M}]+$/u.exec(before)?.[0] ?? '';
  if (/^\p{L}{2,4}\.?$/u.test(text) || /^[oOeE]$/.test(text)) return inner;
  const drawn = every(text, superscripts);
  if (drawn !== null && (word.length <= 2 || unit.test(before) || !/^\d/.test(text))) return drawn;
  return /^\d{1,3}(?:[,; ]+\d{1,3})*$/.test(text) ? noteMarks(listLabels(text)) : power(text, after);
}

function noteMarks(labels: string[]): string {
  return labels.map((label) => `[^${label}]`).join('');
}

function power(text: string, after: string): string {
  const plain = /^[+-−–]?(?:\d+|\p{L})$/u.test(text) && !/[\p{L}\p{N}]/u.test(after);
  return plain ? `^${text}` : `^(${text})`;
}

/** `24 m` before a raised 2: an area, even where the document has a note 2. */
function isUnitPower(text: string, before: string): boolean {
  return /^[-−–]?[23]$/.test(text) && /\d\s?\p{L}{1,3}$/u.test(before) && unit.test(before);
}

/** `10` and `6.02 × 10`, but not `EUR 10`. */
function isPowerOfTen(before: string): boolean {
  return (
    /(?:^|[^\p{L}\p{N}.,])10$/u.test(before) && !/(?:\p{Sc}|\b(?:EUR|USD|CHF|GBP|JPY))\s*10$/iu.test(before)
  );
}

/** Sums of money, and numbers with groups or decimals, carry note marks; they are rarely bases of powers. */
function isAmount(before: string): boolean {
  return /\d[.,'’ ]\d+$/.test(before) || /(?:\p{Sc}|\b(?:EUR|USD|CHF|GBP|JPY))\s*\d+$/iu.test(before);
}

/** `EUR 410` before a raised a is a note; `2` is the second, and so is `18` before a raised e. */
function isNoteLetter(text: string, before: string): boolean {
  return /^\p{L}$/u.test(text) && (isAmount(before) || (/^[ao]$/i.test(text) && /\d{3}$/.test(before)));
}

function lowered(inner: string, before: string, after: string): string {
  const text = inner.trim();
  const previous = before.slice(-1);
  if (text === '' || previous === '' || /\s/.test(previous)) return inner;
  if (/[\p{L})\]]/u.test(previous)) {
    const drawn = every(text, subscripts);
    if (drawn !== null) return drawn;
  }
  return /^[\p{L}\p{N}]+$/u.test(text) && !/[\p{L}\p{N}]/u.test(after) ? `_${text}` : `_(${text})`;
}

function alphabet(signs: string): ReadonlyMap<string, string> {
  return new Map(Array.from(signs, (sign, i) => [plainSigns.charAt(i), sign]));
}

/** The text in another alphabet; null where a character is missing there. */
function every(text: string, signs: ReadonlyMap<string, string>): string | null {
  let drawn = '';
  for (const character of text) {
    const sign = signs.get(character);
    if (sign === undefined) return null;
    drawn += sign;
  }
  return drawn;
}
