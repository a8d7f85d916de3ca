interface Element {
  name: string;
  attributes: Record<string, string>;
  parent: Element | null;
  start: number;
  end: number;
  letters: number;
  linked: number;
}

/** Names of the part where visitors comment on a page, and of one comment. */
const discussion =
  /(?:^|\s)(?:comments|comments?-(?:area|list|section|wrapper|container|thread)|commentlist|box-comments|disqus_thread|livefyre(?:-comments)?|epoch-comments)(?:$|\s)/i;
const oneComment = /(?:^|\s)comment(?:$|\s)/i;
/** Buttons and settings of players, which their scripts draw as pictures. */
const player = /(?:^|\s)(?:vjs|jw|mejs|plyr|bmpui)[-_]/i;
const maxPlayer = 2_000;
/** A page with fewer letters of its own may be a forum: its comments are its content. */
const minOwnProse = 600;
/** Teasers of other pages follow the text; below a shorter one they may be what the page is about. */
const minProseBefore = 1_500;
const maxProseBehind = 0.2;
const minTeasers = 4;
/** Of the parts of a list; advertisements stand between the others. */
const minTeaserShare = 0.75;
/** Letters of a teaser beside its link. */
const maxTeaser = 400;
const kept = /^(?:html|head|body|main|h[1-6]|p|a|table|tbody|tr|td|th|span|button|input|label|code|pre)$/;

/**
 * What a page has behind its text and is no part of it: comments of visitors, teasers of other pages, and the
 * buttons of players.
 * @param elements in the order of the page
 */
export function findAfterwords<E extends Element>(elements: readonly E[]): Set<E> {
  const comments = countByParent(
    elements.filter((one) => oneComment.test(namesOf(one)) && !kept.test(one.name)),
  );
  const teasers = teaserLists(elements);
  const prose = new Prose(outsideOf(teasers, elements));
  return new Set(
    elements.filter((element) => {
      if (kept.test(element.name) || element.letters === 0) return false;
      if (teasers.has(element)) return prose.endsBefore(element);
      const named = namesOf(element);
      if (player.test(named)) return element.letters <= maxPlayer;
      const isComment = oneComment.test(named) && (comments.get(element.parent) ?? 0) > 1;
      return (isComment || discussion.test(named)) && prose.outside(element) >= minOwnProse;
    }),
  );
}

const namesOf = ({ attributes }: Element): string =>
  `${attributes['id'] ?? ''} ${attributes['class'] ?? ''}`.slice(0, 1_000);

function countByParent(elements: readonly Element[]): Map<Element | null, number> {
  const counts = new Map<Element | null, number>();
  for (const { parent } of elements) counts.set(parent, (counts.get(parent) ?? 0) + 1);
  return counts;
}

/** Elements whose parts are all teasers: a heading that is a link, and a few words. */
function teaserLists(elements: readonly Element[]): Set<Element> {
  const linkedHeadings = new Set<Element>();
  const parts = new Map<Element, { all: number; teasers: number }>();
  // children stand behind their parents
  for (const element of elements.toReversed()) {
    const { name, parent, letters, linked } = element;
    if (!parent) continue;
    const isHeading = /^h[2-6]$/.test(name) && letters > 0 && linked >= letters * 0.9;
    const isTeaser = (isHeading || linkedHeadings.has(element)) && letters - linked <= maxTeaser;
    if (isTeaser) linkedHeadings.add(parent);
    if (letters === 0) continue;
    const counts = parts.get(parent) ?? { all: 0, teasers: 0 };
    parts.set(parent, { all: counts.all + 1, teasers: counts.teasers + Number(isTeaser && !isHeading) });
  }
  return new Set(
    [...parts]
      .filter(
        ([, { all, teasers }]) => teasers >= minTeasers && teasers >= Math.min(all - 1, all * minTeaserShare),
      )
      .map(([list]) => list),
  );
}

/** The teasers of a page that is only a list of others are no text that something could follow. */
function outsideOf(lists: ReadonlySet<Element>, elements: readonly Element[]): Element[] {
  const within = new Set<Element>();
  return elements.filter((element) => {
    const isInside = lists.has(element) || (element.parent !== null && within.has(element.parent));
    if (isInside) within.add(element);
    return !isInside;
  });
}

/** The paragraphs of a page, by their places. */
class Prose {
  private readonly places: number[] = [];
  /** Letters of all paragraphs before each. */
  private readonly sums: number[] = [0];

  constructor(elements: readonly Element[]) {
    for (const { name, start, letters, linked } of elements)
      if (name === 'p') {
        this.places.push(start);
        this.sums.push((this.sums.at(-1) ?? 0) + letters - linked);
      }
  }

  outside({ start, end }: Element): number {
    return this.before(Infinity) - (this.before(end) - this.before(start));
  }

  /** True where nearly all paragraphs stand before an element. */
  endsBefore({ start, end }: Element): boolean {
    const before = this.before(start);
    return before >= minProseBefore && this.before(Infinity) - this.before(end) <= before * maxProseBehind;
  }

  private before(place: number): number {
    let [low, high] = [0, this.places.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.places[middle] ?? 0) < place) low = middle + 1;
      else high = middle;
    }
    return this.sums[low] ?? 0;
  }
}
