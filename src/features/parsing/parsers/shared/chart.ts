import { newerChartMarkdown } from './chart-ex.js';
import { markdownTable } from './markdown-table.js';
import { joinBlocks, oneLine } from './markdown-text.js';
import { descend, elements, findAll, findFirst, readText, type XmlElement } from './xml-tree.js';

/** Points of one series that are written out; a chart's numbers beyond that say nothing to a reader. */
const maxPoints = 5_000;

/**
 * A DrawingML chart (`c:chartSpace`) as text: its title, its
 * kind, and its data as a table, a column for each series.
 */
export function chartMarkdown(space: XmlElement): string {
  if (space.name === 'cx:chartSpace') return newerChartMarkdown(space, pointText);
  const chart = descend(space, 'c:chart');
  const plot = descend(chart, 'c:plotArea');
  const title = richText(descend(chart, 'c:title'));
  const kinds = elements(plot).filter((element) => element.name.endsWith('Chart'));
  const axes = elements(plot)
    .filter((element) => element.name.endsWith('Ax'))
    .map((axis) => richText(descend(axis, 'c:title')));
  const series = kinds.flatMap((kind) => elements(kind, 'c:ser'));
  const kind = kinds[0] ? `${chartKind(kinds[0].name)} chart` : '';
  return joinBlocks([title, kind, axes.filter(Boolean).join(', '), seriesTable(series)]);
}

function chartKind(element: string): string {
  const name = element.slice(2, -5).replace(/3D$/, '');
  return (
    {
      bar: 'Bar',
      line: 'Line',
      pie: 'Pie',
      ofPie: 'Pie',
      doughnut: 'Doughnut',
      area: 'Area',
      scatter: 'Scatter',
      bubble: 'Bubble',
      radar: 'Radar',
      surface: 'Surface',
      stock: 'Stock',
    }[name] ?? 'Other'
  );
}

function richText(title: XmlElement | undefined): string {
  if (!title) return '';
  const paragraphs = [...findAll(title, 'a:p')].map((paragraph) =>
    [...findAll(paragraph, 'a:t')].map(readText).join(''),
  );
  const cached = paragraphs.length > 0 ? paragraphs : [...findAll(title, 'c:v')].map(readText);
  return oneLine(cached.join(' '));
}

function seriesTable(series: XmlElement[]): string {
  if (series.length === 0) return '';
  const names = series.map((one) => oneLine(readText(findFirst(descend(one, 'c:tx'), 'c:v'))));
  const labels = points(series.map((one) => descend(one, 'c:cat') ?? descend(one, 'c:xVal')).find(Boolean));
  const values = series.map((one) => points(descend(one, 'c:val') ?? descend(one, 'c:yVal')));
  const indexes = new Set([...labels.keys(), ...values.flatMap((one) => [...one.keys()])]);
  const rows = [...indexes]
    .toSorted((a, b) => a - b)
    .map((index) => [labels.get(index) ?? '', ...values.map((one) => one.get(index) ?? '')]);
  return rows.length === 0 ? '' : markdownTable([['', ...names], ...rows]);
}

function points(data: XmlElement | undefined): Map<number, string> {
  const found = new Map<number, string>();
  if (!data) return found;
  const code = readText(findFirst(data, 'c:formatCode')).replace(/\[[^\]]*\]|"[^"]*"/g, '');
  const levels = [...findAll(data, 'c:lvl')];
  // levels of labels come innermost first; a reader expects the outermost first
  for (const level of levels.length > 0 ? levels.reverse() : [data]) {
    for (const point of findAll(level, 'c:pt')) {
      const index = Number(point.attributes.idx);
      if (!Number.isInteger(index) || index < 0 || (found.size >= maxPoints && !found.has(index))) continue;
      const value = pointText(oneLine(readText(descend(point, 'c:v'))), code);
      found.set(index, found.has(index) ? `${found.get(index)} ${value}` : value);
    }
  }
  return found;
}

/**
 * Dates are cached as days since 1899-12-30, shares as fractions, and sums with the noise of binary fractions.
 * @param code the number format of the axis
 */
function pointText(value: string, code: string): string {
  const number = Number(value);
  if (/[yd]/i.test(code) && number > 1 && number < 2_958_466)
    return new Date(Date.UTC(1899, 11, 30) + number * 86_400_000).toISOString().slice(0, 10);
  if (value === '' || !Number.isFinite(number)) return value;
  const percent = /^0(?:\.(0{1,6}))?%$/.exec(code);
  if (percent) return `${(number * 100).toFixed(percent[1]?.length ?? 0)}%`;
  return /\.\d{12}|\de/i.test(value) ? String(Number(number.toPrecision(15))) : value;
}
