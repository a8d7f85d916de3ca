interface Element {
  name: string;
  attributes: Record<string, string>;
  parent: Element | null;
  start: number;
  innerStart: number;
  innerEnd: number;
  letters: number;
}

/** A list of so many links that lead nowhere is a menu of what a script does with the page. */
const minActions = 3;
const maxAction = 40;
/** Where more of all links lead nowhere, the page is a draft, or saved without its addresses. */
const maxBareShare = 0.5;
/** Pictures with one description, as of an advertisement or a sign between sections: the first one tells it. */
const minRepeated = 3;
const maxLabel = 40;
const maxLabelSource = 400;

const adWord =
  /^(?:advertisements?|advertising|sponsored|anzeigen?|werbung|publicité|publicidad|pubblicità|publicidade|advertentie|annons|reklama|реклама)$/iu;
const adName =
  /(?:^|[\s_-])(?:ad|ads|adv|advert|advertisement|advertising|sponsored)[-_](?:label|container|wrapper|slot|unit|banner|placeholder|text|notice)(?:$|[\s_-])/i;
const labels = /^(?:p|div|span|small|figcaption|section|aside)$/;

/**
 * What a page draws and does not say: empty items, links and headings, menus of a script, labels above
 * advertisements, and descriptions that stand below one picture after the other.
 * @param elements in the order of the page
 */
export function findControls<E extends Element>(html: string, elements: readonly E[]): Set<E> {
  const found = new Set<E>();
  const pictures = new Set<Element | null>();
  const actions = new Map<Element | null, Actions>();
  const links = elements.filter(({ name, letters }) => name === 'a' && letters > 0);
  const readsBare = links.filter(isBare).length <= links.length * maxBareShare;
  // children stand behind their parents
  for (const element of elements.toReversed()) {
    const { name, letters, parent } = element;
    if (isDrawn(element) || pictures.has(element)) pictures.add(parent);
    else if (letters === 0 && isEmpty(element)) found.add(element);
    if (!readsBare || letters === 0) continue;
    if (isList(name) && isMenu(element, actions.get(element))) found.add(element);
    const own =
      name === 'a' && isBare(element) && letters <= maxAction ? { links: 1, letters } : actions.get(element);
    if (own) add(actions, parent, own);
  }
  for (const label of adLabels(html, elements)) found.add(label);
  for (const picture of repeatedPictures(elements)) found.add(picture);
  return found;
}

interface Actions {
  links: number;
  letters: number;
}

function add(all: Map<Element | null, Actions>, parent: Element | null, own: Actions): void {
  const sum = all.get(parent) ?? { links: 0, letters: 0 };
  all.set(parent, { links: sum.links + own.links, letters: sum.letters + own.letters });
}

const isList = (name: string): boolean => name === 'ul' || name === 'ol';
const isMenu = ({ letters }: Element, actions: Actions | undefined): boolean =>
  actions !== undefined && actions.links >= minActions && actions.letters === letters;

const isBare = ({ attributes }: Element): boolean =>
  /^(?:#?|javascript:.*)$/i.test(
    (attributes['href'] ?? (attributes['name'] === undefined ? '' : 'here')).trim(),
  );

function isDrawn({ name, attributes }: Element): boolean {
  if (name === 'img') return attributes['alt'] !== '';
  return /^(?:input|select|textarea|svg|math|video|audio|iframe|object|embed|canvas|table|hr)$/.test(name);
}

const isEmpty = ({ name, attributes }: Element): boolean =>
  name === 'li' || /^h[1-6]$/.test(name) || (name === 'a' && attributes['href'] !== undefined);

function adLabels<E extends Element>(html: string, elements: readonly E[]): E[] {
  const all = elements.filter(
    ({ name, letters, innerStart, innerEnd }) =>
      letters > 1 &&
      letters <= maxLabel &&
      labels.test(name) &&
      innerEnd - innerStart <= maxLabelSource &&
      adWord.test(
        html
          .slice(innerStart, innerEnd)
          .replace(/<[^<>]*>/g, '')
          .trim(),
      ),
  );
  const within = new Set<Element | null>(all);
  const places = new Set(all.filter(({ parent }) => !within.has(parent)));
  return [...places].filter(
    ({ attributes }) =>
      places.size > 1 ||
      adName.test(`${attributes['id'] ?? ''} ${attributes['class'] ?? ''}`.slice(0, 1_000)),
  );
}

function repeatedPictures<E extends Element>(elements: readonly E[]): E[] {
  const byText = new Map<string, E[]>();
  for (const element of elements) {
    const text = element.name === 'img' ? (element.attributes['alt'] ?? '').trim() : '';
    if (text.length < 3) continue;
    const same = byText.get(text) ?? [];
    same.push(element);
    byText.set(text, same);
  }
  return [...byText.values()].filter((same) => same.length >= minRepeated).flatMap((same) => same.slice(1));
}
