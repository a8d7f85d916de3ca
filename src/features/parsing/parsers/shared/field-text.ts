import { symbolOfField } from './symbol-fonts.js';

const maxDepth = 20;
const maxLength = 2_000;

/**
 * The text that a field of Word shows by its instruction alone: a sign (`SYMBOL`) or a formula (`EQ`); '' for
 * others.
 */
export function textOfField(instruction: string): string {
  const [, formula] = /^\s*EQ\s(.*)$/is.exec(instruction) ?? [];
  if (formula === undefined) return symbolOfField(instruction);
  return new EquationReader(formula.slice(0, maxLength)).read().trim();
}

/** Reads the switches of an `EQ` field: `\f(1,2)` is a fraction, `\s\up 9(x)` raises, `\o(a,b)` overlays. */
class EquationReader {
  private at = 0;

  constructor(private readonly source: string) {}

  /** Text up to the end of an argument. */
  read(depth = 0): string {
    let text = '';
    while (this.at < this.source.length) {
      const character = this.source.charAt(this.at);
      if (depth > 0 && /[,;)]/.test(character)) break;
      if (character === '\\') text += this.control(depth);
      else {
        text += character;
        this.at++;
      }
    }
    return text;
  }

  private control(depth: number): string {
    const rest = this.source.slice(this.at);
    const [format] = /^\\\*\s*(?:"[^"]*"|[^\s\\(),;]+)\s?/.exec(rest) ?? [];
    const [switches] = /^(?:\\(?:[a-z]+|[^\s\w*])\s?-?\d*\s?)+(?=\()/i.exec(rest) ?? [];
    this.at += (format ?? switches)?.length ?? Math.min(2, rest.length);
    if (format !== undefined) return '';
    if (switches === undefined) return /^\\[(),;\\]/.test(rest) ? rest.charAt(1) : '';
    return drawn(switches, this.arguments(depth));
  }

  private arguments(depth: number): string[] {
    const found: string[] = [];
    do {
      this.at++;
      found.push(depth < maxDepth ? this.read(depth + 1).trim() : '');
    } while (/[,;]/.test(this.source.charAt(this.at)));
    this.at++;
    return found;
  }
}

function drawn(switches: string, args: string[]): string {
  const [first = '', second = '', third = ''] = args;
  switch (switches.charAt(1).toLowerCase()) {
    case 'f':
      return `${grouped(first)}/${grouped(second)}`;
    case 'r':
      return args.length > 1 ? `${grouped(first)}√(${second})` : `√(${first})`;
    case 's':
      if (/\\up/i.test(switches)) return `^${grouped(first)}`;
      return /\\do/i.test(switches) ? `_${grouped(first)}` : args.join(', ');
    case 'o':
      return overlaid(args);
    case 'b':
      return bracketed(switches, first);
    case 'i':
      return `${/\\su/i.test(switches) ? '∑' : /\\pr/i.test(switches) ? '∏' : '∫'}_${grouped(first)}^${grouped(second)} ${third}`;
    case 'd':
      return '';
    default:
      return args.join(', ');
  }
}

/** A reading above its word is left out as elsewhere; a ring around a number is only a ring. */
function overlaid(args: string[]): string {
  const base = args.filter((arg) => !arg.startsWith('^') && !/^[○◯□△◇]$/.test(arg));
  return base.length === 0 ? args.join('') : base.join('');
}

function bracketed(switches: string, text: string): string {
  const both = /\\bc\\?(\S)/i.exec(switches)?.[1];
  const left = /\\lc\\?(\S)/i.exec(switches)?.[1];
  const right = /\\rc\\?(\S)/i.exec(switches)?.[1];
  if (both !== undefined) return `${both}${text}${closing.get(both) ?? both}`;
  return left === undefined && right === undefined ? `(${text})` : `${left ?? ''}${text}${right ?? ''}`;
}

const closing = new Map([
  ['(', ')'],
  ['[', ']'],
  ['{', '}'],
  ['<', '>'],
]);

const grouped = (text: string): string => (/^[\p{L}\p{N}.,]*$/u.test(text) ? text : `(${text})`);
