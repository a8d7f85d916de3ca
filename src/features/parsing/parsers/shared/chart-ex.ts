import { markdownTable } from './markdown-table.js';
import { joinBlocks, oneLine } from './markdown-text.js';
import { elements, descend, findAll, findFirst, readText, type XmlElement } from './xml-tree.js';

/** Points of one series that are written out. */
const maxPoints = 5_000;
/** Series may share their data, which would multiply it. */
const maxSeries = 100;

const kinds = new Map([
  ['clusteredColumn', 'Histogram'],
  ['paretoLine', 'Pareto chart'],
  ['boxWhisker', 'Box and whisker chart'],
  ['regionMap', 'Map chart'],
]);

/** A chart of the kinds that came with Office 2016 (`cx:chartSpace`): waterfalls, funnels, trees, maps. */
export function newerChartMarkdown(
  space: XmlElement,
  pointText: (value: string, code: string) => string,
): string {
  const chart = descend(space, 'cx:chart');
  const series = [...findAll(chart ?? space, 'cx:series')]
    .filter(({ attributes }) => attributes.hidden !== '1')
    .slice(0, maxSeries);
  const layout = series[0]?.attributes.layoutId ?? '';
  const kind =
    kinds.get(layout) ?? (layout === '' ? '' : `${layout.charAt(0).toUpperCase()}${layout.slice(1)} chart`);
  const data = new Map(
    elements(descend(space, 'cx:chartData'), 'cx:data').map((one) => [one.attributes.id ?? '', one] as const),
  );
  const columns = series.map((one) => ({
    name: oneLine(readText(findFirst(descend(one, 'cx:tx'), 'cx:v'))),
    data: data.get(descend(one, 'cx:dataId')?.attributes.val ?? ''),
  }));
  const labels = levels(descend(columns.find((one) => one.data)?.data, 'cx:strDim'), pointText);
  const values = columns.map((one) => levels(descend(one.data, 'cx:numDim'), pointText));
  const places = [...new Set([...labels.keys(), ...values.flatMap((one) => [...one.keys()])])];
  const rows = places
    .toSorted((a, b) => a - b)
    .map((at) => [labels.get(at) ?? '', ...values.map((one) => one.get(at) ?? '')]);
  return joinBlocks([
    titleOf(descend(chart, 'cx:title')),
    kind,
    rows.length === 0 ? '' : markdownTable([['', ...columns.map((one) => one.name)], ...rows]),
  ]);
}

const titleOf = (title: XmlElement | undefined): string =>
  title
    ? oneLine([...findAll(title, 'a:t')].map(readText).join('') || readText(findFirst(title, 'cx:v')))
    : '';

/** Levels come innermost first; a reader expects the outermost first. */
function levels(
  dimension: XmlElement | undefined,
  pointText: (value: string, code: string) => string,
): Map<number, string> {
  const found = new Map<number, string>();
  for (const level of elements(dimension, 'cx:lvl').reverse())
    for (const point of elements(level, 'cx:pt')) {
      const index = Number(point.attributes.idx);
      if (!Number.isInteger(index) || index < 0 || (found.size >= maxPoints && !found.has(index))) continue;
      const value = pointText(oneLine(readText(point)), level.attributes.formatCode ?? '');
      found.set(index, found.has(index) ? `${found.get(index)} ${value}` : value);
    }
  return found;
}
