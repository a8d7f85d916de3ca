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
    expect(chart('General', '4.4000000000000004', '2.5')).toContain('|  | 4.4 |\n|  | 2.5 |');
  });

  it('shows shares and dates as the axis does', () => {
    expect(chart('0.0%', '0.455', '1')).toContain('|  | 45.5% |\n|  | 100.0% |');
    expect(chart('dd/mm/yyyy', '45658')).toContain('| 2025-01-01 |');
  });
});
