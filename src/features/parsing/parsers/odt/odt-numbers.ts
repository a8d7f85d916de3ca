import { formatNumber } from '../shared/list-numbers.js';
import type { Marker } from '../shared/list-numbers.js';
import { elements, type XmlElement } from '../shared/xml-tree.js';
import type { OdtLevel, OdtStyles } from './odt-styles.js';

/** Numbers given so far, one for each level. */
type Counts = (number | undefined)[];

/** An open list; lists within it count in the same numbers. */
export interface OpenList {
  style: string | undefined;
  /** 0 for a list that is not within another one. */
  depth: number;
  counts: Counts;
}

const maxMarker = 60;

/** Numbers list items and headings as the reader sees them. */
export class OdtNumbers {
  private readonly byId = new Map<string, Counts>();
  private readonly byStyle = new Map<string, Counts>();
  private readonly headings: Counts = [];

  constructor(private readonly styles: OdtStyles) {}

  /** @param outer the list around this one */
  open(list: XmlElement, outer: OpenList | undefined): OpenList {
    const style = list.attributes['text:style-name'] ?? outer?.style;
    if (outer) return { style, depth: outer.depth + 1, counts: outer.counts };
    const counts = this.continued(list, style) ?? [];
    this.byId.set(list.attributes['xml:id'] ?? '', counts);
    this.byStyle.set(style ?? '', counts);
    return { style, depth: 0, counts };
  }

  private continued(list: XmlElement, style: string | undefined): Counts | undefined {
    const { 'text:continue-list': id, 'text:continue-numbering': isContinued } = list.attributes;
    if (id !== undefined && this.byId.has(id)) return this.byId.get(id);
    return isContinued === 'true' ? this.byStyle.get(style ?? '') : undefined;
  }

  /** Counts an item and gives its marker: null for a bullet, '' for a heading of the list. */
  next(list: OpenList, item: XmlElement): Marker {
    const level = this.styles.numbering(list.style, list.depth + 1);
    if (item.name === 'text:list-header') return '';
    // An item that holds only a list continues the item above.
    if (!elements(item).some(({ name }) => name === 'text:p' || name === 'text:h')) return null;
    const startOf = (at: number) => this.styles.numbering(list.style, at)?.start;
    count(list.counts, list.depth, item.attributes['text:start-value'], startOf);
    return level && this.marker(level, list.counts, (at) => this.styles.numbering(list.style, at));
  }

  /** The number before a heading that is not in a list; '' for one without. */
  heading(node: XmlElement, depth: number): string {
    const level = this.styles.outline(depth);
    if (node.attributes['text:is-list-header'] === 'true') return '';
    const restarts = node.attributes['text:restart-numbering'] === 'true';
    const start = node.attributes['text:start-value'] ?? (restarts ? String(level?.start ?? 1) : undefined);
    count(this.headings, depth - 1, start, (at) => this.styles.outline(at)?.start);
    return level ? this.marker(level, this.headings, (at) => this.styles.outline(at)).trim() : '';
  }

  private marker(level: OdtLevel, counts: Counts, levelAt: (level: number) => OdtLevel | null): string {
    const own = counts.length;
    const number = (at: number): string => {
      const shown = levelAt(at);
      return formatNumber(
        counts[at - 1] ?? shown?.start ?? 1,
        odfFormats.get(shown?.format ?? '') ?? 'decimal',
      );
    };
    if (level.template !== undefined)
      return level.template
        .replace(/%(\d{1,2})%/g, (_, at: string) => number(Number(at)))
        .slice(0, maxMarker);
    const levels = Array.from({ length: Math.min(level.levels, own) }, (_unused, i) => own - i).reverse();
    const shown = levels.filter((at) => at === own || levelAt(at)).map(number);
    return `${level.prefix}${shown.join('.')}${level.suffix}`.slice(0, maxMarker);
  }
}

/** @param startOf the first number of a level, where 1 is the highest */
function count(
  counts: Counts,
  depth: number,
  start: string | undefined,
  startOf: (level: number) => number | undefined,
): void {
  const given = Number(start ?? NaN);
  // a level above that was left out counts as used: 2.2 follows 2.1.1
  for (let above = 0; above < depth; above++) counts[above] ??= startOf(above + 1) ?? 1;
  counts[depth] = Number.isSafeInteger(given) ? given : (counts[depth] ?? (startOf(depth + 1) ?? 1) - 1) + 1;
  counts.length = depth + 1;
}

const odfFormats = new Map([
  ['1', 'decimal'],
  ['a', 'lowerLetter'],
  ['A', 'upperLetter'],
  ['i', 'lowerRoman'],
  ['I', 'upperRoman'],
]);
