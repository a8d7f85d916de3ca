import { elements, readText, type XmlElement } from './xml-tree.js';

const maxDepth = 60;

/** A formula in MathML on one line: `x^2`, `(a+b)/2`, `√(n)`. */
export function mathText(node: XmlElement, depth = 0): string {
  const name = node.name.replace(/^\w+:/, '');
  const parts = elements(node).filter((one) => !/annotation/.test(one.name));
  if (depth > maxDepth || parts.length === 0) return readText(node).trim();
  const [first = '', second = '', third = ''] = parts.map((one) => mathText(one, depth + 1));
  switch (name) {
    case 'msup':
      return `${grouped(first)}^${grouped(second)}`;
    case 'msub':
      return `${grouped(first)}_${grouped(second)}`;
    case 'msubsup':
      return `${grouped(first)}_${grouped(second)}^${grouped(third)}`;
    case 'mfrac':
      return `${grouped(first)}/${grouped(second)}`;
    case 'msqrt':
      return `√(${parts.map((one) => mathText(one, depth + 1)).join('')})`;
    case 'mroot':
      return `${grouped(second)}√(${first})`;
    default:
      return parts.map((one) => mathText(one, depth + 1)).join('');
  }
}

function grouped(text: string): string {
  return /^[\p{L}\p{N}.,]*$/u.test(text) ? text : `(${text})`;
}
