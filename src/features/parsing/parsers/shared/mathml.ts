import { elements, readText, type XmlElement } from './xml-tree.js';

const maxDepth = 60;

/** Signs drawn over a letter: `x̄`, `v⃗`, `â`. */
const accents = new Map([
  ['¯', '\u0304'],
  ['‾', '\u0304'],
  ['→', '\u20d7'],
  ['^', '\u0302'],
  ['ˆ', '\u0302'],
  ['~', '\u0303'],
  ['˜', '\u0303'],
  ['˙', '\u0307'],
  ['¨', '\u0308'],
]);

/** A formula in MathML on one line: `x^2`, `(a+b)/2`, `√(n)`, `∑_(i=0)^n`. */
export function mathText(node: XmlElement): string {
  return termText(node, 0)
    .replace(/(?<=\p{L}{2})\u2061(?=[\p{L}\p{N}])/gu, ' ')
    .replace(invisibleOperators, '');
}

/** The application of a function, a product, a list and a sum that are meant and not drawn. */
const invisibleOperators = /[\u2061-\u2064]/g;

function termText(node: XmlElement, depth: number): string {
  const name = node.name.slice(node.name.indexOf(':') + 1);
  const parts = elements(node).filter((one) => !/annotation/.test(one.name));
  if (depth > maxDepth || parts.length === 0) {
    if (name === 'mspace')
      return /^(?:[1-9]|0?\.[3-9])[\d.]*em$/.test(node.attributes.width ?? '') ? ' ' : '';
    // blanks of the file mean nothing, those that do not break are drawn
    const raw = readText(node);
    // blanks of the file mean nothing, those that do not break are drawn
    const text =
      name === 'mtext'
        ? raw
            .replace(/[\u00a0\u2002-\u2004]+/g, '\0')
            .trim()
            .replaceAll('\0', ' ')
        : raw.trim();
    return name === 'mo' && /^\p{L}{2,}$/u.test(text) ? ` ${text} ` : text;
  }
  const [first = '', second = '', third = ''] = parts.map((one) => termText(one, depth + 1));
  switch (name) {
    case 'msup':
      return `${grouped(first)}^${grouped(second)}`;
    case 'mover': {
      const accent = accents.get(second);
      return accent !== undefined && first.length === 1
        ? `${first}${accent}`.normalize('NFC')
        : `${grouped(first)}^${grouped(second)}`;
    }
    case 'munder':
    case 'msub':
      return `${grouped(first)}_${grouped(second)}`;
    case 'munderover':
    case 'msubsup':
      return `${grouped(first)}_${grouped(second)}^${grouped(third)}`;
    case 'mfrac':
      return `${grouped(first)}/${grouped(second)}`;
    case 'msqrt':
      return `√(${parts.map((one) => termText(one, depth + 1)).join('')})`;
    case 'mroot':
      return `${grouped(second)}√(${first})`;
    case 'mtd':
      return `${parts.map((one) => termText(one, depth + 1)).join('')}, `;
    case 'mtr':
    case 'mlabeledtr':
      return `${parts
        .map((one) => termText(one, depth + 1))
        .join('')
        .replace(/, $/, '')}; `;
    case 'mtable':
      return parts
        .map((one) => termText(one, depth + 1))
        .join('')
        .replace(/; $/, '');
    case 'mfenced':
      return fenced(node, parts, depth);
    case 'mphantom':
      return '';
    default:
      return parts.map((one) => termText(one, depth + 1)).join('');
  }
}

function fenced({ attributes }: XmlElement, parts: XmlElement[], depth: number): string {
  const { open = '(', close = ')', separators = ',' } = attributes;
  const separator = separators.trim().charAt(0);
  return `${open}${parts.map((one) => termText(one, depth + 1)).join(separator)}${close}`;
}

function grouped(text: string): string {
  return /^(?:[\p{L}\p{N}.,]*|.)$/u.test(text) ? text : `(${text})`;
}
