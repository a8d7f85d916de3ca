import { descend, elements, readText, type XmlElement } from './xml-tree.js';
import { latexSymbols, bigOperators, accents, functionNames } from './latex-symbols.js';

/** Turns an Office equation (`m:oMath`, or anything that holds one) into LaTeX. */
export function ommlToLatex(node: XmlElement): string {
  return children(node).replace(/ {2,}/g, ' ').trim();
}

type Writer = (node: XmlElement) => string;

const writers = new Map<string, Writer>(
  Object.entries<Writer>({
    'm:r': (node) => symbols(elements(node, 'm:t').map(readText).join('')),
    'm:f': fraction,
    'm:sSup': (node) => `${base(node)}^{${part(node, 'm:sup')}}`,
    'm:sSub': (node) => `${base(node)}_{${part(node, 'm:sub')}}`,
    'm:sSubSup': (node) => `${base(node)}_{${part(node, 'm:sub')}}^{${part(node, 'm:sup')}}`,
    'm:sPre': (node) => `{}_{${part(node, 'm:sub')}}^{${part(node, 'm:sup')}}${base(node)}`,
    'm:rad': radical,
    'm:nary': nary,
    'm:d': delimited,
    'm:func': (node) => `${functionName(part(node, 'm:fName'))}{${part(node, 'm:e')}}`,
    'm:acc': accent,
    'm:bar': (node) =>
      property(node, 'm:barPr', 'm:pos') === 'top'
        ? `\\overline{${part(node, 'm:e')}}`
        : `\\underline{${part(node, 'm:e')}}`,
    'm:groupChr': groupCharacter,
    'm:limLow': (node) => `${functionName(part(node, 'm:e'))}_{${part(node, 'm:lim')}}`,
    'm:limUpp': (node) => `\\overset{${part(node, 'm:lim')}}{${part(node, 'm:e')}}`,
    'm:m': matrix,
    'm:eqArr': (node) => `\\begin{array}{c}${elements(node, 'm:e').map(children).join('\\\\')}\\end{array}`,
    'm:box': (node) => part(node, 'm:e'),
    'm:borderBox': (node) => `\\boxed{${part(node, 'm:e')}}`,
    'm:phant': (node) => part(node, 'm:e'),
  }),
);

function children(node: XmlElement): string {
  let latex = '';
  for (const child of elements(node)) {
    if (child.name.endsWith('Pr') || isDeleted(child)) continue;
    const writer = isStructureDeleted(child) ? undefined : writers.get(child.name);
    latex += (writer ?? children)(child);
  }
  return latex;
}

/** By a tracked change. */
const isDeleted = (node: XmlElement): boolean =>
  node.name === 'w:del' ||
  node.name === 'w:moveFrom' ||
  (node.name === 'm:r' && descend(node, 'w:rPr', 'w:del') !== undefined);

/** A fraction or a root that was taken away; what stays of its parts is marked by itself. */
const isStructureDeleted = (node: XmlElement): boolean =>
  descend(node, `${node.name}Pr`, 'm:ctrlPr', 'w:del') !== undefined;

function part(node: XmlElement, name: string): string {
  const found = descend(node, name);
  return found ? children(found).trim() : '';
}

/**
 * The base of a script; grouped when it is more than one symbol, since LaTeX would raise only the last one.
 */
function base(node: XmlElement): string {
  const latex = part(node, 'm:e');
  const compound = descend(node, 'm:e')?.children.some(
    (child) => typeof child !== 'string' && child.name !== 'm:r' && !child.name.endsWith('Pr'),
  );
  return compound ? `{${latex}}` : latex;
}

function property(node: XmlElement, properties: string, name: string): string | undefined {
  return descend(node, properties, name)?.attributes['m:val'];
}

function fraction(node: XmlElement): string {
  const [above, below] = [part(node, 'm:num'), part(node, 'm:den')];
  const kind = property(node, 'm:fPr', 'm:type');
  if (kind === 'skw') return `^{${above}}/_{${below}}`;
  if (kind === 'lin') return `{${above}}/{${below}}`;
  if (kind === 'noBar') return `\\genfrac{}{}{0pt}{}{${above}}{${below}}`;
  return `\\frac{${above}}{${below}}`;
}

function radical(node: XmlElement): string {
  const degree = part(node, 'm:deg');
  return degree ? `\\sqrt[${degree}]{${part(node, 'm:e')}}` : `\\sqrt{${part(node, 'm:e')}}`;
}

function nary(node: XmlElement): string {
  const character = property(node, 'm:naryPr', 'm:chr') ?? '∫';
  const [lower, upper] = [part(node, 'm:sub'), part(node, 'm:sup')];
  const operator = bigOperators.get(character) ?? symbols(character).trim();
  return `${operator}${lower && `_{${lower}}`}${upper && `^{${upper}}`}{${part(node, 'm:e')}}`;
}

function delimited(node: XmlElement): string {
  const open = property(node, 'm:dPr', 'm:begChr') ?? '(';
  const close = property(node, 'm:dPr', 'm:endChr') ?? ')';
  const separator = property(node, 'm:dPr', 'm:sepChr') ?? '|';
  const inner = elements(node, 'm:e').map(children).join(separator);
  return `\\left${delimiter(open)}${inner}\\right${delimiter(close)}`;
}

function delimiter(character: string): string {
  if (character === '') return '.';
  if (character === '{' || character === '}') return `\\${character}`;
  return symbols(character);
}

function accent(node: XmlElement): string {
  const command = accents.get(property(node, 'm:accPr', 'm:chr') ?? '\u0302') ?? '\\hat';
  return `${command}{${part(node, 'm:e')}}`;
}

function groupCharacter(node: XmlElement): string {
  const top = property(node, 'm:groupChrPr', 'm:pos') === 'top';
  const character = property(node, 'm:groupChrPr', 'm:chr') ?? '⏟';
  if (character === '⏟' || character === '⏞') return `\\${top ? 'over' : 'under'}brace{${part(node, 'm:e')}}`;
  return `\\${top ? 'overset' : 'underset'}{${symbols(character).trim()}}{${part(node, 'm:e')}}`;
}

function matrix(node: XmlElement): string {
  const rows = elements(node, 'm:mr').map((row) => elements(row, 'm:e').map(children).join('&'));
  return `\\begin{matrix}${rows.join('\\\\')}\\end{matrix}`;
}

function functionName(name: string): string {
  return functionNames.has(name) ? `\\${name}` : name;
}

function symbols(text: string): string {
  let latex = '';
  for (const character of text.normalize('NFKC')) {
    const command = latexSymbols.get(character);
    latex += command ? `${command} ` : character;
  }
  return latex;
}
