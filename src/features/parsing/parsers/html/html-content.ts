import { Parser } from 'htmlparser2';
import type { Omissions } from '../shared/omissions.js';
import { marked } from '../shared/text-marks.js';
import { findAfterwords } from './html-afterwords.js';
import { findControls } from './html-controls.js';
import { fieldText } from './html-fields.js';
import { findInvitations } from './html-invitations.js';
import { findLinkLists } from './html-link-lists.js';
import { officeEdits } from './html-office.js';
import { PageStyles, type ElementStyle } from './html-styles.js';

/** Elements beyond this are not looked at one by one. */
const maxElements = 400_000;
/** The reader's time grows with the square of the depth. */
const maxDepth = 2_000;
const tooDeep = new Error('nested too deep');
/** The content element must have this share of the page's text, and this many letters. */
const minShare = 0.2;
const minLetters = 140;
/** A hidden element with this share of the letters, and this many, is the page itself before its script ran. */
const maxHiddenShare = 0.8;
/** What `aria-hidden` alone hides is on the screen: a window in front of the page hides it so. */
const maxCoveredShare = 0.5;
const minPageLetters = 1_000;
/** An element with a larger share of its letters in links is navigation. */
const maxLinkShare = 0.5;
/** Pictures without a description are counted up to this number, and from this many pixels on each side. */
const maxPictures = 1_000;
const minPictureSide = 48;
/** Longer text is not a superscript, whatever its style says. */
const maxShifted = 40;
const maxShiftedSource = 2_000;

interface Node {
  name: string;
  attributes: Record<string, string>;
  parent: Node | null;
  /** Offsets of the element, and of what its tags enclose. */
  start: number;
  end: number;
  innerStart: number;
  innerEnd: number;
  letters: number;
  linked: number;
  style: ElementStyle;
  inHeading: boolean;
  /** True inside of struck text: Markdown strikes only once. */
  inStruck: boolean;
  /** Its place among the elements of its parent, and the number of elements in it. */
  place: number;
  children: number;
  /** True when a term of a list of definitions waits for its definition. */
  openTerm: boolean;
}

/** An edit of the page's source: replaces `[start, end)` by `by`. */
interface Edit {
  start: number;
  end: number;
  by: string;
}

/**
 * The main content of a page: without hidden elements, and for a whole page without navigation, banners,
 * asides and footers. Returns the whole page if no content can be distinguished.
 * @param isPage false for a piece of a page (a mail, a chapter)
 */
export function extractContent(html: string, hidden: Omissions, isPage: boolean): string {
  const nodes = parseNodes(html);
  if (!nodes) return html;
  const gone = new Set<Node>();
  const edits: Edit[] = [];
  const letters = nodes.reduce((sum, node) => sum + (node.parent ? 0 : node.letters), 0);
  const articles = nodes.filter(
    (node) => isArticle(node) && node.letters - node.linked >= minPageLetters && !isWithinHidden(node),
  );
  // the article that one came for may itself stand in front of the page behind it
  const isBehindArticle = ({ start, end }: Node): boolean =>
    articles.some((article) => article.end <= start || article.start >= end);
  const isWholePage = (node: Node): boolean =>
    node.letters >= minPageLetters &&
    node.letters > letters * (isOnScreen(node) ? maxCoveredShare : maxHiddenShare) &&
    !(isOnScreen(node) && isBehindArticle(node));
  for (const node of nodes) {
    if (hasGone(node.parent, gone)) gone.add(node);
    else if (isHidden(node) && !isWholePage(node)) hide(node, hidden, gone, edits);
    else {
      const office = officeEdits(html, node);
      for (const edit of office ?? []) edits.push(edit);
      if (office) continue;
      drawn(html, node, hidden, edits);
      readable(html, node, edits);
    }
  }
  if (isPage) for (const edit of boilerplate(html, nodes, gone)) edits.push(edit);
  countUnread(nodes, gone, edits, hidden);
  return applied(html, edits);
}

/** Pictures that say nothing of themselves; `alt=""` marks ornaments. */
function countUnread(nodes: Node[], gone: ReadonlySet<Node>, edits: Edit[], hidden: Omissions): void {
  const pictures = nodes.filter((node) => isUnread(node) && !gone.has(node)).slice(0, maxPictures);
  const cuts = pictures.length > 0 ? edits.filter(({ start, end, by }) => end > start && by === ' ') : [];
  for (const picture of pictures)
    if (!cuts.some(({ start, end }) => start <= picture.start && picture.end <= end))
      hidden.addUnread(picture.name === 'canvas' ? 'chart' : 'picture');
}

function isUnread({ name, attributes, letters }: Node): boolean {
  if (name === 'canvas') return letters === 0;
  if (name !== 'img' || attributes['alt'] !== undefined || attributes['title']) return false;
  const sides = [attributes['width'], attributes['height']].map((side) => parseFloat(side ?? ''));
  return !sides.some((side) => side < minPictureSide);
}

function hasGone(node: Node | null, gone: ReadonlySet<Node>): boolean {
  return node !== null && gone.has(node);
}

function hide(node: Node, hidden: Omissions, gone: Set<Node>, edits: Edit[]): void {
  if (node.letters === 0) return;
  hidden.add('element');
  if (hidden.keep) {
    edits.push({ start: node.innerStart, end: node.innerStart, by: '[hidden] ' });
    return;
  }
  gone.add(node);
  edits.push({ start: node.start, end: node.end, by: ' ' });
}

const isOnScreen = ({ style, attributes }: Node): boolean =>
  style.hidden !== true && !('hidden' in attributes);

function isHidden({ name, attributes, style }: Node): boolean {
  return (
    style.hidden === true ||
    'hidden' in attributes ||
    attributes['aria-hidden'] === 'true' ||
    name === 'template' ||
    (name === 'dialog' && !('open' in attributes))
  );
}

function isWithinHidden(node: Node): boolean {
  for (let at: Node | null = node; at; at = at.parent) if (isHidden(at)) return true;
  return false;
}

/** Text that a style strikes or shifts becomes the elements that say so. */
function drawn(html: string, node: Node, hidden: Omissions, edits: Edit[]): void {
  const { name, style, innerStart, innerEnd, letters } = node;
  if (style.white && letters > 0) hidden.addWhite();
  if (letters === 0 || /^(?:sup|sub)$/.test(name)) return;
  if (style.struck) {
    if (isStruck(name) || letters > 5_000) return;
    edits.push({ start: innerStart, end: innerStart, by: '<s>' });
    edits.push({ start: innerEnd, end: innerEnd, by: '</s>' });
  } else if (style.raised || style.lowered) shift(html, node, style.raised ? 'raised' : 'lowered', edits);
}

function shift(html: string, node: Node, kind: 'raised' | 'lowered', edits: Edit[]): void {
  const { start, end, innerStart, innerEnd, letters } = node;
  if (letters === 0 || letters > maxShifted || innerEnd - innerStart > maxShiftedSource) return;
  const text = html.slice(innerStart, innerEnd).replace(/<[^<>]*>/g, '');
  // a citation in brackets stands apart by itself
  edits.push({ start, end, by: /[[\]]/.test(text) ? text.trim() : marked(kind, text.trim()) });
}

/**
 * Elements that Markdown lacks: breaks in headings, lists of definitions, small raised and lowered text.
 */
function readable(html: string, node: Node, edits: Edit[]): void {
  const { name, parent, start, end, innerStart, innerEnd } = node;
  const around = (open: string, close: string) =>
    edits.push({ start, end: innerStart, by: open }, { start: innerEnd, end, by: close });
  if (name === 'u' || name === 'ins' || (isStruck(name) && node.inStruck)) around('', '');
  else if (name === 'br' && node.inHeading) edits.push({ start, end, by: ' ' });
  else if (name === 'dl' || name === 'address') around('<div>', '</div>');
  else if (name === 'dt' && parent) {
    around(parent.openTerm ? '</div><div>' : '<div>', ': ');
    parent.openTerm = true;
  } else if (name === 'dd' && parent) {
    around(parent.openTerm ? ' ' : '<div>', '</div>');
    parent.openTerm = false;
  } else if ((name === 'sup' || name === 'sub') && node.letters === 0) around('', '');
  else if (name === 'sup' || name === 'sub') shift(html, node, name === 'sup' ? 'raised' : 'lowered', edits);
  else if (parent && mathScripts.has(parent.name)) mathPart(html, node, parent.name, edits);
  else if (name === 'math') around(' ', ' ');
  else if (name === 'annotation' || name === 'annotation-xml') edits.push({ start, end, by: ' ' });
  else if (name === 'title') edits.push({ start, end, by: ' ' });
  else if (name === 'details') around('<div>', '</div>');
  else if (name === 'summary') around('<p>', '</p>');
  else if (name === 'li' && /^\d{1,9}$/.test(node.attributes['value'] ?? '') && parent?.name === 'ol')
    edits.push({ start, end: start, by: `</ol><ol start="${node.attributes['value']}">` });
  else if (/^(?:input|select|textarea)$/.test(name)) {
    const text = fieldText(name, node.attributes, html.slice(innerStart, innerEnd));
    edits.push({ start, end, by: text === null ? ' ' : ` ${text} ` });
  }
}

/** The roles of the parts of a formula in MathML, by their order; the first stands on the line. */
const mathScripts = new Map<string, ('raised' | 'lowered' | 'divided')[]>([
  ['msup', ['raised']],
  ['msub', ['lowered']],
  ['msubsup', ['lowered', 'raised']],
  ['mfrac', ['divided']],
]);

function mathPart(html: string, node: Node, formula: string, edits: Edit[]): void {
  const kind = mathScripts.get(formula)?.[node.place - 1];
  if (kind === 'divided') edits.push({ start: node.start, end: node.start, by: '/' });
  else if (kind) shift(html, node, kind, edits);
}

const isStruck = (name: string): boolean => name === 's' || name === 'del' || name === 'strike';

const blankNode = { children: 0, letters: 0, linked: 0, style: {}, openTerm: false };

function parseNodes(html: string): Node[] | null {
  const nodes: Node[] = [];
  const sheets: string[] = [];
  let open: Node | null = null;
  let depth = 0;
  let links = 0;
  let headings = 0;
  let struck = 0;
  const parser = new Parser({
    onopentag: (name, attributes) => {
      if ((depth += 1) > maxDepth) throw tooDeep;
      if (nodes.length > maxElements) return;
      const inStruck = struck > 0;
      if (/^h[1-6]$/.test(name)) headings++;
      if (isStruck(name)) struck++;
      const [start, inner] = [parser.startIndex, parser.endIndex + 1];
      const node: Node = {
        ...blankNode,
        name,
        attributes,
        start,
        end: inner,
        innerStart: inner,
        innerEnd: inner,
        parent: open,
        place: open ? open.children++ : 0,
        inHeading: headings > 0,
        inStruck,
      };
      nodes.push(node);
      open = node;
      if (name === 'a') links++;
    },
    ontext: (text) => {
      if (!open) return;
      if (open.name === 'style') sheets.push(text);
      if (/^(?:style|script|title)$/.test(open.name)) return;
      const letters = text.match(/[\p{L}\p{N}]/gu)?.length ?? 0;
      open.letters += letters;
      if (links > 0) open.linked += letters;
    },
    onclosetag: (name, implied) => {
      depth -= 1;
      if (!open || nodes.length > maxElements) return;
      const node: Node = open;
      node.innerEnd = parser.startIndex;
      node.end = implied ? parser.startIndex : parser.endIndex + 1;
      if (node.end < node.innerStart) node.end = node.innerEnd = node.innerStart;
      if (name === 'a') links--;
      if (/^h[1-6]$/.test(name)) headings--;
      if (isStruck(name)) struck--;
      open = node.parent;
      if (!open) return;
      open.letters += node.letters;
      open.linked += node.linked;
    },
  });
  try {
    parser.end(html);
  } catch (error) {
    if (error === tooDeep) return null;
    throw error;
  }
  if (nodes.length > maxElements) return null;
  const styles = new PageStyles([sheets.join('')]);
  for (const node of nodes) node.style = styles.style(node);
  return nodes;
}

/** Edits that leave the content alone; none where it cannot be found. */
function boilerplate(html: string, nodes: readonly Node[], gone: ReadonlySet<Node>): Edit[] {
  const body = nodes.find((node) => node.name === 'body');
  const shown = nodes.filter((node) => !gone.has(node));
  const total =
    body?.letters ?? shown.filter((node) => !node.parent).reduce((sum, node) => sum + node.letters, 0);
  const roots = findRoots(shown, total);
  const linkLists = roots.length === 0 ? findLinkLists(shown) : null;
  const invitations = findInvitations(html, shown);
  const afterwords = findAfterwords(shown);
  const controls = findControls(html, shown);
  const titles = shown.filter((node) => node.name === 'h1');
  const firstHeading = titles.length === 1 && roots.length === 0 ? titles[0] : undefined;
  const within = new Set<Node>(roots);
  const dropped = new Set<Node>();
  const outside: Edit[] = [];
  let kept = 0;
  for (const node of shown) {
    if (node.parent && (dropped.has(node.parent) || gone.has(node.parent))) {
      dropped.add(node);
      continue;
    }
    const inContent = within.has(node) || (node.parent !== null && within.has(node.parent));
    if (inContent) within.add(node);
    const isExtra =
      linkLists?.has(node) || invitations.has(node) || afterwords.has(node) || controls.has(node);
    if (!isFurniture(node, inContent) && !isExtra) continue;
    dropped.add(node);
    if (inContent || roots.length === 0)
      outside.push({ start: node.start, end: node.end, by: headingIn(html, node, firstHeading) });
    kept -= node.letters;
  }
  if (roots.length === 0) return total + kept < Math.max(minLetters, total * minShare) ? [] : outside;
  return [...aroundRoots(roots, body, html.length), ...outside];
}

/** The main part, else the articles, where they hold enough of the page. */
function findRoots(nodes: readonly Node[], total: number): Node[] {
  for (const matches of [isMain, isArticle]) {
    const covered = new Set<Node>();
    const found: Node[] = [];
    for (const node of nodes) {
      const within = node.parent !== null && covered.has(node.parent);
      if (!within && matches(node)) found.push(node);
      if (within || matches(node)) covered.add(node);
    }
    const letters = found.reduce((sum, node) => sum + node.letters, 0);
    if (found.length > 0 && letters >= Math.min(minLetters, total / 2) && letters >= total * minShare)
      return found;
  }
  return [];
}

const isMain = ({ name, attributes }: Node): boolean => name === 'main' || attributes['role'] === 'main';
const isArticle = ({ name, attributes }: Node): boolean =>
  name === 'article' || attributes['role'] === 'article';

const roles = new Set(
  'navigation banner contentinfo complementary search dialog alertdialog menu menubar'.split(' '),
);
const furnitureNames =
  /(?:^|[\s_-])(?:nav|navbar|navigation|menu|breadcrumbs?|sidebar|footer|cookies?|consent|gdpr|newsletter|share|social|related|skip-?link)(?:$|[\s_-])/i;
const banner = /cookie|consent|gdpr/i;

function isFurniture({ name, attributes, letters, linked, parent }: Node, inContent: boolean): boolean {
  if (name === 'nav' || roles.has(attributes['role'] ?? '')) return true;
  const named = `${attributes['id'] ?? ''} ${attributes['class'] ?? ''}`;
  const links = letters > 0 ? linked / letters : 0;
  if (name === 'aside') return !inContent || links > 0.3;
  if (name === 'footer') return parent?.name !== 'blockquote' && parent?.name !== 'figure';
  if (name === 'header') return !inContent && links > 0.3;
  if (/^(?:body|html|main|article|h[1-6]|p|table|td|tr)$/.test(name)) return false;
  if (banner.test(named) && letters < 2_000 && parent?.name === 'body') return true;
  return furnitureNames.test(named) && links > maxLinkShare && letters < 2_000;
}

/** A page's only first heading often stands in its banner: it stays. */
function headingIn(html: string, node: Node, heading: Node | undefined): string {
  return heading && node.name === 'header' && inside(heading, node)
    ? html.slice(heading.start, heading.end)
    : ' ';
}

function inside(inner: { start: number; end: number }, outer: Node): boolean {
  return inner.start >= outer.start && inner.end <= outer.end;
}

function aroundRoots(roots: readonly Node[], body: Node | undefined, length: number): Edit[] {
  const edits: Edit[] = [];
  let from = body?.innerStart ?? roots[0]?.start ?? 0;
  for (const { start, end } of roots) {
    if (start > from) edits.push({ start: from, end: start, by: ' ' });
    from = end;
  }
  const last = body && body.innerEnd > from ? body.innerEnd : length;
  if (last > from) edits.push({ start: from, end: last, by: ' ' });
  return edits;
}

/** Where edits overlap the one that begins first wins. */
function applied(html: string, edits: Edit[]): string {
  if (edits.length === 0) return html;
  const isInsertion = (edit: Edit): number => (edit.start === edit.end ? 0 : 1);
  edits.sort((a, b) => a.start - b.start || isInsertion(a) - isInsertion(b) || b.end - a.end);
  const pieces: string[] = [];
  let at = 0;
  for (const { start, end, by } of edits) {
    if (start < at) continue;
    pieces.push(html.slice(at, start), by);
    at = end;
  }
  return pieces.join('') + html.slice(at);
}
