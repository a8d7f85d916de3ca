import { oneLine } from './shared/markdown-text.js';
import { mathText } from './shared/mathml.js';
import { withEffects } from './shared/text-marks.js';
import { elements, readText, type XmlElement } from './shared/xml-tree.js';

const block =
  /^(?:list|table-wrap|table|tables|fig|figure|itemizedlist|orderedlist|disp-quote|boxed-text|ul|ol)$/;

/** Text that runs on; blocks within it go to `apart` where someone wants them. */
export function inline(node: XmlElement, apart?: XmlElement[]): string {
  let text = '';
  for (const child of node.children) {
    if (typeof child === 'string') text += child.replace(/\s+/g, ' ');
    else if (apart && block.test(child.name)) apart.push(child);
    else if (/^(?:label|object-id|institution-id)$/.test(child.name)) continue;
    else if (citations.test(child.name)) text += spaced(text, citation(child));
    else if (isMath(child)) text += mathText(child);
    else if (child.name === 'tex-math') text += elements(node).some(isMath) ? '' : formula(readText(child));
    else if (/^(?:sup|SP|superscript)$/.test(child.name))
      text += withEffects(inline(child), { raised: true });
    else if (/^(?:sub|SB|subscript)$/.test(child.name)) text += withEffects(inline(child), { lowered: true });
    else {
      const inner = inline(child, apart);
      // names and years of a reference are separate elements without a blank between them
      text += separate.test(child.name) ? spaced(text, inner) : inner;
    }
  }
  return text;
}

const isMath = ({ name }: XmlElement): boolean => /^(?:mml:)?math$/.test(name);

/** A formula in TeX, often with a whole document around it that would print it. */
function formula(tex: string): string {
  const [start, end] = ['\\begin{document}', '\\end{document}'];
  const from = tex.indexOf(start);
  const to = tex.lastIndexOf(end);
  return (from >= 0 && to > from ? tex.slice(from + start.length, to) : tex).trim();
}

const separate =
  /^(?:p|para|PARA|list-item|claim-text|surname|given-names|year|article-title|source|volume|fpage|lpage|pub-id|name|td|th|break|br|title)$/;

/** A blank before a piece that the text runs into; none behind a dash or a bracket. */
const spaced = (text: string, piece: string): string =>
  text === '' || piece === '' || closeSigns.test(text.slice(-1)) ? piece : ` ${piece}`;

const closeSigns = /[\s([\u2010-\u2014/-]/u;
const citations = /^(?:element-citation|nlm-citation|mixed-citation|citation)$/;
/** Registers by their types, and how a text names them before a number. */
const identifiers = new Map(
  [
    ['doi', 'DOI'],
    ['pmid', 'PMID'],
    ['pmcid', 'PMCID'],
    ['arxiv', 'arXiv'],
    ['isbn', 'ISBN'],
  ].map(([type = '', name = '']) => [
    type,
    { name, isNamed: new RegExp(`${name}\\W{0,20}(?:\\S{0,20}/)?$`, 'i') },
  ]),
);

/** A reference. Some have the signs between names, titles and pages in them; the others only elements. */
function citation(node: XmlElement): string {
  return node.children.some((child) => typeof child === 'string' && /[\p{L}\p{N},.;:]/u.test(child))
    ? signedCitation(node)
    : bareCitation(node);
}

function signedCitation(node: XmlElement): string {
  let text = '';
  for (const child of node.children) {
    if (typeof child === 'string') text += child.replace(/\s+/g, ' ');
    else if (child.name === 'pub-id') text += spaced(text, identifier(child, text));
    else text += separate.test(child.name) ? spaced(text, inline(child)) : inline(child);
  }
  return text;
}

/** Names (year). Title. Journal 5(2):11–18. Publisher. DOI */
function bareCitation(node: XmlElement): string {
  const used = new Set<XmlElement>();
  const take = (...names: string[]): string[] => {
    const found = elements(node).filter((child) => names.includes(child.name) && !used.has(child));
    for (const child of found) used.add(child);
    return found.map((child) => oneLine(inline(child)).replace(/[.,;:]+$/, '')).filter(Boolean);
  };
  const groups = elements(node).filter(({ name }) => name === 'person-group');
  for (const group of groups) used.add(group);
  const names = [...groups.map(people), people(node)].filter(Boolean).join(', ');
  for (const child of elements(node)) if (person.test(child.name)) used.add(child);
  const [year = ''] = take('year');
  const titles = take('article-title', 'chapter-title', 'data-title', 'part-title', 'trans-title');
  const [source = '', ...more] = take('source', 'conf-name', 'series');
  const volume =
    take('volume').join(', ') +
    take('issue')
      .map((issue) => `(${issue})`)
      .join('');
  const pages =
    [take('fpage'), take('lpage')].flat().join('–') || take('elocation-id', 'page-range').join(', ');
  const place = [volume, pages].filter(Boolean).join(':');
  const ids = elements(node).filter(({ name }) => name === 'pub-id');
  for (const id of ids) used.add(id);
  const rest = elements(node).filter((child) => !used.has(child));
  const sentences = [
    [names, year && `(${year})`].filter(Boolean).join(' '),
    ...titles,
    [source, place].filter(Boolean).join(' '),
    ...more,
    ...rest.map((child) => oneLine(inline(child)).replace(/\.$/, '')),
    ids.map((id) => identifier(id, '')).join(', '),
  ].filter(Boolean);
  return sentences.map((sentence) => (/[?!.]$/.test(sentence) ? sentence : `${sentence}.`)).join(' ');
}

const person = /^(?:name|string-name|collab|etal)$/;

function people(group: XmlElement): string {
  return elements(group)
    .filter(({ name }) => person.test(name))
    .map((one) => (one.name === 'etal' ? 'et al.' : oneLine(inline(one))))
    .join(', ');
}

/** A number of a register with the register's name, unless the text before it says that. */
function identifier(node: XmlElement, before: string): string {
  const number = oneLine(inline(node));
  const register = identifiers.get(node.attributes['pub-id-type'] ?? '');
  if (!register || number.toLowerCase().includes(register.name.toLowerCase())) return number;
  return register.isNamed.test(before.slice(-60)) ? number : `${register.name}: ${number}`;
}
