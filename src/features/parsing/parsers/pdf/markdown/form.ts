import type { ParsedPage } from '@llamaindex/liteparse';
import type { PagePiece } from '../../shared/placed-text.js';
import type { Edit, PageText } from './mends.js';

type FormField = NonNullable<ParsedPage['formFields']>[number];
type Rectangle = Omit<PagePiece, 'text'>;

const notes: ReadonlySet<string> = new Set([
  'text',
  'freetext',
  'highlight',
  'underline',
  'squiggly',
  'strikeout',
  'caret',
]);
/** Points between a field and its label. */
const maxGap = 160;

/** Fields of a page: each is compared with every piece of text. */
const maxFields = 1000;

/** A filled field as a reader names it. */
interface FilledField {
  /** The name inside the file, for fields without a label on the page. */
  name: string;
  value: string;
  rect: Rectangle | undefined;
  labelAfter: boolean;
}

/** Puts values of form fields next to their labels, and adds lines for fields without a place on the page. */
export function placeFields(page: PageText, fields: FormField[]): { edits: Edit[]; lines: string[] } {
  const edits: Edit[] = [];
  const lines: string[] = [];
  const used = new Set<number>();
  for (const field of filledFields(fields, page)) {
    const label = field.rect ? findLabel(field.rect, page.pieces, field.labelAfter) : -1;
    const place = page.found[label];
    const text = oneLine(page.pieces[label]?.text);
    if (!place || used.has(label) || text === '') {
      lines.push(field.name === '' ? field.value : `${field.name}: ${field.value}`);
      continue;
    }
    used.add(label);
    edits.push(besideLabel(page.markdown, place.end, field.value));
  }
  return { edits, lines: [...new Set(lines)] };
}

/** Puts a value behind its label and ends the line, so that the next label does not follow the value. */
function besideLabel(markdown: string, labelEnd: number, value: string): Edit {
  const [colon = ''] = /^\s?:?/.exec(markdown.slice(labelEnd, labelEnd + 2)) ?? [];
  const end = labelEnd + (colon.includes(':') ? colon.length : 0);
  const lineStart = markdown.lastIndexOf('\n', labelEnd - 1) + 1;
  const rest = /^ ?/.exec(markdown.slice(end, end + 1))?.[0] ?? '';
  const endsLine = markdown[end + rest.length] === '\n' || end + rest.length >= markdown.length;
  const after = endsLine ? '' : markdown.startsWith('|', lineStart) ? ' ' : '\n';
  return { start: labelEnd, end: end + rest.length, text: `: ${value}${after}` };
}

function filledFields(fields: FormField[], { markdown, pieces }: PageText): FilledField[] {
  const groups = new Map<string, FormField[]>();
  for (const [index, field] of fields.slice(0, maxFields).entries()) {
    const key = field.type === 'radio' ? `group ${field.name}` : `field ${index}`;
    groups.set(key, [...(groups.get(key) ?? []), field]);
  }
  return [...groups.values()].flatMap((group) => {
    const [field] = group;
    if (!field) return [];
    const name = oneLine(field.alternateName) || oneLine(field.name);
    if (field.type === 'radio') return radioGroup(name, group, pieces);
    if (field.type === 'checkbox')
      return [{ name, value: field.checked ? 'yes' : 'no', rect: field.rect, labelAfter: true }];
    if (field.type === 'pushbutton' || field.type === 'button') return [];
    const value = oneLine(field.value);
    // The appearance of a field may be part of the page already.
    if (value === '' || (value.length > 3 && markdown.includes(value))) return [];
    return [{ name, value, rect: field.rect, labelAfter: false }];
  });
}

/** The chosen option, named by the text beside it if its value in the file has no meaning. */
function radioGroup(name: string, group: FormField[], pieces: PagePiece[]): FilledField[] {
  const chosen = group.find(({ checked }) => checked);
  if (!chosen) return [];
  const value = oneLine(chosen.value) || oneLine(chosen.exportValue);
  const beside = chosen.rect ? oneLine(pieces[after(chosen.rect, pieces)]?.text) : '';
  const speaks = value !== '' && !/^(?:\d+|on|off|yes|ja|choice ?\d*|option ?\d*|radio ?\d*)$/i.test(value);
  const first = group.toSorted((a, b) => (a.rect?.x ?? 0) - (b.rect?.x ?? 0))[0];
  return [{ name, value: speaks ? value : beside || value, rect: first?.rect, labelAfter: false }];
}

/**
 * The piece that names a field: left of it on its line, else
 * above it; for boxes to tick first the one right of it.
 */
function findLabel(rect: Rectangle, pieces: PagePiece[], labelAfter: boolean): number {
  const left = nearest(pieces, (piece) =>
    onLine(piece, rect) ? measureGap(piece.x + piece.width, rect.x, 2) : null,
  );
  const right = labelAfter ? after(rect, pieces) : -1;
  if (right >= 0 && left < 0) return right;
  if (left >= 0) return right >= 0 && !/:\s*$/.test(pieces[left]?.text ?? '') ? right : left;
  return nearest(pieces, (piece) => {
    const beside = piece.x < rect.x + rect.width && piece.x + piece.width > rect.x;
    const gap = measureGap(piece.y + piece.height, rect.y, 3);
    return beside && gap !== null && gap < 20 ? gap : null;
  });
}

const after = (rect: Rectangle, pieces: PagePiece[]): number =>
  nearest(pieces, (piece) => {
    const gap = onLine(piece, rect) ? measureGap(rect.x + rect.width, piece.x, 2) : null;
    return gap !== null && gap < 25 ? gap : null;
  });

function onLine(piece: Rectangle, rect: Rectangle): boolean {
  const overlap = Math.min(piece.y + piece.height, rect.y + rect.height) - Math.max(piece.y, rect.y);
  return overlap > Math.min(piece.height, rect.height) * 0.4;
}

function measureGap(from: number, to: number, slack: number): number | null {
  const gap = to - from;
  return gap >= -slack && gap < maxGap ? gap : null;
}

function nearest(pieces: PagePiece[], distance: (piece: PagePiece) => number | null): number {
  let best = -1;
  let least = Infinity;
  for (const [index, piece] of pieces.entries()) {
    const gap = distance(piece);
    if (gap !== null && gap < least) [best, least] = [index, gap];
  }
  return best;
}

/** Comments of readers, which the page's own text lacks: `Comment (Bob): …`. */
export function commentLines(annotations: ParsedPage['annotations'], markdown: string): string[] {
  const lines: string[] = [];
  for (const { subtype, contents, title } of annotations ?? []) {
    const text = oneLine(contents);
    if (!notes.has(subtype) || text === '' || markdown.includes(text)) continue;
    lines.push(title ? `Comment (${oneLine(title)}): ${text}` : `Comment: ${text}`);
  }
  return [...new Set(lines)];
}

function oneLine(text: string | undefined): string {
  return (text ?? '').replace(/\s+/g, ' ').trim();
}
