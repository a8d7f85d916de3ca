import { readFile } from 'node:fs/promises';
import type { Parser } from '../../parser.js';
import { bodyDocument } from '../shared/body-document.js';
import { decodeText } from '../shared/decode.js';
import { heading, joinBlocks, oneLine } from '../shared/markdown-text.js';
import { contentLines, parameter, plainValue, type ContentLine } from './content-lines.js';
import { quotedPrintable } from './mime.js';

const shownFields = new Map([
  ['NICKNAME', 'Nickname'],
  ['ORG', 'Organisation'],
  ['TITLE', 'Title'],
  ['ROLE', 'Role'],
  ['TEL', 'Phone'],
  ['EMAIL', 'Email'],
  ['IMPP', 'Chat'],
  ['ADR', 'Address'],
  ['URL', 'Link'],
  ['BDAY', 'Birthday'],
  ['CATEGORIES', 'Categories'],
  ['NOTE', 'Note'],
]);
/** Ways to say how an entry is meant that say nothing to its reader. */
const technical = /^(?:internet|pref|voice|x-.*|type|value=.*|charset=.*|encoding=.*|quoted-printable|\d)$/i;

/** Address books (vCard 2.1 to 4.0): a section for each contact. */
export const parse: Parser = async ({ path, bytes, progress }) => {
  const contacts: string[] = [];
  let fields: string[] = [];
  let names = new Map<string, string>();
  for (const line of contentLines(decodeText(await readFile(path)).text)) {
    if (line.name === 'BEGIN') [fields, names] = [[], new Map()];
    else if (line.name === 'END') {
      const organisation = fields.find((field) => field.startsWith('Organisation: '))?.slice(14);
      const name = names.get('FN') || names.get('N') || organisation || '';
      if (name !== '' || fields.length > 0) contacts.push(joinBlocks([heading(2, name), fields.join('\n')]));
    } else if (line.name === 'FN' || line.name === 'N') names.set(line.name, nameText(line));
    else {
      const text = shownFields.has(line.name) ? fieldText(line) : '';
      if (text !== '') fields.push(text);
    }
  }
  progress(bytes, bytes);
  return bodyDocument(joinBlocks(contacts));
};

function fieldText(line: ContentLine): string {
  const parts = partsOf(line);
  const text = oneLine(parts.join(line.name === 'ADR' || line.name === 'ORG' ? ', ' : ' '));
  const kind = /^(?:TEL|EMAIL|ADR|IMPP|URL)$/.test(line.name) ? kindOf(line) : '';
  const value = text.replace(/^(?:tel|mailto|xmpp|sip):/i, '');
  return value === '' ? '' : `${shownFields.get(line.name)}${kind === '' ? '' : ` (${kind})`}: ${value}`;
}

/** `Roe;Jane;M.;Dr.;` as `Dr. Jane M. Roe`. */
function nameText(line: ContentLine): string {
  if (line.name === 'FN') return oneLine(decoded(line));
  const [family = '', given = '', middle = '', prefix = '', suffix = ''] = splitValue(decoded(line));
  return oneLine([prefix, given, middle, family, suffix].filter(Boolean).join(' '));
}

function partsOf(line: ContentLine): string[] {
  const text = decoded(line);
  const parts = /^(?:ADR|ORG)$/.test(line.name) ? splitValue(text) : [plainValue(text)];
  return parts.map((part) => part.trim()).filter(Boolean);
}

/** Parts between semicolons that are not escaped. */
function splitValue(value: string): string[] {
  return value.split(/(?<!\\);/).map((part) => plainValue(part).trim());
}

function kindOf(line: ContentLine): string {
  const kinds = line.parameters
    .toLowerCase()
    .split(';')
    .flatMap((one) =>
      one
        .replace(/^type=/, '')
        .replaceAll('"', '')
        .split(','),
    )
    .filter((kind) => kind !== '' && !kind.includes('=') && !technical.test(kind));
  return [...new Set(kinds)].join(', ');
}

/** vCard 2.1 writes letters of other alphabets as quoted-printable. */
function decoded(line: ContentLine): string {
  if (!/QUOTED-PRINTABLE/i.test(line.parameters)) return line.value;
  const bytes = quotedPrintable(Buffer.from(line.value, 'latin1'));
  return decodeText(bytes, parameter(line, 'CHARSET') || undefined).text.replace(/\r?\n/g, ' ');
}
