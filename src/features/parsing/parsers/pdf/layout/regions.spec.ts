import { describe, expect, it } from '@jest/globals';
import type { TextItem } from '@llamaindex/liteparse';
import { splitRegions } from './regions.js';

/** A line whose letters are five points wide. */
const line = (text: string, x: number, y: number): TextItem => ({
  text,
  x,
  y,
  width: text.length * 5,
  height: 10,
  words: [...text.matchAll(/\S+/g)].map(({ 0: word, index }) => ({
    text: word,
    x: x + index * 5,
    y,
    width: word.length * 5,
    height: 10,
  })),
});
const lines = (texts: readonly string[], x: number, y: number, pitch: number): TextItem[] =>
  texts.map((text, index) => line(text, x, y + index * pitch));
const prose = (count: number, x: number, y: number, pitch = 12): TextItem[] =>
  lines(
    Array.from({ length: count }, () => 'the pump of the hall runs at night'),
    x,
    y,
    pitch,
  );

describe('splitRegions', () => {
  it('reads three columns below a title one after another', () => {
    const title = line('News of the depot, in three columns that stand below this title of the page', 50, 50);
    const columns = [50, 240, 430].map((x) => prose(8, x, 80));
    const across = columns[0]?.flatMap((_, row) => columns.map((column) => column[row] as TextItem)) ?? [];
    expect(splitRegions([title, ...across])).toEqual([[title], ...columns]);
  });

  it('keeps labels whose letters hang below their line beside the numbers that they name', () => {
    const rows = Array.from({ length: 8 }, (_, row) => [
      line('Mooring rope', 50, 52.5 + row * 14),
      line(`${row}1.50`, 200, 50 + row * 14),
      line(`${row}204.5`, 280, 50 + row * 14),
    ]).flat();
    expect(splitRegions(rows)).toEqual([rows]);
  });

  it('reads a sidebar apart from the text beside it', () => {
    const side = lines(
      ['Contact', '14 Mill Lane', 'Northby', 'Skills', 'Welding and the', 'reading of plans'],
      50,
      50,
      15,
    );
    const text = prose(9, 200, 50, 13);
    expect(splitRegions([...side, ...text])).toEqual([side, text]);
  });

  it('reads a box behind the text that goes on beside it', () => {
    const wide = lines(
      Array.from({ length: 4 }, () => 'x '.repeat(45).trim()),
      50,
      50,
      12,
    );
    const beside = prose(6, 50, 98);
    const box = lines(
      ['Note on keys', 'The guard is in', 'the hut beside', 'the gate at all', 'hours but noon'],
      340,
      100,
      13,
    );
    const below = lines(
      Array.from({ length: 4 }, () => 'y '.repeat(45).trim()),
      50,
      170,
      12,
    );
    const text = [...wide, ...beside, ...below];
    expect(splitRegions([...wide, ...beside, ...box, ...below])).toEqual([text, box]);
  });

  it('leaves rows of a table together, and dates beside the paragraphs that they date', () => {
    const cells = lines(['Pump', 'Tank', 'Valve', 'Motor', 'Fuse', 'Float'], 50, 50, 14);
    const values = lines(
      ['12 litres', '500 litres', 'two of each', '3 kilowatts', '16 amperes', 'brass'],
      200,
      50,
      14,
    );
    expect(splitRegions([...cells, ...values])).toEqual([[...cells, ...values]]);
    const dates = lines(
      ['2019 to today', '2014 to 2019', '2011 to 2014', '2008 to 2011', '2006 to 2008'],
      50,
      50,
      48,
    );
    const jobs = prose(20, 200, 50);
    expect(splitRegions([...dates, ...jobs])).toEqual([[...dates, ...jobs]]);
  });

  it('leaves running heads and feet outside', () => {
    const [head, foot] = [line('Handbook of the depot', 50, 20), line('Page 1 of 3', 50, 400)];
    const columns = [prose(9, 50, 80), prose(9, 300, 80)];
    expect(splitRegions([head, ...columns.flat(), foot])).toEqual([[head], ...columns, [foot]]);
  });
});
