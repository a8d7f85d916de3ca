import { joinBlocks, oneLine } from '../shared/markdown-text.js';
import { mathText } from '../shared/mathml.js';
import { descend, elements, findFirst, parseXml, readText, type XmlElement } from '../shared/xml-tree.js';
import type { ZipArchive } from '../shared/zip.js';

/**
 * Embedded objects of an OpenDocument text that have text of their own. Each is read once, however often it
 * is shown.
 */
export class OdtObjects {
  private readonly shown = new Set<string>();

  constructor(private readonly zip: ZipArchive) {}

  isShown(href: string | undefined): boolean {
    return href !== undefined && this.shown.has(contentName(href));
  }

  /**
   * A chart as its title, kind, axes and data, or a formula as it is drawn; '' for anything else.
   * @param href as `draw:object` has it, `./Object 1`
   * @param table how a table of data is written
   */
  markdown(href: string, table: (node: XmlElement) => string): string {
    const name = contentName(href);
    const content = this.shown.has(name) ? null : this.zip.text(name);
    this.shown.add(name);
    if (content === null) return '';
    const root = parseXml(content, { doctype: true });
    const chart = descend(root, 'office:body', 'office:chart', 'chart:chart');
    return chart ? chartMarkdown(chart, table) : formula(root);
  }

  /** A formula, which stands in the line of its paragraph; '' for anything else. */
  formula(href: string): string {
    const name = contentName(href);
    const content = this.shown.has(name) ? null : this.zip.text(name);
    if (content === null || !/<(?:math:)?math[\s>]/.test(content.slice(0, maxHead))) return '';
    this.shown.add(name);
    return formula(parseXml(content, { doctype: true }));
  }
}

/** Characters at the beginning of an object that tell what it is. */
const maxHead = 2_000;

const contentName = (href: string): string => `${href.replace(/^\.\/|\/$/g, '')}/content.xml`;

function chartMarkdown(chart: XmlElement, table: (node: XmlElement) => string): string {
  const title = (node: XmlElement | undefined): string =>
    oneLine(readText(node && descend(node, 'chart:title')));
  const kind = (chart.attributes['chart:class'] ?? '').replace(/^chart:/, '');
  const axes = elements(descend(chart, 'chart:plot-area'), 'chart:axis').map(title);
  const data = descend(chart, 'table:table');
  return joinBlocks([
    title(chart),
    oneLine(readText(descend(chart, 'chart:subtitle'))),
    kind === '' ? '' : `${kindNames.get(kind) ?? kind.charAt(0).toUpperCase() + kind.slice(1)} chart`,
    axes.filter(Boolean).join(', '),
    data ? table(data) : '',
  ]);
}

const kindNames = new Map([
  ['circle', 'Pie'],
  ['ring', 'Doughnut'],
]);

function formula(root: XmlElement): string {
  const math = /^(?:math:)?math$/.test(root.name)
    ? root
    : (findFirst(root, 'math:math') ?? findFirst(root, 'math'));
  const typed = oneLine(readText(findFirst(root, 'math:annotation') ?? findFirst(root, 'annotation')));
  const text = (math ? oneLine(mathText(math)) : '') || typed;
  return text === '' ? '' : `$${text}$`;
}
