import { joinBlocks, oneLine } from '../shared/markdown-text.js';
import { mathText } from '../shared/mathml.js';
import {
  descend,
  elements,
  findAll,
  findFirst,
  parseXml,
  readText,
  type XmlElement,
} from '../shared/xml-tree.js';
import type { OdtPackage } from './odt-package.js';

/**
 * Embedded objects of an OpenDocument text that have text of their own. Each is read once, however often it
 * is shown.
 */
export class OdtObjects {
  private readonly shown = new Set<string>();

  constructor(private readonly zip: OdtPackage) {}

  isShown(href: string | undefined): boolean {
    return href !== undefined && this.shown.has(contentName(href));
  }

  /**
   * A chart as its title, kind, axes and data, or a formula as it is drawn; '' for anything else.
   * @param object a `draw:object`, which names its file (`./Object 1`) or, in a flat document, holds it
   * @param table how a table of data is written
   */
  markdown(object: XmlElement, table: (node: XmlElement) => string): string {
    const inner = inlineObject(object);
    if (inner) return objectMarkdown(inner, table);
    const name = contentName(object.attributes['xlink:href'] ?? '');
    const content = this.shown.has(name) ? null : this.zip.text(name);
    this.shown.add(name);
    return content === null ? '' : objectMarkdown(parseXml(content, { doctype: true }), table);
  }

  /** A formula, which stands in the line of its paragraph; '' for anything else. */
  formula(object: XmlElement | undefined): string {
    const inner = inlineObject(object);
    if (inner) return formula(inner);
    const name = contentName(object?.attributes['xlink:href'] ?? '');
    const content = this.shown.has(name) ? null : this.zip.text(name);
    if (content === null || !/<(?:math:)?math[\s>]/.test(content.slice(0, maxHead))) return '';
    this.shown.add(name);
    return formula(parseXml(content, { doctype: true }));
  }
}

/** What a flat document holds in place of a file; packages have an empty paragraph there. */
function inlineObject(object: XmlElement | undefined): XmlElement | undefined {
  return elements(object).find(({ name }) => /^(?:office:document|(?:math:)?math)$/.test(name));
}

/** Characters at the beginning of an object that tell what it is. */
const maxHead = 2_000;

const contentName = (href: string): string => `${href.replace(/^\.\/|\/$/g, '')}/content.xml`;

function objectMarkdown(root: XmlElement, table: (node: XmlElement) => string): string {
  const chart = descend(root, 'office:body', 'office:chart', 'chart:chart');
  if (!chart) return formula(root);
  showShares(root, chart);
  return chartMarkdown(chart, table);
}

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

/** Values of a chart whose axis counts in percent are kept as fractions. */
function showShares(root: XmlElement, chart: XmlElement): void {
  const axes = elements(descend(chart, 'chart:plot-area'), 'chart:axis');
  const style = axes.find(({ attributes }) => attributes['chart:dimension'] === 'y')?.attributes[
    'chart:style-name'
  ];
  const named = (kind: string, name: string | undefined): XmlElement | undefined =>
    [...findAll(root, kind)].find(({ attributes }) => attributes['style:name'] === name);
  const format = named(
    'number:percentage-style',
    named('style:style', style)?.attributes['style:data-style-name'],
  );
  if (!format || !style) return;
  const places = Number(findFirst(format, 'number:number')?.attributes['number:decimal-places'] ?? 0);
  for (const cell of findAll(chart, 'table:table-cell')) {
    const { 'office:value-type': type, 'office:value': value } = cell.attributes;
    const share = Number(value) * 100;
    if (type !== 'float' || !Number.isFinite(share)) continue;
    const text = `${share.toFixed(Math.min(6, Math.max(0, places || 0)))}%`;
    cell.children = [{ name: 'text:p', attributes: {}, children: [text] }];
  }
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
