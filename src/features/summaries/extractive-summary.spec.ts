import { describe, expect, it } from '@jest/globals';
import { foldSpace } from '../../common/text/clean.js';
import { ExtractiveSummary } from './extractive-summary.js';

const section = (topic: string) => ({
  heading: `Manual > ${topic}`,
  text: `The ${topic} of the machine is described here. Check the ${topic} every morning before work starts. Paint is blue. A broken ${topic} stops the machine and the ${topic} must be replaced.`,
});
const topics = ['motor', 'pump', 'valve', 'belt', 'panel', 'sensor', 'filter', 'frame'];

describe('ExtractiveSummary', () => {
  it('quotes every section in order, in the words of the text', () => {
    const summary = new ExtractiveSummary('en');
    for (const topic of topics) summary.add(section(topic));
    const [contents = '', ...paragraphs] = summary.write().split('\n\n');
    expect(contents).toBe(`Contents: ${topics.join(' · ')}`);
    expect(paragraphs.map((text) => topics.find((topic) => text.includes(topic)))).toEqual(topics);
    for (const paragraph of paragraphs)
      expect(topics.some((topic) => section(topic).text.includes(paragraph.split('. ')[0] ?? '-'))).toBe(
        true,
      );
  });

  it('stays short for a long document and includes its last sections', () => {
    const summary = new ExtractiveSummary('en');
    for (let index = 0; index < 500; index++) summary.add(section(`part number ${index}`));
    const text = summary.write();
    expect(text.length).toBeLessThan(8000);
    expect(text).toMatch(/part number 4[5-9]\d/u);
  });

  it('names the columns and the number of rows of a table', () => {
    const summary = new ExtractiveSummary('en');
    summary.add({
      heading: 'Staff > Offices',
      text: '| name | office |\n| --- | --- |\n| Ada | London |\n| Grace | New York |',
    });
    expect(summary.write()).toBe('Offices: table with 2 rows: name, office');
  });

  it('cuts Chinese into its sentences', () => {
    const text = '本手册说明员工的休假制度。每位员工每年有十五天年假。未使用的年假在三月底失效。';
    const summary = new ExtractiveSummary('zh');
    summary.add({ heading: null, text });
    expect(foldSpace(summary.write()).replace(/ /gu, '')).toBe(text);
  });

  it('is empty for a text without words', () => {
    const summary = new ExtractiveSummary(null);
    summary.add({ heading: null, text: '---\n\n***' });
    expect(summary.write()).toBe('');
  });
});
