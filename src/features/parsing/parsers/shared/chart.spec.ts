import { describe, expect, it } from '@jest/globals';
import { chartMarkdown } from './chart.js';
import { parseXml } from './xml-tree.js';

describe('chartMarkdown', () => {
  const chart = (format: string, ...values: string[]) =>
    chartMarkdown(
      parseXml(
        `<c:chartSpace xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart"><c:chart><c:plotArea><c:barChart><c:ser>
          <c:tx><c:v>Share</c:v></c:tx><c:val><c:numRef><c:numCache><c:formatCode>${format}</c:formatCode>${values
            .map((value, index) => `<c:pt idx="${index}"><c:v>${value}</c:v></c:pt>`)
            .join(
              '',
            )}</c:numCache></c:numRef></c:val></c:ser></c:barChart></c:plotArea></c:chart></c:chartSpace>`,
      ),
    );

  it('leaves out the noise of binary fractions', () => {
    expect(chart('General', '4.4000000000000004', '2.5', '3.5E-2')).toContain(
      '|  | 4.4 |\n|  | 2.5 |\n|  | 0.035 |',
    );
  });

  it('shows shares and dates as the axis does', () => {
    expect(chart('0.0%', '0.455', '1')).toContain('|  | 45.5% |\n|  | 100.0% |');
    expect(chart('dd/mm/yyyy', '45658')).toContain('| 2025-01-01 |');
  });

  it('reads the kinds of Office 2016, with their levels and without what they hide', () => {
    const level = (...points: string[]) =>
      `<cx:lvl formatCode="0%">${points.map((text, index) => `<cx:pt idx="${index}">${text}</cx:pt>`).join('')}</cx:lvl>`;
    const data = (id: number, ...values: string[]) =>
      `<cx:data id="${id}"><cx:strDim type="cat">${level('Oak', 'Elm')}${level('Trees', 'Trees')}</cx:strDim><cx:numDim type="val">${level(...values)}</cx:numDim></cx:data>`;
    const series = (id: number, name: string, more = '') =>
      `<cx:series layoutId="treemap" ${more}><cx:tx><cx:txData><cx:v>${name}</cx:v></cx:txData></cx:tx><cx:dataId val="${id}"/></cx:series>`;
    const space = `<cx:chartSpace xmlns:cx="cx" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><cx:chartData>${data(0, '0.4', '0.6')}${data(1, '7', '8')}</cx:chartData><cx:chart><cx:title><a:p><a:r><a:t>Stock</a:t></a:r></a:p></cx:title><cx:plotArea>${series(0, 'Share')}${series(1, 'Old', 'hidden="1"')}</cx:plotArea></cx:chart></cx:chartSpace>`;
    expect(chartMarkdown(parseXml(space))).toBe(
      'Stock\n\nTreemap chart\n\n|  | Share |\n| --- | --- |\n| Trees Oak | 40% |\n| Trees Elm | 60% |',
    );
  });
});
