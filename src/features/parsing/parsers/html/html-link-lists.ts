/** Text of this length, counted in letters without those of links, is prose. */
const minProse = 60;
/** A page with less prose may be an index, whose links are its content. */
const minPageProse = 500;
/** Fewer links may be the authors of a text, or the title and tags of one of several. */
const minLinks = 5;
const minLinkedShare = 0.8;
/** Links with more letters than this at the mean are titles with a summary, as in an overview of news. */
const maxLinkLetters = 80;

/** Links to this many sites are references. */
const minSites = 4;
const siteOf = /^(?:https?:)?\/\/(?:www\.)?([^/?#]{1,100})/i;

const listNames = new Set(['div', 'section', 'ul', 'ol', 'dl', 'center', 'span']);
const proseNames = new Set(['p', 'pre', 'blockquote', 'dd', 'figure', 'table']);
/** Files to load, addresses and numbers to call are content wherever they stand. */
const contentTarget = /^(?:mailto|tel):|\.(?:pdf|docx?|xlsx?|pptx?|od[tsp]|csv|zip|ics|epub)(?:[?#]|$)/i;

interface Element {
  name: string;
  attributes: Record<string, string>;
  parent: Element | null;
  letters: number;
  linked: number;
}

interface Inside {
  links: number;
  /** Letters of its headings, without those of links. */
  headings: number;
  /** Letters of its own text, outside of its elements and of links. */
  own: number;
  /** True where prose stands directly in it. */
  holdsProse: boolean;
  /** True where something in it is more than navigation. */
  holdsContent: boolean;
  /** The sites that its links name, as many as matter. */
  sites: Set<string>;
}

/**
 * The lists of links that stand apart from the prose of a page: menus, related stories, tags. A list beside
 * paragraphs stays, and so do files to load, references to several sites, and all lists of a page without prose.
 * @param elements in the order of the page
 */
export function findLinkLists<E extends Element>(elements: readonly E[]): Set<E> {
  const inside = lookInside(elements);
  const found = new Set<E>();
  const inText = new Set<Element>();
  if (proseOf(elements, inside) < minPageProse) return found;
  for (const element of elements) {
    const { parent } = element;
    const isBeside = parent !== null && inside.get(parent)?.holdsProse === true;
    // text that stands in the body itself is often a hint to all readers
    if ((isBeside && parent.name !== 'body') || (parent && inText.has(parent))) inText.add(element);
    if (isBeside || inText.has(element)) continue;
    const within = inside.get(element);
    if (within && isLinkList(element, within)) found.add(element);
  }
  return found;
}

function isLinkList({ name, letters, linked }: Element, within: Inside): boolean {
  const { links, headings, holdsProse, holdsContent, sites } = within;
  return (
    listNames.has(name) &&
    links >= minLinks &&
    linked >= (letters - headings) * minLinkedShare &&
    linked <= links * maxLinkLetters &&
    sites.size < minSites &&
    !holdsProse &&
    !holdsContent
  );
}

function lookInside(elements: readonly Element[]): Map<Element, Inside> {
  const inside = new Map<Element, Inside>();
  for (const element of elements)
    inside.set(element, {
      links: 0,
      headings: /^h[1-6]$/.test(element.name) ? element.letters - element.linked : 0,
      own: element.letters - element.linked,
      holdsProse: false,
      holdsContent: false,
      sites: new Set(),
    });
  // children stand behind their parents
  for (const element of elements.toReversed()) {
    const within = inside.get(element);
    if (!within) continue;
    const { name, attributes, letters, linked, parent } = element;
    if (name === 'a' && letters > 0) within.links++;
    if (isTitle(element) || (name === 'a' && leadsToContent(attributes))) within.holdsContent = true;
    const site = name === 'a' && siteOf.exec(attributes['href'] ?? '')?.[1];
    if (site) within.sites.add(site.toLowerCase());
    if (within.own >= minProse) within.holdsProse = true;
    const outer = parent && inside.get(parent);
    if (!outer) continue;
    outer.links += within.links;
    outer.headings += within.headings;
    outer.own -= letters - linked;
    for (const one of within.sites) if (outer.sites.size < minSites) outer.sites.add(one);
    outer.holdsContent ||= within.holdsContent;
    outer.holdsProse ||= proseNames.has(name) && letters - linked >= minProse;
  }
  return inside;
}

/** Pages of several posts link their titles. */
const isTitle = ({ name, linked }: Element): boolean => name === 'h1' || (name === 'h2' && linked > 0);

function leadsToContent({ href, rel }: Record<string, string>): boolean {
  return contentTarget.test(href ?? '') || /\bauthor\b/i.test(rel ?? '');
}

function proseOf(elements: readonly Element[], inside: ReadonlyMap<Element, Inside>): number {
  let letters = 0;
  for (const element of elements) {
    const { parent } = element;
    if (proseNames.has(element.name) && parent && !proseNames.has(parent.name)) {
      if (element.letters - element.linked >= minProse) letters += element.letters - element.linked;
    } else if (!proseNames.has(element.name)) {
      const own = inside.get(element)?.own ?? 0;
      if (own >= minProse) letters += own;
    }
  }
  return letters;
}
